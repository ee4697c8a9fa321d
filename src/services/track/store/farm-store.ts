/**
 * The SQL of finding click farms. Each statement groups or filters the clicks of a short time once;
 * what belongs together is put together in `farms.ts`. No statement joins clicks with clicks: right
 * after many have come, the planner knows nothing of them and would choose the slowest way.
 */
import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../../kernel/db/schema.ts';

/** Clicks that are alike: of one campaign, one network, one kind of device. */
export interface Group {
  campaignId: number;
  /** The hash of a /24 or /48, or the number of an autonomous system. */
  network: string;
  /** Device, system and browser. */
  kind: string;
}

export interface BlockGroup extends Group {
  visitors: number;
}

export interface SystemGroup extends BlockGroup {
  systemVisitors: number;
  campaignVisitors: number;
}

/** A click whose type changes: to `click_farm`, or back to what it was at the click. */
export interface FarmChange {
  id: string;
  organizationId: string;
  campaignId: number;
  fraud: string | null;
}

const KIND = sql`concat_ws(chr(10), c.device, c.os, c.browser)`;
/** Stronger types (bot, datacenter, vpn) stay what they are, and say nothing of farms. */
const suspects = (fromId: string) => sql`track.clicks c WHERE c.id >= ${fromId} AND c.is_counted
  AND (c.fraud_at_click IS NULL OR c.fraud_at_click IN ('rapid_fire', 'duplicate'))`;

/** Groups of at least so many visitors in one block. */
export async function crowdedBlocks(db: Db, fromId: string, visitors: number) {
  const { rows } = await sql<BlockGroup>`
    SELECT c.campaign_id AS "campaignId", c.network, ${KIND} AS kind,
      count(DISTINCT c.visitor) AS visitors
    FROM ${suspects(fromId)} GROUP BY 1, 2, 3
    HAVING count(DISTINCT c.visitor) >= ${visitors}`.execute(db);
  return rows;
}

/** The same of autonomous systems, beside how many visitors the system and the campaign have. */
export async function crowdedSystems(db: Db, fromId: string, visitors: number) {
  // A visitor is an address and a user agent, so it is of one kind, and kinds sum to systems.
  const { rows } = await sql<SystemGroup>`
    WITH kinds AS (SELECT c.campaign_id, c.asn, ${KIND} AS kind, count(DISTINCT c.visitor) AS visitors
        FROM ${suspects(fromId)} GROUP BY 1, 2, 3),
      sums AS (SELECT *, sum(visitors) OVER (PARTITION BY campaign_id, asn) AS in_system,
        sum(visitors) OVER (PARTITION BY campaign_id) AS in_campaign FROM kinds)
    SELECT campaign_id AS "campaignId", asn::text AS network, kind, visitors,
      in_system::float8 AS "systemVisitors", in_campaign::float8 AS "campaignVisitors"
    FROM sums WHERE asn IS NOT NULL AND visitors >= ${visitors}`.execute(db);
  return rows;
}

export interface ConvertedNetwork {
  campaignId: number;
  network: string;
  asn: string | null;
  conversions: number;
}

/** Where conversions of these clicks have come from. */
export async function convertedNetworks(db: Db, fromId: string): Promise<ConvertedNetwork[]> {
  const { rows } = await sql<ConvertedNetwork>`
    SELECT c.campaign_id AS "campaignId", c.network, c.asn::text AS asn, count(*) AS conversions
    FROM track.conversions v JOIN track.clicks c ON c.id = v.click_id
    WHERE v.click_id >= ${fromId} AND v.status <> 'rejected' GROUP BY 1, 2, 3`.execute(db);
  return rows;
}

/** The clicks of these groups that are not marked yet. */
export async function unmarkedClicks(
  db: Db,
  fromId: string,
  by: 'block' | 'system',
  groups: readonly Group[],
): Promise<FarmChange[]> {
  const network = by === 'block' ? sql`c.network` : sql`c.asn::text`;
  const alike = sql`EXISTS (SELECT 1 FROM ${listed(groups)} WHERE g."campaignId" = c.campaign_id
    AND g.network = ${network} AND g.kind = ${KIND})`;
  const { rows } = await sql<FarmChange>`
    SELECT c.id, c.organization_id AS "organizationId", c.campaign_id AS "campaignId",
      'click_farm' AS fraud
    FROM ${suspects(fromId)} AND c.fraud IS DISTINCT FROM 'click_farm' AND ${alike}
    ORDER BY c.id`.execute(db);
  return rows;
}

/** Marked clicks of networks that converted: back to what they were. */
export async function acquittedClicks(
  db: Db,
  fromId: string,
  networks: readonly { campaignId: number; network: string }[],
): Promise<FarmChange[]> {
  const { rows } = await sql<FarmChange>`
    SELECT c.id, c.organization_id AS "organizationId", c.campaign_id AS "campaignId",
      c.fraud_at_click AS fraud
    FROM ${suspects(fromId)} AND c.fraud = 'click_farm' AND EXISTS (SELECT 1 FROM ${listed(networks)}
      WHERE g."campaignId" = c.campaign_id AND g.network = c.network)
    ORDER BY c.id`.execute(db);
  return rows;
}

/** Conversions hold their click before they count; so does this, and neither waits for the other. */
export async function lockClicks(tx: Db, ids: readonly string[]): Promise<void> {
  await sql`SELECT 1 FROM track.clicks WHERE id = ANY(${ids}) ORDER BY id FOR UPDATE`.execute(tx);
}

export async function setFraud(tx: Db, changes: readonly FarmChange[]): Promise<void> {
  await sql`UPDATE track.clicks c SET fraud = n.fraud
    FROM json_to_recordset(${JSON.stringify(changes)}::json) AS n (id text, fraud text)
    WHERE c.id = n.id`.execute(tx);
}

function listed(groups: readonly object[]): RawBuilder<unknown> {
  return sql`json_to_recordset(${JSON.stringify(groups)}::json)
    AS g ("campaignId" int, network text, kind text)`;
}
