/**
 * Click farms: many devices of one kind from one /24 (or one autonomous system) with no conversions.
 * One click says nothing of it, so a job looks at the last hour several times a minute. A conversion
 * from a marked network takes the mark away again: farms do not buy.
 */
import type { Kernel } from '../../../kernel/index.ts';
import { clickIdFrom } from '../redirect/click-id.ts';
import * as store from '../store/farm-store.ts';
import { lockShipping } from '../store/ingest-store.ts';
import { countClicks, holdZones } from '../store/rollup-store.ts';
import { moment } from '../wire.ts';

const HOUR_MS = 3_600_000;
const BATCH_CLICKS = 2_000;
const EVERY_MS = 15_000;

/**
 * Twenty phones of one make behind one small network in an hour are no family and no café. A whole
 * system can be a mobile carrier with everybody's phones: there the silence itself must speak, and
 * where 5 conversions are expected none comes by chance less than once in a hundred (Poisson, e⁻⁵).
 */
const RULES = {
  visitorsInBlock: 20,
  visitorsInSystem: 100,
  shareOfSystem: 0.95,
  missedConversions: 5,
};

/** Marks what the last hour shows, the rollups with it; says how many clicks changed. */
export async function markFarms(kernel: Kernel): Promise<number> {
  const changes = await findChanges(kernel);
  for (let at = 0; at < changes.length; at += BATCH_CLICKS) {
    await change(kernel, changes.slice(at, at + BATCH_CLICKS));
  }
  return changes.length;
}

async function findChanges({ database, clock }: Kernel): Promise<store.FarmChange[]> {
  const { db } = database;
  const fromId = clickIdFrom(clock.now().getTime() - HOUR_MS);
  const converted = await store.convertedNetworks(db, fromId);
  const hasConverted = new Set(
    converted.flatMap(({ campaignId, network, asn }) => [
      `${campaignId} ${network}`,
      `${campaignId} AS${asn}`,
    ]),
  );
  const blocks = await store.crowdedBlocks(db, fromId, RULES.visitorsInBlock);
  const systems = await store.crowdedSystems(db, fromId, RULES.visitorsInSystem);
  const conversions = new Map<number, number>();
  for (const { campaignId, conversions: more } of converted) {
    conversions.set(campaignId, (conversions.get(campaignId) ?? 0) + more);
  }
  const inBlocks = blocks.filter(
    ({ campaignId, network }) => !hasConverted.has(`${campaignId} ${network}`),
  );
  const inSystems = systems.filter(
    (group) =>
      !hasConverted.has(`${group.campaignId} AS${group.network}`) &&
      isSilent(group, conversions.get(group.campaignId) ?? 0),
  );
  const changes = new Map<string, store.FarmChange>();
  const add = (found: store.FarmChange[]) => {
    for (const one of found) changes.set(one.id, one);
  };
  if (inSystems.length > 0) add(await store.unmarkedClicks(db, fromId, 'system', inSystems));
  if (inBlocks.length > 0) add(await store.unmarkedClicks(db, fromId, 'block', inBlocks));
  if (converted.length > 0) add(await store.acquittedClicks(db, fromId, converted));
  return [...changes.values()];
}

/** Whether a system of one kind of device is silent where the campaign’s own rate says it would speak. */
function isSilent(group: store.SystemGroup, conversions: number): boolean {
  const { visitors, systemVisitors, campaignVisitors } = group;
  const expected = (conversions / campaignVisitors) * systemVisitors;
  return visitors >= RULES.shareOfSystem * systemVisitors && expected >= RULES.missedConversions;
}

async function change(
  { database, clock, webhooks }: Kernel,
  changes: readonly store.FarmChange[],
): Promise<void> {
  const ids = changes.map(({ id }) => id);
  await database.tx(async (tx) => {
    // Alone with the clicks: two nodes that mark the same ones would count them twice.
    await lockShipping(tx);
    await store.lockClicks(tx, ids);
    await holdZones(tx, [...new Set(changes.map(({ organizationId }) => organizationId))]);
    await countClicks(tx, ids, -1);
    await store.setFraud(tx, changes);
    await countClicks(tx, ids, 1);
    const timestamp = moment(clock.now());
    const events = changes.flatMap(({ id, organizationId, campaignId, fraud }) => {
      if (fraud !== 'click_farm') return [];
      const type = 'click.fraud' as const;
      const data = { id, campaign_id: campaignId, fraud_type: fraud };
      return [{ organizationId, type, payload: { type, timestamp, data } }];
    });
    if (events.length > 0) await webhooks.emit(tx, events);
  });
}

/** Looks several times a minute, more seldom where looking takes long. Returns the end of it. */
export function startMarkingFarms(kernel: Kernel): () => Promise<void> {
  let timer: NodeJS.Timeout;
  let running: Promise<void> = Promise.resolve();
  const round = async () => {
    const startedAtMs = performance.now();
    await markFarms(kernel).catch((err) =>
      kernel.log.warn({ err }, 'click farms could not be looked for'),
    );
    const tookMs = performance.now() - startedAtMs;
    timer = setTimeout(next, Math.max(EVERY_MS, tookMs * 10));
  };
  const next = () => {
    running = round();
  };
  timer = setTimeout(next, EVERY_MS);
  return async () => {
    clearTimeout(timer);
    await running;
    clearTimeout(timer);
  };
}
