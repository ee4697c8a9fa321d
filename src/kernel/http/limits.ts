/** Counts a request in its windows and says so in the `X-RateLimit-*` headers. */
import type { FastifyReply } from 'fastify';
import type { Clock } from '../clock.ts';
import type { Limiter, Usage } from '../limits/limiter.ts';
import { limitReached } from '../limits/refusal.ts';
import type { Window } from './edge.ts';

export async function countRequest(
  windows: Window[],
  reply: FastifyReply,
  { limiter, clock }: { limiter: Limiter; clock: Clock },
): Promise<void> {
  let shown: Usage | undefined;
  for (const { bucket, limit, windowS } of windows) {
    const usage = await limiter.take(bucket, limit, windowS);
    if (!usage.allowed) throw limitReached(usage, clock, 'Too many requests.');
    // The first window is the one that clients know; a refusing one explains itself.
    shown ??= usage;
  }
  showUsage(shown, reply);
}

export function showUsage(usage: Usage | undefined, reply: FastifyReply): void {
  if (!usage) return;
  reply.headers({
    'x-ratelimit-limit': String(usage.limit),
    'x-ratelimit-remaining': String(usage.remaining),
    'x-ratelimit-reset': String(usage.resetAtS),
  });
}
