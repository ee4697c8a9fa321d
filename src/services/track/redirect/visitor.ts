/**
 * Who clicks, without keeping who: a visitor is a hash of address and user agent under a key of the
 * day, so that yesterday's hashes can be matched to nothing once yesterday's window is over. What is
 * stored of an address is a mask.
 */
import { hash } from 'node:crypto';
import type { Keyring } from '../../../kernel/keyring.ts';

const DAY_MS = 86_400_000;
/** 22 characters of base64url are 132 bits: more than enough never to meet twice by chance. */
const HASH_CHARACTERS = 22;
const KEYS_KEPT = 64;

export class VisitorHashes {
  readonly #keyring: Keyring;
  readonly #keys = new Map<number, string>();

  constructor(keyring: Keyring) {
    this.#keyring = keyring;
  }

  /** The visitor's name on the day of `atMs`, for one campaign's organization. */
  visitor(organizationId: string, ip: string, userAgent: string, atMs: number): string {
    return this.#hash(atMs, `visitor\n${organizationId}\n${ip}\n${userAgent}`);
  }

  /** The name of the /24 or /48 around the address on that day. */
  network(organizationId: string, neighbourhood: string, atMs: number): string {
    return this.#hash(atMs, `network\n${organizationId}\n${neighbourhood}`);
  }

  /** Moments, one a day, whose hashes a window that reaches `hours` back from `atMs` can hold. */
  earlierDays(atMs: number, hours: number): number[] {
    const days: number[] = [];
    const oldest = Math.floor((atMs - hours * 3_600_000) / DAY_MS);
    for (let day = Math.floor(atMs / DAY_MS) - 1; day >= oldest; day--) days.push(day * DAY_MS);
    return days;
  }

  #hash(atMs: number, text: string): string {
    // SHA-256 with the secret in front, cut short: extending it is impossible without the rest.
    return hash('sha256', this.#keyOf(Math.floor(atMs / DAY_MS)) + text, 'base64url').slice(
      0,
      HASH_CHARACTERS,
    );
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
