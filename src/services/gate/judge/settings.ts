/** What an account sets: flows with their gates, and rules. */
import type { Cidr } from '../../../intel/index.ts';

export type Verdict = 'allow' | 'flag' | 'challenge' | 'block';
export const VERDICTS = ['allow', 'flag', 'challenge', 'block'] as const;

export type PageMode = 'redirect' | 'local';
export const DEVICES = ['desktop', 'mobile', 'tablet', 'other'] as const;

/** Scores from which on a visitor is flagged, challenged, blocked. */
export interface Thresholds {
  flag: number;
  challenge: number;
  block: number;
}

export const DEFAULT_THRESHOLDS: Thresholds = { flag: 30, challenge: 60, block: 80 };

/** Everything about a flow that can be set. */
export interface FlowSettings {
  name: string;
  whiteUrl: string;
  whiteMode: PageMode;
  moneyUrl: string;
  moneyMode: PageMode;
  cloakingEnabled: boolean;
  blockVpnProxy: boolean;
  blockIpv6: boolean;
  allowKnownBots: boolean;
  allowDatacenter: boolean;
  allowBlocklistHits: boolean;
  /** Routers take `flag` for `allow`. */
  flagIsAllowed: boolean;
  /** 0: no cap. */
  maxClicksPerIpPerDay: number;
  warmupClicks: number;
  /** ISO 3166-1 alpha-2, upper case. */
  blockedCountries: readonly string[];
  /** Empty: all. */
  allowedDevices: readonly string[];
  status: 'active' | 'paused';
  thresholds: Thresholds;
  /** IANA zone of its days and hours; null: the organization's. */
  timeZone: string | null;
  shadow: boolean;
}

export interface Flow extends FlowSettings {
  id: number;
  organizationId: string;
  /** The key that its integrations call with. */
  keyId: string | null;
  createdAt: Date;
}

/** What the body of a check may set for that call. */
export interface Overrides {
  allowKnownBots?: boolean;
  allowBlocklistHits?: boolean;
  allowDatacenter?: boolean;
}

export const TEXT_FIELDS = [
  'org',
  'url',
  'host',
  'path',
  'query',
  'utm_source',
  'utm_medium',
  'utm_campaign',
  'utm_term',
  'utm_content',
] as const;
export const LIST_FIELDS = [
  'country',
  'asn',
  'network',
  'ip',
  'device',
  'os',
  'browser',
  'language',
  'hour',
] as const;
export type TextField = (typeof TEXT_FIELDS)[number];
export type ListField = (typeof LIST_FIELDS)[number];

/** Values in lower case, but for addresses, which are canonical blocks. */
export type Condition =
  | { field: TextField; op: 'is' | 'is_not' | 'contains' | 'not_contains'; values: string[] }
  | { field: ListField; op: 'in' | 'not_in'; values: string[]; blocks?: readonly Cidr[] };

export interface Rule {
  id: number;
  name: string;
  match: 'all' | 'any';
  conditions: readonly Condition[];
  action: Verdict;
  /** Lower is looked at first. */
  priority: number;
  isActive: boolean;
  createdAt: Date;
}
