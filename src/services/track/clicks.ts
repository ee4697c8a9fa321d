/** Reading clicks: lists by page or by cursor, one by its id, and streams of all that match. */
import { Fault } from '../../kernel/fault.ts';
import type { Kernel } from '../../kernel/index.ts';
import type { Principal } from '../../kernel/principal.ts';
import { addDays } from './days.ts';
import { clickIdFrom } from './redirect/click-id.ts';
import type { Click, ClickQuery } from './schema/event.ts';
import * as store from './store/click-store.ts';
import { metaOf, moment, number, offsetOf } from './wire.ts';

const EXPORT_ROWS = 1_000;

export async function listClicks({ database }: Kernel, principal: Principal, query: ClickQuery) {
  const filter = await filterOf(database.db, principal, query);
  const { page, per_page, cursor } = query;
  const rows = await store.listClicks(database.db, filter, {
    limit: per_page + 1,
    ...(cursor === undefined ? { offset: offsetOf(query) } : { after: cursor }),
  });
  const shown = rows.slice(0, per_page);
  const hasMore = rows.length > per_page;
  const total = await store.countMatchingClicks(database.db, filter);
  const next = hasMore ? (shown.at(-1)?.id ?? null) : null;
  return {
    rows: shown.map(toWire),
    meta: { ...metaOf({ page, per_page }, total), next_cursor: next },
  };
}

/** @throws Fault `not_found` */
export async function getClick({ database }: Kernel, principal: Principal, id: string) {
  const row = await store.findClick(database.db, principal.organizationId, id);
  if (!row) throw new Fault('not_found', 'There is no such click.');
  return toWire(row);
}

/** Every click that the filters let through, newest first, read a thousand at a time. */
export async function* exportClicks(
  { database }: Kernel,
  principal: Principal,
  query: ClickQuery,
): AsyncGenerator<Click> {
  const filter = await filterOf(database.db, principal, query);
  let after: string | undefined;
  for (;;) {
    const rows = await store.listClicks(database.db, filter, { limit: EXPORT_ROWS, after });
    for (const row of rows) yield toWire(row);
    if (rows.length < EXPORT_ROWS) return;
    after = rows.at(-1)?.id;
  }
}

async function filterOf(
  db: Kernel['database']['db'],
  { organizationId, timeZone }: Principal,
  query: ClickQuery,
): Promise<store.ClickFilter> {
  const { from, to, country } = query;
  const days = [from, to === undefined ? undefined : addDays(to, 1)];
  const given = days.filter((day) => day !== undefined);
  const starts = given.length === 0 ? [] : await store.midnights(db, given, timeZone);
  const idAt = (day: string | undefined) =>
    day === undefined ? undefined : clickIdFrom(starts[given.indexOf(day)] ?? 0);
  return {
    organizationId,
    campaignId: query.campaign_id,
    fromId: idAt(days[0]),
    beforeId: idAt(days[1]),
    status: query.status,
    country: country && countryCode(country),
    fraudType: query.fraud_type,
    withUncounted: query.include === 'uncounted',
  };
}

/** The original's own example says UK; ISO 3166-1 says GB. */
function countryCode(text: string): string {
  const code = text.toUpperCase();
  return code === 'UK' ? 'GB' : code;
}

function toWire(row: store.ClickRow): Click {
  return {
    id: row.id,
    campaign_id: row.campaignId,
    ip: row.ip,
    country: row.country,
    city: row.city,
    device: row.device,
    os: row.os,
    browser: row.browser,
    status: row.status,
    is_bot: row.isBot,
    is_vpn: row.isVpn,
    converted: row.converted,
    created_at: moment(row.createdAt),
    is_datacenter: row.isDatacenter,
    is_unique: row.isUnique,
    is_counted: row.isCounted,
    fraud_type: row.fraud,
    asn: row.asn,
    cost: number(row.cost),
    traffic_source_id: row.trafficSourceId,
    external_id: row.externalId,
    subs: row.subs,
  };
}
