/** Yesterday's visitors under tomorrow's settings: recorded decisions, judged again. */
import type { Kernel } from '../../kernel/index.ts';
import type { Principal } from '../../kernel/principal.ts';
import { dayOf, hourOf } from './calendar.ts';
import { capAddress } from './commit-checks.ts';
import type { Counters } from './judge/gates.ts';
import { judge } from './judge/judge.ts';
import type { Flow, Rule, Verdict } from './judge/settings.ts';
import { listReplayable, type Replayable } from './store/decision-store.ts';

const MOST_DECISIONS = 5_000;
const MOST_EXAMPLES = 100;

export interface SimulationResult {
  days: number;
  replayed: number;
  changed: number;
  before: Partial<Record<Verdict, number>>;
  after: Partial<Record<Verdict, number>>;
  changes: { from: Verdict; to: Verdict; c: number }[];
  /** Newest first. */
  examples: Example[];
}

interface Example {
  id: number;
  at: Date;
  from: Verdict;
  to: Verdict;
  reasonsBefore: string[];
  reasonsAfter: string[];
  ruleMatched: string | null;
}

/**
 * Judges the flow's decisions of the last days again, as the draft of it and the account's present
 * rules would. Nothing is recorded and no credit taken.
 */
export async function simulate(
  kernel: Kernel,
  draft: Flow,
  rules: readonly Rule[],
  { timeZone }: Principal,
  days: number,
): Promise<SimulationResult> {
  const since = new Date(kernel.clock.now().getTime() - days * 86_400_000);
  const rows = await listReplayable(kernel.database.db, draft.id, since, MOST_DECISIONS);
  const zone = draft.timeZone ?? timeZone;
  const visits = new Map<string, number>();
  const result: SimulationResult = {
    ...{ days, replayed: rows.length, changed: 0, before: {}, after: {}, changes: [] },
    examples: [],
  };
  for (const row of rows) {
    const { seen, signals, overrides } = row.record;
    const counters = countersOf(row, zone, visits);
    const again = judge({
      ...{ flow: draft, rules, overrides, counters },
      seen: { ...seen, signals },
      hour: () => hourOf(row.at, zone),
    });
    add(result.before, row.verdict);
    add(result.after, again.verdict);
    if (again.verdict === row.verdict) continue;
    result.changed++;
    addChange(result.changes, row.verdict, again.verdict);
    result.examples.unshift({
      ...{ id: row.id, at: row.at, from: row.verdict, to: again.verdict },
      ...{ reasonsBefore: row.reasons, reasonsAfter: again.reasons },
      ruleMatched: again.ruleMatched,
    });
  }
  result.changes.sort((a, b) => b.c - a.c);
  result.examples.splice(MOST_EXAMPLES);
  return result;
}

/** Visits of an address were only counted where there was a cap; else they are counted here. */
function countersOf(
  { at, record: { counters, seen } }: Replayable,
  zone: string,
  visits: Map<string, number>,
): Counters {
  const key = `${dayOf(at, zone)} ${capAddress(seen.ip)}`;
  const addressToday = counters?.addressToday ?? (visits.get(key) ?? 0) + 1;
  visits.set(key, addressToday);
  return {
    // Without the database nothing was counted: then warm-up is taken to be over.
    flowTotal: counters?.flowTotal ?? Number.MAX_SAFE_INTEGER,
    flowToday: counters?.flowToday ?? 0,
    addressToday,
  };
}

function add(counts: Partial<Record<Verdict, number>>, verdict: Verdict): void {
  counts[verdict] = (counts[verdict] ?? 0) + 1;
}

function addChange(changes: SimulationResult['changes'], from: Verdict, to: Verdict): void {
  const known = changes.find((change) => change.from === from && change.to === to);
  if (known) known.c++;
  else changes.push({ from, to, c: 1 });
}
