/** How often a password may be guessed: at one account, and from one address. */
import type { Clock } from '../clock.ts';
import { Fault } from '../fault.ts';
import type { Keyring } from '../keyring.ts';
import type { Limiter } from '../limits/limiter.ts';

export interface Attempts {
  /**
   * Counts one attempt; Fault `rate_limited` when there were too many. Any account's name counts,
   * whether there is such an account or not, and so do attempts that succeed: a refusal tells nothing.
   */
  count(target: { account: string; address?: string }): Promise<void>;
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
    const { allowed, resetAtS } = await limiter.take(`${kind}:${hashed}`, limit, WINDOW_S);
    if (allowed) return;
    const retryAfterS = Math.max(1, resetAtS - Math.floor(clock.now().getTime() / 1000));
    const message = `Too many attempts. Try again in ${retryAfterS} s.`;
    throw new Fault('rate_limited', message, { retryAfterS });
  };
  return {
    async count({ account, address }) {
      if (address !== undefined) await take('password-from', address, PER_ADDRESS);
      await take('password-of', account, PER_ACCOUNT);
    },
  };
}
