/** The tracking link: what is answered to whom, what is kept of it, and what is not counted. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { AGENTS, ANY_VISITOR, client, visit, visitAll, withoutLimits } from './track.ts';

let server: TestServer;
let call: ReturnType<typeof client>;
beforeAll(async () => {
  server = await startTestServer({
    env: { ...ANY_VISITOR, CLOAKROOM_HOSTS: 'track=t.example.com,mail=m.example.com' },
  });
  await withoutLimits(server);
  call = client(server);
});
afterAll(() => server.stop());

const create = async (fields: object = {}) =>
  (
    await call('POST', '/api/v1/campaigns', {
      name: 'C',
      destination_url: 'https://a.example/?c={clickid}',
      ...fields,
    })
  ).body.data;
const clicksOf = async (id: number, query = '') =>
  (await call('GET', `/api/v1/clicks?campaign_id=${id}${query}`)).body;

test('it answers at the root and below /track, with a click each', async () => {
  const { uuid, id } = await create();
  expect((await visit(server, uuid)).status).toBe(302);
  const below = await fetch(`${server.url}/track/c/${uuid}`, { redirect: 'manual' });
  expect(below.status).toBe(302);
  expect((await clicksOf(id)).meta.total).toBe(2);
});

test('a host that is bound to another service does not answer it', async () => {
  const { uuid } = await create();
  const { port } = new URL(server.url);
  const get = (host: string) =>
    new Promise<number | undefined>((done) => {
      import('node:http').then(({ get: request }) =>
        request({ port, host: '127.0.0.1', path: `/c/${uuid}`, headers: { host } }, (answer) => {
          answer.resume();
          done(answer.statusCode);
        }),
      );
    });
  expect(await get('t.example.com')).toBe(302);
  expect(await get('m.example.com')).toBe(404);
});

describe('an unusual state', () => {
  test('unknown: 404; without a destination: 404; paused: 410 or the fallback; no click', async () => {
    expect((await visit(server, 'nothing')).status).toBe(404);
    const bare = await create({ destination_url: null });
    expect((await visit(server, bare.uuid)).status).toBe(404);
    const { uuid, id } = await create();
    for (const status of ['paused', 'inactive']) {
      await call('PUT', `/api/v1/campaigns/${id}`, { status, fallback_url: null });
      expect((await visit(server, uuid)).status).toBe(410);
      await call('PUT', `/api/v1/campaigns/${id}`, {
        fallback_url: 'https://safe.example/{country}',
      });
      const sent = await visit(server, uuid);
      expect([sent.status, sent.location]).toEqual([302, 'https://safe.example/FR']);
    }
    await call('PUT', `/api/v1/campaigns/${id}`, { status: 'active' });
    expect((await visit(server, uuid)).status).toBe(302);
    expect((await clicksOf(id, '&include=uncounted')).meta.total).toBe(1);
  });

  test('a wrong method is 405, in the dialect, naming the right ones', async () => {
    const { uuid } = await create();
    const answer = await fetch(`${server.url}/c/${uuid}`, { method: 'POST' });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toContain('GET');
    expect(await answer.json()).toMatchObject({
      success: false,
      error: { code: 'METHOD_NOT_ALLOWED' },
    });
  });
});

test('HEAD, prefetch and preview are answered, kept, and counted nowhere', async () => {
  const { uuid, id } = await create({ cost_model: 'cpc', cost_value: 1 });
  const head = await visit(server, uuid, { method: 'HEAD' });
  expect([head.status, head.text]).toEqual([302, '']);
  for (const headers of [
    { 'sec-purpose': 'prefetch;prerender' },
    { purpose: 'prefetch' },
    { 'x-purpose': 'preview' },
    { 'x-moz': 'prefetch' },
  ] as Record<string, string>[]) {
    expect((await visit(server, uuid, { headers })).status).toBe(302);
  }
  await visit(server, uuid);
  expect((await clicksOf(id)).meta.total).toBe(1);
  const all = await clicksOf(id, '&include=uncounted');
  expect(all.meta.total).toBe(6);
  expect(all.data.filter(({ is_counted }: { is_counted: boolean }) => is_counted).length).toBe(1);
  const { data } = (await call('GET', `/api/v1/campaigns/${id}/stats`)).body;
  expect(data).toMatchObject({ clicks: 1, unique_clicks: 1, cost: 1 });
});

test('all macros are filled in, URL-encoded, and what visitors write stays in its place', async () => {
  const names = [
    'campaign_id',
    'country',
    'city',
    'device',
    'os',
    'browser',
    'ip_masked',
    'cost',
    'source',
    'sub1',
    'sub10',
  ];
  const { uuid, id } = await create({
    destination_url: `https://a.example/{sub2}/ü?${names.map((name) => `${name}={${name}}`).join('&')}&unknown={unknown}`,
  });
  const query = '?sub1=%26x%3D1%23%0d%0aSet-Cookie:%20a&sub2=..%2F..%2F&sub10=%E2%82%AC&cost=0.25';
  const { location } = await visit(server, uuid, { query });
  expect(location).toBe(
    `https://a.example/..%2F..%2F/%C3%BC?campaign_id=${id}&country=FR&city=&device=mobile&os=iOS` +
      '&browser=Safari&ip_masked=92.184.x.x&cost=0.25&source=&sub1=%26x%3D1%23%0D%0ASet-Cookie%3A%20a&sub10=%E2%82%AC&unknown={unknown}',
  );
});

test.each([
  '?sub1=%',
  '?%%%=%ZZ&&&==',
  `?sub1=${'x'.repeat(4_000)}`,
  `?${'a=1&'.repeat(2_000)}`,
  '?sub1=a&sub1=b',
  '?sub1=%00%ff',
  '?cost=1e9',
  '?cost=-5',
  '?__proto__=1&constructor=2',
])('a hostile query is a click like every other: %s', async (query) => {
  const { uuid, id } = await create({
    destination_url: 'https://a.example/?c={clickid}&s={sub1}',
    cost_model: 'cpc',
    cost_value: 0.5,
  });
  const clicked = await visit(server, uuid, { query });
  expect(clicked.status).toBe(302);
  const click = (await call('GET', `/api/v1/clicks/${clicked.clickId}`)).body.data;
  expect(click).toMatchObject({ campaign_id: id, cost: 0.5 });
  expect((click.subs.sub1 ?? '').length).toBeLessThanOrEqual(255);
});

test('strange user agents and addresses are clicks, too', async () => {
  const { uuid, id } = await create();
  for (const agent of ['', '\u00e9\u00ff', '{clickid}', 'x'.repeat(8_000)]) {
    expect((await visit(server, uuid, { agent })).status).toBe(302);
  }
  for (const ip of ['2001:db8:1:2::3', 'nonsense', '::ffff:203.0.113.9', '', '1.2.3.4, 5.6.7.8']) {
    expect((await visit(server, uuid, { ip })).status).toBe(302);
  }
  const { data } = await clicksOf(id, '&per_page=100');
  expect(data.length).toBe(9);
  const ips = data.map(({ ip }: { ip: string }) => ip);
  expect(ips).toContain('2001:db8:1::/48');
  expect(ips).toContain('203.0.x.x');
  expect(ips).toContain('5.6.x.x');
});

test('offers share the visitors by weight', async () => {
  const { uuid } = await create({
    offers: [
      { url: 'https://one.example/', weight: 3 },
      { url: 'https://two.example/', weight: 1 },
    ],
  });
  const locations = await Promise.all(Array.from({ length: 400 }, () => visit(server, uuid)));
  const ones = locations.filter(({ location }) => location === 'https://one.example/').length;
  // 300 expected; seven standard deviations either way.
  expect(ones).toBeGreaterThan(240);
  expect(ones).toBeLessThan(360);
});

test('addresses are kept masked; whole ones only where the owner says so', async () => {
  const { uuid } = await create();
  const masked = await visit(server, uuid, { ip: '203.0.113.77' });
  const ipOf = async (id: string | null) =>
    (await call('GET', `/api/v1/clicks/${id}`)).body.data.ip;
  expect(await ipOf(masked.clickId)).toBe('203.0.x.x');
  const { rows } = await server.kernel.database.pool.query(
    'SELECT c::text AS row FROM track.clicks c',
  );
  expect(rows.some(({ row }) => row.includes('203.0.113.77'))).toBe(false);
  const settings = await call('PUT', '/api/v1/settings', { store_full_ip: true });
  expect(settings.body).toEqual({ success: true, data: { store_full_ip: true } });
  expect(await ipOf((await visit(server, uuid, { ip: '203.0.113.77' })).clickId)).toBe(
    '203.0.113.77',
  );
  expect(await ipOf(masked.clickId)).toBe('203.0.x.x');
  expect((await call('PUT', '/api/v1/settings', { store_full_ip: false })).status).toBe(200);
  const member = client(server, await server.member('member'));
  expect((await member('PUT', '/api/v1/settings', { store_full_ip: true })).status).toBe(403);
});

describe('lists of clicks', () => {
  let id: number;
  let ids: string[];
  beforeAll(async () => {
    const made = await create();
    id = made.id;
    const visits = Array.from({ length: 1_000 }, (_, index) => ({
      ip: index % 5 ? `73.${index % 250}.1.2` : `92.184.${index % 250}.3`,
      agent: index % 10 ? AGENTS.chrome : AGENTS.bot,
      query: `?sub1==${index}`,
    }));
    ids = await visitAll(server, made.uuid, visits);
  });

  test('1,000 clicks come by page and by cursor, newest first, without a gap or a double', async () => {
    const newest = ids.toSorted().reverse();
    const byPage: string[] = [];
    for (let page = 1; page <= 10; page++) {
      const { data, meta } = await clicksOf(id, `&per_page=100&page=${page}`);
      expect(meta).toMatchObject({ page, per_page: 100, total: 1_000 });
      byPage.push(...data.map((click: { id: string }) => click.id));
    }
    expect(byPage).toEqual(newest);
    const byCursor: string[] = [];
    for (let cursor = ''; ; ) {
      const { data, meta } = await clicksOf(id, `&per_page=99${cursor}`);
      byCursor.push(...data.map((click: { id: string }) => click.id));
      if (meta.next_cursor === null) break;
      cursor = `&cursor=${meta.next_cursor}`;
    }
    expect(byCursor).toEqual(newest);
  });

  test.each([
    ['status=bot', 100],
    ['status=real', 900],
    ['status=vpn', 0],
    ['country=FR', 200],
    ['country=us', 800],
    ['country=US&status=bot', 0],
    ['from=2020-01-01&to=2020-01-31', 0],
    ['from=2020-01-01', 1_000],
    ['to=2020-01-01', 0],
    ['fraud_type=bot', 100],
  ])('%s lets through %i', async (query, count) => {
    expect((await clicksOf(id, `&${query}`)).meta.total).toBe(count);
  });

  test.each([
    'status=good',
    'country=USA',
    'from=2024-02-30',
    'per_page=0',
    'campaign_id=x',
    'colour=red',
    'cursor=%27;',
  ])('%s is refused', async (query) => {
    expect((await call('GET', `/api/v1/clicks?${query}`)).status).toBe(400);
  });

  test('CSV and NDJSON stream every row; what a spreadsheet takes for a formula is text', async () => {
    const csv = await call('GET', `/api/v1/clicks?campaign_id=${id}&format=csv`);
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const lines = csv.body.trimEnd().split('\r\n');
    expect(lines.length).toBe(1_001);
    expect(lines[0]).toMatch(/^id,campaign_id,ip,country,city,device,os,browser,status,is_bot,/);
    const ndjson = await call('GET', `/api/v1/clicks?campaign_id=${id}&format=ndjson&status=bot`);
    const rows = ndjson.body
      .trimEnd()
      .split('\n')
      .map((line: string) => JSON.parse(line));
    expect(rows.length).toBe(100);
    expect(rows.every(({ is_bot }: { is_bot: boolean }) => is_bot)).toBe(true);
  });

  test('another organization sees none of it', async () => {
    const other = client(server, (await server.otherOrg()).token);
    expect((await other('GET', `/api/v1/clicks/${ids[0]}`)).status).toBe(404);
    expect((await other('GET', `/api/v1/clicks?campaign_id=${id}`)).body.meta.total).toBe(0);
    expect((await call('GET', '/api/v1/clicks/clk_abc123')).status).toBe(404);
  });
});
