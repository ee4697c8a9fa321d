/**
 * Clicks a second out of the journal into PostgreSQL, with their uniqueness, fraud types and rollups,
 * as a ratio to bare inserts of as many rows by `unnest` into a table without an index, in the same
 * database and run. The journal is filled while shipping is held up, then let go.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import autocannon from 'autocannon';
import type pg from 'pg';
import { loadConfig } from '../src/config.ts';
import { openKernel } from '../src/kernel/open.ts';
import { ADMIN, startProcess } from '../test/harness/process.ts';

const CLICKS = 30_000;
const BATCH = 4_000;
/** Shipping takes this lock for each batch; whoever holds it holds shipping up. */
const SHIPPING_LOCK = 7_265_170_020;

const dataDir = await mkdtemp(join(tmpdir(), 'bench-shipping-'));
const server = await startProcess({ dataDir, env: { CLOAKROOM_TRUSTED_PROXIES: '127.0.0.1' } });
const config = loadConfig({ CLOAKROOM_DATA_DIR: dataDir, CLOAKROOM_LOG_LEVEL: 'warn' });
const kernel = await openKernel(config, { attach: true });
try {
  const client = await kernel.database.pool.connect();
  const shipped = await shippingRate(client);
  const bare = await insertRate(client);
  client.release();
  process.stdout.write(
    `  bare inserts  ${Math.round(bare)}/s\n  shipped       ${Math.round(shipped)}/s  ratio ${(shipped / bare).toFixed(2)}\n`,
  );
} finally {
  await kernel.close();
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
}

async function shippingRate(client: pg.PoolClient): Promise<number> {
  const url = await makeLink();
  await client.query('SELECT pg_advisory_lock($1)', [SHIPPING_LOCK]);
  const requests = Array.from({ length: 2_000 }, (_, index) => ({
    headers: {
      'x-forwarded-for': `92.${184 + (index % 8)}.${index >> 3}.7`,
      'user-agent': `Mozilla/5.0 (X11; Linux x86_64; rv:${100 + (index % 40)}.0) Gecko/20100101 Firefox/${100 + (index % 40)}.0`,
    },
  }));
  await autocannon({ url, connections: 64, amount: CLICKS, requests });
  const startedAtMs = performance.now();
  await client.query('SELECT pg_advisory_unlock($1)', [SHIPPING_LOCK]);
  for (;;) {
    const { rows } = await client.query<{ clicks: number }>(
      `SELECT coalesce(sum(clicks), 0)::int AS clicks FROM track.rollups WHERE dimension = 'total'`,
    );
    if ((rows[0]?.clicks ?? 0) >= CLICKS) break;
    await new Promise((done) => setTimeout(done, 20));
  }
  return CLICKS / ((performance.now() - startedAtMs) / 1000);
}

async function insertRate(client: pg.PoolClient): Promise<number> {
  const { rows } = await client.query('SELECT * FROM track.clicks LIMIT $1', [BATCH]);
  const columns = [
    'id',
    'organization_id',
    'ip',
    'visitor',
    'network',
    'country',
    'device',
    'os',
    'browser',
  ];
  await client.query(
    `CREATE TABLE bench_clicks (${columns.map((name) => `${name} text`).join(', ')})`,
  );
  const values = columns.map((name) => rows.map((row) => row[name]));
  const arrays = columns.map((_, index) => `$${index + 1}::text[]`).join(', ');
  const startedAtMs = performance.now();
  for (let sent = 0; sent < CLICKS; sent += rows.length) {
    await client.query(`INSERT INTO bench_clicks SELECT * FROM unnest(${arrays})`, values);
  }
  return CLICKS / ((performance.now() - startedAtMs) / 1000);
}

async function makeLink(): Promise<string> {
  const post = async (path: string, body: unknown, token = '') => {
    const response = await fetch(server.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
    return (await response.json()) as { token: string; data: { uuid: string } };
  };
  const { token } = await post('/track/api/v1/auth/token', ADMIN);
  const campaign = { name: 'bench', destination_url: 'https://shop.example/?c={clickid}' };
  return `${server.url}/c/${(await post('/track/api/v1/campaigns', campaign, token)).data.uuid}`;
}
