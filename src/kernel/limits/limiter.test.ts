/** One suite for every place that counts can be kept in. */
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type MovableClock, movableClock } from '../../../test/harness/account-half.ts';
import { findRedis, startRedis, type TestRedis } from '../../../test/harness/redis.ts';
import { createLog } from '../telemetry/log.ts';
import { createLimiter, type Limiter } from './limiter.ts';

const log = createLog('silent');
/** A minute's first second. */
const START = '2026-11-21T10:00:00Z';
const START_S = Date.parse(START) / 1000;

const program = await findRedis();
let redis: TestRedis | undefined;
beforeAll(async () => {
  if (program) redis = await startRedis(program);
});
afterAll(() => redis?.close());

const inProcess = (clock: MovableClock) => createLimiter({ clock, log });
const inRedis = (clock: MovableClock) => createLimiter({ redisUrl: redis?.url, clock, log });
const PLACES = { 'in the process': inProcess, ...(program ? { 'in Redis': inRedis } : {}) };

describe.each(Object.entries(PLACES))('counting %s', (_, make) => {
  let clock: MovableClock;
  let limiter: Limiter;
  let bucket: string;

  beforeEach(() => {
    clock = movableClock(START);
    limiter = make(clock);
    bucket = crypto.randomUUID();
  });
  afterEach(() => limiter.close());

  test('allows up to the limit and then refuses, without counting what it refuses', async () => {
    const answers = [];
    for (let i = 0; i < 5; i++) answers.push(await limiter.take(bucket, 3, 60));
    expect(answers.map(({ allowed }) => allowed)).toEqual([true, true, true, false, false]);
    expect(answers.map(({ remaining }) => remaining)).toEqual([2, 1, 0, 0, 0]);
    expect(answers.every(({ limit }) => limit === 3)).toBe(true);
    expect(await limiter.take(bucket, 4, 60)).toMatchObject({ allowed: true, remaining: 0 });
  });

  test('starts at zero when the window ends, which is aligned to the epoch', async () => {
    clock.advance(59);
    expect(await limiter.take(bucket, 1, 60)).toMatchObject({ resetAtS: START_S + 60 });
    expect(await limiter.take(bucket, 1, 60)).toMatchObject({ allowed: false });
    clock.advance(1);
    expect(await limiter.take(bucket, 1, 60)).toEqual({
      ...{ allowed: true, limit: 1, remaining: 0, resetAtS: START_S + 120 },
    });
  });

  test('a day’s window ends at midnight UTC', async () => {
    const { resetAtS } = await limiter.take(bucket, 1, 86_400);
    expect(new Date(resetAtS * 1000).toISOString()).toBe('2026-11-22T00:00:00.000Z');
  });

  test('keeps buckets apart, and windows of two lengths that end together', async () => {
    clock.advance(3599);
    await limiter.take(bucket, 1, 60);
    expect(await limiter.take(bucket, 1, 3600)).toMatchObject({ allowed: true });
    expect(await limiter.take(`${bucket}x`, 1, 60)).toMatchObject({ allowed: true });
    expect(await limiter.take(bucket, 1, 60)).toMatchObject({ allowed: false });
  });

  test('takes a cost whole or not at all', async () => {
    expect(await limiter.take(bucket, 10, 60, 7)).toMatchObject({ allowed: true, remaining: 3 });
    expect(await limiter.take(bucket, 10, 60, 4)).toMatchObject({ allowed: false, remaining: 3 });
    expect(await limiter.take(bucket, 10, 60, 3)).toMatchObject({ allowed: true, remaining: 0 });
  });

  test('a limit that became smaller leaves nothing, never less', async () => {
    await limiter.take(bucket, 10, 60, 8);
    expect(await limiter.take(bucket, 5, 60)).toMatchObject({ allowed: false, remaining: 0 });
    expect(await limiter.take(bucket, 0, 60)).toMatchObject({ allowed: false, remaining: 0 });
  });

  test('takes any bucket name', async () => {
    for (const name of ['', 'a b', 'a:b', 'ä\n"', '{x}', 'x'.repeat(5000), '__proto__']) {
      const named = `${bucket}${name}`;
      expect(await limiter.take(named, 1, 60)).toMatchObject({ allowed: true });
      expect(await limiter.take(named, 1, 60)).toMatchObject({ allowed: false });
    }
  });

  test('of a thousand at once, exactly the limit get through', async () => {
    const takes = Array.from({ length: 1000 }, () => limiter.take(bucket, 137, 60));
    const allowed = (await Promise.all(takes)).filter((answer) => answer.allowed);
    expect(allowed).toHaveLength(137);
    expect(new Set(allowed.map(({ remaining }) => remaining)).size).toBe(137);
  });

  test('any costs in any order are counted like a sum', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 30 }),
        fc.integer({ min: 0, max: 100 }),
        async (costs, limit) => {
          const name = crypto.randomUUID();
          let sum = 0;
          for (const cost of costs) {
            const fits = sum + cost <= limit;
            if (fits) sum += cost;
            const answer = await limiter.take(name, limit, 60, cost);
            expect(answer).toMatchObject({ allowed: fits, remaining: limit - sum });
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});

if (program) describeRedis(program);

function describeRedis(program: string): void {
  test('many nodes share what Redis counts', async () => {
    const clock = movableClock(START);
    const nodes = Array.from({ length: 4 }, () => inRedis(clock));
    const takes = Array.from({ length: 400 }, (_, i) => nodes[i % 4]?.take('shared', 150, 60));
    const allowed = (await Promise.all(takes)).filter((answer) => answer?.allowed);
    expect(allowed).toHaveLength(150);
    for (const node of nodes) await node.close();
  });

  test('Redis forgets a window soon after its end', async () => {
    const limiter = inRedis(movableClock(START));
    await limiter.take('forgotten', 5, 60);
    const client = new Redis(redis?.url ?? '');
    const ttlS = await client.ttl(`cloakroom:limit:60:${START_S + 60}:forgotten`);
    expect(ttlS).toBeGreaterThan(0);
    expect(ttlS).toBeLessThanOrEqual(120);
    client.disconnect();
    await limiter.close();
  });

  describe('while Redis is away', () => {
    let own: TestRedis;
    beforeEach(async () => {
      own = await startRedis(program);
    });
    afterEach(() => own.close());
    const make = (clock: MovableClock) => createLimiter({ redisUrl: own.url, clock, log });

    test('from the start, a node counts by itself', async () => {
      await own.stop();
      const limiter = make(movableClock(START));
      expect(await limiter.take('a', 2, 60)).toMatchObject({ allowed: true, remaining: 1 });
      expect(await limiter.take('a', 2, 60)).toMatchObject({ allowed: true, remaining: 0 });
      expect(await limiter.take('a', 2, 60)).toMatchObject({ allowed: false });
      await limiter.close();
    });

    test('in the middle of it, nobody is locked out, and limits still hold on the node', async () => {
      const limiter = make(movableClock(START));
      await limiter.take('b', 2, 60);
      await own.stop();
      const answers = [];
      for (let i = 0; i < 4; i++) answers.push((await limiter.take('b', 2, 60)).allowed);
      expect(answers).toEqual([true, true, false, false]);
      await limiter.close();
    });

    test.each(['from the start', 'in the middle of it'])(
      '%s and comes back, it counts again',
      async (when) => {
        if (when === 'from the start') await own.stop();
        const limiter = make(movableClock(START));
        const client = new Redis(own.url, { lazyConnect: true });
        client.on('error', () => {});
        await limiter.take('c', 1000, 60);
        await own.stop();
        await limiter.take('c', 1000, 60);
        await own.start();
        await client.connect();
        const counted = async () => {
          await limiter.take('c', 1000, 60);
          return client.exists(`cloakroom:limit:60:${START_S + 60}:c`);
        };
        while ((await counted()) === 0) await new Promise((done) => setTimeout(done, 50));
        client.disconnect();
        await limiter.close();
      },
    );
  });
}
