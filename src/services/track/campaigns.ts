/**
 * Campaigns: a link, where it leads, what its clicks cost. A deleted campaign is hidden and its link
 * stops, while its clicks and money stay in the totals.
 */
import { randomBytes } from 'node:crypto';
import { planLimit } from '../../kernel/accounts/plan.ts';
import type { Db } from '../../kernel/db/schema.ts';
import { Fault, invalidField } from '../../kernel/fault.ts';
import type { Kernel } from '../../kernel/index.ts';
import type { Principal } from '../../kernel/principal.ts';
import type { TrackContext } from './context.ts';
import { dayOf } from './days.ts';
import { urlMistake } from './redirect/macros.ts';
import type { Campaign, CreateCampaign, UpdateCampaign } from './schema/campaign.ts';
import * as store from './store/campaign-store.ts';
import { findSource } from './store/source-store.ts';
import { decimalOf, metaOf, moment, number, offsetOf, type Paging } from './wire.ts';

/** Which campaigns changed, for the caches of all nodes. */
export const LINKS_TOPIC = 'track.links';

const UUID_DIGITS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const UUID_LENGTH = 14;

export async function listCampaigns(
  { database, clock, site }: Kernel,
  principal: Principal,
  query: Paging & { status?: store.CampaignStatus },
) {
  const { rows, total } = await store.listCampaigns(database.db, principal.organizationId, {
    status: query.status,
    limit: query.per_page,
    offset: offsetOf(query),
    today: dayOf(clock.now(), principal.timeZone),
  });
  return { rows: rows.map((row) => toWire(row, site.url)), meta: metaOf(query, total) };
}

/** @throws Fault `not_found` */
export async function getCampaign(
  { clock, site }: Kernel,
  db: Db,
  principal: Principal,
  id: number,
): Promise<Campaign> {
  const today = dayOf(clock.now(), principal.timeZone);
  const row = await store.findCampaign(db, principal.organizationId, id, today);
  if (!row) throw noCampaign();
  return toWire(row, site.url);
}

/** @throws Fault `plan_limit`, `invalid_request` for an address or a source that cannot be used */
export async function createCampaign(
  kernel: Kernel,
  tx: Db,
  principal: Principal,
  body: CreateCampaign,
): Promise<Campaign> {
  const { organizationId, plan, timeZone } = principal;
  // The row locks out a second campaign that would slip past the plan at the same moment.
  await store.ensureSettings(tx, organizationId, timeZone);
  await store.lockSettings(tx, organizationId);
  const most = planLimit(plan, 'track.campaigns');
  if ((await store.countCampaigns(tx, organizationId)) >= most) {
    throw new Fault(
      'plan_limit',
      `Your plan allows ${most} campaigns. Delete one, or change the plan.`,
    );
  }
  const fields = { ...DEFAULTS, ...fieldsOf(body), name: body.name };
  await checkSource(tx, organizationId, fields.trafficSourceId);
  const id = await store.insertCampaign(tx, organizationId, newUuid(), fields, kernel.clock.now());
  await kernel.database.changes.publish(tx, LINKS_TOPIC, String(id));
  return getCampaign(kernel, tx, principal, id);
}

/** Changes only the fields given. */
export async function updateCampaign(
  kernel: Kernel,
  tx: Db,
  principal: Principal,
  id: number,
  body: UpdateCampaign,
): Promise<Campaign> {
  const { organizationId } = principal;
  const before = await store.lockCampaign(tx, organizationId, id);
  if (before === null) throw noCampaign();
  const change = fieldsOf(body);
  await checkSource(tx, organizationId, change.trafficSourceId ?? null);
  await store.updateCampaign(tx, id, change, kernel.clock.now());
  await kernel.database.changes.publish(tx, LINKS_TOPIC, String(id));
  const campaign = await getCampaign(kernel, tx, principal, id);
  if (campaign.status === 'paused' && before !== 'paused') {
    const payload = { type: 'campaign.paused', timestamp: campaign.updated_at, data: campaign };
    await kernel.webhooks.emit(tx, { organizationId, type: 'campaign.paused', payload });
  }
  return campaign;
}

export async function deleteCampaign(
  { clock, database }: Kernel,
  tx: Db,
  { organizationId }: Principal,
  id: number,
): Promise<void> {
  if ((await store.lockCampaign(tx, organizationId, id)) === null) throw noCampaign();
  await store.hideCampaign(tx, id, clock.now());
  await database.changes.publish(tx, LINKS_TOPIC, String(id));
}

/** @throws Fault `invalid_request` for a flow that is not the organization's */
export async function checkFlow(
  { ownsFlow }: Pick<TrackContext, 'ownsFlow'>,
  { organizationId }: Principal,
  { flow_id: flowId }: UpdateCampaign,
): Promise<void> {
  if (flowId === undefined || flowId === null) return;
  if (await ownsFlow(organizationId, flowId)) return;
  throw invalidField('flow_id', 'The flow_id field names no flow');
}

const DEFAULTS: store.CampaignFields = {
  name: '',
  status: 'active',
  trafficSourceId: null,
  costModel: null,
  costValue: null,
  costCurrency: 'USD',
  destinationUrl: null,
  offers: [],
  fallbackUrl: null,
  flowId: null,
  uniquenessWindowHours: 24,
  attributionWindowDays: 30,
  postbackToken: null,
  clickLimitPerMinute: null,
};

function fieldsOf(body: UpdateCampaign): Partial<store.CampaignFields> {
  checkUrl(body.destination_url, 'destination_url');
  checkUrl(body.fallback_url, 'fallback_url');
  for (const [index, { url }] of (body.offers ?? []).entries())
    checkUrl(url, `offers.${index}.url`);
  const cost = body.cost_value;
  const fields = {
    name: body.name,
    status: body.status,
    trafficSourceId: body.traffic_source_id,
    costModel: body.cost_model,
    costValue: typeof cost === 'number' ? decimalOf(cost, 'cost_value') : cost,
    costCurrency: body.cost_currency,
    destinationUrl: body.destination_url,
    offers: body.offers,
    fallbackUrl: body.fallback_url,
    flowId: body.flow_id,
    uniquenessWindowHours: body.uniqueness_window,
    attributionWindowDays: body.attribution_window,
    postbackToken: body.postback_token,
    clickLimitPerMinute: body.click_limit_per_minute,
  };
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Partial<store.CampaignFields>;
}

function checkUrl(url: string | null | undefined, field: string): void {
  const mistake = url && urlMistake(url);
  if (mistake) throw invalidField(field, `The ${field} field ${mistake}`);
}

async function checkSource(tx: Db, organizationId: string, id: number | null): Promise<void> {
  if (id === null || (await findSource(tx, organizationId, id))) return;
  throw invalidField('traffic_source_id', 'The traffic_source_id field names no traffic source');
}

/** Random, so that nobody finds links by counting. */
export function newUuid(): string {
  let uuid = '';
  for (const byte of randomBytes(UUID_LENGTH)) uuid += UUID_DIGITS[byte % UUID_DIGITS.length];
  return uuid;
}

function noCampaign(): Fault {
  return new Fault('not_found', 'There is no such campaign.');
}

function toWire(row: store.CampaignRow, siteUrl: string): Campaign {
  return {
    id: row.id,
    uuid: row.uuid,
    name: row.name,
    status: row.status,
    tracking_url: `${siteUrl}/c/${row.uuid}`,
    clicks_today: row.clicksToday,
    conversions_today: row.conversionsToday,
    traffic_source_id: row.trafficSourceId,
    cost_model: row.costModel,
    cost_value: row.costValue === null ? null : number(row.costValue),
    cost_currency: row.costCurrency,
    destination_url: row.destinationUrl,
    offers: row.offers,
    fallback_url: row.fallbackUrl,
    flow_id: row.flowId,
    uniqueness_window: row.uniquenessWindowHours,
    attribution_window: row.attributionWindowDays,
    postback_token: row.postbackToken,
    click_limit_per_minute: row.clickLimitPerMinute,
    created_at: moment(row.createdAt),
    updated_at: moment(row.updatedAt),
  };
}
