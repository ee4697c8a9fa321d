/** The SQL of campaigns and of an organization's settings. */
import { sql } from 'kysely';
import type { Db } from '../../../kernel/db/schema.ts';

export type CampaignStatus = 'active' | 'paused' | 'inactive';

/** What of a campaign can be set; money is decimal text. */
export interface CampaignFields {
  name: string;
  status: CampaignStatus;
  trafficSourceId: number | null;
  costModel: string | null;
  costValue: string | null;
  costCurrency: string;
  destinationUrl: string | null;
  offers: { url: string; weight: number }[];
  fallbackUrl: string | null;
  flowId: number | null;
  uniquenessWindowHours: number;
  attributionWindowDays: number;
  postbackToken: string | null;
  clickLimitPerMinute: number | null;
}

export interface CampaignRow extends CampaignFields {
  id: number;
  uuid: string;
  createdAt: Date;
  updatedAt: Date;
  clicksToday: number;
  conversionsToday: number;
}

const COLUMN: Record<keyof CampaignFields, string> = {
  name: 'name',
  status: 'status',
  trafficSourceId: 'traffic_source_id',
  costModel: 'cost_model',
  costValue: 'cost_value',
  costCurrency: 'cost_currency',
  destinationUrl: 'destination_url',
  offers: 'offers',
  fallbackUrl: 'fallback_url',
  flowId: 'flow_id',
  uniquenessWindowHours: 'uniqueness_window_hours',
  attributionWindowDays: 'attribution_window_days',
  postbackToken: 'postback_token',
  clickLimitPerMinute: 'click_limit_per_minute',
};
const FIELDS = sql.raw(
  Object.entries(COLUMN)
    .map(([field, column]) => `c.${column}${field === 'costValue' ? '::text' : ''} AS "${field}"`)
    .join(', '),
);

const selectCampaigns = (today: string) => sql`
  SELECT c.id, c.uuid, c.created_at AS "createdAt", c.updated_at AS "updatedAt", ${FIELDS},
    coalesce(r.clicks, 0) AS "clicksToday", coalesce(r.conversions, 0) AS "conversionsToday"
  FROM track.campaigns c
  LEFT JOIN track.rollups r ON r.organization_id = c.organization_id AND r.dimension = 'total'
    AND r.campaign_id = c.id AND r.day = ${today}::date
  WHERE c.deleted_at IS NULL`;

/** `today` is the organization's day, YYYY-MM-DD. */
export async function listCampaigns(
  db: Db,
  organizationId: string,
  { status, limit, offset, today }: ListCampaigns,
): Promise<{ rows: CampaignRow[]; total: number }> {
  const { rows } = await sql<CampaignRow>`${selectCampaigns(today)}
    AND c.organization_id = ${organizationId}
    AND (${status ?? null}::text IS NULL OR c.status = ${status ?? null})
    ORDER BY c.id DESC LIMIT ${limit} OFFSET ${offset}`.execute(db);
  const counted = await sql<{ total: number }>`SELECT count(*) AS total FROM track.campaigns
    WHERE organization_id = ${organizationId} AND deleted_at IS NULL
    AND (${status ?? null}::text IS NULL OR status = ${status ?? null})`.execute(db);
  return { rows, total: counted.rows[0]?.total ?? 0 };
}

export interface ListCampaigns {
  status: CampaignStatus | undefined;
  limit: number;
  offset: number;
  today: string;
}

export async function findCampaign(
  db: Db,
  organizationId: string,
  id: number,
  today: string,
): Promise<CampaignRow | null> {
  const { rows } = await sql<CampaignRow>`${selectCampaigns(today)}
    AND c.organization_id = ${organizationId} AND c.id = ${id}::bigint`.execute(db);
  return rows[0] ?? null;
}

export async function countCampaigns(db: Db, organizationId: string): Promise<number> {
  const { rows } = await sql<{ total: number }>`SELECT count(*) AS total FROM track.campaigns
    WHERE organization_id = ${organizationId} AND deleted_at IS NULL`.execute(db);
  return rows[0]?.total ?? 0;
}

export async function insertCampaign(
  tx: Db,
  organizationId: string,
  uuid: string,
  fields: CampaignFields,
  now: Date,
): Promise<number> {
  const entries = Object.entries(COLUMN) as [keyof CampaignFields, string][];
  const columns = sql.raw(entries.map(([, column]) => column).join(', '));
  const values = sql.join(entries.map(([field]) => sql`${toColumn(field, fields[field])}`));
  const { rows } = await sql<{ id: number }>`
    INSERT INTO track.campaigns (organization_id, uuid, created_at, updated_at, ${columns})
    VALUES (${organizationId}, ${uuid}, ${now}, ${now}, ${values}) RETURNING id`.execute(tx);
  return (rows[0] as { id: number }).id;
}

/** Changes only the fields given. */
export async function updateCampaign(
  tx: Db,
  id: number,
  change: Partial<CampaignFields>,
  now: Date,
): Promise<void> {
  const sets = (Object.keys(change) as (keyof CampaignFields)[]).map(
    (field) => sql`, ${sql.raw(COLUMN[field])} = ${toColumn(field, change[field])}`,
  );
  await sql`UPDATE track.campaigns SET updated_at = ${now}${sql.join(sets, sql``)}
    WHERE id = ${id}`.execute(tx);
}

/** Holds the campaign until the transaction ends; its status before, or null where there is none. */
export async function lockCampaign(
  tx: Db,
  organizationId: string,
  id: number,
): Promise<CampaignStatus | null> {
  const { rows } = await sql<{ status: CampaignStatus }>`SELECT status FROM track.campaigns
    WHERE organization_id = ${organizationId} AND id = ${id}::bigint AND deleted_at IS NULL
    FOR UPDATE`.execute(tx);
  return rows[0]?.status ?? null;
}

export async function hideCampaign(tx: Db, id: number, now: Date): Promise<void> {
  await sql`UPDATE track.campaigns SET deleted_at = ${now} WHERE id = ${id}`.execute(tx);
}

/** The campaign that measures an address in mails, made where there is none yet. */
export async function findOrInsertMailLink(
  tx: Db,
  organizationId: string,
  { uuid, name, url }: { uuid: string; name: string; url: string },
  now: Date,
): Promise<{ id: number; uuid: string }> {
  await sql`
    INSERT INTO track.campaigns (organization_id, uuid, name, status, cost_currency,
      destination_url, uniqueness_window_hours, attribution_window_days, mail_url,
      created_at, updated_at)
    VALUES (${organizationId}, ${uuid}, ${name}, 'active', 'USD', ${url}, 24, 30, ${url},
      ${now}, ${now})
    ON CONFLICT (organization_id, md5(mail_url)) WHERE deleted_at IS NULL DO NOTHING`.execute(tx);
  const { rows } = await sql<{ id: number; uuid: string }>`
    SELECT id, uuid FROM track.campaigns WHERE organization_id = ${organizationId}
      AND md5(mail_url) = md5(${url}) AND deleted_at IS NULL`.execute(tx);
  return rows[0] as { id: number; uuid: string };
}

/** Whether the campaign is the organization's, deleted ones included: their clicks stay. */
export async function ownsCampaign(db: Db, organizationId: string, id: number): Promise<boolean> {
  const { rows } = await sql`SELECT 1 FROM track.campaigns
    WHERE organization_id = ${organizationId} AND id = ${id}::bigint`.execute(db);
  return rows.length > 0;
}

/** The organization's settings, made with its first campaign. */
export async function ensureSettings(
  tx: Db,
  organizationId: string,
  timeZone: string,
): Promise<void> {
  await sql`INSERT INTO track.settings (organization_id, time_zone)
    VALUES (${organizationId}, ${timeZone}) ON CONFLICT DO NOTHING`.execute(tx);
}

/** Holds them until the transaction ends: who makes campaigns does so one after the other. */
export async function lockSettings(tx: Db, organizationId: string): Promise<void> {
  await sql`SELECT 1 FROM track.settings WHERE organization_id = ${organizationId}
    FOR UPDATE`.execute(tx);
}

export async function readSettings(
  db: Db,
  organizationId: string,
): Promise<{ timeZone: string; storeFullIp: boolean } | null> {
  const { rows } = await sql<{ timeZone: string; storeFullIp: boolean }>`
    SELECT time_zone AS "timeZone", store_full_ip AS "storeFullIp" FROM track.settings
    WHERE organization_id = ${organizationId}`.execute(db);
  return rows[0] ?? null;
}

export async function setStoreFullIp(tx: Db, organizationId: string, on: boolean): Promise<void> {
  await sql`UPDATE track.settings SET store_full_ip = ${on}
    WHERE organization_id = ${organizationId}`.execute(tx);
}

function toColumn(field: keyof CampaignFields, value: unknown): unknown {
  return field === 'offers' ? JSON.stringify(value) : value;
}
