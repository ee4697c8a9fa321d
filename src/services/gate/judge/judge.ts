/**
 * The verdict. A pure function of what was seen, what was set and what was counted: the same record
 * judged again gives the same answer, which is what explanations and simulations rest on.
 *
 * Order: integrity (declared crawlers) → the account's rules → the flow's gates → signals.
 * Integrity, which nothing below it can overrule: a declared crawler that is proven gets what an
 * allowed visitor of that moment gets, or is openly refused. It never gets another page than they.
 */
import { type Counters, type GateReading, isWarmup, readGates } from './gates.ts';
import type { Observation, Signal } from './observation.ts';
import { REASONS, type ReasonCode } from './reasons.ts';
import { firstMatch } from './rules.ts';
import {
  DEFAULT_THRESHOLDS,
  type Flow,
  type Overrides,
  type Rule,
  type Thresholds,
  type Verdict,
} from './settings.ts';

export interface Case {
  seen: Observation;
  flow: Flow | null;
  /** The account's, by priority. */
  rules: readonly Rule[];
  overrides: Overrides;
  counters: Counters | null;
  /** The hour of the visit, 0–23, where the flow is. */
  hour: () => number;
}

/** A signal as this case weighs it. */
export interface WeighedSignal extends Signal {
  /** Points that it adds when it fires; 0 where the settings do not hold it against anybody. */
  weight: number;
}

/** Where a router sends the visitor: `refuse` is an open 403 that shows neither page. */
export type Page = 'money' | 'white' | 'refuse';

export interface Decision {
  verdict: Verdict;
  page: Page;
  score: number;
  reasons: ReasonCode[];
  /** The gate's code or the rule's name. */
  ruleMatched: string | null;
  ruleId: number | null;
  signals: WeighedSignal[];
  gates: GateReading[];
  thresholds: Thresholds;
  /** What it would have been, where the flow only observed. */
  would: { verdict: Verdict; score: number; ruleMatched: string | null } | null;
}

type Finding = Pick<Decision, 'verdict' | 'score' | 'reasons' | 'ruleMatched' | 'ruleId'>;

export function judge(given: Case): Decision {
  const { seen, flow, counters } = given;
  const thresholds = flow?.thresholds ?? DEFAULT_THRESHOLDS;
  const signals = seen.signals.map((signal) => ({ ...signal, weight: weightOf(signal, given) }));
  const gates = flow ? readGates(flow, seen, counters) : [];
  const integrity = judgeCrawler(given);
  const found = integrity ?? find(given, signals, gates, thresholds);
  const looked = { signals, gates, thresholds };

  // States in which everybody gets the same page, crawlers too.
  if (flow?.status === 'paused') {
    return { ...looked, ...everybody('block', 'flow_paused', found), page: 'white' };
  }
  if (flow && !flow.cloakingEnabled) {
    return { ...looked, ...everybody('allow', 'cloaking_disabled', found), page: 'money' };
  }
  if (flow?.shadow) return { ...looked, ...everybody('allow', 'shadow', found), page: 'money' };

  if (integrity) return { ...looked, ...integrity, would: null };
  if (flow && isWarmup(flow, counters)) {
    return { ...looked, ...everybody('allow', 'warmup', found), page: 'money' };
  }
  return { ...looked, ...found, page: pageOf(found.verdict, flow), would: null };
}

/** Integrity: decided before anything that an account can set is asked, but for admitting crawlers. */
function judgeCrawler(given: Case): (Finding & { page: Page }) | null {
  const { status } = given.seen.crawler;
  const admitted = admitsCrawlers(given);
  if (status === 'verified') {
    const code = admitted ? 'verified_bot' : 'verified_bot_refused';
    return { ...NO_RULE, ...crawlerVerdict(admitted), reasons: [code] };
  }
  // Nobody could say whether it is one. It must not be sent to a page that only visitors who are not
  // allowed would get, since it may be one; so it is refused as openly as one that is proven.
  if (status === 'pending')
    return { ...NO_RULE, ...crawlerVerdict(false), reasons: ['fake_bot', 'unproven_bot'] };
  return null;
}

const NO_RULE = { ruleMatched: null, ruleId: null };

function crawlerVerdict(admitted: boolean) {
  return admitted
    ? ({ verdict: 'allow', score: 0, page: 'money' } as const)
    : ({ verdict: 'block', score: 100, page: 'refuse' } as const);
}

/** What rules, gates and signals say, whoever is there. */
function find(
  given: Case,
  signals: WeighedSignal[],
  gates: GateReading[],
  thresholds: Thresholds,
): Finding {
  const rule = firstMatch(given.rules, given.seen, given.hour);
  const claims = signals.filter(({ code, fired }) => fired && code === 'fake_bot');
  if (rule) {
    return {
      verdict: rule.action,
      score: scoreOf(rule.action, thresholds),
      reasons: [`rule_${rule.action}`, ...codesOf(claims)],
      ruleMatched: rule.name,
      ruleId: rule.id,
    };
  }
  const fired = signals.filter(({ weight, code }) => weight > 0 || code === 'fake_bot');
  const told = codesOf(fired.filter((signal) => signal.fired).sort(byWeight));
  const closed = gates.filter(({ passed }) => !passed).map(({ code }) => code);
  const [gate] = closed;
  if (gate !== undefined) {
    const reasons = [...new Set([...closed, ...told])];
    return { verdict: 'block', score: 100, reasons, ruleMatched: gate, ruleId: null };
  }
  const sum = signals.reduce((total, { fired, weight }) => total + (fired ? weight : 0), 0);
  const score = Math.min(100, sum);
  const verdict = verdictOf(score, thresholds);
  const reasons: ReasonCode[] = verdict === 'allow' ? ['rep_trusted', ...told] : told;
  return { verdict, score, reasons, ...NO_RULE };
}

/** One verdict for everybody; what would have been is kept. */
function everybody(
  verdict: Verdict,
  code: ReasonCode,
  found: Finding,
): Omit<Decision, 'page' | 'signals' | 'gates' | 'thresholds'> {
  const { score, ruleId, ruleMatched } = found;
  return {
    verdict,
    score,
    reasons: [code, ...found.reasons.flatMap(underOneVerdict)],
    ruleMatched: code,
    ruleId,
    would: { verdict: found.verdict, score, ruleMatched },
  };
}

/** Where everybody gets the same, nobody is refused and a pass needs no reason. */
function underOneVerdict(reason: ReasonCode): ReasonCode[] {
  if (reason === 'rep_trusted') return [];
  return reason === 'verified_bot_refused' ? ['verified_bot'] : [reason];
}

export function pageOf(verdict: Verdict, flow: Flow | null): Page {
  if (verdict === 'allow') return 'money';
  return verdict === 'flag' && flow?.flagIsAllowed ? 'money' : 'white';
}

function verdictOf(score: number, { flag, challenge, block }: Thresholds): Verdict {
  if (score >= block) return 'block';
  if (score >= challenge) return 'challenge';
  return score >= flag ? 'flag' : 'allow';
}

/** A rule's verdict as a score that says the same. */
function scoreOf(action: Verdict, thresholds: Thresholds): number {
  if (action === 'allow') return 0;
  return action === 'block' ? 100 : thresholds[action];
}

function admitsCrawlers({ overrides, flow }: Case): boolean {
  return overrides.allowKnownBots ?? flow?.allowKnownBots ?? false;
}

function weightOf({ code }: Signal, given: Case): number {
  const { overrides, flow } = given;
  const forgiven =
    ((code === 'known_bot' || code === 'fake_bot') && admitsCrawlers(given)) ||
    (code === 'datacenter' && (overrides.allowDatacenter ?? flow?.allowDatacenter)) ||
    (code === 'blocklist' && (overrides.allowBlocklistHits ?? flow?.allowBlocklistHits));
  return forgiven ? 0 : REASONS[code].weight;
}

function codesOf(signals: readonly Signal[]): ReasonCode[] {
  return [...new Set(signals.map(({ code }) => code))];
}

function byWeight(a: WeighedSignal, b: WeighedSignal): number {
  return b.weight - a.weight;
}
