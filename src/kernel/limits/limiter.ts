/**
 * Fixed windows, as the `X-RateLimit-*` headers promise them: a bucket counts up to its limit until
 * the window's end, then starts again at zero. Windows are aligned to the epoch, so that every node
 * agrees on their ends.
 */
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { createMemoryCounter } from './memory-counter.ts';
import { createRedisCounter } from './redis-counter.ts';

export interface Usage {
  allowed: boolean;
  limit: number;
  /** Never negative. */
  remaining: number;
  /** Unix seconds at which the window ends. */
  resetAtS: number;
}

export interface Limiter {
  /** Counts `cost` in the bucket's current window, or refuses without counting. */
  take(bucket: string, limit: number, windowS: number, cost?: number): Promise<Usage>;
  close(): Promise<void>;
}

/** Where the counts are kept. */
export interface Counter {
  /** Adds `cost` unless the count would pass `limit`; the count afterwards. */
  add(window: WindowKey, limit: number, cost: number): Promise<{ added: boolean; count: number }>;
  close(): Promise<void>;
}

export interface WindowKey {
  bucket: string;
  windowS: number;
  /** Unix seconds. */
  endS: number;
  /** Seconds until then, at least 1. */
  leftS: number;
}

/** Counts in the process, or in the Redis or Valkey at `redisUrl` for many nodes. */
export function createLimiter(deps: { redisUrl?: string; clock: Clock; log: Logger }): Limiter {
  const { redisUrl, clock, log } = deps;
  const counter =
    redisUrl === undefined ? createMemoryCounter(clock) : createRedisCounter(redisUrl, clock, log);
  return {
    async take(bucket, limit, windowS, cost = 1) {
      const nowS = Math.floor(clock.now().getTime() / 1000);
      const endS = (Math.floor(nowS / windowS) + 1) * windowS;
      const window = { bucket, windowS, endS, leftS: endS - nowS };
      const { added, count } = await counter.add(window, limit, cost);
      return { allowed: added, limit, remaining: Math.max(limit - count, 0), resetAtS: endS };
    },
    close: () => counter.close(),
  };
}
