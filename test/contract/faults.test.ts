/** One error, four true dialects: every fault, provoked over HTTP in each service. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FAULT_CODES, Fault, type FaultCode } from '../../src/kernel/fault.ts';
import type { Edge } from '../../src/kernel/http/edge.ts';
import { SERVICES, type ServiceName } from '../../src/kernel/principal.ts';
import { createGate } from '../../src/services/gate/index.ts';
import { createMail } from '../../src/services/mail/index.ts';
import { createRedact } from '../../src/services/redact/index.ts';
import { createTrack } from '../../src/services/track/index.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { DIALECT, STATUS } from './dialects.ts';

interface Sample {
  /** A list that needs a scope. */
  list: string;
  /** A POST that takes JSON, and a body that it accepts. */
  create: string;
  body: Record<string, unknown>;
  /** Something by id that is nobody's. */
  missing: { method: string; path: string; body?: Record<string, unknown> };
  /** A scope that is not enough for `list`. */
  otherScope: string;
}

const FLOW = {
  name: 'F',
  white_url: 'https://safe.example.com/',
  money_url: 'https://o.example.com/',
};
const SAMPLES: Record<ServiceName, Sample> = {
  mail: {
    list: '/api/v1/aliases',
    create: '/api/v1/campaigns',
    body: { name: 'Launch' },
    missing: { method: 'DELETE', path: '/api/v1/campaigns?id=clx0000000000' },
    otherScope: 'analytics:read',
  },
  track: {
    list: '/api/v1/campaigns',
    create: '/api/v1/campaigns',
    body: { name: 'Launch' },
    missing: { method: 'GET', path: '/api/v1/campaigns/999999' },
    otherScope: 'fraud:read',
  },
  gate: {
    list: '/api/v1/flows',
    create: '/api/v1/flows',
    body: FLOW,
    missing: { method: 'GET', path: '/api/v1/flows/999999' },
    otherScope: 'check',
  },
  redact: {
    list: '/api/v1/jobs',
    create: '/api/v1/restore',
    body: { jobId: 'job_1', text: '[PERSON_1]' },
    missing: { method: 'GET', path: '/api/v1/jobs/job_none' },
    otherScope: 'documents:scan',
  },
};

let server: TestServer;
const credentials = {} as Record<ServiceName, string>;

/** What each service's own clients send. */
async function credentialOf(service: ServiceName, scopes?: string[]): Promise<string> {
  if (service === 'gate') return server.org.token;
  const key = await server.key(service, { scopes });
  if (service !== 'track') return key;
  const [apiKey, apiSecret] = key.split(':');
  const response = await fetch(`${server.url}/track/api/v1/auth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ api_key: apiKey, api_secret: apiSecret }),
  });
  return ((await response.json()) as { token: string }).token;
}

beforeAll(async () => {
  server = await startTestServer();
  for (const service of SERVICES) credentials[service] = await credentialOf(service);
});
afterAll(() => server.stop());

function call(service: ServiceName, method: string, path: string, init: RequestInit = {}) {
  const headers = { authorization: `Bearer ${credentials[service]}`, ...init.headers };
  return fetch(`${server.url}/${service}${path}`, { method, ...init, headers });
}

const json = (value: unknown): RequestInit => ({
  headers: { 'content-type': 'application/json' },
  body: typeof value === 'string' ? value : JSON.stringify(value),
});

async function expectFault(service: ServiceName, response: Response, code: FaultCode) {
  const text = await response.text();
  expect({ status: response.status, text }).toMatchObject({ status: STATUS[code] });
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  DIALECT[service](JSON.parse(text), code);
}

describe.each(SERVICES)('%s speaks its own dialect', (service) => {
  const sample = SAMPLES[service];

  test('of an unknown route', async () => {
    await expectFault(service, await call(service, 'GET', '/api/v1/nothing-here'), 'not_found');
  });

  test('of an unknown route without credentials: 404, not 401', async () => {
    const response = await fetch(`${server.url}/${service}/api/v1/nothing-here`);
    await expectFault(service, response, 'not_found');
  });

  test('of a wrong method, naming the right ones', async () => {
    const response = await call(
      service,
      'DELETE',
      '/api/v1/nothing'.replace('nothing', lastOf(sample.create)),
      {},
    );
    // Where the path takes DELETE, PUT is the wrong one.
    const wrong =
      response.status === 405 ? response : await call(service, 'PUT', sample.create, json({}));
    expect(wrong.headers.get('allow')).toContain('POST');
    await expectFault(service, wrong, 'method_not_allowed');
  });

  test('of broken JSON', async () => {
    await expectFault(
      service,
      await call(service, 'POST', sample.create, json('{"a":')),
      'invalid_request',
    );
  });

  test('of an unknown field, naming it', async () => {
    const response = await call(
      service,
      'POST',
      sample.create,
      json({ ...sample.body, surprise: 1 }),
    );
    expect(await response.clone().text()).toContain('surprise');
    await expectFault(service, response, 'invalid_request');
  });

  test('of a wrong content type', async () => {
    const init = { headers: { 'content-type': 'text/plain' }, body: 'hello' };
    await expectFault(
      service,
      await call(service, 'POST', sample.create, init),
      'unsupported_media_type',
    );
  });

  test('of a body that is too large', async () => {
    const huge = json(`"${'x'.repeat(40 * 1024 * 1024)}"`);
    await expectFault(
      service,
      await call(service, 'POST', sample.create, huge),
      'payload_too_large',
    );
  });

  test('of malformed percent-encoding', async () => {
    const response = await rawGet(server.url, `/${service}/api/v1/%zz`);
    await expectFault(service, response, 'invalid_request');
  });

  test('of missing and of wrong credentials', async () => {
    const none = await fetch(`${server.url}/${service}${sample.list}`);
    await expectFault(service, none, 'unauthenticated');
    const wrong = await fetch(`${server.url}/${service}${sample.list}`, {
      headers: { authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1In0.' },
    });
    await expectFault(service, wrong, 'unauthenticated');
  });

  test('of a missing scope or role', async () => {
    const weak =
      service === 'gate'
        ? await server.member('read-only')
        : await credentialOf(service, [sample.otherScope]);
    const response =
      service === 'gate'
        ? await call(service, 'POST', sample.create, withToken(json(sample.body), weak))
        : await call(service, 'GET', sample.list, withToken({}, weak));
    await expectFault(service, response, 'forbidden');
  });

  test('of something that is not there', async () => {
    const { method, path, body } = sample.missing;
    const response = await call(service, method, path, body ? json(body) : {});
    await expectFault(service, response, 'not_found');
  });

  test('of the limit reached, with its headers', async () => {
    const exhausted = await server.otherOrg('starter');
    const token =
      service === 'mail' || service === 'redact'
        ? await server.key(service, { organizationId: exhausted.id })
        : exhausted.token;
    const first = await call(service, 'GET', sample.list, withToken({}, token));
    expect(first.status).toBe(200);
    const limit = Number(first.headers.get('x-ratelimit-limit'));
    expect(limit).toBeGreaterThan(0);
    expect(Number(first.headers.get('x-ratelimit-remaining'))).toBe(limit - 1);
    let last = first;
    for (let i = 1; i <= limit * 2 && last.status === 200; i++) {
      last = await call(service, 'GET', sample.list, withToken({}, token));
    }
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(last.headers.get('x-ratelimit-remaining')).toBe('0');
    expect(Number(last.headers.get('x-ratelimit-reset'))).toBeGreaterThan(Date.now() / 1000 - 1);
    await expectFault(service, last, 'rate_limited');
  });

  test('of an internal error, telling nothing of it', async () => {
    const table = { mail: 'aliases', track: 'campaigns', gate: 'flows', redact: 'jobs' }[service];
    const { pool } = server.kernel.database;
    await pool.query(`ALTER TABLE ${service}.${table} RENAME TO hidden`);
    try {
      const response = await call(service, 'GET', sample.list);
      expect(await response.clone().text()).not.toMatch(/relation|select|hidden|\bat /i);
      await expectFault(service, response, 'internal');
    } finally {
      await pool.query(`ALTER TABLE ${service}.hidden RENAME TO ${table}`);
    }
  });

  test.each(FAULT_CODES)('of the fault %s wherever it arises', (code) => {
    const { kernel } = server;
    const edges: Record<ServiceName, Edge> = {
      mail: createMail(kernel, {}).edge,
      track: createTrack(kernel, {} as never).edge,
      gate: createGate(kernel, {} as never).edge,
      redact: createRedact(kernel).edge,
    };
    const fault = new Fault(code, 'What happened and what to do.', { fields: { name: ['wrong'] } });
    const { status, body } = edges[service].renderFault(fault, new Date());
    expect(status).toBe(STATUS[code]);
    DIALECT[service](JSON.parse(JSON.stringify(body)), code);
    expect(JSON.stringify(body)).toContain('What happened');
  });
});

const lastOf = (path: string) => path.split('/').at(-1) ?? '';
const withToken = (init: RequestInit, token: string): RequestInit => ({
  ...init,
  headers: { ...init.headers, authorization: `Bearer ${token}` },
});

/** A request whose path `fetch` would mend. */
async function rawGet(base: string, path: string): Promise<Response> {
  const { hostname, port } = new URL(base);
  const text = await new Promise<string>((resolve, reject) => {
    let received = '';
    const socket = connect(Number(port), hostname, () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n\r\n`),
    );
    socket.setEncoding('utf8').on('data', (chunk) => {
      received += chunk;
    });
    socket.on('end', () => resolve(received)).on('error', reject);
  });
  const [head = '', body = ''] = text.split('\r\n\r\n', 2);
  const [statusLine = '', ...headerLines] = head.split('\r\n');
  const headers = headerLines.map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]);
  return new Response(body, { status: Number(statusLine.split(' ')[1]), headers });
}
