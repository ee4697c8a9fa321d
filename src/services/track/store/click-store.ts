/** The SQL of reading clicks. */
import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../../kernel/db/schema.ts';

export interface ClickRow {
  id: string;
  campaignId: number;
  createdAt: Date;
  isCounted: boolean;
  ip: string;
  country: string | null;
  city: string | null;
  asn: number | null;
  device: string | null;
  os: string | null;
  browser: string | null;
  status: 'real' | 'bot' | 'vpn' | 'cloaked';
  isBot: boolean;
  isVpn: boolean;
  isDatacenter: boolean;
  isUnique: boolean;
  fraud: string | null;
  cost: string;
  trafficSourceId: number | null;
  externalId: string | null;
  subs: Record<string, string>;
  converted: boolean;
}

export interface ClickFilter {
  organizationId: string;
  campaignId?: number | undefined;
  /** Ids from the first (included) to the second (excluded): a range of time. */
  fromId?: string | undefined;
  beforeId?: string | undefined;
  status?: ClickRow['status'] | undefined;
  country?: string | undefined;
  fraudType?: string | undefined;
  withUncounted?: boolean;
}

/** Where the click was sent comes before what it is: a diverted bot is `cloaked`. */
const STATUS = sql`CASE WHEN c.is_diverted THEN 'cloaked' WHEN c.is_bot THEN 'bot'
  WHEN c.is_vpn THEN 'vpn' ELSE 'real' END`;

const CLICKS = sql`
  SELECT c.id, c.campaign_id AS "campaignId", c.created_at AS "createdAt",
    c.is_counted AS "isCounted", c.ip, c.country, c.city, c.asn, c.device, c.os, c.browser,
    ${STATUS} AS status, c.is_bot AS "isBot", c.is_vpn AS "isVpn",
    c.is_datacenter AS "isDatacenter", c.is_unique AS "isUnique", c.fraud, c.cost::text AS cost,
    c.traffic_source_id AS "trafficSourceId", c.external_id AS "externalId", c.subs,
    EXISTS (SELECT 1 FROM track.conversions v WHERE v.click_id = c.id AND NOT v.is_late
      AND v.status <> 'rejected') AS converted
  FROM track.clicks c`;

/** Newest first; behind the click `after`, or from `offset` on. */
export async function listClicks(
  db: Db,
  filter: ClickFilter,
  { limit, offset = 0, after }: { limit: number; offset?: number; after?: string | undefined },
): Promise<ClickRow[]> {
  const behind = after === undefined ? sql`` : sql` AND c.id < ${after}`;
  const { rows } = await sql<ClickRow>`${CLICKS} WHERE ${conditions(filter)}${behind}
    ORDER BY c.id DESC LIMIT ${limit} OFFSET ${offset}`.execute(db);
  return rows;
}

export async function countMatchingClicks(db: Db, filter: ClickFilter): Promise<number> {
  const { rows } = await sql<{ total: number }>`SELECT count(*) AS total
    FROM track.clicks c WHERE ${conditions(filter)}`.execute(db);
  return rows[0]?.total ?? 0;
}

export async function findClick(
  db: Db,
  organizationId: string,
  id: string,
): Promise<ClickRow | null> {
  const { rows } = await sql<ClickRow>`${CLICKS}
    WHERE c.organization_id = ${organizationId} AND c.id = ${id}`.execute(db);
  return rows[0] ?? null;
}

/** Midnight at the start of the days, in the zone, as milliseconds. */
export async function midnights(db: Db, days: readonly string[], timeZone: string) {
  const { rows } = await sql<{ ms: number }>`
    SELECT (extract(epoch FROM day::timestamp AT TIME ZONE ${timeZone}) * 1000)::float8 AS ms
    FROM unnest(${days}::date[]) WITH ORDINALITY AS d (day, n) ORDER BY n`.execute(db);
  return rows.map(({ ms }) => ms);
}

function conditions(filter: ClickFilter): RawBuilder<unknown> {
  const all = [sql`c.organization_id = ${filter.organizationId}`];
  if (filter.campaignId !== undefined) all.push(sql`c.campaign_id = ${filter.campaignId}::bigint`);
  if (filter.fromId !== undefined) all.push(sql`c.id >= ${filter.fromId}`);
  if (filter.beforeId !== undefined) all.push(sql`c.id < ${filter.beforeId}`);
  if (filter.status !== undefined) all.push(sql`${STATUS} = ${filter.status}`);
  if (filter.country !== undefined) all.push(sql`c.country = ${filter.country}`);
  if (filter.fraudType !== undefined) all.push(sql`c.fraud = ${filter.fraudType}`);
  if (!filter.withUncounted) all.push(sql`c.is_counted`);
  return sql.join(all, sql` AND `);
}
