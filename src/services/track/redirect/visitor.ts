/**
 * Who clicks, without keeping who: a visitor is a hash of address and user agent under a key of the
 * day, so that yesterday's hashes can be matched to nothing once yesterday's window is over. What is
 * stored of an address is a mask, 192.168.x.x of IPv4 and the /48 of IPv6.
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

  /** The name of the address's neighbourhood on that day. */
  network(organizationId: string, ip: string, atMs: number): string {
    return this.#hash(atMs, `network\n${organizationId}\n${neighbourhood(ip)}`);
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

/** `203.0.113.7` → `203.0.x.x`; `2001:db8:1:2::3` → `2001:db8:1::x`. */
export function maskIp(ip: string): string {
  if (ip.includes(':')) return `${ipv6Groups(ip).slice(0, 3).join(':')}::x`;
  const [a = '0', b = '0'] = ip.split('.');
  return `${a}.${b}.x.x`;
}

/** The /24 of IPv4, the /48 of IPv6. */
function neighbourhood(ip: string): string {
  if (ip.includes(':')) return ipv6Groups(ip).slice(0, 3).join(':');
  return ip.slice(0, ip.lastIndexOf('.'));
}

/** The eight groups of an IPv6 address, without leading zeros. */
function ipv6Groups(ip: string): string[] {
  const [head = '', tail] = (ip.split('%', 1)[0] as string).split('::');
  const left = head ? head.split(':') : [];
  const right = tail ? tail.split(':') : [];
  const gap = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array<string>(gap).fill('0'), ...right];
  return groups.map((group) => group.replace(/^0+(?=.)/, '').toLowerCase());
}
