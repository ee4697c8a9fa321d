/**
 * Counts in Redis or Valkey, so that many nodes share them. While it is away each node counts for
 * itself: limits are then as many times too generous as there are nodes, and nobody is locked out.
 */
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Counter } from './limiter.ts';
import { createMemoryCounter } from './memory-counter.ts';

/** Looks and counts in one step. The key outlives its window a little, then Redis forgets it. */
const ADD = `
local count = tonumber(redis.call('GET', KEYS[1]) or '0')
local cost = tonumber(ARGV[2])
if count + cost > tonumber(ARGV[1]) then return {0, count} end
count = redis.call('INCRBY', KEYS[1], cost)
redis.call('EXPIRE', KEYS[1], ARGV[3])
return {1, count}`;
const SLACK_S = 60;
const ANSWER_MS = 500;
const CONNECT_MS = 2_000;
const LONGEST_WAIT_MS = 2_000;

export function createRedisCounter(url: string, clock: Clock, log: Logger): Counter {
  const fallback = createMemoryCounter(clock);
  const redis = new Redis(url, {
    connectTimeout: CONNECT_MS,
    commandTimeout: ANSWER_MS,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt: number) => Math.min(attempt * 100, LONGEST_WAIT_MS),
    lazyConnect: true,
  });
  let isAway = false;
  const away = (err: unknown) => {
    if (!isAway) log.error({ err }, 'Redis is away: limits are counted on each node by itself');
    isAway = true;
  };
  redis.on('error', away);
  redis.on('ready', () => {
    if (isAway) log.info('Redis is back: limits are counted together again');
    isAway = false;
  });
  // The first calls wait for the first connection, and never again.
  let connecting: Promise<void> | null = redis.connect().catch(away);
  connecting = connecting.finally(() => {
    connecting = null;
  });

  return {
    async add(window, limit, cost) {
      if (connecting) await connecting;
      const { bucket, windowS, endS, leftS } = window;
      const key = `cloakroom:limit:${windowS}:${endS}:${bucket}`;
      if (redis.status !== 'ready') return fallback.add(window, limit, cost);
      try {
        const answer = await redis.eval(ADD, 1, key, limit, cost, leftS + SLACK_S);
        const [added, count] = answer as [number, number];
        return { added: added === 1, count };
      } catch (error) {
        away(error);
        return fallback.add(window, limit, cost);
      }
    },
    async close() {
      redis.disconnect();
      await fallback.close();
    },
  };
}
