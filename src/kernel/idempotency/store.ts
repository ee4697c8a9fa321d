/** The SQL of idempotency keys. */
import { sql } from 'kysely';
import type { Db } from '../db/schema.ts';

export interface KeyRow {
  id: Buffer;
  organizationId: string;
  fingerprint: Buffer;
  expiresAt: Date;
}

/**
 * Whether this transaction is the one that works. Where another one is at it, this waits for its end;
 * a key that has expired begins anew. Either way the row stays locked until the commit.
 */
export async function claim(tx: Db, row: KeyRow, now: Date): Promise<boolean> {
  const { id, organizationId, fingerprint, expiresAt } = row;
  const { rows } = await sql`
    INSERT INTO core.idempotency_keys AS k (id, organization_id, fingerprint, expires_at)
    VALUES (${id}, ${organizationId}, ${fingerprint}, ${expiresAt})
    ON CONFLICT (id) DO UPDATE SET fingerprint = ${fingerprint}, answer = NULL,
      expires_at = ${expiresAt}
    WHERE k.expires_at <= ${now} RETURNING 1`.execute(tx);
  return rows.length === 1;
}

export async function readAnswer(
  tx: Db,
  id: Buffer,
): Promise<{ fingerprint: Buffer; answer: Buffer }> {
  const { rows } = await sql<{ fingerprint: Buffer; answer: Buffer }>`
    SELECT fingerprint, answer FROM core.idempotency_keys WHERE id = ${id}`.execute(tx);
  if (!rows[0]) throw new Error('an idempotency key that was just locked is not there');
  return rows[0];
}

export async function saveAnswer(db: Db, id: Buffer, answer: Buffer): Promise<void> {
  await sql`UPDATE core.idempotency_keys SET answer = ${answer} WHERE id = ${id}`.execute(db);
}

export async function deleteExpired(db: Db, now: Date): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM core.idempotency_keys WHERE expires_at <= ${now}`.execute(db);
  return Number(numAffectedRows);
}
