/** Batch jobs over time: their webhooks, their end, a restart in the middle. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../harness/server.ts';

interface Received {
  headers: IncomingHttpHeaders;
  body: Record<string, unknown>;
}

const received: Received[] = [];
const hook = createServer((request, response) => {
  let text = '';
  request.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  request.on('end', () => {
    received.push({ headers: request.headers, body: JSON.parse(text) });
    response.end('ok');
  });
});
let server: TestServer;
let key: string;
let now = new Date();

beforeAll(async () => {
  hook.listen(0, '127.0.0.1');
  await once(hook, 'listening');
  server = await startTestServer({
    env: { CLOAKROOM_WEBHOOK_ALLOW_PRIVATE: 'true' },
    clock: { now: () => now },
  });
  key = await server.key('redact');
});
afterAll(async () => {
  await server.stop();
  hook.close();
});

const authorization = () => ({ authorization: `Bearer ${key}` });

async function createJob(content: string, name = 'a.txt'): Promise<string> {
  const form = new FormData();
  form.append('files', new Blob([content]), name);
  form.append('method', 'anonymize');
  form.append('reversible', 'true');
  form.append('webhookUrl', `http://127.0.0.1:${(hook.address() as AddressInfo).port}/hook`);
  const url = `${server.url}/redact/api/v1/jobs`;
  const response = await fetch(url, { method: 'POST', headers: authorization(), body: form });
  return ((await response.json()) as { jobId: string }).jobId;
}

const get = (path: string) =>
  fetch(`${server.url}/redact/api/v1/jobs/${path}`, { headers: authorization() });

async function told(jobId: string): Promise<Received> {
  for (;;) {
    const message = received.find(({ body }) => body['jobId'] === jobId);
    if (message) return message;
    await new Promise((done) => setTimeout(done, 100));
  }
}

const MOMENT = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

test('job.completed comes signed, in the shape of the original', async () => {
  const jobId = await createJob('SSN 536-22-8726');
  const { headers, body } = await told(jobId);
  const { result } = (await (await get(jobId)).json()) as { result: object };
  expect(body).toEqual({ event: 'job.completed', jobId, result, timestamp: MOMENT });
  expect(headers).toMatchObject({
    'webhook-id': expect.any(String),
    'webhook-timestamp': expect.stringMatching(/^\d+$/),
    'webhook-signature': expect.stringMatching(/^v1,/),
  });
});

test('job.failed says why', async () => {
  const jobId = await createJob('%PDF-1.7 broken', 'a.pdf');
  const { body } = await told(jobId);
  const error = expect.stringMatching(/^unreadable_file: /);
  expect(body).toEqual({ event: 'job.failed', jobId, error, timestamp: MOMENT });
});

test('after a day the files and the stand-ins are gone, the job is still told of', async () => {
  const jobId = await createJob('SSN 536-22-8726');
  await told(jobId);
  expect((await get(`${jobId}/download`)).status).toBe(200);
  const later = now;
  now = new Date(now.getTime() + 25 * 3_600_000);
  try {
    key = await server.key('redact');
    expect((await get(`${jobId}/download`)).status).toBe(404);
    const restore = await fetch(`${server.url}/redact/api/v1/restore`, {
      method: 'POST',
      headers: { ...authorization(), 'content-type': 'application/json' },
      body: JSON.stringify({ jobId, text: '[SSN_1]' }),
    });
    expect(restore.status).toBe(404);
    expect((await get(jobId)).status).toBe(200);
    await server.kernel.files.sweep();
    const { rows } = await server.kernel.database.pool.query('SELECT 1 FROM core.files');
    expect(rows).toEqual([]);
  } finally {
    now = later;
  }
});

test('a job that is run again finds its work done: nothing is delivered or taken twice', async () => {
  const jobId = await createJob('SSN 536-22-8726');
  await told(jobId);
  const { pool } = server.kernel.database;
  const state = async () => {
    const documents = await pool.query('SELECT * FROM redact.documents WHERE job_id = $1', [jobId]);
    const { kernel, org } = server;
    const { used } = await kernel.ledger.balance(kernel.database.db, org.id, 'redact.credits');
    return { documents: documents.rows, used };
  };
  const before = await state();
  // As after a crash between the last document and the end of the job.
  await pool.query(`UPDATE redact.jobs SET status = 'processing' WHERE id = $1`, [jobId]);
  await server.kernel.jobs.send({ name: 'redact.job' }, { jobId });
  for (;;) {
    const { status } = (await (await get(jobId)).json()) as { status: string };
    if (status === 'completed') break;
    await new Promise((done) => setTimeout(done, 100));
  }
  expect(await state()).toEqual(before);
});
