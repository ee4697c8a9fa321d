/** Finding click farms: many visitors with one kind of device in one network, and no conversion. */
import { sql } from 'kysely';
import type { Db } from '../../../kernel/db/schema.ts';

export interface FarmRules {
  /** Clicks from this id on are looked at. */
  fromId: string;
  /** Different visitors with the same device, system and browser in one /24 or /48. */
  visitorsInBlock: number;
  /** The same in one autonomous system, which is larger by far, so that more is asked: */
  visitorsInSystem: number;
  /** they are this share of the system's visitors, and */
  shareOfSystem: number;
  /** by the campaign's own rate this many conversions would have come from the system. */
  missedConversions: number;
}

/** A click whose type changes: to `click_farm`, or back to what it was at the click. */
export interface FarmChange {
  id: string;
  organizationId: string;
  campaignId: number;
  fraud: string | null;
}

/**
 * Clicks that belong to a farm and are not marked so, and marked ones from whose network a
 * conversion has come since. Stronger types (bot, datacenter, vpn) stay what they are.
 */
export async function farmChanges(db: Db, rules: FarmRules): Promise<FarmChange[]> {
  const { rows } = await sql<FarmChange>`
    WITH recent AS MATERIALIZED (
      SELECT c.id, c.organization_id, c.campaign_id, c.network, c.asn, c.visitor, c.fraud,
        c.fraud_at_click, concat_ws(chr(10), c.device, c.os, c.browser) AS kind,
        EXISTS (SELECT 1 FROM track.conversions v WHERE v.click_id = c.id
          AND v.status <> 'rejected') AS converted
      FROM track.clicks c WHERE c.id >= ${rules.fromId} AND c.is_counted
        AND (c.fraud_at_click IS NULL OR c.fraud_at_click IN ('rapid_fire', 'duplicate'))
    ), blocks AS (
      SELECT campaign_id, network, bool_or(converted) AS converted FROM recent GROUP BY 1, 2
    ), block_kinds AS (
      SELECT campaign_id, network, kind FROM recent GROUP BY 1, 2, 3
      HAVING count(DISTINCT visitor) >= ${rules.visitorsInBlock}
    ), systems AS (
      SELECT campaign_id, asn, bool_or(converted) AS converted, count(DISTINCT visitor) AS visitors
      FROM recent WHERE asn IS NOT NULL GROUP BY 1, 2
      HAVING count(DISTINCT visitor) >= ${rules.visitorsInSystem}
    ), rates AS (
      SELECT campaign_id, count(*) FILTER (WHERE converted)::float8 / count(DISTINCT visitor) AS rate
      FROM recent GROUP BY 1
    ), system_kinds AS (
      SELECT r.campaign_id, r.asn, r.kind FROM recent r
      JOIN systems s ON s.campaign_id = r.campaign_id AND s.asn = r.asn AND NOT s.converted
      JOIN rates t ON t.campaign_id = r.campaign_id
      GROUP BY 1, 2, 3
      HAVING count(DISTINCT r.visitor) >= ${rules.visitorsInSystem}
        AND count(DISTINCT r.visitor) >= ${rules.shareOfSystem}::float8 * max(s.visitors)
        AND max(t.rate * s.visitors) >= ${rules.missedConversions}::float8
    )
    SELECT r.id, r.organization_id AS "organizationId", r.campaign_id AS "campaignId",
      CASE WHEN b.converted THEN r.fraud_at_click ELSE 'click_farm' END AS fraud
    FROM recent r
    JOIN blocks b ON b.campaign_id = r.campaign_id AND b.network = r.network
    LEFT JOIN block_kinds k ON k.campaign_id = r.campaign_id AND k.network = r.network
      AND k.kind = r.kind
    LEFT JOIN system_kinds s ON s.campaign_id = r.campaign_id AND s.asn = r.asn AND s.kind = r.kind
    WHERE (b.converted AND r.fraud = 'click_farm')
      OR (NOT b.converted AND r.fraud IS DISTINCT FROM 'click_farm'
        AND (k.kind IS NOT NULL OR s.kind IS NOT NULL))
    ORDER BY r.id`.execute(db);
  return rows;
}

/** Conversions hold their click before they count; so does this, and neither waits for the other. */
export async function lockClicks(tx: Db, ids: readonly string[]): Promise<void> {
  await sql`SELECT 1 FROM track.clicks WHERE id = ANY(${ids}) ORDER BY id FOR UPDATE`.execute(tx);
}

export async function setFraud(tx: Db, changes: readonly FarmChange[]): Promise<void> {
  await sql`UPDATE track.clicks c SET fraud = n.fraud
    FROM unnest(${changes.map(({ id }) => id)}::text[],
      ${changes.map(({ fraud }) => fraud)}::text[]) AS n (id, fraud)
    WHERE c.id = n.id`.execute(tx);
}
