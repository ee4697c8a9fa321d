/** Track's first slice over HTTP: token, campaign, link, click, conversion, statistics. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { AGENTS, ANY_VISITOR, client, visit } from './track.ts';

let server: TestServer;
let call: ReturnType<typeof client>;
beforeAll(async () => {
  server = await startTestServer({ env: ANY_VISITOR });
  call = client(server);
});
afterAll(() => server.stop());

test('a token comes for email and password, and for an API key and its secret', async () => {
  const { email, password } = server.org;
  const person = await call('POST', '/api/v1/auth/token', { email, password });
  expect(person).toMatchObject({
    status: 200,
    body: { success: true, token: expect.any(String), expires_in: 86_400 },
  });
  const [api_key, api_secret] = (await server.key('track')).split(':');
  const key = await call('POST', '/api/v1/auth/token', { api_key, api_secret });
  expect(key.status).toBe(200);
  expect((await client(server, key.body.token)('GET', '/api/v1/campaigns')).status).toBe(200);
  const wrong = await call('POST', '/api/v1/auth/token', { email, password: 'wrong password' });
  expect(wrong).toMatchObject({ status: 401, body: { error: { code: 'AUTHENTICATION_ERROR' } } });
  const half = await call('POST', '/api/v1/auth/token', { api_key });
  expect(half.body.error.details).toEqual({ api_secret: ['The api_secret field is required'] });
});

test('a click, its conversion and the statistics of both', async () => {
  const made = await call('POST', '/api/v1/campaigns', {
    name: 'New Campaign',
    traffic_source_id: 1,
    cost_model: 'cpc',
    cost_value: 0.5,
    status: 'active',
    destination_url: 'https://shop.example/p?c={clickid}&s={sub1}&o={os}&cost={cost}&src={source}',
  });
  expect(made.status).toBe(201);
  const { uuid, id, tracking_url } = made.body.data;
  expect(tracking_url).toBe(`${server.url}/c/${uuid}`);
  const clicked = await visit(server, uuid, { query: '?sub1=a%20b&gclid=g1' });
  expect(clicked.status).toBe(302);
  expect(clicked.headers.get('cache-control')).toBe('no-store');
  expect(clicked.location).toBe(
    `https://shop.example/p?c=${clicked.clickId}&s=a%20b&o=iOS&cost=0.5&src=Google%20Ads`,
  );
  const click = await call('GET', `/api/v1/clicks/${clicked.clickId}`);
  expect(click.body.data).toMatchObject({
    id: clicked.clickId,
    campaign_id: id,
    ip: '92.184.x.x',
    country: 'FR',
    device: 'mobile',
    os: 'iOS',
    browser: expect.stringContaining('Safari'),
    status: 'real',
    is_bot: false,
    is_vpn: false,
    converted: false,
    external_id: 'g1',
    subs: { sub1: 'a b', gclid: 'g1' },
  });
  const converted = await call('POST', '/api/v1/conversions', {
    click_id: clicked.clickId,
    payout: 45.0,
    transaction_id: 'txn_12345',
    status: 'approved',
  });
  expect(converted).toMatchObject({
    status: 201,
    body: {
      data: { click_id: clicked.clickId, payout: 45, transaction_id: 'txn_12345', late: false },
    },
  });
  await visit(server, uuid, { agent: AGENTS.bot });
  const stats = await call('GET', `/api/v1/campaigns/${id}/stats`);
  expect(stats.body).toEqual({
    success: true,
    data: {
      clicks: 2,
      unique_clicks: 2,
      real_clicks: 1,
      bot_clicks: 1,
      vpn_clicks: 0,
      conversions: 1,
      revenue: 45,
      cost: 1,
      profit: 44,
      roi: 4400,
      cr: 100,
      epc: 22.5,
    },
  });
  const campaign = await call('GET', `/api/v1/campaigns/${id}`);
  expect(campaign.body.data).toMatchObject({ clicks_today: 2, conversions_today: 1 });
  const listed = await call('GET', `/api/v1/clicks?campaign_id=${id}`);
  expect(listed.body.meta).toMatchObject({ page: 1, per_page: 20, total: 2 });
  expect(listed.body.data[1].converted).toBe(true);
});
