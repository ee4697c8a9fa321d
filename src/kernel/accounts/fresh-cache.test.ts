/** What authentication remembers is never older than a second, nor older than a change made here. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type MovableClock, movableClock } from '../../../test/harness/account-half.ts';
import { openTestDatabase } from '../../../test/harness/database.ts';
import type { Database } from '../db/index.ts';
import { createFreshCache, type FreshCache, publishChange } from './fresh-cache.ts';

let database: Database;
let clock: MovableClock;
let cache: FreshCache<string>;
let truth: string;
let loads: number;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => {
  clock = movableClock();
  cache = createFreshCache(database, clock);
  truth = 'old';
  loads = 0;
});

const load = async () => {
  loads++;
  return { value: truth, tags: ['user', 'organization'] };
};
const get = () => cache.get('token', load);

test('is remembered for less than a second', async () => {
  await get();
  truth = 'new';
  clock.advance(0.999);
  expect([await get(), loads]).toEqual(['old', 1]);
  clock.advance(0.001);
  expect([await get(), loads]).toEqual(['new', 2]);
});

test('is not remembered beyond a clock that was set back', async () => {
  await get();
  truth = 'new';
  clock.advance(-3600);
  expect(await get()).toBe('new');
});

test.each(['user', 'organization'])('a doubted %s is read anew each time', async (tag) => {
  await get();
  cache.doubt(tag);
  expect(await get()).toBe('old');
  // Only now does the change commit.
  truth = 'new';
  expect(await get()).toBe('new');
});

test('the doubt of something else does not matter', async () => {
  await get();
  cache.doubt('somebody else');
  await get();
  await get();
  expect(loads).toBe(1);
});

test('what was read before a change is not remembered after it', async () => {
  let answer = (_: string) => {};
  const slow = new Promise<string>((resolve) => {
    answer = resolve;
  });
  const reading = cache.get('token', async () => ({ value: await slow, tags: ['user'] }));
  cache.doubt('somebody else');
  answer('old');
  expect(await reading).toBe('old');
  truth = 'new';
  expect(await get()).toBe('new');
});

test('nothing is remembered of what is not there', async () => {
  expect(await cache.get('token', async () => null)).toBeNull();
  expect(await get()).toBe('old');
});

test('another node’s change is heard at its commit', async () => {
  await get();
  truth = 'new';
  await database.tx((tx) => publishChange(database, tx, 'user'));
  while ((await get()) !== 'new') await new Promise((done) => setTimeout(done, 5));
});

test('ten thousand entries are enough; the oldest go first', async () => {
  for (let i = 0; i < 10_001; i++) await cache.get(`${i}`, load);
  loads = 0;
  await cache.get('10000', load);
  await cache.get('1', load);
  expect(loads).toBe(0);
  await cache.get('0', load);
  expect(loads).toBe(1);
});
