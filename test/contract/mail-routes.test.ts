/**
 * What holds of every route of Mail, over the routes that the OpenAPI document names, so that none can
 * be forgotten: who may not, another organization's ids, bad input.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SCOPES } from '../../src/kernel/keys/scopes.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { type SmtpSink, startSmtpSink } from '../harness/smtp-sink.ts';
import { expectError, mailClient, type Reply } from './mail-client.ts';

interface Ours {
  alias: string;
  campaign: string;
  message: string;
  domain: string;
  address: string;
}

interface Route {
  scope: string;
  /** A body that is taken. */
  body?: Record<string, unknown>;
  /** Requests that name something of another organization: query string, body, and what comes of it. */
  foreign: (ids: Ours, mine: { alias: string }) => [query: string, body?: object][];
  /** Where the answer shows rows, their name: another organization's are not among them. */
  list?: string;
}

const mail = (aliasId: string) => ({ aliasId, to: 'f@rcpt.example', subject: 's', text: 't' });
const none = () => [];
const ROUTES: Record<string, Route> = {
  'GET /api/v1/aliases': {
    ...{ scope: 'aliases:read', list: 'aliases' },
    foreign: ({ alias, campaign }) => [[`?id=${alias}`], [`?campaignId=${campaign}`]],
  },
  'POST /api/v1/aliases': {
    ...{ scope: 'aliases:write', body: {} },
    foreign: ({ campaign }) => [['', { campaignId: campaign }]],
  },
  'PATCH /api/v1/aliases': {
    ...{ scope: 'aliases:write', body: { isActive: true } },
    foreign: ({ alias, campaign }, mine) => [
      [`?id=${alias}`, { isActive: false }],
      [`?id=${mine.alias}`, { campaignId: campaign }],
    ],
  },
  'DELETE /api/v1/aliases': {
    scope: 'aliases:write',
    foreign: ({ alias }) => [[`?id=${alias}`]],
  },
  'GET /api/v1/campaigns': { scope: 'campaigns:read', list: 'campaigns', foreign: none },
  'POST /api/v1/campaigns': { scope: 'campaigns:write', body: { name: 'C' }, foreign: none },
  'PATCH /api/v1/campaigns': {
    ...{ scope: 'campaigns:write', body: { name: 'C' } },
    foreign: ({ campaign }) => [[`?id=${campaign}`, { name: 'Mine' }]],
  },
  'DELETE /api/v1/campaigns': {
    scope: 'campaigns:write',
    foreign: ({ campaign }) => [[`?id=${campaign}`]],
  },
  'GET /api/v1/emails': {
    ...{ scope: 'emails:read', list: 'emails' },
    foreign: ({ alias, message }) => [[`?id=${message}`], [`?aliasId=${alias}`]],
  },
  'POST /api/v1/emails': {
    ...{ scope: 'emails:send', body: mail('clxnone') },
    foreign: ({ alias }) => [
      ['', mail(alias)],
      ['', { ...mail(alias), trackLinks: true }],
    ],
  },
  'GET /api/v1/analytics': { scope: 'analytics:read', foreign: none },
  'GET /api/v1/domains': { scope: 'domains:read', list: 'domains', foreign: none },
  'POST /api/v1/domains': {
    ...{ scope: 'domains:write', body: { name: 'routes.example.org' } },
    foreign: none,
  },
  'POST /api/v1/domains/verify': {
    scope: 'domains:write',
    foreign: ({ domain }) => [[`?id=${domain}`]],
  },
  'DELETE /api/v1/domains': {
    scope: 'domains:write',
    foreign: ({ domain }) => [[`?id=${domain}`]],
  },
  'GET /api/v1/suppressions': { scope: 'suppressions:read', list: 'suppressions', foreign: none },
  'POST /api/v1/suppressions': {
    ...{ scope: 'suppressions:write', body: { email: 'a@b.example' } },
    foreign: none,
  },
  'DELETE /api/v1/suppressions': {
    scope: 'suppressions:write',
    foreign: ({ address }) => [[`?email=${address}`]],
  },
};
/** Whoever has the link may use it: its token is the proof. */
const PUBLIC = ['GET /u/{token}', 'POST /u/{token}'];

const NOW = new Date();
let server: TestServer;
let sink: SmtpSink;
let documented: Record<string, Record<string, { parameters?: { name: string }[] }>>;
let ours: Ours;
let mine: { alias: string };
let theirKey: string;

beforeAll(async () => {
  sink = await startSmtpSink();
  server = await startTestServer({
    env: { CLOAKROOM_SMTP_URL: sink.url, CLOAKROOM_MAIL_DOMAIN: 'm.example.com' },
    // Stands still, so that no hour ends between two requests.
    clock: { now: () => NOW },
  });
  documented = await readDocument();
  const { call, newAlias, send } = mailClient(server, await server.key('mail'));
  const idOf = ({ body }: Reply) => String(body['id']);
  const alias = await newAlias();
  ours = {
    alias: alias.id,
    campaign: idOf(await call('POST', '/campaigns', { name: 'Ours' })),
    message: idOf(await send(alias.id)),
    domain: idOf(await call('POST', '/domains', { name: 'ours.example.org' })),
    address: 'ours@rcpt.example',
  };
  await call('POST', '/suppressions', { email: ours.address });
  mine = await newcomer();
});
afterAll(async () => {
  await server.stop();
  await sink.stop();
});

async function readDocument() {
  const response = await fetch(`${server.url}/mail/openapi.json`);
  return ((await response.json()) as { paths: typeof documented }).paths;
}

/** Another organization, with an alias on a domain of its own. */
async function newcomer(): Promise<{ alias: string }> {
  const { id } = await server.otherOrg();
  theirKey = await server.key('mail', { organizationId: id });
  const { call, newAlias } = mailClient(server, theirKey);
  const { body } = await call('POST', '/domains', { name: 'theirs.example.org' });
  await server.kernel.database.pool.query(
    'UPDATE mail.domains SET verified_at = now() WHERE id = $1',
    [body['id']],
  );
  return { alias: (await newAlias()).id };
}

const operations = () =>
  Object.entries(documented).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
const queryNames = (operation: string) => {
  const [method = '', path = ''] = operation.split(' ');
  return (documented[path]?.[method.toLowerCase()]?.parameters ?? []).map(({ name }) => name);
};
/** A request as it comes, without what the client adds. */
async function raw(operation: string, query: string, init: RequestInit, key?: string) {
  const [method = '', path = ''] = operation.split(' ');
  const authorization = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const headers = { ...init.headers, ...authorization };
  const response = await fetch(`${server.url}/mail${path}${query}`, { ...init, method, headers });
  return { response, reply: { status: response.status, body: await response.json() } as Reply };
}
const json = (body?: object): RequestInit =>
  body === undefined
    ? {}
    : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
const idQuery = (operation: string) => {
  const names = queryNames(operation);
  if (operation.startsWith('GET')) return '';
  return names.includes('id') ? '?id=clxnone' : names.includes('email') ? '?email=a@b.example' : '';
};

test('every route that is documented stands in this table, and nothing else', () => {
  expect(operations().sort()).toEqual([...Object.keys(ROUTES), ...PUBLIC].sort());
});

describe.each(Object.entries(ROUTES))('%s', (operation, { scope, body, foreign, list }) => {
  test('knows nothing of another organization', async () => {
    for (const [query, given] of foreign(ours, mine)) {
      const { reply } = await raw(operation, query, json(given), theirKey);
      expectError(reply, 404);
    }
    if (!list) return;
    const { reply } = await raw(operation, '?limit=100', {}, theirKey);
    const text = JSON.stringify(reply.body[list]);
    for (const secret of Object.values(ours)) expect(text).not.toContain(secret);
  });

  test('takes nobody without a key, and no key without the permission, naming it', async () => {
    const { reply } = await raw(operation, idQuery(operation), json(body));
    expectError(reply, 401);
    const others = SCOPES.mail.filter((one) => one !== scope);
    const weak = await server.key('mail', { scopes: [...others] });
    const refused = await raw(operation, idQuery(operation), json(body), weak);
    expectError(refused.reply, 403, new RegExp(scope));
  });

  test('says how much of the hour is left, a refusal too', async () => {
    const key = await server.key('mail');
    const good = await raw(operation, idQuery(operation), json(body), key);
    const query = `${idQuery(operation) || '?'}&nonsense=1`;
    const bad = await raw(operation, query, json(body), key);
    expectError(bad.reply, 400, /nonsense/);
    const [first, second] = [good, bad].map(({ response: { headers } }) => ({
      limit: headers.get('x-ratelimit-limit'),
      remaining: headers.get('x-ratelimit-remaining'),
      reset: Number(headers.get('x-ratelimit-reset')),
    }));
    expect(first).toMatchObject({ limit: '1000', remaining: '999' });
    expect(second).toMatchObject({ limit: '1000', remaining: '998' });
    expect(first?.reset).toBeGreaterThan(1_700_000_000);
  });

  test('refuses bad input by the name of the field', async () => {
    const key = await server.key('mail');
    if (queryNames(operation).includes('limit')) {
      for (const query of [
        ...['limit=0', 'limit=101', 'limit=1.5', 'limit=x', 'offset=-1', 'offset=2147483648'],
        ...['offset=', 'asOf=yesterday', 'asOf=2026-02-30T00:00:00Z', 'asOf=0000-01-01T00:00:00Z'],
        ...['asOf=2026-01-01T00:00:00%2B23:59', 'limit=1&limit=2'],
      ]) {
        const { reply } = await raw(operation, `?${query}`, {}, key);
        expectError(reply, 400, new RegExp(query.split('=')[0] ?? ''));
      }
    }
    if (!body) return;
    const query = idQuery(operation);
    const send = async (init: RequestInit) => (await raw(operation, query, init, key)).reply;
    const headers = { 'content-type': 'application/json' };
    expectError(await send(json({ ...body, surprise: 1 })), 400, /surprise/);
    expectError(await send({ body: '{"a":', headers }), 400);
    expectError(await send({ body: '[]', headers }), 400);
    expectError(await send({ body: '{}', headers: { 'content-type': 'text/csv' } }), 415);
  });
});

test.each<[string, () => object, () => object]>([
  ['aliases', () => ({}), () => ({ campaignId: ours.campaign })],
  ['campaigns', () => ({ name: 'Once' }), () => ({ name: 'Twice' })],
  ['domains', () => ({ name: 'once.example.org' }), () => ({ name: 'twice.example.org' })],
  ['suppressions', () => ({ email: 'o@b.example' }), () => ({ email: 't@b.example' })],
  ['emails', () => mail(ours.alias), () => ({ ...mail(ours.alias), subject: 'Another' })],
])(
  'POST /%s creates once for an Idempotency-Key, and refuses it for another body',
  async (what, body, other) => {
    const { call } = mailClient(server, await server.key('mail'));
    const headers = { 'idempotency-key': `once-${what}` };
    const post = (given: object) => call('POST', `/${what}`, given, headers);
    const replies = await Promise.all(Array.from({ length: 5 }, () => post(body())));
    expect(new Set(replies.map((reply) => JSON.stringify(reply))).size).toBe(1);
    expect(replies[0]?.status).toBe(201);
    expectError(await post(other()), 409);
    if (what === 'domains' || what === 'suppressions')
      expectError(await call('POST', `/${what}`, body()), 409, /list already/);
  },
);

test('a DELETE may say that it would send JSON and send none, as the samples of the original do', async () => {
  const key = await server.key('mail');
  const { newAlias } = mailClient(server, key);
  const { id } = await newAlias();
  const headers = { 'content-type': 'application/json' };
  const { reply } = await raw('DELETE /api/v1/aliases', `?id=${id}`, { headers }, key);
  expect(reply).toEqual({ status: 200, body: { id, deleted: true } });
});
