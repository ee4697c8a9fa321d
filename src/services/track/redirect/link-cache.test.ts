/** The links in memory: from the database, from the snapshot while that is away, kept true by news. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLog } from '../../../kernel/telemetry/log.ts';
import type { LinkRow } from '../store/link-store.ts';
import { LinkCache } from './link-cache.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'links-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const row = (id: number, change: Partial<LinkRow> = {}): LinkRow => ({
  ...{ id, uuid: `u${id}`, organizationId: 'org', status: 'active', offers: [], fallbackUrl: null },
  ...{ destinationUrl: 'https://a.example/', flowId: null, clickCost: '0.500000000' },
  ...{
    trafficSourceId: null,
    sourceName: null,
    clickIdParam: null,
    costParam: null,
    subParams: {},
  },
  ...{ uniquenessWindowHours: 24, clickLimitPerMinute: null, storeFullIp: false },
  ...change,
});

function open(rows: Map<number, LinkRow> | null) {
  return new LinkCache({
    snapshotPath: join(dir, 'links.json'),
    log: createLog('silent'),
    async readAll() {
      if (!rows) throw new Error('the database is away');
      return [...rows.values()];
    },
    async readOne(id) {
      if (!rows) throw new Error('the database is away');
      return rows.get(id) ?? null;
    },
  });
}

test('a start without the database answers from what the last process left', async () => {
  const rows = new Map([1, 2].map((id) => [id, row(id)]));
  const first = open(rows);
  await first.load();
  rows.set(2, row(2, { destinationUrl: 'https://b.example/' }));
  await first.refresh(2);
  await first.close();
  const second = open(null);
  await second.load();
  expect(second.get('u1')?.row).toEqual(row(1));
  expect(second.get('u2')?.row.destinationUrl).toBe('https://b.example/');
  await second.close();
});

test('the first start of all without a database knows no links, and starts', async () => {
  const cache = open(null);
  await cache.load();
  expect(cache.get('u1')).toBeUndefined();
  await cache.close();
});

test('news of a change replaces one link, news of a deletion takes it away', async () => {
  const rows = new Map([1, 2].map((id) => [id, row(id)]));
  const cache = open(rows);
  await cache.load();
  rows.set(1, row(1, { status: 'paused' }));
  rows.delete(2);
  await cache.refresh(1);
  await cache.refresh(2);
  expect(cache.get('u1')?.row.status).toBe('paused');
  expect(cache.get('u2')).toBeUndefined();
  await cache.close();
});

test('costs are shown without the zeros of their column', async () => {
  const costs = ['0.500000000', '0.000000000', '10.000000000', '0.000100000'];
  const rows = new Map(costs.map((clickCost, id) => [id, row(id, { clickCost })]));
  const cache = open(rows);
  await cache.load();
  expect(costs.map((_, id) => cache.get(`u${id}`)?.costText)).toEqual(['0.5', '0', '10', '0.0001']);
  await cache.close();
});
