/**
 * The embedded PostgreSQL killed under load, several times: the server goes on by itself, says so
 * at /readyz, keeps every promise it has made, and answers every request in words meanwhile.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ServerProcess, startProcess } from '../harness/process.ts';
import { type Answer, allRows, call, click, eventually, type Prepared, prepare } from './load.ts';

const KILLS = 5;

let dataDir: string;
let server: ServerProcess;
let owner: Prepared;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'fault-postgres-'));
  server = await startProcess({ dataDir });
  owner = await prepare(server, dataDir);
});
afterAll(async () => {
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const readiness = async () => (await call(`${server.url}/readyz`, {})).status;

async function databasePid(): Promise<number> {
  const file = join(dataDir, 'postgres/data/postmaster.pid');
  return Number((await readFile(file, 'utf8')).split('\n', 1)[0]);
}

/** Kills the database; resolves once the server has said that it is away, then that it is back. */
async function killDatabase(): Promise<void> {
  process.kill(await databasePid(), 'SIGKILL');
  expect(await eventually(async () => (await readiness()) === 503)).toBe(true);
  expect(await eventually(async () => (await readiness()) === 200)).toBe(true);
}

const acked = { clicks: new Set<string>(), aliases: new Set<string>() };
const refused: Answer[] = [];

async function clickOnce(): Promise<void> {
  const { id, answer } = await click(owner.link);
  if (id) acked.clicks.add(id);
  else refused.push(answer);
}

/** As a careful client does it: the same request with the same key until there is an answer. */
async function makeAlias(): Promise<void> {
  const headers = { 'idempotency-key': randomUUID() };
  for (let isDone = false; !isDone; ) {
    const request = { method: 'POST', token: owner.mailKey, body: {}, headers };
    const answer = await call(`${server.url}/mail/api/v1/aliases`, request);
    isDone = answer.status === 201;
    if (isDone) acked.aliases.add(String(answer.body['id']));
    else {
      refused.push(answer);
      await sleep(20);
    }
  }
}

test('a database killed under load comes back by itself, with all that was acknowledged, once', async () => {
  for (let kill = 0; kill < KILLS; kill++) {
    let isRunning = true;
    const loop = async (work: () => Promise<void>) => {
      for (; isRunning; await sleep(5)) await work();
    };
    const load = [clickOnce, clickOnce, clickOnce, makeAlias, makeAlias].map(loop);
    const killed = sleep(300 + Math.random() * 400).then(killDatabase);
    // Whatever fails, the load ends before the server does.
    await Promise.race([killed, Promise.all(load)]).finally(() => {
      isRunning = false;
    });
    await Promise.all([killed, ...load]);
  }

  // Whoever was not served was told when to come again, in the service's own form.
  for (const { status, headers, body } of refused) {
    expect({ status, body }).toMatchObject({ status: 503, body: { status: 503 } });
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  }
  expect(acked.clicks.size).toBeGreaterThan(0);
  expect(acked.aliases.size).toBeGreaterThan(0);

  const aliases = await allRows(
    `${server.url}/mail/api/v1/aliases?limit=100&offset=OFFSET`,
    owner.mailKey,
    'aliases',
  );
  expect(aliases.map((row) => String(row['id'])).sort()).toEqual([...acked.aliases].sort());

  const { campaignId, token } = owner;
  const clicksUrl = `${server.url}/track/api/v1/clicks?campaign_id=${campaignId}&per_page=100&page=PAGE`;
  const clicks = async () =>
    (await allRows(clicksUrl, token, 'data')).map((row) => String(row['id']));
  await eventually(async () => (await clicks()).length >= acked.clicks.size);
  expect((await clicks()).sort()).toEqual([...acked.clicks].sort());
}, 300_000);
