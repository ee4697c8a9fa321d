/** The suppression list in the database. */
import { sql } from 'kysely';
import type { Db } from '../../../kernel/db/schema.ts';
import { byThen, type Page } from './campaign-store.ts';

export type SuppressionReason = 'hard_bounce' | 'complaint' | 'unsubscribe' | 'manual';

export interface SuppressionRow {
  address: Buffer;
  addressMac: Buffer;
  reason: SuppressionReason;
  createdAt: Date;
}

/** False where it is on the list already; the first reason stays. */
export async function insertSuppression(
  tx: Db,
  organizationId: string,
  { address, addressMac, reason, createdAt }: SuppressionRow,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    INSERT INTO mail.suppressions (organization_id, address_mac, address, reason, created_at)
    VALUES (${organizationId}, ${addressMac}, ${address}, ${reason}, ${createdAt})
    ON CONFLICT DO NOTHING`.execute(tx);
  return numAffectedRows === 1n;
}

export async function findSuppressions(
  db: Db,
  organizationId: string,
  macs: readonly Buffer[],
): Promise<SuppressionRow[]> {
  const { rows } = await sql<SuppressionRow>`
    SELECT address, address_mac AS "addressMac", reason, created_at AS "createdAt"
    FROM mail.suppressions
    WHERE organization_id = ${organizationId} AND address_mac = ANY(${[...macs]})`.execute(db);
  return rows;
}

export async function listSuppressions(
  db: Db,
  organizationId: string,
  page: Page,
): Promise<{ rows: SuppressionRow[]; total: number }> {
  const where = sql`WHERE organization_id = ${organizationId} AND ${byThen('created_at', page)}`;
  const { rows } = await sql<SuppressionRow>`
    SELECT address, address_mac AS "addressMac", reason, created_at AS "createdAt"
    FROM mail.suppressions ${where}
    ORDER BY created_at DESC, address_mac LIMIT ${page.limit} OFFSET ${page.offset}`.execute(db);
  const counted = await sql<{ total: number }>`SELECT count(*) AS total FROM mail.suppressions
    ${where}`.execute(db);
  return { rows, total: counted.rows[0]?.total ?? 0 };
}

export async function deleteSuppression(
  tx: Db,
  organizationId: string,
  mac: Buffer,
): Promise<boolean> {
  const { numAffectedRows } = await sql`DELETE FROM mail.suppressions
    WHERE organization_id = ${organizationId} AND address_mac = ${mac}`.execute(tx);
  return numAffectedRows === 1n;
}
