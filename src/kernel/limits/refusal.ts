/** What somebody is told who has reached a limit. */
import type { Clock } from '../clock.ts';
import { Fault } from '../fault.ts';
import type { Usage } from './limiter.ts';

/** Fault `rate_limited`: `what` is a sentence; when to come again is added to it. */
export function limitReached(usage: Usage, clock: Clock, what: string): Fault {
  const retryAfterS = Math.max(1, usage.resetAtS - Math.floor(clock.now().getTime() / 1000));
  const message = `${what} Try again in ${retryAfterS} s.`;
  return new Fault('rate_limited', message, { retryAfterS, usage });
}
