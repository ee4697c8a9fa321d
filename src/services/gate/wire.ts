/** From the service's words to the dialect's fields. */
import type { Static } from 'typebox';
import type { KeyRow } from '../../kernel/keys/keys.ts';
import { writeTime } from './calendar.ts';
import type { FlowView } from './flows.ts';
import type { Decided } from './gate.ts';
import type { Decision } from './judge/judge.ts';
import type { Observation } from './judge/observation.ts';
import type { Overrides, Rule } from './judge/settings.ts';
import type { CheckAnswer, Explanation, QuotaAnswer } from './schema/check.ts';
import type { FlowWire } from './schema/flow.ts';
import type { ConditionWire, RuleWire } from './schema/rule.ts';
import type { SimulationResult } from './simulation.ts';
import type { DecisionRecord, StoredDecision } from './store/decision-store.ts';

export function flowToWire({ flow, keyNumber }: FlowView): FlowWire {
  return {
    id: flow.id,
    name: flow.name,
    key_id: keyNumber,
    white_url: flow.whiteUrl,
    white_mode: flow.whiteMode,
    money_url: flow.moneyUrl,
    money_mode: flow.moneyMode,
    cloaking_enabled: flow.cloakingEnabled,
    block_vpn_proxy: flow.blockVpnProxy,
    block_ipv6: flow.blockIpv6,
    allow_known_bots: flow.allowKnownBots,
    allow_datacenter: flow.allowDatacenter,
    max_clicks_per_ip_per_day: flow.maxClicksPerIpPerDay,
    warmup_clicks: flow.warmupClicks,
    blocked_countries: flow.blockedCountries.join(','),
    allowed_devices: flow.allowedDevices.join(','),
    status: flow.status,
    created_at: writeTime(flow.createdAt),
    allow_blocklist_hits: flow.allowBlocklistHits,
    flag_is_allowed: flow.flagIsAllowed,
    thresholds: flow.thresholds,
    time_zone: flow.timeZone,
    shadow: flow.shadow,
  };
}

export function ruleToWire(rule: Rule): RuleWire {
  const { id, name, match, action, priority, isActive, createdAt } = rule;
  return {
    ...{ id, name, match, action, priority, is_active: isActive },
    conditions: rule.conditions.map(({ field, op, values }) => ({
      ...{ field, op: op as ConditionWire['op'] },
      value: field === 'asn' || field === 'hour' ? values.map(Number) : values,
    })),
    created_at: writeTime(createdAt),
  };
}

/** `ck_live_8f2a...c91`. */
export function keyToWire(row: KeyRow) {
  return {
    id: row.number,
    label: row.label,
    key: `ck_live_${row.firstFour}...${row.lastFour.slice(-3)}`,
    is_active: row.isActive ? (1 as const) : (0 as const),
    created_at: writeTime(row.createdAt),
    last_used_at: row.lastUsedAt && writeTime(row.lastUsedAt),
  };
}

export const QUOTA_EXHAUSTED: Static<typeof QuotaAnswer> = {
  verdict: 'block',
  reasons: ['quota_exhausted'],
  score: 100,
  error: 'monthly_quota_exhausted',
  action: 'upgrade_or_wait_for_reset',
};

export function checkToWire(
  { ask, decision, flowToday, creditsRemaining }: Decided,
  explain: boolean,
): Static<typeof CheckAnswer> {
  const { seen, overrides } = ask;
  return {
    verdict: decision.verdict,
    score: decision.score,
    reasons: decision.reasons,
    rule_matched: decision.ruleMatched,
    country: seen.country,
    asn: seen.asn,
    org: seen.org,
    ip: seen.ip,
    flow_clicks_today: flowToday,
    credits_remaining: creditsRemaining,
    ...(decision.page === 'refuse' ? { action: 'refuse' as const } : {}),
    ...(explain ? { explain: explanationToWire(seen, decision, overrides) } : {}),
  };
}

type Explained = Pick<Decision, 'signals' | 'gates' | 'thresholds' | 'ruleId' | 'page' | 'would'>;

function explanationToWire(
  seen: Omit<Observation, 'signals'>,
  { signals, gates, thresholds, ruleId, page, would }: Explained,
  overrides: Overrides,
): Static<typeof Explanation> {
  const { crawler, versions, network, device, os, browser, language, url } = seen;
  return {
    crawler,
    facts: { network, device, os, browser, language, url, ua: seen.userAgent },
    signals,
    gates,
    rule_id: ruleId,
    thresholds,
    overrides: {
      allow_known_bots: overrides.allowKnownBots,
      allow_blocklist_hits: overrides.allowBlocklistHits,
      allow_datacenter: overrides.allowDatacenter,
    },
    would_be: would && {
      verdict: would.verdict,
      score: would.score,
      rule_matched: would.ruleMatched,
    },
    page,
    versions: { ...versions },
  };
}

export function eventToWire(row: StoredDecision) {
  return { ...row, at: writeTime(row.at) };
}

export function eventDetailsToWire({
  record,
  ...row
}: StoredDecision & { record: DecisionRecord }) {
  const explain = explanationToWire(record.seen, record, record.overrides);
  return { ...eventToWire(row), explain };
}

export function simulationToWire({ examples, ...result }: SimulationResult) {
  return {
    ...result,
    examples: examples.map(({ at, reasonsBefore, reasonsAfter, ruleMatched, ...example }) => ({
      ...example,
      at: writeTime(at),
      reasons_before: reasonsBefore,
      reasons_after: reasonsAfter,
      rule_matched: ruleMatched,
    })),
  };
}
