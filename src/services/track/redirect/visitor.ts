/**
 * Who clicks, without keeping who: a visitor is a hash of address and user agent under a key of the
 * day, so that yesterday's hashes can be matched to nothing once yesterday's window is over. What is
 * stored of an address is a mask.
 */
import { hash } from 'node:crypto';
import type { Keyring } from '../../../kernel/keyring.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** 22 characters of base64url are 132 bits: more than enough never to meet twice by chance. */
const HASH_CHARACTERS = 22;
const KEYS_KEPT = 64;

/** A visitor's names, as a click keeps them. */
export interface VisitorNames {
  organizationId: string;
  day: number;
  windowHours: number;
  visitor: string;
  /** On the earlier days that the uniqueness window reaches into. */
  earlierVisitors: string[];
  /** Of the /24 or /48 around the address. */
  network: string;
}

export interface Nameable {
  ip: string;
  neighbourhood: string;
  names: VisitorNames | null;
}

export class VisitorHashes {
  readonly #keyring: Keyring;
  readonly #keys = new Map<number, string>();

  constructor(keyring: Keyring) {
    this.#keyring = keyring;
  }

  /** The visitor's names for one organization; those of the last time where they still hold. */
  namesOf(
    visitor: Nameable,
    userAgent: string,
    organizationId: string,
    atMs: number,
    windowHours: number,
  ): VisitorNames {
    const day = Math.floor(atMs / DAY_MS);
    const oldest = Math.floor((atMs - windowHours * HOUR_MS) / DAY_MS);
    const last = visitor.names;
    if (
      last?.organizationId === organizationId &&
      last.day === day &&
      last.windowHours === windowHours &&
      last.earlierVisitors.length === day - oldest
    ) {
      return last;
    }
    const text = `visitor\n${organizationId}\n${visitor.ip}\n${userAgent}`;
    const earlierVisitors: string[] = [];
    for (let earlier = day - 1; earlier >= oldest; earlier--) {
      earlierVisitors.push(this.#hash(earlier, text));
    }
    visitor.names = {
      organizationId,
      day,
      windowHours,
      visitor: this.#hash(day, text),
      earlierVisitors,
      network: this.#hash(day, `network\n${organizationId}\n${visitor.neighbourhood}`),
    };
    return visitor.names;
  }

  #hash(day: number, text: string): string {
    // SHA-256 with the secret in front, cut short: extending it is impossible without the rest.
    return hash('sha256', this.#keyOf(day) + text, 'base64url').slice(0, HASH_CHARACTERS);
  }

  #keyOf(day: number): string {
    let key = this.#keys.get(day);
    if (key === undefined) {
      key = this.#keyring.mac('track-visitors', String(day)).toString('hex');
      if (this.#keys.size >= KEYS_KEPT) this.#keys.clear();
      this.#keys.set(day, key);
    }
    return key;
  }
}
