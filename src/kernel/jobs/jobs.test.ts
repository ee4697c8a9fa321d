import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestDatabase } from '../../../test/harness/database.ts';
import { systemClock } from '../clock.ts';
import type { Database } from '../db/index.ts';
import { createLog } from '../telemetry/log.ts';
import { createJobs, type Jobs, jobType } from './index.ts';

const log = createLog('silent');
let database: Database;
let jobs: Jobs;
const ended: string[] = [];
const boundedAttempts: number[] = [];
const quickOnesDone = Promise.withResolvers<void>();
const seen: { n: number; attempt: number }[] = [];
const once = jobType<{ n: number }>('test.once', { singleton: true });
const shared = jobType<{ group: string }>('test.shared', { concurrency: 4, perGroup: 1 });
const bounded = jobType<object>('test.bounded', { retryDelayS: 1, longestDelayS: 1 });
const count = jobType<{ n: number; failures?: number }>('test.count', { retryDelayS: 1 });

beforeAll(async () => {
  database = await openTestDatabase();
  jobs = createJobs({ database, log, clock: systemClock });
  jobs.work(count, async ({ n, failures = 0 }, { attempt }) => {
    seen.push({ n, attempt });
    if (attempt <= failures) throw new Error('not yet');
  });
  jobs.work(bounded, async (_, { attempt }) => {
    boundedAttempts.push(attempt);
    if (attempt < 4) throw new Error('not yet');
  });
  jobs.work(once, async ({ n }, { attempt }) => void seen.push({ n, attempt }));
  jobs.work(shared, async ({ group }) => {
    // The slow ones wait for all of the quick ones: were they to hold every worker, nothing moved.
    if (group === 'slow') await quickOnesDone.promise;
    ended.push(group);
    if (ended.filter((one) => one === 'quick').length === 6) quickOnesDone.resolve();
  });
  await jobs.start();
});
afterAll(async () => {
  await jobs.stop();
  await database.close();
});

async function until(isTrue: () => boolean, mostS = 20): Promise<void> {
  for (let i = 0; i < 20 * mostS && !isTrue(); i++) {
    await new Promise((done) => setTimeout(done, 50));
  }
  expect(isTrue()).toBe(true);
}

test('a job that committed with its cause is done, one that rolled back never was', async () => {
  await database.tx((tx) => jobs.send(count, { n: 1 }, { tx }));
  const lost = database.tx(async (tx) => {
    await jobs.send(count, { n: 2 }, { tx });
    throw new Error('roll back');
  });
  await expect(lost).rejects.toThrow('roll back');
  await jobs.send(count, { n: 3 });
  await until(() => seen.some(({ n }) => n === 3) && seen.some(({ n }) => n === 1));
  expect(seen.map(({ n }) => n)).not.toContain(2);
});

test('a job that fails is tried again, each time after a longer wait', async () => {
  await jobs.send(count, { n: 4, failures: 2 });
  await until(() => seen.some(({ n, attempt }) => n === 4 && attempt === 3));
  expect(seen.filter(({ n }) => n === 4).map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
});

test('waits between tries grow no longer than their bound', async () => {
  await jobs.send(bounded, {});
  await until(() => boundedAttempts.length === 4, 60);
  const { rows } = await database.pool.query(
    `SELECT retry_delay_max AS most FROM jobs.job WHERE name = 'test.bounded'`,
  );
  expect(rows).toEqual([{ most: 1 }]);
});

test('while a job with a key waits, no second one is made', async () => {
  const startAfter = new Date(Date.now() + 1_500);
  for (let i = 0; i < 5; i++) await jobs.send(once, { n: 5 }, { singletonKey: 'five', startAfter });
  await until(() => seen.some(({ n }) => n === 5));
  await new Promise((done) => setTimeout(done, 500));
  expect(seen.filter(({ n }) => n === 5)).toHaveLength(1);
});

test('a backlog of one transaction is worked off without waiting for the clock', async () => {
  const first = seen.length;
  await database.tx(async (tx) => {
    for (let n = 100; n < 200; n++) await jobs.send(count, { n }, { tx });
  });
  // 4 at a time, each at most a poll: were every job waited for by the clock, it would take 50 s.
  await until(() => seen.length - first >= 100);
  expect(new Set(seen.slice(first).map(({ n }) => n)).size).toBe(100);
});

test('a group that does not get done leaves workers to the others', async () => {
  for (let i = 0; i < 6; i++) await jobs.send(shared, { group: 'slow' }, { group: 'slow' });
  for (let i = 0; i < 6; i++) await jobs.send(shared, { group: 'quick' }, { group: 'quick' });
  await until(() => ended.length === 12, 50);
});
