/** `decide`: Gate's answer for another service of the same process. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openIntel } from '../../src/intel/index.ts';
import { createGate, type Decide } from '../../src/services/gate/index.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';

const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1';

let server: TestServer;
let decide: Decide;
let stop: (() => Promise<void>) | undefined;
beforeAll(async () => {
  server = await startTestServer();
  const { kernel, dataDir } = server;
  const { log, clock } = kernel;
  const gate = createGate(kernel, { intel: await openIntel({ dataDir, log, clock }) });
  decide = gate.decide;
  stop = gate.stop;
});
afterAll(async () => {
  await stop?.();
  await server.stop();
});

async function makeFlow(fields: Record<string, unknown> = {}): Promise<number> {
  const response = await fetch(`${server.url}/gate/api/v1/flows`, {
    method: 'POST',
    headers: {
      ...{ 'content-type': 'application/json', authorization: `Bearer ${server.org.token}` },
    },
    body: JSON.stringify({
      ...{ name: 'F', white_url: 'https://w.example/', money_url: 'https://m.example/' },
      ...fields,
    }),
  });
  return ((await response.json()) as { id: number }).id;
}

const visitor = (flowId: number, more: Record<string, unknown> = {}) => ({
  ...{ organizationId: server.org.id, flowId, ip: '73.1.2.3', userAgent: IPHONE, url: '/c/1' },
  ...more,
});

async function credits(): Promise<number> {
  const { ledger, database } = server.kernel;
  return (await ledger.balance(database.db, server.org.id, 'gate.credits')).available;
}

test('routes by the same integrity, gates and signals, and takes no credit', async () => {
  const before = await credits();
  const flow = await makeFlow();
  expect(await decide(visitor(flow))).toMatchObject({ page: 'money', verdict: 'allow' });
  expect(await decide(visitor(flow, { userAgent: 'curl/8' }))).toEqual({
    ...{ page: 'white', verdict: 'block', reasons: ['known_bot'], whiteUrl: 'https://w.example/' },
  });
  const crawler = { ip: '66.249.66.1', userAgent: 'Googlebot/2.1' };
  expect(await decide(visitor(flow, crawler))).toMatchObject({
    ...{ page: 'refuse', reasons: ['verified_bot_refused'] },
  });
  expect(await credits()).toBe(before);
});

test('is recorded and counted like every other decision', async () => {
  const flow = await makeFlow({ max_clicks_per_ip_per_day: 2 });
  const pages = [];
  for (let i = 0; i < 3; i++) pages.push((await decide(visitor(flow)))?.page);
  expect(pages).toEqual(['money', 'money', 'white']);
  const response = await fetch(`${server.url}/gate/api/v1/flows/${flow}/stats`, {
    headers: { authorization: `Bearer ${server.org.token}` },
  });
  expect(await response.json()).toMatchObject({ total: 3, verdicts: { allow: 2, block: 1 } });
});

test('knows no flow of another organization', async () => {
  const flow = await makeFlow();
  const other = await server.otherOrg();
  expect(await decide(visitor(flow, { organizationId: other.id }))).toBeNull();
});

test('answers without the database, in time, by what is known; of unknown flows safely', async () => {
  const flow = await makeFlow();
  expect((await decide(visitor(flow)))?.page).toBe('money');
  const { pool, changes, tx } = server.kernel.database;
  // What is known may be out of date by the time that the database goes away.
  const heard = new Promise((resolve) => changes.subscribe('gate.settings', resolve));
  await tx((db) => changes.publish(db, 'gate.settings', server.org.id));
  expect(await heard).toBe(server.org.id);
  await pool.query('ALTER TABLE gate.decisions RENAME TO decisions_away');
  await pool.query('ALTER TABLE gate.flows RENAME TO flows_away');
  try {
    expect((await decide(visitor(flow)))?.page).toBe('money');
    expect((await decide(visitor(flow, { userAgent: 'curl/8' })))?.page).toBe('white');
    const other = await server.otherOrg();
    expect(await decide(visitor(flow, { organizationId: other.id }))).toMatchObject({
      ...{ page: 'white', whiteUrl: null },
    });
  } finally {
    await pool.query('ALTER TABLE gate.flows_away RENAME TO flows');
    await pool.query('ALTER TABLE gate.decisions_away RENAME TO decisions');
  }
});
