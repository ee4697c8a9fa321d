/** How often a password may be guessed: at one account, and from one address. */
import { isIPv6 } from 'node:net';
import type { Clock } from '../clock.ts';
import type { Keyring } from '../keyring.ts';
import type { Limiter, Usage } from '../limits/limiter.ts';
import { limitReached } from '../limits/refusal.ts';

export interface Attempts {
  /**
   * Counts one attempt at the account; Fault `rate_limited` when there were too many. Any account's
   * name counts, whether there is such an account or not, and so do attempts that succeed: a refusal
   * tells nothing.
   */
  count(target: { account: string; address?: string }): Promise<Usage>;
}

const WINDOW_S = 60;
const PER_ACCOUNT = 20;
const PER_ADDRESS = 60;

export function createAttempts(deps: {
  limiter: Limiter;
  keyring: Keyring;
  clock: Clock;
}): Attempts {
  const { limiter, keyring, clock } = deps;
  // Names are hashed: the counter may be a Redis, where no address has any business.
  const take = async (kind: string, name: string, limit: number) => {
    const hashed = keyring.mac('password-attempts', name).toString('base64url');
    const usage = await limiter.take(`${kind}:${hashed}`, limit, WINDOW_S);
    if (!usage.allowed) throw limitReached(usage, clock, 'Too many attempts.');
    return usage;
  };
  return {
    async count({ account, address }) {
      if (address !== undefined) await take('password-from', networkOf(address), PER_ADDRESS);
      return take('password-of', account, PER_ACCOUNT);
    },
  };
}

/** An IPv6 client can take any address of its /64 (RFC 7421, RFC 8981): all of them count as one. */
export function networkOf(address: string): string {
  if (!isIPv6(address) || address.includes('.')) return address.replace(/^::ffff:/i, '');
  const [head = '', tail] = address.replace(/%.*$/, '').split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const [first, last] = [groups(head), groups(tail ?? '')];
  const zeros = new Array<string>(Math.max(8 - first.length - last.length, 0)).fill('0');
  const all = [...first, ...(tail === undefined ? [] : zeros), ...last];
  const network = all.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(':')}::/64`;
}
