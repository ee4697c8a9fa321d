/** Credits: the body of the original at the end of the quota, and races for the last one. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Running, start } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';

let server: TestServer;
/** A second server of the same installation, over the same database. */
let node: Running;
let nodeDir: string;
beforeAll(async () => {
  server = await startTestServer();
  nodeDir = await mkdtemp(join(tmpdir(), 'gate-node-'));
  const settings = {
    ...{ PORT: '0', CLOAKROOM_SMTP_PORT: '0', CLOAKROOM_LOG_LEVEL: 'error' },
    CLOAKROOM_DATA_DIR: nodeDir,
    DATABASE_URL: server.kernel.database.url,
    CLOAKROOM_INSTALLATION_KEY: await readFile(
      join(server.dataDir, 'keys/installation.key'),
      'utf8',
    ),
  };
  node = await start(loadConfig(settings), { roles: ['api'] });
});
afterAll(async () => {
  await node.stop();
  await rm(nodeDir, { recursive: true, force: true });
  await server.stop();
});

const EXHAUSTED = {
  verdict: 'block',
  reasons: ['quota_exhausted'],
  score: 100,
  error: 'monthly_quota_exhausted',
  action: 'upgrade_or_wait_for_reset',
};

/** An organization that has so many credits left. */
async function orgWith(credits: number) {
  const { kernel } = server;
  const org = await server.otherOrg('starter');
  await kernel.database.tx(async (tx) => {
    const { available } = await kernel.ledger.balance(tx, org.id, 'gate.credits');
    await kernel.ledger.take(tx, org.id, 'gate.credits', available - credits);
  });
  return { org, key: await server.key('gate', { organizationId: org.id }) };
}

const check = (key: string, url = server.url) =>
  fetch(`${url}/gate/api/v1/check`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    body: JSON.stringify({ ip: '73.1.2.3', ua: 'Mozilla/5.0' }),
  });

async function decisionsOf(organizationId: string): Promise<number> {
  const { rows } = await server.kernel.database.pool.query(
    'SELECT count(*) AS n FROM gate.decisions WHERE organization_id = $1',
    [organizationId],
  );
  return rows[0].n;
}

test('at the end of the quota: 402 and the body of the original, to the letter', async () => {
  const { key, org } = await orgWith(1);
  const last = await check(key);
  expect(last.status).toBe(200);
  expect(await last.json()).toMatchObject({ credits_remaining: 0 });
  const over = await check(key);
  expect(over.status).toBe(402);
  expect(await over.json()).toEqual(EXHAUSTED);
  expect(await decisionsOf(org.id)).toBe(1);
});

test('1,000 parallel checks at one credit left give exactly one 200', async () => {
  const { key, org } = await orgWith(1);
  const statuses = await Promise.all(
    Array.from({ length: 1_000 }, async () => {
      const response = await check(key);
      await response.arrayBuffer();
      return response.status;
    }),
  );
  expect(statuses.filter((status) => status === 200).length).toBe(1);
  expect(statuses.filter((status) => status === 402).length).toBe(999);
  expect(await decisionsOf(org.id)).toBe(1);
});

test('parallel checks share no credit: each shows its own remainder', async () => {
  const { key, org } = await orgWith(300);
  const remaining = await Promise.all(
    Array.from({ length: 300 }, async () => {
      const body = (await (await check(key)).json()) as { credits_remaining: number };
      return body.credits_remaining;
    }),
  );
  expect(remaining.sort((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, i) => i));
  expect(await decisionsOf(org.id)).toBe(300);
});

test('a revoked key is refused at once among many checks, and pays nothing', async () => {
  const { key, org } = await orgWith(5_000);
  const { kernel } = server;
  const { db } = kernel.database;
  const [row] = await kernel.keys.list(db, org.id, 'gate');
  const before = Promise.all(Array.from({ length: 50 }, async () => (await check(key)).status));
  await kernel.database.tx((tx) => kernel.keys.revoke(tx, org.id, row?.id ?? '', 'test'));
  const after = await Promise.all(
    Array.from({ length: 50 }, async () => (await check(key)).status),
  );
  expect(new Set(after)).toEqual(new Set([401]));
  const paid = (await before).filter((status) => status === 200).length;
  expect(await decisionsOf(org.id)).toBe(paid);
  const { available } = await kernel.ledger.balance(db, org.id, 'gate.credits');
  expect(available).toBe(5_000 - paid);
});

test('two nodes share no credit: racing for the last ones, exactly these are given', async () => {
  const { key, org } = await orgWith(100);
  const urls = Array.from({ length: 400 }, (_, i) => (i % 2 ? server.url : node.url));
  const statuses = await Promise.all(urls.map(async (url) => (await check(key, url)).status));
  expect(statuses.filter((status) => status === 200).length).toBe(100);
  expect(statuses.filter((status) => status === 402).length).toBe(300);
  expect(await decisionsOf(org.id)).toBe(100);
});

test('a key revoked on one node is refused by the other from then on', async () => {
  const { key, org } = await orgWith(100);
  const { kernel } = server;
  expect((await check(key, node.url)).status).toBe(200);
  const [row] = await kernel.keys.list(kernel.database.db, org.id, 'gate');
  await kernel.database.tx((tx) => kernel.keys.revoke(tx, org.id, row?.id ?? '', 'test'));
  const refused = await check(key, node.url);
  expect(refused.status).toBe(401);
  expect(await refused.json()).toMatchObject({ error: 'unauthorized', verdict: 'block' });
});
