/**
 * The way to the database cut under load, ten times, in the middle of whatever is under way: links go
 * on from memory, and every acknowledged click and conversion is there afterwards, once.
 */
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { start } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { AGENTS, client, visit } from '../contract/track.ts';
import { testDatabase } from '../harness/database.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';

const CUTS = 10;

/** A way to PostgreSQL that can be cut. */
async function startWay(to: URL) {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect(Number(to.port), to.hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one
        .on('error', () => {})
        .on('close', () => {
          sockets.delete(one);
          other.destroy();
        });
      one.pipe(other);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const destroyAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port,
    cut() {
      isCut = true;
      destroyAll();
    },
    mend() {
      isCut = false;
    },
    async close() {
      server.close();
      destroyAll();
      await once(server, 'close');
    },
  };
}

let server: TestServer;
let way: Awaited<ReturnType<typeof startWay>>;
let call: ReturnType<typeof client>;
let database: Awaited<ReturnType<typeof testDatabase>>;
beforeAll(async () => {
  database = await testDatabase();
  const url = new URL(database.url);
  way = await startWay(new URL(database.url));
  url.port = String(way.port);
  url.hostname = '127.0.0.1';
  server = await startTestServer({ env: { DATABASE_URL: url.href, CLOAKROOM_LOG_LEVEL: 'fatal' } });
  call = client(server);
});
afterAll(async () => {
  await server.stop();
  await way.close();
  await database.drop();
});

test('links go on, and nothing acknowledged is lost or doubled over ten cuts', async () => {
  const made = await call('POST', '/api/v1/campaigns', {
    name: 'C',
    destination_url: 'https://a.example/?c={clickid}',
    ...{ cost_model: 'cpc', cost_value: 0.5 },
  });
  const { id, uuid } = made.body.data;
  const clicks: string[] = [];
  const transactions = new Set<string>();
  let serial = 0;
  let isRunning = true;
  let isAway = false;
  let whileAway = 0;
  const clicking = async () => {
    while (isRunning) {
      const wasAway = isAway;
      const answer = await visit(server, uuid, { ip: '127.0.0.1' });
      // A link needs no database: every single one is answered.
      expect(answer.status).toBe(302);
      clicks.push(answer.clickId as string);
      if (wasAway && isAway) whileAway++;
      await sleep(1);
    }
  };
  const converting = async () => {
    while (isRunning) {
      await sleep(10);
      const clickId = clicks[Math.floor(Math.random() * clicks.length)];
      const transaction = `t${++serial}`;
      const answer = await fetch(
        `${server.url}/api/v1/postback?clickid=${clickId}&txid=${transaction}&payout=2`,
      );
      const body = (await answer.json()) as { success: boolean; error?: { code: string } };
      if (answer.status === 200) transactions.add(transaction);
      else expect(body).toMatchObject({ success: false, error: { code: expect.any(String) } });
    }
  };
  const load = [clicking(), clicking(), clicking(), clicking(), converting(), converting()];
  for (let cut = 0; cut < CUTS; cut++) {
    await sleep(400 + Math.random() * 400);
    isAway = true;
    way.cut();
    await sleep(300 + Math.random() * 500);
    isAway = false;
    way.mend();
  }
  isRunning = false;
  await Promise.all(load);
  expect(whileAway).toBeGreaterThan(CUTS);

  const stats = async () => (await call('GET', `/api/v1/campaigns/${id}/stats`)).body.data;
  await expect.poll(async () => (await stats())?.clicks, { timeout: 30_000 }).toBe(clicks.length);
  const { rows } = await server.kernel.database.pool.query('SELECT id FROM track.clicks');
  expect(rows.map((row) => row.id).sort()).toEqual(clicks.toSorted());
  const kept = await server.kernel.database.pool.query(
    'SELECT transaction_id FROM track.conversions',
  );
  const told = new Set(kept.rows.map((row) => row.transaction_id));
  expect(told.size).toBe(kept.rows.length);
  expect([...transactions].filter((transaction) => !told.has(transaction))).toEqual([]);
  expect(await stats()).toMatchObject({ conversions: told.size, revenue: 2 * told.size });
}, 120_000);

test('a changed campaign is refused while the database is away, and its link goes on as it was', async () => {
  const made = await call('POST', '/api/v1/campaigns', {
    name: 'D',
    destination_url: 'https://d.example/',
  });
  const { id, uuid } = made.body.data;
  way.cut();
  const refused = await call('PUT', `/api/v1/campaigns/${id}`, { status: 'paused' });
  expect(refused).toMatchObject({
    status: 503,
    body: { success: false, error: { code: 'SERVICE_UNAVAILABLE' } },
  });
  expect((await visit(server, uuid)).location).toBe('https://d.example/');
  way.mend();
  await expect
    .poll(async () => (await call('PUT', `/api/v1/campaigns/${id}`, { status: 'paused' })).status, {
      timeout: 20_000,
    })
    .toBe(200);
  expect((await visit(server, uuid)).status).toBe(410);
}, 60_000);

test('an edge node that starts while the database is away answers the links that it knew', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'edge-'));
  const url = new URL(database.url);
  url.port = String(way.port);
  url.hostname = '127.0.0.1';
  const installationKey = await readFile(join(server.dataDir, 'keys/installation.key'), 'utf8');
  const config = loadConfig({
    ...{ PORT: '0', CLOAKROOM_LOG_LEVEL: 'fatal', DATABASE_URL: url.href },
    ...{ CLOAKROOM_DATA_DIR: dataDir, CLOAKROOM_INSTALLATION_KEY: installationKey },
  });
  const made = await call('POST', '/api/v1/campaigns', {
    ...{ name: 'E', destination_url: 'https://e.example/?c={clickid}' },
  });
  const { id, uuid } = made.body.data;
  let edge = await start(config, { roles: ['edge'] });
  const follow = () =>
    fetch(`${edge.url}/c/${uuid}`, {
      redirect: 'manual',
      headers: { 'user-agent': AGENTS.iphone },
    });
  try {
    const first = await follow();
    expect(first.status).toBe(302);
    const clickId = first.headers.get('location')?.split('=')[1];
    await edge.stop();

    way.cut();
    edge = await start(config, { roles: ['edge'] });
    expect((await follow()).status).toBe(302);
    expect(await (await fetch(`${edge.url}/readyz`)).json()).toMatchObject({ status: 'degraded' });
    const postback = await fetch(`${edge.url}/api/v1/postback?clickid=${clickId}&payout=1`);
    expect(postback.status).toBe(503);
    // What cannot be shipped now is on this node's disk, whatever happens to its process.
    await edge.stop();
    edge = await start(config, { roles: ['edge'] });
    expect((await follow()).status).toBe(302);

    way.mend();
    const clicks = async () =>
      (await call('GET', `/api/v1/campaigns/${id}/stats`)).body.data?.clicks;
    await expect.poll(clicks, { timeout: 30_000 }).toBe(3);
  } finally {
    way.mend();
    await edge.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}, 120_000);
