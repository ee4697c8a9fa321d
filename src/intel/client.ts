/**
 * What a User-Agent says about its sender. Parsing costs some ten microseconds and visitors repeat
 * each other's, so the last few thousand answers are kept.
 */
import { isbot, isbotMatch } from 'isbot';
import { UAParser } from 'ua-parser-js';
import type { Claim } from './crawlers/crawlers.ts';

export type Device = 'desktop' | 'mobile' | 'tablet' | 'bot' | 'other';

export interface ClientFacts {
  device: Device;
  os: string | null;
  osVersion: string | null;
  browser: string | null;
  /** As the User-Agent has it: `149.0.0.0`. */
  browserVersion: string | null;
  /** Says itself that it is a program: a crawler, a library, a headless browser; or says nothing. */
  isBot: boolean;
  /** The part of the User-Agent that says so. */
  botToken: string | null;
}

/** Longer than any browser's; what is beyond decides nothing. */
const LONGEST_USER_AGENT = 1024;
const KEPT = 10_000;

const NOBODY: ClientFacts = {
  device: 'other',
  os: null,
  osVersion: null,
  browser: null,
  browserVersion: null,
  isBot: false,
  botToken: null,
};

export interface KnownClient {
  facts: ClientFacts;
  /** The declared crawler that it says to be. */
  claim: Claim | null;
}

export function createClients(
  claimOf: (userAgent: string) => Claim | null,
): (userAgent: string | null | undefined) => KnownClient {
  const kept = new Map<string, KnownClient>();
  return (userAgent) => {
    if (userAgent === null || userAgent === undefined) return { facts: NOBODY, claim: null };
    const text = userAgent.slice(0, LONGEST_USER_AGENT);
    const known = kept.get(text);
    if (known) {
      // Moved to the end: the front holds what was not asked for longest.
      kept.delete(text);
      kept.set(text, known);
      return known;
    }
    const client = { facts: read(text), claim: claimOf(text) };
    if (kept.size >= KEPT) {
      const oldest = kept.keys().next();
      if (!oldest.done) kept.delete(oldest.value);
    }
    kept.set(text, client);
    return client;
  };
}

function read(userAgent: string): ClientFacts {
  if (userAgent.trim() === '') return { ...NOBODY, device: 'bot', isBot: true };
  const { browser, os, device } = new UAParser(userAgent).getResult();
  const isBot = isbot(userAgent);
  return {
    device: isBot ? 'bot' : deviceOf(device.type, os.name),
    os: os.name ?? null,
    osVersion: os.version ?? null,
    // What it runs on is the device's word, not the browser's: an iPhone has Safari.
    browser: browser.name?.replace(/^Mobile /, '') ?? null,
    browserVersion: browser.version ?? null,
    isBot,
    botToken: isBot ? (isbotMatch(userAgent) ?? null) : null,
  };
}

const DESKTOP_SYSTEMS =
  /^(Windows|Mac OS|Linux|Ubuntu|Debian|Fedora|Chrom(e|ium) OS|.*BSD|Solaris)/;

function deviceOf(type: string | undefined, os: string | undefined): Device {
  if (type === 'mobile' || type === 'wearable') return 'mobile';
  if (type === 'tablet') return 'tablet';
  if (type !== undefined) return 'other';
  return os !== undefined && DESKTOP_SYSTEMS.test(os) ? 'desktop' : 'other';
}
