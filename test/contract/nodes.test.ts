/** One installation in several processes: the parts run apart over one database and one folder of files. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Running, start } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import type { ProcessRole } from '../../src/kernel/index.ts';
import { type TestDatabase, testDatabase } from '../harness/database.ts';
import { OWNER } from '../harness/server.ts';
import { AGENTS } from './track.ts';

let dir: string;
let database: TestDatabase;
let nodes: Record<'api' | 'edge' | 'work', Running>;
let token: string;
const installationKey = randomBytes(32).toString('hex');

const node = (name: string, roles: ProcessRole[]) =>
  start(
    loadConfig({
      ...{ PORT: '0', CLOAKROOM_SMTP_PORT: '0', CLOAKROOM_LOG_LEVEL: 'error' },
      ...{ CLOAKROOM_ADMIN_EMAIL: OWNER.email, CLOAKROOM_ADMIN_PASSWORD: OWNER.password },
      CLOAKROOM_DATA_DIR: join(dir, name),
      CLOAKROOM_FILES_DIR: join(dir, 'files'),
      CLOAKROOM_INSTALLATION_KEY: installationKey,
      DATABASE_URL: database.url,
    }),
    { roles },
  );

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nodes-'));
  database = await testDatabase({ isEmpty: true });
  const [api, edge, work] = await Promise.all([
    node('api', ['api']),
    node('edge', ['edge']),
    node('work', ['smtp', 'worker']),
  ]);
  nodes = { api, edge, work };
  ({ token } = await api.kernel.accounts.login(OWNER.email, OWNER.password, '127.0.0.1'));
});
afterAll(async () => {
  await Promise.all(Object.values(nodes).map((running) => running.stop()));
  await database.drop();
  await rm(dir, { recursive: true, force: true });
});

async function ask(path: string, init: RequestInit = {}) {
  const response = await fetch(nodes.api.url + path, {
    ...init,
    headers: { authorization: `Bearer ${token}`, ...init.headers },
  });
  // biome-ignore lint/suspicious/noExplicitAny: any JSON
  return (await response.json()) as any;
}

const json = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

test('nodes that start at once over an empty database make one installation', async () => {
  const { rows } = await nodes.api.kernel.database.pool.query(
    'SELECT count(*) AS n FROM core.organizations',
  );
  expect(rows[0].n).toBe(1);
});

test('a link that the API node made is answered by the edge node, and its click is counted', async () => {
  const { data } = await ask(
    '/track/api/v1/campaigns',
    json({ name: 'N', destination_url: 'https://shop.example/?c={clickid}' }),
  );
  const follow = () =>
    fetch(`${nodes.edge.url}/c/${data.uuid}`, {
      ...{ redirect: 'manual' as const, headers: { 'user-agent': AGENTS.iphone } },
    });
  await expect.poll(async () => (await follow()).status, { timeout: 5_000 }).toBe(302);
  expect((await fetch(`${nodes.edge.url}/gate/api/v1/flows`)).status).toBe(404);
  const clicks = async () => (await ask(`/track/api/v1/campaigns/${data.id}/stats`)).data.clicks;
  await expect.poll(clicks, { timeout: 15_000 }).toBeGreaterThan(0);
});

test('a job that the API node took is done by the worker node and downloaded from the API node', async () => {
  const { secret } = await nodes.api.kernel.database.tx(async (tx) => {
    const organization = await nodes.api.kernel.accounts.firstOrganization(tx);
    const made = { organizationId: organization.id, service: 'redact' as const, label: 'nodes' };
    return nodes.api.kernel.keys.create(tx, made, 'test');
  });
  const headers = { authorization: `Bearer ${secret}` };
  const form = new FormData();
  form.append('files', new Blob(['write to jane.doe@example.com']), 'a.txt');
  const { jobId } = await ask('/redact/api/v1/jobs', { method: 'POST', headers, body: form });
  const status = async () => (await ask(`/redact/api/v1/jobs/${jobId}`, { headers })).status;
  await expect.poll(status, { timeout: 30_000 }).toBe('completed');
  const { documents } = await ask(`/redact/api/v1/jobs/${jobId}`, { headers });
  const file = await fetch(
    `${nodes.api.url}/redact/api/v1/jobs/${jobId}/download?documentId=${documents[0].id}`,
    { headers },
  );
  expect(await file.text()).toBe('write to [REDACTED]');
});
