/** The SQL of the audit log. */
import { sql } from 'kysely';
import type { Db } from '../db/schema.ts';
import type { AuditRecord } from './audit.ts';

interface EntryRow {
  organization_id: string;
  number: string;
  at: Date;
  actor: string;
  action: string;
  target: string;
  details: Record<string, unknown>;
  hash: Buffer;
}

export interface Head {
  entries: number;
  hash: Buffer;
}

const BATCH = 1000;

/** The chain's end, locked until the transaction ends; made when it is the first entry. */
export async function lockHead(tx: Db, organizationId: string, genesis: Buffer): Promise<Head> {
  const { rows } = await sql<{ entries: string; hash: Buffer }>`
    INSERT INTO core.audit_heads AS head (organization_id, entries, hash)
    VALUES (${organizationId}, 0, ${genesis})
    ON CONFLICT (organization_id) DO UPDATE SET entries = head.entries
    RETURNING entries, hash`.execute(tx);
  return toHead(rows[0]) as Head;
}

export async function insertEntry(tx: Db, record: AuditRecord, hash: Buffer): Promise<void> {
  const { organizationId, number, at, actor, action, target, details } = record;
  await sql`
    WITH entry AS (
      INSERT INTO core.audit_entries
        (organization_id, number, at, actor, action, target, details, hash)
      VALUES (${organizationId}, ${number}, ${at}, ${actor}, ${action}, ${target},
        ${JSON.stringify(details)}::jsonb, ${hash})
    )
    UPDATE core.audit_heads SET entries = ${number}, hash = ${hash}
    WHERE organization_id = ${organizationId}`.execute(tx);
}

export async function readHead(db: Db, organizationId: string): Promise<Head | null> {
  const { rows } = await sql<{ entries: string; hash: Buffer }>`
    SELECT entries, hash FROM core.audit_heads WHERE organization_id = ${organizationId}`.execute(
    db,
  );
  return toHead(rows[0]);
}

function toHead(row: { entries: string; hash: Buffer } | undefined): Head | null {
  return row ? { entries: Number(row.entries), hash: row.hash } : null;
}

/** The next entries of the chain, in order, at most to number `last`. */
export async function entriesAfter(
  db: Db,
  organizationId: string,
  after: number,
  last: number,
): Promise<{ record: AuditRecord; hash: Buffer }[]> {
  const { rows } = await sql<EntryRow>`
    SELECT * FROM core.audit_entries
    WHERE organization_id = ${organizationId} AND number > ${after} AND number <= ${last}
    ORDER BY number LIMIT ${BATCH}`.execute(db);
  return rows.map((row) => ({ record: toRecord(row), hash: row.hash }));
}

export async function hasEntryAfter(
  db: Db,
  organizationId: string,
  after: number,
): Promise<boolean> {
  const { rows } = await sql`
    SELECT 1 FROM core.audit_entries
    WHERE organization_id = ${organizationId} AND number > ${after} LIMIT 1`.execute(db);
  return rows.length > 0;
}

export async function listEntries(
  db: Db,
  organizationId: string,
  { limit, before }: { limit: number; before?: number },
): Promise<AuditRecord[]> {
  const { rows } = await sql<EntryRow>`
    SELECT * FROM core.audit_entries
    WHERE organization_id = ${organizationId}
      AND number < ${before ?? Number.MAX_SAFE_INTEGER}
    ORDER BY number DESC LIMIT ${limit}`.execute(db);
  return rows.map(toRecord);
}

export async function listOrganizations(db: Db): Promise<string[]> {
  // Entries without a head are a break to be shown, not one to be overlooked.
  const { rows } = await sql<{ organization_id: string }>`
    SELECT organization_id FROM core.audit_heads
    UNION SELECT DISTINCT organization_id FROM core.audit_entries
    ORDER BY organization_id`.execute(db);
  return rows.map((row) => row.organization_id);
}

function toRecord(row: EntryRow): AuditRecord {
  const { organization_id: organizationId, at, actor, action, target, details } = row;
  return { organizationId, number: Number(row.number), at, actor, action, target, details };
}
