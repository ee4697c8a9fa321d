/** Flows, rules, keys and sign-in: every endpoint, field and error. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OWNER, startTestServer, type TestServer } from '../harness/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

// biome-ignore lint/suspicious/noExplicitAny: answers are compared, not typed
type Json = any;

async function call(
  method: string,
  path: string,
  { body, token = server.org.token, headers = {} }: Options = {},
): Promise<{ status: number; body: Json }> {
  const response = await fetch(`${server.url}/gate/api/v1${path}`, {
    method,
    headers: {
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

interface Options {
  body?: unknown;
  token?: string;
  headers?: Record<string, string>;
}

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
const BARE = {
  name: 'FB — iOS offer',
  white_url: 'https://safe.example.com/',
  money_url: 'https://offer.example.com/lp',
};

describe('flows', () => {
  test('one with every field of the original comes back to the letter', async () => {
    const key = (await call('POST', '/keys', { body: { label: 'production' } })).body;
    const fields = {
      ...BARE,
      key_id: key.id,
      white_mode: 'redirect',
      money_mode: 'redirect',
      cloaking_enabled: true,
      block_vpn_proxy: true,
      block_ipv6: false,
      allow_known_bots: false,
      allow_datacenter: false,
      max_clicks_per_ip_per_day: 1,
      warmup_clicks: 0,
      blocked_countries: 'IN,PK',
      allowed_devices: 'mobile',
      status: 'active',
    };
    const made = await call('POST', '/flows', { body: fields });
    expect(made.status).toBe(201);
    const ours = {
      allow_blocklist_hits: false,
      flag_is_allowed: false,
      thresholds: { flag: 30, challenge: 60, block: 80 },
      time_zone: null,
      shadow: false,
    };
    expect(made.body).toEqual({ ...fields, ...ours, id: expect.any(Number), created_at: TIME });
    const { body } = await call('GET', '/flows');
    expect(Object.keys(body)).toEqual(['flows']);
    expect(body.flows[0]).toEqual(made.body);
    expect((await call('GET', `/flows/${made.body.id}`)).body).toEqual(made.body);
  });

  test('are listed newest first', async () => {
    const first = await call('POST', '/flows', { body: BARE });
    const second = await call('POST', '/flows', { body: BARE });
    const ids = (await call('GET', '/flows')).body.flows.map(({ id }: { id: number }) => id);
    expect(ids.slice(0, 2)).toEqual([second.body.id, first.body.id]);
  });

  test('PATCH changes only the fields given, and answers the flow', async () => {
    const { body: flow } = await call('POST', '/flows', { body: BARE });
    const patch = {
      ...{
        blocked_countries: ' de, uk ,DE',
        allowed_devices: 'Tablet,mobile',
        time_zone: 'Asia/Tokyo',
      },
      ...{ thresholds: { flag: 10, challenge: 20, block: 30 }, white_mode: 'local' },
      ...{ white_url: 'pages/safe.html', shadow: true, key_id: null },
    };
    const changed = await call('PATCH', `/flows/${flow.id}`, { body: patch });
    expect(changed.status).toBe(200);
    expect(changed.body).toEqual({
      ...{ ...flow, ...patch },
      ...{ blocked_countries: 'DE,GB', allowed_devices: 'tablet,mobile' },
    });
  });

  test('DELETE answers ok, and then there is none', async () => {
    const { body: flow } = await call('POST', '/flows', { body: BARE });
    expect(await call('DELETE', `/flows/${flow.id}`)).toEqual({ status: 200, body: { ok: true } });
    expect((await call('DELETE', `/flows/${flow.id}`)).status).toBe(404);
    expect((await call('GET', `/flows/${flow.id}`)).status).toBe(404);
  });

  test.each([
    [{ white_url: 'javascript:alert(1)' }, 'white_url'],
    [{ money_url: 'https://a b' }, 'money_url'],
    [{ money_url: 'https://x.example/\r\nSet-Cookie: a=b' }, 'money_url'],
    [{ white_mode: 'local' }, 'white_url'],
    [{ white_mode: 'local', white_url: '../../etc/passwd' }, 'white_url'],
    [{ white_mode: 'local', white_url: '/etc/passwd' }, 'white_url'],
    [{ white_mode: 'local', white_url: '.htaccess' }, 'white_url'],
    [{ white_mode: 'local', white_url: 'a/.env' }, 'white_url'],
    [{ white_mode: 'local', white_url: 'php://input' }, 'white_url'],
    [{ white_mode: 'frame' }, 'white_mode'],
    [{ blocked_countries: 'IN,XX1' }, 'blocked_countries'],
    [{ blocked_countries: 'QQ' }, 'blocked_countries'],
    [{ blocked_countries: ['IN'] }, 'blocked_countries'],
    [{ allowed_devices: 'toaster' }, 'allowed_devices'],
    [{ max_clicks_per_ip_per_day: -1 }, 'max_clicks_per_ip_per_day'],
    [{ max_clicks_per_ip_per_day: '1' }, 'max_clicks_per_ip_per_day'],
    [{ warmup_clicks: 1.5 }, 'warmup_clicks'],
    [{ cloaking_enabled: 1 }, 'cloaking_enabled'],
    [{ status: 'on' }, 'status'],
    [{ thresholds: { flag: 50, challenge: 40, block: 80 } }, 'thresholds'],
    [{ thresholds: { flag: 50 } }, 'thresholds.challenge'],
    [{ time_zone: 'Mars/Base' }, 'time_zone'],
    [{ name: '' }, 'name'],
    [{ name: 'a\u0000' }, 'name'],
    [{ surprise: 1 }, 'surprise'],
  ])('%j is refused, in a new one and in a change', async (fields, field) => {
    const made = await call('POST', '/flows', { body: { ...BARE, ...fields } });
    expect([made.status, made.body.error, made.body.field]).toEqual([
      400,
      'invalid_request',
      field,
    ]);
    const { body: flow } = await call('POST', '/flows', { body: BARE });
    const changed = await call('PATCH', `/flows/${flow.id}`, { body: fields });
    expect([changed.status, changed.body.field]).toEqual([400, field]);
    expect((await call('GET', `/flows/${flow.id}`)).body).toEqual(flow);
  });

  test.each(['name', 'white_url', 'money_url'])('a new one needs its %s', async (field) => {
    const { status, body } = await call('POST', '/flows', {
      body: { ...BARE, [field]: undefined },
    });
    expect([status, body.field]).toEqual([400, field]);
  });

  test('the key must be one of ours, and in use', async () => {
    const other = await server.otherOrg();
    const theirs = await call('POST', '/keys', { body: { label: 'x' }, token: other.token });
    const foreign = await call('POST', '/flows', { body: { ...BARE, key_id: theirs.body.id } });
    expect(foreign.status).toBe(404);
    const mine = (await call('POST', '/keys', { body: { label: 'x' } })).body;
    await call('DELETE', `/keys/${mine.id}`);
    const revoked = await call('POST', '/flows', { body: { ...BARE, key_id: mine.id } });
    expect([revoked.status, revoked.body.field]).toEqual([400, 'key_id']);
  });

  test('a plan has so many, however many are made at once', async () => {
    const small = await server.otherOrg('starter');
    const statuses = await Promise.all(
      Array.from(
        { length: 8 },
        async () => (await call('POST', '/flows', { body: BARE, token: small.token })).status,
      ),
    );
    expect(statuses.filter((status) => status === 201).length).toBe(5);
    expect(statuses.filter((status) => status === 403).length).toBe(3);
  });

  test('an Idempotency-Key makes one, however often it is sent', async () => {
    const headers = { 'idempotency-key': 'flow-1' };
    const replies = await Promise.all(
      Array.from({ length: 5 }, () => call('POST', '/flows', { body: BARE, headers })),
    );
    expect(new Set(replies.map(({ body }) => body.id)).size).toBe(1);
    const other = await call('POST', '/flows', { body: { ...BARE, name: 'other' }, headers });
    expect([other.status, other.body.error]).toEqual([409, 'conflict']);
  });
});

const RULE = {
  name: 'no bots from the cloud',
  match: 'all',
  conditions: [
    { field: 'country', op: 'in', value: ['US', 'DE'] },
    { field: 'org', op: 'contains', value: 'hetzner' },
    { field: 'asn', op: 'is', value: 24940 },
    { field: 'hour', op: 'in', value: [1, 2, 3] },
    { field: 'ip', op: 'in', value: ['5.9.1.1/16', '2a01:4f8::1'] },
  ],
  action: 'challenge',
  priority: 5,
  is_active: true,
};

describe('rules', () => {
  test('are made, listed by priority, changed and deleted', async () => {
    const made = await call('POST', '/rules', { body: RULE });
    expect(made.status).toBe(201);
    expect(made.body).toEqual({
      ...RULE,
      id: expect.any(Number),
      created_at: TIME,
      conditions: [
        { field: 'country', op: 'in', value: ['us', 'de'] },
        { field: 'org', op: 'contains', value: ['hetzner'] },
        { field: 'asn', op: 'in', value: [24940] },
        { field: 'hour', op: 'in', value: [1, 2, 3] },
        { field: 'ip', op: 'in', value: ['5.9.0.0/16', '2a01:4f8::1/128'] },
      ],
    });
    const first = await call('POST', '/rules', { body: { ...RULE, priority: 1 } });
    const { rules } = (await call('GET', '/rules')).body;
    expect(rules.map(({ id }: { id: number }) => id)).toEqual([first.body.id, made.body.id]);
    const patch = { is_active: false, action: 'flag' };
    const changed = await call('PATCH', `/rules/${made.body.id}`, { body: patch });
    expect(changed.body).toEqual({ ...made.body, ...patch });
    for (const { id } of rules) {
      expect(await call('DELETE', `/rules/${id}`)).toEqual({ status: 200, body: { ok: true } });
      expect((await call('DELETE', `/rules/${id}`)).status).toBe(404);
    }
  });

  const one = (condition: unknown) => ({ ...RULE, conditions: [condition] });
  test.each([
    ['no condition', { ...RULE, conditions: [] }, 'conditions'],
    ['an unknown action', { ...RULE, action: 'delete' }, 'action'],
    ['an unknown field', one({ field: 'employer', op: 'is', value: 'x' }), 'conditions.0.field'],
    [
      'a country of three letters',
      one({ field: 'country', op: 'is', value: 'USA' }),
      'conditions.0.value',
    ],
    [
      'a block that is none',
      one({ field: 'ip', op: 'is', value: '1.2.3.4/40' }),
      'conditions.0.value',
    ],
    ['an hour of 24', one({ field: 'hour', op: 'is', value: 24 }), 'conditions.0.value'],
    [
      'a network of no kind',
      one({ field: 'network', op: 'is', value: 'moon' }),
      'conditions.0.value',
    ],
    [
      'a country that contains',
      one({ field: 'country', op: 'contains', value: 'U' }),
      'conditions.0.op',
    ],
    ['an empty list', one({ field: 'asn', op: 'in', value: [] }), 'conditions.0.value'],
    ['an extra field', { ...RULE, flow_id: 1 }, 'flow_id'],
  ])('%s is refused', async (_what, body, field) => {
    const reply = await call('POST', '/rules', { body });
    expect([reply.status, reply.body.error]).toEqual([400, 'invalid_request']);
    expect(reply.body.field).toBe(field);
  });

  test.each([
    { field: 'asn', op: 'is', value: 32934 },
    { field: 'asn', op: 'not_in', value: [7922, 15169] },
    { field: 'org', op: 'contains', value: 'Facebook' },
    { field: 'org', op: 'is_not', value: 'Google LLC' },
    { field: 'org', op: 'contains', value: 'byteda' },
    { field: 'ip', op: 'in', value: ['69.171.249.0/24'] },
    { field: 'ip', op: 'is', value: '2a03:2880::1' },
  ])('one that singles out an ad platform is refused: %j', async (condition) => {
    for (const action of ['allow', 'block']) {
      const reply = await call('POST', '/rules', { body: { ...one(condition), action } });
      expect(reply.status).toBe(400);
      expect(reply.body.message).toContain('ad platform');
    }
    const { body: rule } = await call('POST', '/rules', { body: RULE });
    const changed = await call('PATCH', `/rules/${rule.id}`, { body: { conditions: [condition] } });
    expect(changed.status).toBe(400);
  });

  test('there is no field that would name a crawler, a reviewer or an employer', async () => {
    const api = (await (await fetch(`${server.url}/gate/openapi.json`)).json()) as Json;
    const schema = api.paths['/api/v1/rules'].post.requestBody.content['application/json'].schema;
    expect(schema.properties.conditions.items.properties.field.enum.toSorted()).toEqual([
      ...[
        'asn',
        'browser',
        'country',
        'device',
        'host',
        'hour',
        'ip',
        'language',
        'network',
        'org',
      ],
      ...['os', 'path', 'query', 'url', 'utm_campaign', 'utm_content', 'utm_medium', 'utm_source'],
      'utm_term',
    ]);
  });
});

describe('keys', () => {
  test('a new one is shown once, and then as the original shows it', async () => {
    const made = await call('POST', '/keys', { body: { label: 'tiktok-flow' } });
    expect(made.status).toBe(200);
    expect(made.body).toEqual({
      ...{ id: expect.any(Number), label: 'tiktok-flow' },
      key: expect.stringMatching(/^ck_live_[0-9a-f]{20,}$/),
    });
    const { key } = made.body;
    const { body } = await call('GET', '/keys');
    expect(body.keys[0]).toEqual({
      ...{ id: made.body.id, label: 'tiktok-flow', is_active: 1, created_at: TIME },
      key: `ck_live_${key.slice(8, 12)}...${key.slice(-3)}`,
      last_used_at: null,
    });
    expect(JSON.stringify(body)).not.toContain(key);
  });

  test('a revoked one stays listed with is_active 0, and revoking again is well', async () => {
    const { id } = (await call('POST', '/keys', { body: { label: 'x' } })).body;
    expect(await call('DELETE', `/keys/${id}`)).toEqual({ status: 200, body: { ok: true } });
    expect(await call('DELETE', `/keys/${id}`)).toEqual({ status: 200, body: { ok: true } });
    const { keys } = (await call('GET', '/keys')).body;
    expect(keys.find((key: { id: number }) => key.id === id).is_active).toBe(0);
  });

  test('may check and nothing else', async () => {
    const { key } = (await call('POST', '/keys', { body: { label: 'x' } })).body;
    for (const path of ['/flows', '/rules', '/keys', '/stats/summary', '/stats/events']) {
      expect((await call('GET', path, { token: key })).status).toBe(403);
    }
  });

  test.each([{}, { label: '' }, { label: 1 }, { label: 'x', scope: 'all' }])(
    '%j makes none',
    async (body) => {
      expect((await call('POST', '/keys', { body })).status).toBe(400);
    },
  );
});

describe('sign-in', () => {
  test('gives the token that every Bearer endpoint takes', async () => {
    const reply = await call('POST', '/auth/login', { body: OWNER, token: '' });
    expect(reply).toEqual({
      status: 200,
      body: { token: expect.any(String), expires_in: 86_400 },
    });
    expect((await call('GET', '/flows', { token: reply.body.token })).status).toBe(200);
  });

  test('a wrong password is 401, a body without one is 400', async () => {
    const wrong = await call('POST', '/auth/login', {
      ...{ body: { ...OWNER, password: 'wrong' }, token: '' },
    });
    expect([wrong.status, wrong.body.error]).toEqual([401, 'unauthorized']);
    const none = await call('POST', '/auth/login', { body: { email: OWNER.email }, token: '' });
    expect([none.status, none.body.field]).toEqual([400, 'password']);
  });
});

describe('who may', () => {
  const routes: [string, string, unknown?][] = [
    ['GET', '/flows'],
    ['POST', '/flows', BARE],
    ['GET', '/flows/:flow'],
    ['PATCH', '/flows/:flow', { name: 'taken' }],
    ['GET', '/flows/:flow/stats'],
    ['POST', '/flows/:flow/simulate', {}],
    ['GET', '/flows/:flow/php'],
    ['GET', '/flows/:flow/node'],
    ['GET', '/flows/:flow/nginx'],
    ['GET', '/flows/:flow/js'],
    ['DELETE', '/flows/:flow'],
    ['GET', '/rules'],
    ['POST', '/rules', RULE],
    ['PATCH', '/rules/:rule', { name: 'taken' }],
    ['DELETE', '/rules/:rule'],
    ['GET', '/keys'],
    ['POST', '/keys', { label: 'x' }],
    ['DELETE', '/keys/:key'],
    ['GET', '/stats/summary'],
    ['GET', '/stats/events'],
    ['GET', '/stats/events/:event'],
  ];

  async function ours() {
    const { body: key } = await call('POST', '/keys', { body: { label: 'ours' } });
    const { body: flow } = await call('POST', '/flows', { body: { ...BARE, key_id: key.id } });
    const { body: rule } = await call('POST', '/rules', { body: { ...RULE, is_active: false } });
    await call('POST', '/check', {
      ...{ body: { ip: '73.1.2.3', flow_id: flow.id }, token: '' },
      headers: { 'x-api-key': key.key },
    });
    const { events } = (await call('GET', '/stats/events?limit=1')).body;
    return { flow: flow.id, rule: rule.id, key: key.id, event: events[0].id };
  }

  test("another organization's id is 404 on every endpoint, and changes nothing", async () => {
    const ids: Record<string, number> = await ours();
    const { token } = await server.otherOrg();
    const filled = routes
      .filter(([, path]) => path.includes(':'))
      .map(([method, path, body]) => ({
        ...{ method, body, path: path.replace(/:(\w+)/, (_, name: string) => String(ids[name])) },
      }));
    expect(filled.length).toBe(13);
    for (const { method, path, body } of filled) {
      const reply = await call(method, path, { body, token });
      expect([method, path, reply.status]).toEqual([method, path, 404]);
      expect(reply.body.error).toBe('not_found');
    }
    expect((await call('GET', `/flows/${ids['flow']}`)).body.name).toBe(BARE.name);
    const { keys } = (await call('GET', '/keys')).body;
    expect(keys.find(({ id }: { id: number }) => id === ids['key']).is_active).toBe(1);
  });

  test('nobody without credentials, and who may only read does not write', async () => {
    const ids: Record<string, number> = await ours();
    const reader = await server.member('read-only');
    for (const [method, path, body] of routes) {
      const filled = path.replace(/:(\w+)/, (_, name: string) => String(ids[name]));
      const nobody = await call(method, filled, { body, token: '' });
      expect([filled, nobody.status, nobody.body.error]).toEqual([filled, 401, 'unauthorized']);
      const writes = method !== 'GET' && !path.endsWith('/simulate');
      if (!writes) continue;
      const status = (await call(method, filled, { body, token: reader })).status;
      expect([method, filled, status]).toEqual([method, filled, 403]);
    }
  });

  test.each(['abc', '0', '-1', '1.5', '99999999999999999999'])(
    'an id of %s is none',
    async (id) => {
      const { status, body } = await call('GET', `/flows/${id}`);
      expect([status, body.error]).toEqual([400, 'invalid_request']);
    },
  );
});
