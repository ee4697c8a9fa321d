/**
 * The rollups. They are made of the same views that say what a click and a conversion measure, and a
 * change is always "take away what these rows measured, change them, add what they measure now": so
 * rollups and rows cannot come apart, whatever changes.
 */
import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../../kernel/db/schema.ts';

const COUNTS = sql.raw(
  [
    'clicks',
    'unique_clicks',
    'real_clicks',
    'bot_clicks',
    'vpn_clicks',
    'conversions',
    'revenue',
    'cost',
  ].join(', '),
);

/** Adds (`sign` 1) or takes away (-1) what the clicks measure now. */
export async function countClicks(tx: Db, ids: readonly string[], sign: 1 | -1): Promise<void> {
  if (ids.length === 0) return;
  const source = sql`track.click_measures WHERE click_id = ANY(${ids})`;
  await countInto(tx, source, sign);
}

/** The same for conversions. */
export async function countConversions(
  tx: Db,
  ids: readonly number[],
  sign: 1 | -1,
): Promise<void> {
  if (ids.length === 0) return;
  await countInto(tx, sql`track.conversion_measures WHERE conversion_id = ANY(${ids})`, sign);
}

async function countInto(tx: Db, source: RawBuilder<unknown>, sign: 1 | -1): Promise<void> {
  const factor = sql.raw(String(sign));
  await sql`
    INSERT INTO track.rollups AS r (organization_id, dimension, campaign_id, day, value, ${COUNTS})
    SELECT organization_id, d.dimension, campaign_id, local_at::date, d.value,
      ${factor} * sum(clicks), ${factor} * sum(unique_clicks), ${factor} * sum(real_clicks),
      ${factor} * sum(bot_clicks), ${factor} * sum(vpn_clicks), ${factor} * sum(conversions),
      ${factor} * sum(revenue), ${factor} * sum(cost)
    FROM (SELECT * FROM ${source}) AS m
    CROSS JOIN LATERAL (VALUES
      ('total', ''),
      ('country', coalesce(country, '')),
      ('device', coalesce(device, '')),
      ('os', coalesce(os, '')),
      ('browser', coalesce(browser, '')),
      ('source', coalesce(traffic_source_id::text, '')),
      ('hour', to_char(local_at, 'HH24')),
      ('fraud', fraud)
    ) AS d (dimension, value)
    WHERE d.value IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5
    ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (organization_id, dimension, campaign_id, day, value) DO UPDATE SET
      clicks = r.clicks + excluded.clicks,
      unique_clicks = r.unique_clicks + excluded.unique_clicks,
      real_clicks = r.real_clicks + excluded.real_clicks,
      bot_clicks = r.bot_clicks + excluded.bot_clicks,
      vpn_clicks = r.vpn_clicks + excluded.vpn_clicks,
      conversions = r.conversions + excluded.conversions,
      revenue = r.revenue + excluded.revenue,
      cost = r.cost + excluded.cost`.execute(tx);
}

/**
 * Holds the zones of these organizations as they are until the transaction ends: whoever counts
 * shares the lock, whoever counts anew has it alone.
 */
export async function holdZones(tx: Db, organizationIds: readonly string[]): Promise<void> {
  await sql`SELECT 1 FROM track.settings WHERE organization_id = ANY(${organizationIds})
    ORDER BY organization_id FOR SHARE`.execute(tx);
}

/** Counts everything of an organization anew, in days of another zone. */
export async function recountInZone(
  tx: Db,
  organizationId: string,
  timeZone: string,
): Promise<void> {
  await sql`UPDATE track.settings SET time_zone = ${timeZone}
    WHERE organization_id = ${organizationId}`.execute(tx);
  await sql`DELETE FROM track.rollups WHERE organization_id = ${organizationId}`.execute(tx);
  await countInto(tx, sql`track.click_measures WHERE organization_id = ${organizationId}`, 1);
  await countInto(tx, sql`track.conversion_measures WHERE organization_id = ${organizationId}`, 1);
}
