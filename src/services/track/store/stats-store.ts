/** Reading statistics: sums of rollups, with the ratios worked out in decimals. */
import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../../kernel/db/schema.ts';

/** Sums and ratios; money and ratios are decimal text of two decimals. */
export interface BlockRow {
  clicks: number;
  uniqueClicks: number;
  realClicks: number;
  botClicks: number;
  vpnClicks: number;
  conversions: number;
  revenue: string;
  cost: string;
  profit: string;
  roi: string;
  cr: string;
  epc: string;
}

export interface Scope {
  organizationId: string;
  campaignId?: number | undefined;
  /** Days, both included. */
  from: string;
  to: string;
}

export type Dimension = 'country' | 'device' | 'browser' | 'os' | 'source' | 'hour' | 'fraud';

const total = (column: string) => sql`coalesce(sum(r.${sql.raw(column)}), 0)`;
const CLICKS = total('clicks');
const REAL = total('real_clicks');
const CONVERSIONS = total('conversions');
const REVENUE = total('revenue');
const COST = total('cost');
/** A ratio of two sums; nothing divided by nothing is 0. */
const ratio = (top: RawBuilder<unknown>, bottom: RawBuilder<unknown>, factor: number) =>
  sql`round(coalesce(${top} * ${sql.raw(String(factor))}::numeric / nullif(${bottom}, 0), 0), 2)::text`;

const BLOCK = sql`
  ${CLICKS}::bigint AS clicks, ${total('unique_clicks')}::bigint AS "uniqueClicks",
  ${REAL}::bigint AS "realClicks", ${total('bot_clicks')}::bigint AS "botClicks",
  ${total('vpn_clicks')}::bigint AS "vpnClicks", ${CONVERSIONS}::bigint AS conversions,
  round(${REVENUE}, 2)::text AS revenue, round(${COST}, 2)::text AS cost,
  round(${REVENUE} - ${COST}, 2)::text AS profit,
  ${ratio(sql`(${REVENUE} - ${COST})`, COST, 100)} AS roi,
  ${ratio(CONVERSIONS, REAL, 100)} AS cr,
  ${ratio(REVENUE, CLICKS, 1)} AS epc`;

const within = ({ organizationId, campaignId, from, to }: Scope, dimension: string) => sql`
  r.organization_id = ${organizationId} AND r.dimension = ${dimension}
  AND (${campaignId ?? null}::bigint IS NULL OR r.campaign_id = ${campaignId ?? null}::bigint)
  AND r.day BETWEEN ${from}::date AND ${to}::date`;

export async function readBlock(db: Db, scope: Scope): Promise<BlockRow> {
  const { rows } = await sql<BlockRow>`SELECT ${BLOCK} FROM track.rollups r
    WHERE ${within(scope, 'total')}`.execute(db);
  return rows[0] as BlockRow;
}

/** One row a day, those without anything left out, oldest first. */
export async function readTimeline(db: Db, scope: Scope): Promise<(BlockRow & { day: string })[]> {
  const { rows } = await sql<BlockRow & { day: string }>`
    SELECT r.day::text AS day, ${BLOCK} FROM track.rollups r WHERE ${within(scope, 'total')}
    GROUP BY r.day HAVING ${CLICKS} <> 0 OR ${CONVERSIONS} <> 0 ORDER BY r.day`.execute(db);
  return rows;
}

export type ValueRow = BlockRow & { value: string; name: string | null };

/** One row a value, most clicks first; '' is what is not known. `name` is the traffic source's. */
export async function readByValue(db: Db, scope: Scope, dimension: Dimension): Promise<ValueRow[]> {
  const { rows } = await sql<ValueRow>`
    SELECT r.value, min(t.name) AS name, ${BLOCK} FROM track.rollups r
    LEFT JOIN track.traffic_sources t ON ${dimension}::text = 'source' AND t.id::text = r.value
    WHERE ${within(scope, dimension)}
    GROUP BY r.value HAVING ${CLICKS} <> 0 OR ${CONVERSIONS} <> 0
    ORDER BY ${CLICKS} DESC, r.value`.execute(db);
  return rows;
}

export interface FraudRow {
  totalClicks: number;
  fraudulentClicks: number;
  fraudRate: string;
  savings: string;
  byType: Record<string, number>;
}

export async function readFraud(db: Db, scope: Scope): Promise<FraudRow> {
  const { rows } = await sql<FraudRow>`
    WITH fraud AS (SELECT r.value, sum(r.clicks) AS clicks, sum(r.cost) AS cost
        FROM track.rollups r WHERE ${within(scope, 'fraud')} GROUP BY r.value),
      clicks AS (SELECT coalesce(sum(r.clicks), 0) AS total
        FROM track.rollups r WHERE ${within(scope, 'total')})
    SELECT clicks.total::bigint AS "totalClicks",
      coalesce(sum(fraud.clicks), 0)::bigint AS "fraudulentClicks",
      round(coalesce(sum(fraud.clicks) * 100 / nullif(clicks.total, 0), 0), 2)::text AS "fraudRate",
      round(coalesce(sum(fraud.cost), 0), 2)::text AS savings,
      coalesce(jsonb_object_agg(fraud.value, fraud.clicks)
        FILTER (WHERE fraud.value IS NOT NULL), '{}') AS "byType"
    FROM clicks LEFT JOIN fraud ON true GROUP BY clicks.total`.execute(db);
  return rows[0] as FraudRow;
}
