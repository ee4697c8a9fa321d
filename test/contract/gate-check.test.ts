/** `POST /gate/api/v1/check`, as the original shows it and the contract adds to it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestOrganization, type TestServer } from '../harness/server.ts';

const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1';
const GOOGLEBOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';
const COMCAST = '73.1.2.3';

let server: TestServer;
let key: string;
beforeAll(async () => {
  server = await startTestServer();
  key = await server.key('gate');
});
afterAll(() => server.stop());

interface Reply {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers are compared, not typed
  body: any;
}

async function send(
  path: string,
  {
    method = 'POST',
    body,
    headers = {},
  }: { method?: string; body?: unknown; headers?: Record<string, string> },
): Promise<Reply> {
  const response = await fetch(`${server.url}/gate/api/v1${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

const check = (body: unknown, options: { query?: string; key?: string } = {}) =>
  send(`/check${options.query ?? ''}`, { body, headers: { 'x-api-key': options.key ?? key } });

const asOwner = (method: string, path: string, body?: unknown, org = server.org) =>
  send(path, { method, body, headers: { authorization: `Bearer ${org.token}` } });

async function makeFlow(fields: Record<string, unknown> = {}, org?: TestOrganization) {
  const made = await asOwner(
    'POST',
    '/flows',
    {
      ...{ name: 'F', white_url: 'https://safe.example.com/' },
      ...{ money_url: 'https://offer.example.com/lp', block_vpn_proxy: false },
      ...fields,
    },
    org,
  );
  expect(made.status).toBe(201);
  return made.body.id as number;
}

describe('the answer', () => {
  test('has the fields of the original, and no other', async () => {
    const { status, body } = await check({
      ip: COMCAST,
      ua: IPHONE,
      url: 'https://offer.example.com/lp?utm_source=fb',
      headers: { 'accept-language': 'en-US,en;q=0.9' },
      fingerprint: null,
      behavior: null,
      allow_known_bots: false,
      allow_blocklist_hits: false,
      allow_datacenter: false,
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      verdict: 'allow',
      score: 0,
      reasons: ['rep_trusted'],
      rule_matched: null,
      country: 'US',
      asn: 7922,
      org: 'Comcast Cable Communications, LLC',
      ip: COMCAST,
      flow_clicks_today: 0,
      credits_remaining: expect.any(Number),
    });
  });

  test('takes one credit a call', async () => {
    const first = await check({ ip: COMCAST, ua: IPHONE });
    const second = await check({ ip: COMCAST, ua: IPHONE });
    expect(second.body.credits_remaining).toBe(first.body.credits_remaining - 1);
  });

  test('judges the caller itself where nothing is said', async () => {
    const { status, body } = await check({});
    expect(status).toBe(200);
    expect(body.ip).toBe('127.0.0.1');
    const none = await send('/check', { headers: { 'x-api-key': key } });
    expect(none.status).toBe(200);
  });

  test('takes the key from the query as well', async () => {
    const { status } = await send(`/check?key=${key}`, { body: { ip: COMCAST, ua: IPHONE } });
    expect(status).toBe(200);
  });

  test('counts the clicks of a flow', async () => {
    const flow = await makeFlow();
    const counts = [];
    for (let i = 0; i < 3; i++) {
      const { body } = await check({ ip: COMCAST, ua: IPHONE, flow_id: flow });
      counts.push(body.flow_clicks_today);
    }
    expect(counts).toEqual([1, 2, 3]);
  });

  test('reads an IPv4-mapped address as the address that it is', async () => {
    const { body } = await check({ ip: `::ffff:${COMCAST}`, ua: IPHONE });
    expect(body).toMatchObject({ ip: COMCAST, asn: 7922 });
  });
});

describe('verdicts', () => {
  test.each([
    ['a data centre', { ip: '5.9.1.1', ua: IPHONE }, 'flag', ['datacenter']],
    ['a script', { ip: COMCAST, ua: 'python-requests/2.32' }, 'block', ['known_bot']],
    ['a false crawler', { ip: COMCAST, ua: GOOGLEBOT }, 'block', ['fake_bot']],
    ['a VPN', { ip: '185.159.157.1', ua: IPHONE }, 'flag', ['vpn']],
    [
      'a driven browser',
      { ip: COMCAST, ua: IPHONE, fingerprint: { webdriver: true } },
      'challenge',
      ['automation'],
    ],
  ])('of %s', async (_what, visitor, verdict, reasons) => {
    const { body } = await check(visitor);
    expect(body).toMatchObject({ verdict, reasons });
  });

  test('of a verified crawler: refused, or admitted like a visitor', async () => {
    const crawler = { ip: '66.249.66.1', ua: GOOGLEBOT };
    expect((await check(crawler)).body).toMatchObject({
      ...{ verdict: 'block', reasons: ['verified_bot_refused'], action: 'refuse' },
    });
    const admitted = (await check({ ...crawler, allow_known_bots: true })).body;
    expect(admitted).toMatchObject({ verdict: 'allow', reasons: ['verified_bot'] });
    expect(admitted).not.toHaveProperty('action');
  });

  test('a rule decides and is named, and does not overrule integrity', async () => {
    const rule = await asOwner('POST', '/rules', {
      name: 'no path lp',
      conditions: [{ field: 'path', op: 'is', value: '/rule-test' }],
      action: 'block',
    });
    const url = 'https://offer.example.com/rule-test';
    const visitor = await check({ ip: COMCAST, ua: IPHONE, url });
    expect(visitor.body).toMatchObject({ verdict: 'block', rule_matched: 'no path lp' });
    const crawler = await check({ ip: '66.249.66.1', ua: GOOGLEBOT, url, allow_known_bots: true });
    expect(crawler.body).toMatchObject({ verdict: 'allow', rule_matched: null });
    expect((await asOwner('DELETE', `/rules/${rule.body.id}`)).body).toEqual({ ok: true });
    expect((await check({ ip: COMCAST, ua: IPHONE, url })).body.verdict).toBe('allow');
  });

  test('the cap of a flow counts each address by itself, an IPv6 subscriber as one', async () => {
    const flow = await makeFlow({ max_clicks_per_ip_per_day: 1 });
    const verdict = async (ip: string) =>
      (await check({ ip, ua: IPHONE, flow_id: flow })).body.verdict;
    expect(await verdict(COMCAST)).toBe('allow');
    expect(await verdict('73.1.2.4')).toBe('allow');
    expect(await verdict(COMCAST)).toBe('block');
    expect(await verdict('2601:1c0::1')).toBe('allow');
    expect(await verdict('2601:1c0::2')).toBe('block');
  });

  test('warm-up lets the first visits through, each exactly once', async () => {
    const flow = await makeFlow({ warmup_clicks: 5, blocked_countries: 'us' });
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => check({ ip: COMCAST, ua: IPHONE, flow_id: flow })),
    );
    const allowed = replies.filter(({ body }) => body.verdict === 'allow');
    expect(allowed.length).toBe(5);
    expect(allowed[0]?.body.reasons).toEqual(['warmup', 'country_blocked']);
    expect(new Set(replies.map(({ body }) => body.flow_clicks_today)).size).toBe(20);
  });

  test('a change of a flow holds for the next check', async () => {
    const flow = await makeFlow();
    const verdict = async () =>
      (await check({ ip: COMCAST, ua: IPHONE, flow_id: flow })).body.verdict;
    for (const [patch, expected] of [
      [{ allowed_devices: 'desktop' }, 'block'],
      [{ allowed_devices: 'desktop,mobile' }, 'allow'],
      [{ status: 'paused' }, 'block'],
      [{ cloaking_enabled: false, status: 'active', blocked_countries: 'US' }, 'allow'],
      [{ cloaking_enabled: true }, 'block'],
      [{ shadow: true }, 'allow'],
    ] as const) {
      expect((await asOwner('PATCH', `/flows/${flow}`, patch)).status).toBe(200);
      expect(await verdict()).toBe(expected);
    }
  });
});

describe('explain', () => {
  test('shows every signal with its value and weight, and the versions of the data', async () => {
    const { body } = await check({ ip: '5.9.1.1', ua: IPHONE }, { query: '?explain=1' });
    const { signals, versions, facts } = body.explain;
    expect(signals).toContainEqual({
      ...{ code: 'datacenter', fired: true, weight: 45 },
      value: expect.stringContaining('Hetzner'),
    });
    expect(signals).toContainEqual({ code: 'ua_missing', fired: false, value: null, weight: 30 });
    expect(versions).toMatchObject({ asn: expect.any(String), country: expect.any(String) });
    expect(facts).toMatchObject({ network: 'hosting', device: 'mobile', os: 'iOS' });
    const plain = await check({ ip: '5.9.1.1', ua: IPHONE });
    expect(plain.body).not.toHaveProperty('explain');
  });

  test('the record of a decision explains the same', async () => {
    const { body } = await check(
      { ip: '5.9.1.1', ua: IPHONE, url: 'https://x.example/once' },
      { query: '?explain=true' },
    );
    const { events } = (await asOwner('GET', '/stats/events?limit=1')).body;
    const { body: event } = await asOwner('GET', `/stats/events/${events[0].id}`);
    expect(event.explain).toEqual(body.explain);
    expect(event.reasons).toEqual(body.reasons);
  });
});

describe('what is refused costs no credit', () => {
  const bad: [string, unknown, number, string | undefined][] = [
    ['an ip that is none', { ip: 'nonsense' }, 400, 'ip'],
    ['an ip with a port', { ip: '1.2.3.4:80' }, 400, 'ip'],
    ['headers that are a list', { headers: ['a'] }, 400, 'headers'],
    ['headers that hold no text', { headers: { a: 1 } }, 400, 'headers.a'],
    ['headers that are text', { headers: 'a' }, 400, 'headers'],
    ['an unknown field', { ipp: '1.2.3.4' }, 400, 'ipp'],
    ['a flow_id that is text', { flow_id: '12' }, 400, 'flow_id'],
    ['a flow of nobody', { flow_id: 999_999 }, 404, undefined],
    ['an allow_known_bots of 1', { allow_known_bots: 1 }, 400, 'allow_known_bots'],
  ];
  test.each(bad)('%s', async (_what, visitor, status, field) => {
    const before = (await check({ ip: COMCAST })).body.credits_remaining;
    const reply = await check(visitor);
    expect(reply.status).toBe(status);
    expect(reply.body).toMatchObject({
      error: status === 404 ? 'not_found' : 'invalid_request',
      message: expect.any(String),
      ...(field ? { field } : {}),
    });
    expect((await check({ ip: COMCAST })).body.credits_remaining).toBe(before - 1);
  });

  test("another organization's flow", async () => {
    const other = await server.otherOrg();
    const theirs = await makeFlow({}, other);
    expect((await check({ ip: COMCAST, flow_id: theirs })).status).toBe(404);
  });

  test('a missing, wrong, revoked or foreign key: 401 with a verdict', async () => {
    const made = await asOwner('POST', '/keys', { label: 'to revoke' });
    expect((await check({ ip: COMCAST }, { key: made.body.key })).status).toBe(200);
    expect((await asOwner('DELETE', `/keys/${made.body.id}`)).body).toEqual({ ok: true });
    const replies = [
      await send('/check', { body: {} }),
      await check({}, { key: 'ck_live_wrong' }),
      await check({ ip: COMCAST }, { key: made.body.key }),
      await check({}, { key: await server.key('redact') }),
      await asOwner('POST', '/check', {}),
    ];
    for (const { status, body } of replies) {
      expect(status).toBe(401);
      expect(body).toEqual({
        ...{ error: 'unauthorized', message: expect.any(String), verdict: 'block' },
      });
    }
  });

  test('a key without the scope', async () => {
    const weak = await server.key('gate', { scopes: ['stats:read'] });
    const { status, body } = await check({ ip: COMCAST }, { key: weak });
    expect([status, body.error]).toEqual([403, 'forbidden']);
  });
});

describe('hostile visitors', () => {
  test.each([
    ['NUL and half a character', { ua: 'a\u0000b\ud800c', url: 'http://x/\u0000\udfff' }],
    ['huge headers', { headers: { 'accept-language': 'e'.repeat(16_000) } }],
    ['SQL', { ua: "'; DROP TABLE gate.flows; --", url: "https://x/'||(select 1)||'" }],
    [
      'a deep fingerprint',
      { fingerprint: { platform: 'x\u0000', languages: [[[[]]]], screen: 5 } },
    ],
    ['a trace of nonsense', { behavior: { pointer: [1, null, [1, 2], ['a', 'b', 'c']] } }],
  ])('%s are judged like others', async (_what, visitor) => {
    const { status, body } = await check({ ip: COMCAST, ...visitor }, { query: '?explain=1' });
    expect(status).toBe(200);
    expect(body.explain.signals.length).toBeGreaterThan(5);
  });
});

test('a body that reaches for the prototype is refused', async () => {
  const response = await fetch(`${server.url}/gate/api/v1/check`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    body: '{"fingerprint": {"__proto__": {"webdriver": true}}}',
  });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: 'invalid_request' });
});

describe('Idempotency-Key', () => {
  test('the same key and body give the first answer again, for one credit', async () => {
    const headers = { 'x-api-key': key, 'idempotency-key': 'visit-1' };
    const body = { ip: COMCAST, ua: IPHONE };
    const [first, second] = [
      await send('/check', { body, headers }),
      await send('/check', { body, headers }),
    ];
    expect(second).toEqual(first);
    const other = await send('/check', { body: { ip: COMCAST }, headers });
    expect([other.status, other.body.error]).toEqual([409, 'conflict']);
    const after = await check(body);
    expect(after.body.credits_remaining).toBe(first.body.credits_remaining - 1);
  });
});
