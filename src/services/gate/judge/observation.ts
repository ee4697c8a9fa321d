/**
 * What was seen of a visitor: facts and signals, before anybody's settings weigh them. It is recorded
 * with the decision, so that the decision can be explained, and judged again under other settings.
 */
import { hash } from 'node:crypto';
import {
  type CrawlerFacts,
  type Device,
  type Intel,
  type NetworkKind,
  neighbourhoodOf,
  parseAddress,
} from '../../../intel/index.ts';
import { readBehavior } from './behavior.ts';
import { readClient } from './client-signals.ts';
import { readFingerprint } from './fingerprint.ts';
import { type Headers, languageOf, readHeaders } from './headers.ts';
import { readNetwork } from './network-signals.ts';
import type { SignalCode } from './reasons.ts';

/** A visitor as the caller describes it. */
export interface VisitorInput {
  ip: string;
  /** `null`: unknown. An empty text: the client sent none. */
  userAgent: string | null;
  url: string | null;
  /** Names in lower case. What is not in here is unknown, not missing. */
  headers: Headers;
  fingerprint: Record<string, unknown> | null;
  behavior: Record<string, unknown> | null;
}

/** One thing that was looked at. */
export interface Signal {
  code: SignalCode;
  fired: boolean;
  /** What was seen: short, for people. */
  value: string | number | boolean | null;
}

/** How often the visitor came in the current minute. */
export interface Velocity {
  address: number;
  neighbourhood: number;
  /** 0 where the caller passes no fingerprint. */
  fingerprint: number;
}

export interface Observation {
  ip: string;
  isIpv6: boolean;
  country: string | null;
  asn: number | null;
  org: string | null;
  network: NetworkKind;
  device: Device;
  os: string | null;
  browser: string | null;
  /** The most wanted language, lower case: `en-us`. */
  language: string | null;
  url: string | null;
  userAgent: string | null;
  crawler: CrawlerFacts;
  signals: readonly Signal[];
  versions: Readonly<Record<string, string>>;
}

const KEPT_USER_AGENT = 512;
const KEPT_URL = 2048;

/** Visits a minute beyond which it is not one household, one office, one browser. */
const MOST_A_MINUTE: Velocity = { address: 60, neighbourhood: 600, fingerprint: 60 };

/**
 * Looks at a visitor. Asks name servers where nothing else can tell a declared crawler; everything
 * else is answered from memory.
 */
export async function observe(
  intel: Pick<Intel, 'classify' | 'verify'>,
  input: VisitorInput,
  countVisit: (keys: {
    address: string;
    neighbourhood: string;
    fingerprint: string | null;
  }) => Promise<Velocity>,
): Promise<Observation> {
  const { ip, userAgent, url, headers, fingerprint, behavior } = input;
  const address = parseAddress(ip);
  const [facts, velocity] = await Promise.all([
    intel.verify({ ip, userAgent }),
    countVisit({
      address: address?.text ?? ip,
      neighbourhood: address ? neighbourhoodOf(address) : ip,
      fingerprint: fingerprint ? digestOf(fingerprint) : null,
    }),
  ]);
  const { client, crawler, versions } = facts;
  return {
    ip: address?.text ?? ip,
    isIpv6: address?.version === 6,
    country: facts.ip?.country ?? null,
    asn: facts.ip?.asn ?? null,
    org: facts.ip?.org ?? null,
    network: facts.ip?.network ?? 'unknown',
    device: client.device,
    os: client.os,
    browser: client.browser,
    language: languageOf(headers),
    url: url?.slice(0, KEPT_URL) ?? null,
    userAgent: userAgent?.slice(0, KEPT_USER_AGENT) ?? null,
    crawler,
    versions,
    signals: [
      ...readNetwork(facts.ip),
      ...readClient(userAgent, client, crawler),
      ...readHeaders(headers, userAgent, facts.client),
      ...readFingerprint(fingerprint, client),
      ...readBehavior(behavior),
      readVelocity(velocity),
    ],
  };
}

function readVelocity(seen: Velocity): Signal {
  const above = (Object.keys(MOST_A_MINUTE) as (keyof Velocity)[]).filter(
    (what) => seen[what] > MOST_A_MINUTE[what],
  );
  return {
    code: 'velocity',
    fired: above.length > 0,
    value:
      above.length > 0 ? above.map((what) => `${what}: ${seen[what]}`).join(', ') : seen.address,
  };
}

/** Equal fingerprints have equal digests; what a script reports can be long. */
function digestOf(fingerprint: Record<string, unknown>): string {
  return hash('sha256', JSON.stringify(fingerprint), 'base64url');
}
