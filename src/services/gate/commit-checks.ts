/**
 * The transaction of a group of checks: it confirms their keys, takes their credits, counts their
 * visits, judges them by these counts and records the decisions. All of it holds, or none.
 */

import { parseAddress, parseCidr } from '../../intel/index.ts';
import type { Db } from '../../kernel/db/schema.ts';
import type { Keys } from '../../kernel/keys/keys.ts';
import type { Ledger } from '../../kernel/ledger/ledger.ts';
import { dayOf, hourOf } from './calendar.ts';
import type { Counters } from './judge/gates.ts';
import { type Decision, judge } from './judge/judge.ts';
import type { Observation } from './judge/observation.ts';
import type { Flow, Overrides, Rule } from './judge/settings.ts';
import {
  addAddressVisits,
  addDayCounts,
  addFlowVisits,
  addressKey,
  type DayCount,
} from './store/count-store.ts';
import { insertDecisions, type NewDecision } from './store/decision-store.ts';

/** A visitor to be judged and recorded. */
export interface Ask {
  organizationId: string;
  /** Pays with a credit of its organization; null is a question from within the server, free. */
  keyId: string | null;
  /** Of the organization, where the flow has none. */
  timeZone: string;
  flow: Flow | null;
  rules: readonly Rule[];
  overrides: Overrides;
  seen: Observation;
  at: Date;
}

export type Answer =
  | { status: 'decided'; decision: Decision; flowToday: number; creditsRemaining: number }
  | { status: 'quota_exhausted' }
  | { status: 'key_revoked' };

export interface CommitDeps {
  keys: Pick<Keys, 'activeAmong'>;
  ledger: Pick<Ledger, 'take'>;
}

/** Answers in the order of the asks. Racing transactions, on any node, share no credit. */
export async function commitChecks(
  tx: Db,
  asks: readonly Ask[],
  deps: CommitDeps,
): Promise<Answer[]> {
  const answers: Answer[] = asks.map(() => ({ status: 'quota_exhausted' }));
  const admitted = await admit(tx, asks, answers, deps);
  if (admitted.length === 0) return answers;
  const counters = await countVisits(tx, asks, admitted);
  const rows: NewDecision[] = [];
  for (const { place, creditsRemaining } of admitted) {
    const ask = asks[place] as Ask;
    const counted = counters.get(place) ?? null;
    const decision = judge({ ...ask, counters: counted, hour: () => hourOf(ask.at, zoneOf(ask)) });
    const flowToday = counted?.flowToday ?? 0;
    answers[place] = { status: 'decided', decision, flowToday, creditsRemaining };
    rows.push(recordOf(ask, decision, counted));
  }
  await insertDecisions(tx, rows);
  await addDayCounts(tx, dayCounts(asks, rows));
  return answers;
}

interface Admitted {
  place: number;
  creditsRemaining: number;
}

/** Who has a key that still holds, and a credit. Credits go by arrival. */
async function admit(
  tx: Db,
  asks: readonly Ask[],
  answers: Answer[],
  { keys, ledger }: CommitDeps,
): Promise<Admitted[]> {
  const keyIds = [...new Set(asks.flatMap(({ keyId }) => keyId ?? []))];
  const active = keyIds.length > 0 ? await keys.activeAmong(tx, keyIds) : new Set<string>();
  const paying = new Map<string, number[]>();
  const admitted: Admitted[] = [];
  for (const [place, { keyId, organizationId }] of asks.entries()) {
    if (keyId === null) {
      admitted.push({ place, creditsRemaining: 0 });
    } else if (active.has(keyId)) {
      paying.set(organizationId, [...(paying.get(organizationId) ?? []), place]);
    } else {
      answers[place] = { status: 'key_revoked' };
    }
  }
  // In one order on every node: rows of credits are locked until the commit.
  for (const [organizationId, places] of [...paying].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { taken, available } = await ledger.take(
      tx,
      organizationId,
      'gate.credits',
      places.length,
      { partial: true },
    );
    for (const [i, place] of places.slice(0, taken).entries()) {
      admitted.push({ place, creditsRemaining: available + taken - 1 - i });
    }
  }
  return admitted.sort((a, b) => a.place - b.place);
}

/** Each visit of a group has its own count: the group's are added at once, then told apart. */
async function countVisits(
  tx: Db,
  asks: readonly Ask[],
  admitted: readonly Admitted[],
): Promise<Map<number, Counters>> {
  const visits = admitted.flatMap(({ place }) => {
    const ask = asks[place] as Ask;
    if (!ask.flow) return [];
    const { id: flowId, maxClicksPerIpPerDay } = ask.flow;
    const day = dayOf(ask.at, zoneOf(ask));
    const address = maxClicksPerIpPerDay > 0 ? capAddress(ask.seen.ip) : null;
    return [{ place, flowId, day, address }];
  });
  if (visits.length === 0) return new Map();

  const byFlow = groupBy(visits, ({ flowId }) => String(flowId));
  const flowRows = [...byFlow.values()].map((group) => ({
    flowId: group[0]?.flowId ?? 0,
    day: group.reduce((latest, { day }) => (day > latest ? day : latest), ''),
    visits: group.length,
  }));
  const flowCounts = await addFlowVisits(tx, flowRows);

  const capped = visits.flatMap((v) => (v.address === null ? [] : [{ ...v, address: v.address }]));
  const byAddress = groupBy(capped, addressKey);
  const addressRows = [...byAddress.values()].flatMap((group) =>
    group[0] ? [{ ...group[0], visits: group.length }] : [],
  );
  const addressCounts = addressRows.length > 0 ? await addAddressVisits(tx, addressRows) : null;

  const counters = new Map<number, Counters>();
  for (const group of byFlow.values()) {
    const { total, today } = flowCounts.get(group[0]?.flowId ?? 0) ?? { total: 0, today: 0 };
    for (const [i, { place }] of group.entries()) {
      const after = group.length - 1 - i;
      counters.set(place, {
        flowTotal: total - after,
        flowToday: Math.max(1, today - after),
        addressToday: null,
      });
    }
  }
  for (const [key, group] of byAddress) {
    const last = addressCounts?.get(key) ?? group.length;
    for (const [i, { place }] of group.entries()) {
      const known = counters.get(place);
      if (known) counters.set(place, { ...known, addressToday: last - (group.length - 1 - i) });
    }
  }
  return counters;
}

/** What the daily cap counts: the address, of IPv6 the /64 that one subscriber has. */
export function capAddress(ip: string): string {
  const address = parseAddress(ip);
  return address?.version === 6 ? (parseCidr(`${ip}/64`)?.text.split('/', 1)[0] ?? ip) : ip;
}

function zoneOf({ flow, timeZone }: Ask): string {
  return flow?.timeZone ?? timeZone;
}

function recordOf(ask: Ask, decision: Decision, counters: Counters | null): NewDecision {
  const { signals: _, ...seen } = ask.seen;
  const { signals, gates, thresholds, ruleId, page, would } = decision;
  return {
    organizationId: ask.organizationId,
    at: ask.at,
    flowId: ask.flow?.id ?? null,
    keyId: ask.keyId,
    verdict: decision.verdict,
    score: decision.score,
    reasons: decision.reasons,
    ruleMatched: decision.ruleMatched,
    record: {
      ...{ seen, signals, gates, counters, thresholds, ruleId, page, would },
      overrides: ask.overrides,
    },
  };
}

function dayCounts(asks: readonly Ask[], rows: readonly NewDecision[]): DayCount[] {
  const zones = new Map(asks.map(({ organizationId, timeZone }) => [organizationId, timeZone]));
  const counts = groupBy(
    rows.map(({ organizationId, at, verdict, record }) => ({
      organizationId,
      day: dayOf(at, zones.get(organizationId) ?? 'UTC'),
      verdict,
      country: record.seen.country ?? '',
    })),
    (row) => Object.values(row).join(' '),
  );
  return [...counts.values()].flatMap((group) =>
    group[0] ? [{ ...group[0], decisions: group.length }] : [],
  );
}

function groupBy<T>(rows: readonly T[], keyOf: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}
