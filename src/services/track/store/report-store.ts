/** The SQL of fraud reports. */
import { sql } from 'kysely';
import type { Db } from '../../../kernel/db/schema.ts';

export interface ReportFields {
  campaignId: number | null;
  platform: string;
  from: string;
  to: string;
}

export interface ReportRow extends ReportFields {
  id: number;
  organizationId: string;
  status: 'pending' | 'ready' | 'failed';
  rows: number | null;
  fileId: string | null;
  createdAt: Date;
  finishedAt: Date | null;
}

const REPORTS = sql`SELECT id, organization_id AS "organizationId", campaign_id AS "campaignId",
  platform, from_day::text AS "from", to_day::text AS "to", status, rows, file_id AS "fileId",
  created_at AS "createdAt", finished_at AS "finishedAt" FROM track.reports`;

export async function insertReport(
  tx: Db,
  organizationId: string,
  { campaignId, platform, from, to }: ReportFields,
  now: Date,
): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    INSERT INTO track.reports
      (organization_id, campaign_id, platform, from_day, to_day, status, created_at)
    VALUES (${organizationId}, ${campaignId}, ${platform}, ${from}::date, ${to}::date, 'pending',
      ${now}) RETURNING id`.execute(tx);
  return (rows[0] as { id: number }).id;
}

export async function findReport(
  db: Db,
  organizationId: string,
  id: number,
): Promise<ReportRow | null> {
  const { rows } = await sql<ReportRow>`${REPORTS}
    WHERE organization_id = ${organizationId} AND id = ${id}::bigint`.execute(db);
  return rows[0] ?? null;
}

/** Says how a report ended; false where it had ended before. */
export async function finishReport(
  tx: Db,
  id: number,
  end: { status: 'ready'; rows: number; fileId: string } | { status: 'failed' },
  now: Date,
): Promise<boolean> {
  const { rows, fileId } = end.status === 'ready' ? end : { rows: null, fileId: null };
  const done = await sql`UPDATE track.reports SET status = ${end.status}, rows = ${rows},
    file_id = ${fileId}, finished_at = ${now} WHERE id = ${id} AND status = 'pending'
    RETURNING id`.execute(tx);
  return done.rows.length > 0;
}

export interface FraudulentClick {
  id: string;
  campaignId: number;
  campaignName: string;
  createdAt: Date;
  ip: string;
  country: string | null;
  fraud: string;
  cost: string;
  externalId: string | null;
  subs: Record<string, string>;
}

/** Fraudulent clicks from one id (included) to another (excluded), oldest first, behind `after`. */
export async function fraudulentClicks(
  db: Db,
  scope: { organizationId: string; campaignId: number | null; fromId: string; beforeId: string },
  after: string,
  limit: number,
): Promise<FraudulentClick[]> {
  const { rows } = await sql<FraudulentClick>`
    SELECT c.id, c.campaign_id AS "campaignId", k.name AS "campaignName",
      c.created_at AS "createdAt", c.ip, c.country, c.fraud, c.cost::text AS cost,
      c.external_id AS "externalId", c.subs
    FROM track.clicks c JOIN track.campaigns k ON k.id = c.campaign_id
    WHERE c.organization_id = ${scope.organizationId} AND c.is_counted AND c.fraud IS NOT NULL
      AND (${scope.campaignId}::int IS NULL OR c.campaign_id = ${scope.campaignId}::int)
      AND c.id >= ${scope.fromId} AND c.id < ${scope.beforeId} AND c.id > ${after}
    ORDER BY c.id LIMIT ${limit}`.execute(db);
  return rows;
}
