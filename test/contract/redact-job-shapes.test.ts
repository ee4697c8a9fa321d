/** Each field of a job in each of its states, its limits, and the signature of its webhook. */
import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { lines, pdfFile } from '../corpus/redact/pdf-file.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { type Client, clientOf, expectError, TEXT } from './redact-client.ts';

const received: { headers: IncomingHttpHeaders; text: string }[] = [];
const hook = createServer((request, response) => {
  let text = '';
  request.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  request.on('end', () => {
    received.push({ headers: request.headers, text });
    response.end();
  });
});
let server: TestServer;
let client: Client;

beforeAll(async () => {
  hook.listen(0, '127.0.0.1');
  await once(hook, 'listening');
  server = await startTestServer({ env: { CLOAKROOM_WEBHOOK_ALLOW_PRIVATE: 'true' } });
});
beforeEach(async () => {
  client = clientOf(server, await server.key('redact'));
});
afterAll(async () => {
  await server.stop();
  hook.close();
});

type Job = Record<string, unknown> & {
  id: string;
  status: string;
  documents: { id: string; status: string }[];
  result: { documents: { downloadUrl: string }[] } | null;
};
type Files = [name: string, content: string | Uint8Array][];

async function createJob(files: Files, fields: Record<string, string> = {}): Promise<string> {
  const all = files.map(([name, content]) => ['files', name, content] as [string, string, string]);
  const made = await client.post('/jobs', { files: all, fields });
  expect(made.status).toBe(200);
  return ((await made.json()) as { jobId: string }).jobId;
}

const read = async (id: string) => (await (await client.call('GET', `/jobs/${id}`)).json()) as Job;

async function onceSo(id: string, isSo: (job: Job) => boolean): Promise<Job> {
  for (;;) {
    const job = await read(id);
    if (isSo(job)) return job;
    await new Promise((done) => setTimeout(done, 1_000));
  }
}
const ended = (id: string) =>
  onceSo(id, ({ status }) => !['pending', 'processing'].includes(status));

const MOMENT = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
const LONG = pdfFile({
  pages: Array.from({ length: 400 }, (_, page) =>
    lines(...Array.from({ length: 20 }, (_, n) => `Write to a${page}b${n}@example.org today.`)),
  ),
});

test('a completed job has these fields, and no others; in the list all but two of them', async () => {
  const id = await createJob([
    ['a.txt', TEXT],
    ['bad.pdf', '%PDF-1.7 x'],
  ]);
  const job = await ended(id);
  const documents = job.documents.map((document) => document.id);
  const head = {
    ...{ id, status: 'completed', progress: 100, framework: 'pii', method: 'redact' },
    ...{ documentCount: 2, estimatedCredits: 1, error: null },
    ...{ createdAt: MOMENT, completedAt: MOMENT, expiresAt: MOMENT },
  };
  const output = 'Mail [REDACTED], SSN [REDACTED].';
  const hashed = (text: string) => ({
    sha256: createHash('sha256').update(text).digest('hex'),
    sizeBytes: text.length,
  });
  expect(job).toEqual({
    success: true,
    ...head,
    documents: [
      {
        ...{ id: documents[0], originalName: 'a.txt', size: TEXT.length, status: 'completed' },
        ...{ progress: 100, itemsDetected: 2, error: null },
      },
      {
        ...{ id: documents[1], originalName: 'bad.pdf', size: 10, status: 'failed' },
        ...{ progress: 100, itemsDetected: null, error: expect.stringMatching(/^unreadable_file/) },
      },
    ],
    result: {
      ...{ totalItemsDetected: 2, totalItemsProcessed: 2, totalCreditsUsed: 1 },
      documents: [
        {
          ...{ id: documents[0], originalName: 'a.txt', processedName: 'a_redacted.txt' },
          downloadUrl: `/api/v1/jobs/${id}/download?documentId=${documents[0]}`,
          ...{ itemsProcessed: 2, creditsUsed: 1 },
          certificate: {
            ...{ version: 1, format: 'txt', framework: 'pii', method: 'redact', pageCount: 1 },
            versions: { cloakroom: expect.stringMatching(/^\d+\.\d+\.\d+/) },
            ...{ input: hashed(TEXT), output: hashed(output), removed: { email: 1, ssn: 1 } },
            ...{ rounds: 1, checks: expect.arrayContaining(['second scan']) },
            ...{ notExamined: [], removedWhole: [] },
          },
        },
      ],
    },
  });
  const list = await (await client.call('GET', '/jobs?limit=1')).json();
  expect(list).toEqual({
    success: true,
    jobs: [head],
    pagination: { limit: 1, offset: 0, total: expect.any(Number), hasMore: expect.any(Boolean) },
  });
  const download = await client.call('GET', `/jobs/${id}/download?documentId=${documents[0]}`);
  expect(await download.text()).toBe(output);
  expect(download.headers.get('x-ratelimit-limit')).toBe('60');
  for (const none of [documents[1], 'doc_none']) {
    const missing = await client.call('GET', `/jobs/${id}/download?documentId=${none}`);
    await expectError(missing, 404, 'not_found');
  }
  const odd = await client.call('GET', `/jobs/${id}/download?document=x`);
  await expectError(odd, 400, 'invalid_request', /document/);
});

test('of jobs at work and waiting: nothing to download; the one that waits can be cancelled', async () => {
  // Two are worked on at once.
  const working = [await createJob([['a.pdf', LONG]]), await createJob([['b.pdf', LONG]])];
  for (const id of working) await onceSo(id, ({ status }) => status === 'processing');
  const before = await client.creditsUsed();
  const id = await createJob([['c.txt', TEXT]]);
  const waiting = await read(id);
  expect(waiting).toEqual({
    ...{ success: true, id, status: 'pending', progress: 0, framework: 'pii', method: 'redact' },
    ...{ documentCount: 1, estimatedCredits: 1, error: null, result: null },
    ...{ createdAt: MOMENT, completedAt: null, expiresAt: MOMENT },
    documents: [
      {
        ...{ id: expect.any(String), originalName: 'c.txt', size: TEXT.length },
        ...{ status: 'pending', progress: 0, itemsDetected: null, error: null },
      },
    ],
  });
  const busy = working[0] ?? '';
  expect(await read(busy)).toMatchObject({
    ...{ status: 'processing', completedAt: null, error: null, result: null },
  });
  await expectError(await client.call('GET', `/jobs/${busy}/download`), 409, 'conflict');
  await expectError(await client.call('DELETE', `/jobs/${busy}`), 409, 'conflict');
  await expectError(await client.call('GET', `/jobs/${id}/download`), 409, 'conflict');

  const cancelled = await client.call('DELETE', `/jobs/${id}`);
  expect(await cancelled.json()).toEqual({ success: true, id, status: 'cancelled' });
  await expectError(await client.call('DELETE', `/jobs/${id}`), 409, 'conflict');
  await expectError(await client.call('GET', `/jobs/${id}/download`), 409, 'conflict');
  const after = { status: 'cancelled', completedAt: MOMENT, result: null };
  expect(await read(id)).toMatchObject({ ...after, documents: [{ status: 'cancelled' }] });
  for (const other of working) expect((await ended(other)).status).toBe('completed');
  expect(await read(id)).toMatchObject(after);
  expect(await client.creditsUsed()).toBe(before + 800);
}, 300_000);

test('webhooks are signed with the secret that the organization has for them', async () => {
  const { port } = hook.address() as AddressInfo;
  const fields = { webhookUrl: `http://127.0.0.1:${port}/hook` };
  const id = await createJob([['a.txt', TEXT]], fields);
  await expect
    .poll(() => received.some(({ text }) => text.includes(id)), { timeout: 50_000 })
    .toBe(true);
  const answer = await fetch(`${server.url}/account/api/v1/webhook-secret`, {
    headers: { authorization: `Bearer ${server.org.token}` },
  });
  const { secret } = (await answer.json()) as { secret: string };
  const message = received.find((one) => one.text.includes(id));
  const { headers = {} as IncomingHttpHeaders, text } = message ?? {};
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`;
  const mac = createHmac('sha256', Buffer.from(secret.replace('whsec_', ''), 'base64'));
  expect(headers['webhook-signature']).toBe(`v1,${mac.update(signed).digest('base64')}`);
  expect(headers['content-type']).toMatch(/^application\/json/);
});

test('a job that the credits do not cover is not made, and nothing of it stays', async () => {
  const poor = await server.otherOrg('starter');
  const { kernel } = server;
  const { available } = await kernel.ledger.balance(kernel.database.db, poor.id, 'redact.credits');
  await kernel.database.tx((tx) =>
    kernel.ledger.take(tx, poor.id, 'redact.credits', available - 1),
  );
  const own = clientOf(server, await server.key('redact', { organizationId: poor.id }));
  const files: [string, string, string][] = [
    ['files', 'a.txt', TEXT],
    ['files', 'b.txt', TEXT],
  ];
  await expectError(await own.post('/jobs', { files }), 402, 'insufficient_credits');
  expect(await (await own.call('GET', '/jobs')).json()).toMatchObject({ jobs: [] });
  await kernel.files.sweep();
  const { rows } = await kernel.database.pool.query(
    'SELECT 1 FROM core.files WHERE organization_id = $1',
    [poor.id],
  );
  expect(rows).toEqual([]);
});

test('GET /usage counts jobs as they end, and its credits add up', async () => {
  const { id } = await server.otherOrg();
  client = clientOf(server, await server.key('redact', { organizationId: id }));
  await ended(await createJob([['a.txt', 'x'.repeat(3_001)]]));
  await ended(await createJob([['bad.pdf', '%PDF-1.7 x']]));
  await client.post('/scan');
  const usage = (await (await client.call('GET', '/usage')).json()) as {
    credits: { available: number; used: number; total: number };
  };
  expect(usage).toMatchObject({
    organization: { id },
    credits: { used: 3 },
    jobs: { last30Days: { completed: 1, failed: 1, total: 2, creditsUsed: 2 } },
  });
  expect(usage.credits.available + usage.credits.used).toBe(usage.credits.total);
});
