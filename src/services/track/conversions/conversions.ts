/**
 * Conversions: one a click and transaction, however often and at once it is told; of repeats the
 * later status and payout win. One that comes after the attribution window is kept and not counted.
 */
import type { Db } from '../../../kernel/db/schema.ts';
import { Fault } from '../../../kernel/fault.ts';
import type { Kernel } from '../../../kernel/index.ts';
import { sameSecret } from '../../../kernel/keyring.ts';
import type { Principal } from '../../../kernel/principal.ts';
import type { Conversion, ConversionQuery } from '../schema/event.ts';
import * as store from '../store/conversion-store.ts';
import { countConversions, holdZones } from '../store/rollup-store.ts';
import { metaOf, moment, number, offsetOf } from '../wire.ts';

const DAY_MS = 86_400_000;
const EXPORT_ROWS = 1_000;

/** What is told of a conversion; money is decimal text. */
export interface ConversionInput {
  clickId: string;
  /** Default: what an earlier telling of the same transaction said, else 0. */
  payout: string | undefined;
  transactionId: string | undefined;
  /** Default approved. */
  status: store.ConversionStatus | undefined;
}

/** Who tells: an organization that knows its clicks, or anybody with the campaign's token. */
export type Teller = { organizationId: string } | { token: string | undefined };

/**
 * Records a conversion or changes the one that the transaction already has.
 * @returns the conversion, and whether it is new
 * @throws Fault `not_found` for an unknown click, `forbidden` for a wrong postback token
 */
export async function recordConversion(
  { clock, webhooks }: Kernel,
  tx: Db,
  teller: Teller,
  input: ConversionInput,
): Promise<{ conversion: Conversion; isNew: boolean }> {
  const click = await store.lockClick(tx, input.clickId);
  if (!click || !mayTell(teller, click)) throw noClick();
  await holdZones(tx, [click.organizationId]);
  const now = clock.now();
  const transactionId = input.transactionId ?? '';
  const before = await store.findByTransaction(tx, click.id, transactionId);
  const status = input.status ?? 'approved';
  const payout = input.payout ?? before?.payout ?? '0';
  if (!before) {
    const isLate = now.getTime() > click.createdAt.getTime() + click.attributionWindowDays * DAY_MS;
    const row = await store.insertConversion(
      tx,
      click,
      { transactionId, payout, status, isLate },
      now,
    );
    await countConversions(tx, [row.id], 1);
    const conversion = toWire(row);
    await emit('conversion.created', conversion);
    return { conversion, isNew: true };
  }
  if (before.status === status && number(before.payout) === number(payout)) {
    return { conversion: toWire(before), isNew: false };
  }
  await countConversions(tx, [before.id], -1);
  const row = await store.updateConversion(tx, click, before.id, { payout, status }, now);
  await countConversions(tx, [row.id], 1);
  const conversion = toWire(row);
  await emit('conversion.updated', conversion);
  return { conversion, isNew: false };

  async function emit(type: 'conversion.created' | 'conversion.updated', data: Conversion) {
    const { organizationId } = click as store.ConvertedClick;
    const payload = { type, timestamp: moment(now), data };
    await webhooks.emit(tx, { organizationId, type, payload });
  }
}

export async function listConversions(
  { database }: Kernel,
  principal: Principal,
  query: ConversionQuery,
) {
  const filter = filterOf(principal, query);
  const { page, per_page, cursor } = query;
  const rows = await store.listConversions(database.db, filter, {
    limit: per_page + 1,
    ...(cursor === undefined ? { offset: offsetOf(query) } : { after: Number(cursor) || 0 }),
  });
  const shown = rows.slice(0, per_page);
  const last = shown.at(-1);
  const next = rows.length > per_page && last ? String(last.id) : null;
  const total = await store.countMatchingConversions(database.db, filter);
  return {
    rows: shown.map(toWire),
    meta: { ...metaOf({ page, per_page }, total), next_cursor: next },
  };
}

export async function* exportConversions(
  { database }: Kernel,
  principal: Principal,
  query: ConversionQuery,
): AsyncGenerator<Conversion> {
  const filter = filterOf(principal, query);
  let after: number | undefined;
  for (;;) {
    const rows = await store.listConversions(database.db, filter, { limit: EXPORT_ROWS, after });
    for (const row of rows) yield toWire(row);
    if (rows.length < EXPORT_ROWS) return;
    after = rows.at(-1)?.id;
  }
}

function mayTell(teller: Teller, click: store.ConvertedClick): boolean {
  if ('organizationId' in teller) return teller.organizationId === click.organizationId;
  const { postbackToken } = click;
  if (postbackToken === null) return true;
  if (teller.token !== undefined && sameSecret(teller.token, postbackToken)) return true;
  throw new Fault('forbidden', 'This campaign takes postbacks only with its token.', {
    fields: { token: ['The token field must be the campaign’s postback token'] },
  });
}

function filterOf(
  { organizationId, timeZone }: Principal,
  query: ConversionQuery,
): store.ConversionFilter {
  const { campaign_id: campaignId, click_id: clickId, status, from, to } = query;
  return { organizationId, timeZone, campaignId, clickId, status, from, to };
}

function noClick(): Fault {
  return new Fault('not_found', 'There is no such click.');
}

function toWire(row: store.ConversionRow): Conversion {
  return {
    id: row.id,
    click_id: row.clickId,
    campaign_id: row.campaignId,
    transaction_id: row.transactionId === '' ? null : row.transactionId,
    payout: number(row.payout),
    currency: row.currency,
    status: row.status,
    late: row.isLate,
    created_at: moment(row.createdAt),
  };
}
