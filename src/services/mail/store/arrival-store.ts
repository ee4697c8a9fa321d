/** What the SMTP server has taken, and reverse aliases. */
import { sql } from 'kysely';
import type { Db } from '../../../kernel/db/schema.ts';
import type { Target } from '../inbound/targets.ts';

export interface ArrivalRow {
  id: string;
  targets: Target[];
  envelope: Buffer;
  raw: Buffer;
  createdAt: Date;
}

export async function insertArrival(tx: Db, row: ArrivalRow): Promise<void> {
  await sql`INSERT INTO mail.arrivals (id, targets, envelope, raw, created_at)
    VALUES (${row.id}, ${JSON.stringify(row.targets)}::jsonb, ${row.envelope}, ${row.raw},
      ${row.createdAt})`.execute(tx);
}

/** Held until the transaction ends; undefined where it was dealt with already. */
export async function lockArrival(tx: Db, id: string): Promise<ArrivalRow | undefined> {
  const { rows } = await sql<ArrivalRow>`
    SELECT id, targets, envelope, raw, created_at AS "createdAt" FROM mail.arrivals
    WHERE id = ${id} FOR UPDATE`.execute(tx);
  return rows[0];
}

export async function deleteArrival(tx: Db, id: string): Promise<void> {
  await sql`DELETE FROM mail.arrivals WHERE id = ${id}`.execute(tx);
}

/** Taken and not dealt with since long: a net below the jobs. */
export async function listForgotten(db: Db, before: Date): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`SELECT id FROM mail.arrivals
    WHERE created_at < ${before} ORDER BY created_at LIMIT 1000`.execute(db);
  return rows.map(({ id }) => id);
}

export interface ReverseAlias {
  token: string;
  organizationId: string;
  aliasId: string;
  correspondent: Buffer;
}

/** The token through which the owner answers this correspondent; always the same one. */
export async function ensureReverseAlias(
  tx: Db,
  row: ReverseAlias & { correspondentMac: Buffer; createdAt: Date },
): Promise<string> {
  const { rows } = await sql<{ token: string }>`
    INSERT INTO mail.reverse_aliases
      (token, organization_id, alias_id, correspondent, correspondent_mac, created_at)
    VALUES (${row.token}, ${row.organizationId}, ${row.aliasId}, ${row.correspondent},
      ${row.correspondentMac}, ${row.createdAt})
    ON CONFLICT (alias_id, correspondent_mac) DO UPDATE SET alias_id = EXCLUDED.alias_id
    RETURNING token`.execute(tx);
  return rows[0]?.token ?? row.token;
}

export async function findReverseAlias(db: Db, token: string): Promise<ReverseAlias | undefined> {
  const { rows } = await sql<ReverseAlias>`SELECT token, organization_id AS "organizationId",
      alias_id AS "aliasId", correspondent FROM mail.reverse_aliases WHERE token = ${token}`.execute(
    db,
  );
  return rows[0];
}
