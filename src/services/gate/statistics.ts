/** Statistics of decisions: over the account, of a flow, and event by event. */

import { Fault } from '../../kernel/fault.ts';
import type { Kernel } from '../../kernel/index.ts';
import type { Principal } from '../../kernel/principal.ts';
import { dayOf, daysBefore } from './calendar.ts';
import type { Flow, Verdict } from './judge/settings.ts';
import type { TimelineWire } from './schema/stats.ts';
import { countAll, readDayCounts } from './store/count-store.ts';
import * as store from './store/decision-store.ts';

type Verdicts = Partial<Record<Verdict, number>>;

const SUMMARY_DAYS = 7;
const TOP_COUNTRIES = 10;

/** Lifetime, today, and the last seven days, counted in days of the organization's zone. */
export async function summary(kernel: Kernel, { organizationId, timeZone }: Principal) {
  const { db } = kernel.database;
  const today = dayOf(kernel.clock.now(), timeZone);
  const [total, counts] = await Promise.all([
    countAll(db, organizationId),
    readDayCounts(db, organizationId, daysBefore(today, SUMMARY_DAYS - 1)),
  ]);
  const countries = sumBy(counts, ({ country }) => country);
  countries.delete('');
  return {
    total,
    today: sum(counts.filter(({ day }) => day === today)),
    verdicts: Object.fromEntries(sumBy(counts, ({ verdict }) => verdict)) as Verdicts,
    countries: [...countries]
      .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
      .slice(0, TOP_COUNTRIES)
      .map(([country, c]) => ({ country, c })),
    timeline: timelineOf(counts.map(({ day, verdict, decisions }) => [day, verdict, decisions])),
  };
}

const WINDOWS = { '24h': 24, '7d': 168, '30d': 720 } as const;

export async function flowStats(
  kernel: Kernel,
  flow: Flow,
  { timeZone }: Principal,
  window: keyof typeof WINDOWS,
) {
  const { db } = kernel.database;
  const since = new Date(kernel.clock.now().getTime() - WINDOWS[window] * 3_600_000);
  const zone = flow.timeZone ?? timeZone;
  const [tallies, rows] = await Promise.all([
    store.tallyDecisions(db, flow.id, since),
    store.timelineOf(db, flow.id, since, {
      unit: window === '24h' ? 'hour' : 'day',
      timeZone: zone,
    }),
  ]);
  const of = (what: store.Tally['what']) => tallies.filter((tally) => tally.what === what);
  const verdicts = of('verdict');
  return {
    window,
    total: sum(verdicts),
    verdicts: Object.fromEntries(verdicts.map((t) => [t.value, t.decisions])) as Verdicts,
    countries: of('country').map((t) => ({ country: t.value, c: t.decisions })),
    devices: of('device').map((t) => ({ device: t.value, c: t.decisions })),
    reasons: of('reason').map((t) => ({ reason: t.value, c: t.decisions })),
    timeline: timelineOf(rows.map(({ d, verdict, decisions }) => [d, verdict, decisions])),
  };
}

/** A page of decisions, newest first; `next` is null on the last one. */
export async function events(kernel: Kernel, principal: Principal, page: store.DecisionPage) {
  const { db } = kernel.database;
  const rows = await store.listDecisions(db, principal.organizationId, {
    ...page,
    limit: page.limit + 1,
  });
  const shown = rows.slice(0, page.limit);
  return { events: shown, next: rows.length > page.limit ? (shown.at(-1)?.id ?? null) : null };
}

export async function event(kernel: Kernel, { organizationId }: Principal, id: number) {
  const found = await store.findDecision(kernel.database.db, organizationId, id);
  if (!found) throw new Fault('not_found', 'There is no event of this id.');
  return found;
}

const COLUMN = {
  allow: 'allows',
  flag: 'flags',
  challenge: 'chals',
  block: 'blocks',
} as const satisfies Record<Verdict, string>;

/** One row a day (or hour) that had decisions, oldest first. */
function timelineOf(counts: [d: string, verdict: string, decisions: number][]): TimelineWire {
  const rows = new Map<string, TimelineWire[number]>();
  for (const [d, verdict, decisions] of counts) {
    const row = rows.get(d) ?? { d, allows: 0, flags: 0, chals: 0, blocks: 0 };
    row[COLUMN[verdict as Verdict]] += decisions;
    rows.set(d, row);
  }
  return [...rows.values()];
}

function sum(counts: readonly { decisions: number }[]): number {
  return counts.reduce((total, { decisions }) => total + decisions, 0);
}

function sumBy<T extends { decisions: number }>(
  counts: readonly T[],
  keyOf: (count: T) => string,
): Map<string, number> {
  const sums = new Map<string, number>();
  for (const count of counts) {
    sums.set(keyOf(count), (sums.get(keyOf(count)) ?? 0) + count.decisions);
  }
  return sums;
}
