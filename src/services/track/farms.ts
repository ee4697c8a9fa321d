/**
 * Click farms: many devices of one kind from one /24 (or one autonomous system) with no conversions.
 * One click says nothing of it, so a job looks at the last hour several times a minute. A conversion
 * from a marked network takes the mark away again: farms do not buy.
 */
import type { Kernel } from '../../kernel/index.ts';
import { clickIdFrom } from './redirect/click-id.ts';
import * as store from './store/farm-store.ts';
import { lockShipping } from './store/ingest-store.ts';
import { countClicks, holdZones } from './store/rollup-store.ts';
import { moment } from './wire.ts';

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
export async function markFarms({ database, clock, webhooks }: Kernel): Promise<number> {
  const now = clock.now();
  const rules = { ...RULES, fromId: clickIdFrom(now.getTime() - HOUR_MS) };
  const found = await store.farmChanges(database.db, rules);
  for (let at = 0; at < found.length; at += BATCH_CLICKS) {
    const changes = found.slice(at, at + BATCH_CLICKS);
    const ids = changes.map(({ id }) => id);
    await database.tx(async (tx) => {
      // Alone with the clicks: two nodes that mark the same ones would count them twice.
      await lockShipping(tx);
      await store.lockClicks(tx, ids);
      await holdZones(tx, [...new Set(changes.map(({ organizationId }) => organizationId))]);
      await countClicks(tx, ids, -1);
      await store.setFraud(tx, changes);
      await countClicks(tx, ids, 1);
      const marked = changes.filter(({ fraud }) => fraud === 'click_farm');
      await webhooks.emit(
        tx,
        marked.map(({ id, organizationId, campaignId, fraud }) => ({
          organizationId,
          type: 'click.fraud' as const,
          payload: {
            type: 'click.fraud',
            timestamp: moment(now),
            data: { id, campaign_id: campaignId, fraud_type: fraud },
          },
        })),
      );
    });
  }
  return found.length;
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
