/** The SQL of the files: who owns which, and until when. */
import { sql } from 'kysely';
import type { Db } from '../db/schema.ts';

const SWEEP_BATCH = 200;

export async function insertFile(db: Db, id: string, now: Date, expiresAt: Date): Promise<void> {
  await sql`
    INSERT INTO core.files (id, created_at, expires_at)
    VALUES (${id}, ${now}, ${expiresAt})`.execute(db);
}

export async function finishFile(
  db: Db,
  id: string,
  { sizeBytes, sha256 }: { sizeBytes: number; sha256: string },
  expiresAt: Date,
): Promise<void> {
  await sql`
    UPDATE core.files SET size_bytes = ${sizeBytes}, sha256 = ${sha256}, expires_at = ${expiresAt}
    WHERE id = ${id}`.execute(db);
}

/** Makes a finished file the organization's; false where it is gone or somebody else's. */
export async function keepFile(
  tx: Db,
  id: string,
  organizationId: string,
  now: Date,
  expiresAt: Date | null,
): Promise<boolean> {
  const { rows } = await sql`
    UPDATE core.files SET organization_id = ${organizationId}, expires_at = ${expiresAt}
    WHERE id = ${id} AND size_bytes IS NOT NULL
      AND (organization_id IS NULL OR organization_id = ${organizationId})
      AND (expires_at IS NULL OR expires_at > ${now})
    RETURNING id`.execute(tx);
  return rows.length === 1;
}

export async function isReadable(
  db: Db,
  id: string,
  organizationId: string,
  now: Date,
): Promise<boolean> {
  const { rows } = await sql`
    SELECT 1 FROM core.files
    WHERE id = ${id} AND organization_id = ${organizationId}
      AND (expires_at IS NULL OR expires_at > ${now})`.execute(db);
  return rows.length === 1;
}

export async function expireFiles(tx: Db, ids: readonly string[], now: Date): Promise<void> {
  await sql`
    UPDATE core.files SET expires_at = ${now} WHERE id = ANY(${ids as string[]})`.execute(tx);
}

/** Some of what may go, locked, so that a `keep` at the same moment waits and then finds it gone. */
export async function lockExpired(tx: Db, now: Date): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    SELECT id FROM core.files WHERE expires_at <= ${now}
    ORDER BY expires_at LIMIT ${SWEEP_BATCH} FOR UPDATE SKIP LOCKED`.execute(tx);
  return rows.map((row) => row.id);
}

export async function deleteFiles(db: Db, ids: readonly string[]): Promise<void> {
  await sql`DELETE FROM core.files WHERE id = ANY(${ids as string[]})`.execute(db);
}
