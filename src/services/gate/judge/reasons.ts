/**
 * Every reason that a verdict can have, with its weight. A score is the sum of the weights of the
 * signals that fired, cut to 0–100. Codes are stable: clients compare them. `docs/gate.md` is checked
 * against this table by a test.
 */

export interface Reason {
  /** Points that it adds to the score. Gates and rules decide by themselves and have none. */
  weight: number;
  kind: 'pass' | 'integrity' | 'rule' | 'gate' | 'signal' | 'state';
  meaning: string;
}

const pass = (meaning: string) => ({ weight: 0, kind: 'pass' as const, meaning });
const integrity = (meaning: string) => ({ weight: 0, kind: 'integrity' as const, meaning });
const rule = (meaning: string) => ({ weight: 0, kind: 'rule' as const, meaning });
const gate = (meaning: string) => ({ weight: 0, kind: 'gate' as const, meaning });
const state = (meaning: string) => ({ weight: 0, kind: 'state' as const, meaning });
const signal = (weight: number, meaning: string) => ({ weight, kind: 'signal' as const, meaning });

export const REASONS = {
  rep_trusted: pass('Nothing that was looked at speaks against the visitor.'),
  verified_bot: integrity(
    'A crawler that its operator declares, proven, and the flow admits such.',
  ),
  verified_bot_refused: integrity(
    'A crawler that its operator declares, proven; the flow admits none, so it is openly refused (403).',
  ),
  unproven_bot: integrity(
    'Says to be a declared crawler and may be one: what could tell (name servers, a fresh list) is not there. Never sent to another page, only openly refused.',
  ),
  rule_allow: rule('A rule of the account allows the visitor.'),
  rule_flag: rule('A rule of the account flags the visitor.'),
  rule_challenge: rule('A rule of the account challenges the visitor.'),
  rule_block: rule('A rule of the account blocks the visitor.'),
  country_blocked: gate('The address is registered in a country that the flow blocks.'),
  ipv6_blocked: gate('The visitor came by IPv6, and the flow blocks that.'),
  device_not_allowed: gate('The device is none of those that the flow allows.'),
  ip_daily_cap: gate('The address had its number of visits for today.'),
  warmup: state('One of the first visits of the flow: scored and recorded, and let through.'),
  shadow: state('The flow only observes: decided and recorded, and let through.'),
  flow_paused: state('The flow is paused: everybody gets the white page.'),
  cloaking_disabled: state('The flow does not route: everybody gets the money page.'),
  quota_exhausted: state('The month has no credits left; nothing was looked at.'),
  known_bot: signal(80, 'The client says itself that it is a bot, a script or a library.'),
  fake_bot: signal(
    80,
    'Says to be a declared crawler, and nothing that its operator publishes proves it.',
  ),
  tor: signal(60, 'A Tor exit. With block_vpn_proxy it blocks by itself.'),
  automation: signal(60, 'The browser is driven by a program (WebDriver, headless).'),
  proxy: signal(50, 'A network that sells proxies. With block_vpn_proxy it blocks by itself.'),
  datacenter: signal(45, 'A network that rents servers.'),
  blocklist: signal(45, 'The address is on a blocklist.'),
  vpn: signal(40, 'A VPN service. With block_vpn_proxy it blocks by itself.'),
  ua_impossible: signal(40, 'A User-Agent that no browser sends.'),
  fingerprint_mismatch: signal(40, 'What the browser says of itself contradicts its User-Agent.'),
  robotic_behavior: signal(35, 'Movements or timing of a machine.'),
  header_mismatch: signal(30, 'Headers that this browser does not send, or that contradict it.'),
  ua_missing: signal(30, 'The client sent no User-Agent.'),
  velocity: signal(
    30,
    'More visits a minute from the address, its neighbourhood or the same browser than people make.',
  ),
  ua_old: signal(15, 'A browser so old that hardly a person uses it.'),
  relay: signal(5, 'A privacy relay that many people use (iCloud Private Relay, WARP).'),
} satisfies Record<string, Reason>;

export type ReasonCode = keyof typeof REASONS;

export type SignalCode = {
  [Code in ReasonCode]: (typeof REASONS)[Code]['kind'] extends 'signal' ? Code : never;
}[ReasonCode];
