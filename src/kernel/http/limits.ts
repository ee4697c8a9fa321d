/** Counts a request in its windows and says so in the `X-RateLimit-*` headers. */
import type { FastifyReply } from 'fastify';
import type { Clock } from '../clock.ts';
import { Fault } from '../fault.ts';
import type { Limiter, Usage } from '../limits/limiter.ts';
import type { Window } from './edge.ts';

export async function countRequest(
  windows: Window[],
  reply: FastifyReply,
  { limiter, clock }: { limiter: Limiter; clock: Clock },
): Promise<void> {
  let shown: Usage | undefined;
  for (const { bucket, limit, windowS } of windows) {
    const usage = await limiter.take(bucket, limit, windowS);
    // The first window is the one that clients know; a refusing one explains itself.
    if (!shown || !usage.allowed) shown = usage;
    if (!usage.allowed) break;
  }
  if (!shown) return;
  reply.headers({
    'x-ratelimit-limit': String(shown.limit),
    'x-ratelimit-remaining': String(shown.remaining),
    'x-ratelimit-reset': String(shown.resetAtS),
  });
  if (shown.allowed) return;
  const retryAfterS = Math.max(1, shown.resetAtS - Math.floor(clock.now().getTime() / 1000));
  throw new Fault('rate_limited', `Too many requests. Try again in ${retryAfterS} s.`, {
    retryAfterS,
  });
}
