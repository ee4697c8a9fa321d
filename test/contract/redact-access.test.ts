/** Who may call which endpoint of Redact, how often, and how each refuses what it does not take. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SCOPES } from '../../src/kernel/keys/scopes.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { clientOf, expectError, TEXT } from './redact-client.ts';

let server: TestServer;
let key: string;
let jobId: string;

beforeAll(async () => {
  server = await startTestServer();
  key = await server.key('redact');
  const client = clientOf(server, key);
  const made = await client.post('/jobs', { files: [['files', 'a.txt', TEXT]] });
  jobId = ((await made.json()) as { jobId: string }).jobId;
});
afterAll(() => server.stop());

type Send = 'file' | 'files' | 'json' | undefined;

/** Every endpoint, the scope that it asks for, and what it is sent. */
const ENDPOINTS: [method: string, path: string, scope: string, send?: Send][] = [
  ['POST', '/scan', 'documents:scan', 'file'],
  ['POST', '/redact', 'documents:redact', 'file'],
  ['POST', '/jobs', 'jobs:write', 'files'],
  ['GET', '/jobs', 'jobs:read'],
  ['GET', '/jobs/JOB', 'jobs:read'],
  ['GET', '/jobs/JOB/download', 'jobs:read'],
  ['DELETE', '/jobs/JOB', 'jobs:write'],
  ['POST', '/restore', 'documents:restore', 'json'],
  ['GET', '/usage', 'usage:read'],
];

function request(method: string, path: string, send: Send, authorization?: string) {
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  const url = `${server.url}/redact/api/v1${path.replace('JOB', jobId)}`;
  if (send === 'json') {
    const body = JSON.stringify({ jobId: 'job_none', text: '[SSN_1]' });
    return fetch(url, {
      method,
      headers: { ...headers, 'content-type': 'application/json' },
      body,
    });
  }
  const body = new FormData();
  if (send) body.append(send, new Blob([TEXT]), 'a.txt');
  return fetch(url, { method, headers, ...(send ? { body } : {}) });
}

function expectLimits(response: Response, remaining?: number): void {
  const figure = (name: string) => Number(response.headers.get(`x-ratelimit-${name}`) ?? 'none');
  expect(figure('limit')).toBe(60);
  if (remaining === undefined) expect(figure('remaining')).toBeLessThan(60);
  else expect(figure('remaining')).toBe(remaining);
  // Unix seconds: of this minute or the next, and of this century.
  expect(Number.isInteger(figure('reset'))).toBe(true);
  expect(figure('reset')).toBeGreaterThan(1_700_000_000);
  expect(figure('reset')).toBeLessThan(10_000_000_000);
}

describe.each(ENDPOINTS)('%s %s', (method, path, scope, send) => {
  test('asks for a key of Redact, as a Bearer token', async () => {
    const mailKey = await server.key('mail');
    const wrong = [
      undefined,
      `Basic ${key}`,
      key,
      'Bearer ',
      'Bearer clk_live_x',
      `Bearer ${mailKey}`,
    ];
    for (const authorization of wrong) {
      const refused = await request(method, path, send, authorization);
      await expectError(refused, 401, 'unauthorized');
    }
    const session = await request(method, path, send, `Bearer ${server.org.token}`);
    expect([401, 403]).not.toContain(session.status);
  });

  test(`asks for the scope ${scope}, and no other`, async () => {
    const scopes = SCOPES.redact.filter((other) => other !== scope);
    const others = await server.key('redact', { scopes });
    const refused = await request(method, path, send, `Bearer ${others}`);
    expectLimits(refused);
    await expectError(refused, 403, 'forbidden');
    const only = await server.key('redact', { scopes: [scope] });
    const taken = await request(method, path, send, `Bearer ${only}`);
    expect([401, 403, 405]).not.toContain(taken.status);
  });

  test('shows the limits of the key in its answer, whatever the answer is', async () => {
    const own = `Bearer ${await server.key('redact')}`;
    expectLimits(await request(method, path, send, own), 59);
    const missing = path.includes('JOB');
    const second = missing
      ? await request(method, path.replace('JOB', 'job_none'), send, own)
      : await request(method, `${path}?surprise=1`, send, own);
    expectLimits(second, 58);
    if (missing) await expectError(second, 404, 'not_found');
    else await expectError(second, 400, 'invalid_request', /surprise/);
  });

  test('tells a wrong method which ones there are', async () => {
    const refused = await request('PATCH', path, undefined, `Bearer ${key}`);
    expect(refused.headers.get('allow')?.split(', ')).toContain(method);
    await expectError(refused, 405, 'method_not_allowed', new RegExp(method));
  });
});

test('a key has 60 requests a minute: the next is 429 and costs nothing, another key goes on', async () => {
  const others = await server.otherOrg();
  const used = async () => {
    const { ledger, database } = server.kernel;
    return (await ledger.balance(database.db, others.id, 'redact.credits')).used;
  };
  const client = clientOf(server, await server.key('redact', { organizationId: others.id }));
  // A minute may turn meanwhile; then it is counted anew, at most once.
  let refused = await client.call('GET', '/usage');
  for (let n = 1; n <= 120 && refused.status === 200; n++) {
    expectLimits(refused);
    refused = await client.call('GET', '/usage');
  }
  expectLimits(refused, 0);
  const waitS = Number(refused.headers.get('retry-after'));
  expect(waitS).toBeGreaterThan(0);
  expect(waitS).toBeLessThanOrEqual(60);
  await expectError(refused, 429, 'rate_limit_exceeded');
  for (const [path, field] of [
    ['/redact', 'file'],
    ['/jobs', 'files'],
  ] as const) {
    const document = await client.post(path, { files: [[field, 'a.txt', TEXT]] });
    expectLimits(document, 0);
    await expectError(document, 429, 'rate_limit_exceeded');
  }
  expect(await used()).toBe(0);
  const another = clientOf(server, await server.key('redact', { organizationId: others.id }));
  expectLimits(await another.post('/scan'), 59);
  expect(await used()).toBe(1);
});

test.each<[string, unknown, RegExp]>([
  ['no jobId', { text: 'x' }, /jobId/],
  ['no text', { jobId: 'job_1' }, /text/],
  ['an empty text', { jobId: 'job_1', text: '' }, /text/],
  ['a text that is none', { jobId: 'job_1', text: 7 }, /text/],
  ['a text of over a million characters', { jobId: 'job_1', text: 'x'.repeat(1_000_001) }, /text/],
  ['an unknown field', { jobId: 'job_1', text: 'x', colour: 'red' }, /colour/],
])('POST /restore refuses %s, naming it', async (_, body, word) => {
  const refused = await fetch(`${server.url}/redact/api/v1/restore`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  await expectError(refused, 400, 'invalid_request', word);
});

test('OpenAPI describes these endpoints and no others, each with its summary', async () => {
  const api = (await (await fetch(`${server.url}/redact/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { summary: string }>>;
  };
  const described = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const there = ENDPOINTS.map(([method, path]) => {
    return `${method} /api/v1${path.replace('JOB', '{jobId}')}`;
  });
  expect(described.map((at) => at.replace(' /redact/', ' /')).toSorted()).toEqual(there.toSorted());
});
