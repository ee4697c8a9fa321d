/** The SQL of the signing keys. */
import { sql } from 'kysely';
import type { Db } from '../db/schema.ts';

interface SigningKeyRow {
  id: string;
  sealed: Buffer;
  createdAt: Date;
}

/** One node at a time makes a new one. */
export async function lockSigningKeys(tx: Db): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(7265170003)`.execute(tx);
}

/** Newest first. */
export async function listSigningKeys(db: Db): Promise<SigningKeyRow[]> {
  const { rows } = await sql<SigningKeyRow>`
    SELECT id, sealed, created_at AS "createdAt" FROM core.signing_keys
    ORDER BY created_at DESC, id DESC`.execute(db);
  return rows;
}

export async function insertSigningKey(tx: Db, row: SigningKeyRow): Promise<void> {
  const { id, sealed, createdAt } = row;
  await sql`
    INSERT INTO core.signing_keys (id, sealed, created_at)
    VALUES (${id}, ${sealed}, ${createdAt})`.execute(tx);
}

export async function deleteSigningKeysBefore(tx: Db, before: Date): Promise<void> {
  await sql`DELETE FROM core.signing_keys WHERE created_at < ${before}`.execute(tx);
}
