/** What the redirect has to know of each campaign. */
import { sql } from 'kysely';
import type { Db } from '../../../kernel/db/schema.ts';

/** One campaign's link, as the database and the snapshot on disk hold it. */
export interface LinkRow {
  id: number;
  uuid: string;
  organizationId: string;
  status: 'active' | 'paused' | 'inactive';
  destinationUrl: string | null;
  offers: { url: string; weight: number }[];
  fallbackUrl: string | null;
  flowId: number | null;
  /** Decimal: what a click costs that brings no cost of its own. */
  clickCost: string;
  trafficSourceId: number | null;
  sourceName: string | null;
  clickIdParam: string | null;
  costParam: string | null;
  subParams: Record<string, string>;
  uniquenessWindowHours: number;
  clickLimitPerMinute: number | null;
  storeFullIp: boolean;
}

const LINKS = sql`
  SELECT c.id, c.uuid, c.organization_id AS "organizationId", c.status,
    c.destination_url AS "destinationUrl", c.offers, c.fallback_url AS "fallbackUrl",
    c.flow_id AS "flowId",
    CASE c.cost_model WHEN 'cpc' THEN coalesce(c.cost_value, 0)
      WHEN 'cpm' THEN coalesce(c.cost_value, 0) / 1000 ELSE 0 END::numeric(18, 9)::text AS "clickCost",
    c.traffic_source_id AS "trafficSourceId", t.name AS "sourceName",
    t.click_id_param AS "clickIdParam", t.cost_param AS "costParam",
    coalesce(t.sub_params, '{}') AS "subParams",
    c.uniqueness_window_hours AS "uniquenessWindowHours",
    c.click_limit_per_minute AS "clickLimitPerMinute",
    coalesce(s.store_full_ip, false) AS "storeFullIp"
  FROM track.campaigns c
  LEFT JOIN track.traffic_sources t ON t.id = c.traffic_source_id
  LEFT JOIN track.settings s ON s.organization_id = c.organization_id
  WHERE c.deleted_at IS NULL`;

export async function allLinks(db: Db): Promise<LinkRow[]> {
  return (await sql<LinkRow>`${LINKS}`.execute(db)).rows;
}

/** The link of one campaign, or null where it is deleted. */
export async function linkOf(db: Db, campaignId: number): Promise<LinkRow | null> {
  const { rows } = await sql<LinkRow>`${LINKS} AND c.id = ${campaignId}`.execute(db);
  return rows[0] ?? null;
}
