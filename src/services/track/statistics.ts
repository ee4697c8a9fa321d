/**
 * Statistics, read from the rollups, by the formulas of the original: real + bot + vpn = clicks;
 * cr = conversions ÷ real clicks; epc = revenue ÷ clicks; roi = profit ÷ cost.
 */
import { Fault } from '../../kernel/fault.ts';
import type { Kernel } from '../../kernel/index.ts';
import type { Principal } from '../../kernel/principal.ts';
import { daysOf } from './days.ts';
import type { AnalyticsQuery, StatsBlock } from './schema/statistics.ts';
import { ownsCampaign, readSettings } from './store/campaign-store.ts';
import { recountInZone } from './store/rollup-store.ts';
import * as store from './store/stats-store.ts';
import { number } from './wire.ts';

/** Of one campaign, deleted ones included. */
export async function campaignStats(
  kernel: Kernel,
  principal: Principal,
  campaignId: number,
  query: { from?: string; to?: string },
): Promise<StatsBlock> {
  const scope = await scopeOf(kernel, principal, { ...query, campaign_id: campaignId });
  return toWire(await store.readBlock(kernel.database.db, scope));
}

/** Of the whole organization, with one row a day. */
export async function overallStats(
  kernel: Kernel,
  principal: Principal,
  query: { from?: string; to?: string },
) {
  const scope = await scopeOf(kernel, principal, query);
  const { db } = kernel.database;
  return { ...toWire(await store.readBlock(db, scope)), timeline: await timelineOf(kernel, scope) };
}

export async function timeline(kernel: Kernel, principal: Principal, query: AnalyticsQuery) {
  return timelineOf(kernel, await scopeOf(kernel, principal, query));
}

/** The block per value of a dimension, most clicks first; null is what is not known. */
export async function byValue(
  kernel: Kernel,
  principal: Principal,
  query: AnalyticsQuery,
  dimension: store.Dimension,
) {
  const scope = await scopeOf(kernel, principal, query);
  const rows = await store.readByValue(kernel.database.db, scope, dimension);
  return rows.map((row) => ({ value: row.value || null, name: row.name, block: toWire(row) }));
}

export async function fraudStats(kernel: Kernel, principal: Principal, query: AnalyticsQuery) {
  const scope = await scopeOf(kernel, principal, query);
  const row = await store.readFraud(kernel.database.db, scope);
  const of = (type: string) => row.byType[type] ?? 0;
  return {
    total_clicks: row.totalClicks,
    fraudulent_clicks: row.fraudulentClicks,
    fraud_rate: number(row.fraudRate),
    fraud_by_type: {
      bot: of('bot'),
      duplicate: of('duplicate'),
      vpn: of('vpn'),
      datacenter: of('datacenter'),
      rapid_fire: of('rapid_fire'),
      click_farm: of('click_farm'),
    },
    estimated_savings: number(row.savings),
  };
}

/**
 * What is asked for, checked: the campaign is the organization's, and its rollups are counted in
 * days of the zone that the organization has now.
 * @throws Fault `not_found`
 */
async function scopeOf(
  { database, clock }: Kernel,
  { organizationId, timeZone }: Principal,
  query: AnalyticsQuery,
): Promise<store.Scope> {
  const { db } = database;
  const campaignId = query.campaign_id;
  const days = daysOf(query, clock.now(), timeZone);
  if (campaignId !== undefined && !(await ownsCampaign(db, organizationId, campaignId))) {
    throw new Fault('not_found', 'There is no such campaign.');
  }
  const settings = await readSettings(db, organizationId);
  if (settings && settings.timeZone !== timeZone) {
    await database.tx((tx) => recountInZone(tx, organizationId, timeZone));
  }
  return { organizationId, campaignId, ...days };
}

async function timelineOf({ database }: Kernel, scope: store.Scope) {
  const rows = await store.readTimeline(database.db, scope);
  return rows.map((row) => ({ date: row.day, ...toWire(row) }));
}

function toWire(row: store.BlockRow): StatsBlock {
  return {
    clicks: row.clicks,
    unique_clicks: row.uniqueClicks,
    real_clicks: row.realClicks,
    bot_clicks: row.botClicks,
    vpn_clicks: row.vpnClicks,
    conversions: row.conversions,
    revenue: number(row.revenue),
    cost: number(row.cost),
    profit: number(row.profit),
    roi: number(row.roi),
    cr: number(row.cr),
    epc: number(row.epc),
  };
}
