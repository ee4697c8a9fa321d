/** The figures of the original, out of real clicks and conversions over HTTP, and every cut of them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../harness/server.ts';
import {
  AGENTS,
  ANY_VISITOR,
  client,
  movableClock,
  type Visit,
  visit,
  visitAll,
  withoutLimits,
} from './track.ts';

const BLOCK = {
  clicks: 15_000,
  unique_clicks: 12_500,
  real_clicks: 10_000,
  bot_clicks: 3_000,
  vpn_clicks: 2_000,
  conversions: 450,
  revenue: 20_250,
  cost: 7_500,
  profit: 12_750,
  roi: 170,
  cr: 4.5,
  epc: 1.35,
};
const NOTHING = Object.fromEntries(Object.keys(BLOCK).map((name) => [name, 0]));

let server: TestServer;
let call: ReturnType<typeof client>;
let campaignId: number;
const clock = movableClock('2024-01-20T15:30:00Z');
beforeAll(async () => {
  server = await startTestServer({ env: ANY_VISITOR, clock });
  await withoutLimits(server);
  call = client(server);
  const made = await call('POST', '/api/v1/campaigns', {
    name: 'New Campaign',
    destination_url: 'https://shop.example/?c={clickid}',
    ...{ traffic_source_id: 1, cost_model: 'cpc', cost_value: 0.5, status: 'active' },
  });
  campaignId = made.body.data.id;
  const address = (index: number) => `73.${(index >> 8) & 255}.${index & 255}.9`;
  const vpn = (index: number) => `31.57.7.${index + 1}`;
  const visits: Visit[] = [
    ...Array.from({ length: 10_000 }, (_, i) => ({
      ip: address(i),
      agent: i % 4 ? AGENTS.iphone : AGENTS.chrome,
    })),
    ...Array.from({ length: 3_000 }, (_, i) => ({ ip: address(i % 2_300), agent: AGENTS.bot })),
    ...Array.from({ length: 2_000 }, (_, i) => ({ ip: vpn(i % 200), agent: AGENTS.firefox })),
  ];
  const ids = await visitAll(server, made.body.data.uuid, visits);
  const converted = ids.slice(0, 450);
  for (let at = 0; at < converted.length; at += 30) {
    await Promise.all(
      converted
        .slice(at, at + 30)
        .map((id) => fetch(`${server.url}/api/v1/postback?clickid=${id}&payout=45.00&txid=t`)),
    );
  }
}, 240_000);
afterAll(() => server.stop());

const get = async (path: string) => (await call('GET', path)).body.data;
const range = 'from=2024-01-01&to=2024-01-31';

test('campaign statistics are those of the original, number by number', async () => {
  const { status, body } = await call('GET', `/api/v1/campaigns/${campaignId}/stats?${range}`);
  expect([status, body]).toEqual([200, { success: true, data: BLOCK }]);
});

test('whatever the cut, the rows sum to the total', async () => {
  const cuts = ['countries', 'devices', 'browsers', 'os', 'sources', 'hours', 'timeline'];
  for (const cut of cuts) {
    const rows = await get(`/api/v2/analytics/${cut}?campaign_id=${campaignId}`);
    for (const name of [
      'clicks',
      'unique_clicks',
      'real_clicks',
      'bot_clicks',
      'vpn_clicks',
      'conversions',
      'revenue',
      'cost',
    ] as const) {
      const sum = rows.reduce(
        (all: number, row: Record<string, number>) => all + (row[name] ?? 0),
        0,
      );
      expect([cut, name, sum]).toEqual([cut, name, BLOCK[name]]);
    }
  }
});

test('countries and devices are rows of the block, most clicks first', async () => {
  const countries = await get(`/api/v2/analytics/countries?campaign_id=${campaignId}`);
  expect(countries[0]).toMatchObject({
    country: 'US',
    clicks: 13_000,
    real_clicks: 10_000,
    conversions: 450,
  });
  const devices = await get(`/api/v2/analytics/devices?campaign_id=${campaignId}`);
  expect(
    devices.map(({ device, clicks }: { device: string; clicks: number }) => [device, clicks]),
  ).toEqual([
    ['mobile', 7_500],
    ['desktop', 4_500],
    ['bot', 3_000],
  ]);
  const [hour] = await get('/api/v2/analytics/hours');
  expect(hour).toMatchObject({ hour: 15, clicks: 15_000 });
  const [source] = await get('/api/v2/analytics/sources');
  expect(source).toMatchObject({ source: 'Google Ads', traffic_source_id: 1, clicks: 15_000 });
});

test('the organization’s statistics add a timeline; days without clicks have no row', async () => {
  const data = await get(`/api/v1/stats?${range}`);
  expect(data).toEqual({ ...BLOCK, timeline: [{ date: '2024-01-20', ...BLOCK }] });
});

test('without from and to it is the last 30 days; outside there is nothing, and 0 divided by 0 is 0', async () => {
  expect(await get(`/api/v1/campaigns/${campaignId}/stats`)).toEqual(BLOCK);
  expect(await get(`/api/v1/campaigns/${campaignId}/stats?from=2024-01-21&to=2024-01-31`)).toEqual(
    NOTHING,
  );
  expect(await get('/api/v1/stats?from=2023-12-01&to=2023-12-31')).toEqual({
    ...NOTHING,
    timeline: [],
  });
  expect(await get(`/api/v2/analytics/countries?to=2024-01-19`)).toEqual([]);
  clock.set('2024-02-18T23:59:00Z');
  const { body } = await call('POST', '/api/v1/auth/token', {
    email: server.org.email,
    password: server.org.password,
  });
  const later = client(server, body.token);
  const clicksNow = async () =>
    (await later('GET', `/api/v1/campaigns/${campaignId}/stats`)).body.data.clicks;
  expect(await clicksNow()).toBe(15_000);
  clock.set('2024-02-19T00:01:00Z');
  expect(await clicksNow()).toBe(0);
  clock.set('2024-01-20T15:30:00Z');
});

test.each(['from=2024-02-30', 'from=yesterday', 'from=2024-02-01&to=2024-01-01', 'group=day'])(
  '%s is refused',
  async (query) => {
    expect((await call('GET', `/api/v1/stats?${query}`)).status).toBe(400);
    expect((await call('GET', `/api/v2/analytics/devices?${query}`)).status).toBe(400);
  },
);

describe('the organization’s days', () => {
  test('are those of its time zone, in statistics and lists, also after it moved', async () => {
    const org = await server.otherOrg();
    const own = client(server, org.token);
    const setZone = (zone: string) =>
      fetch(`${server.url}/account/api/v1/organization`, {
        method: 'PATCH',
        headers: { authorization: `Bearer ${org.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ time_zone: zone }),
      });
    const made = await own('POST', '/api/v1/campaigns', {
      name: 'Z',
      destination_url: 'https://a.example/?c={clickid}',
    });
    const { uuid } = made.body.data;
    for (const at of ['2024-01-19T18:00:00Z', '2024-01-19T18:45:00Z', '2024-01-20T15:30:00Z']) {
      clock.set(at);
      await visit(server, uuid);
      await own('GET', '/api/v1/clicks');
    }
    const days = async () => {
      const { timeline } = (await own('GET', '/api/v1/stats')).body.data;
      const listed = await own('GET', '/api/v1/clicks?from=2024-01-20&to=2024-01-20');
      return [
        timeline.map(({ date, clicks }: { date: string; clicks: number }) => [date, clicks]),
        listed.body.meta.total,
      ];
    };
    expect(await days()).toEqual([
      [
        ['2024-01-19', 2],
        ['2024-01-20', 1],
      ],
      1,
    ]);
    expect((await setZone('Asia/Kolkata')).status).toBe(200);
    // 18:45 UTC is a quarter past midnight there.
    await expect.poll(days, { timeout: 15_000 }).toEqual([
      [
        ['2024-01-19', 1],
        ['2024-01-20', 2],
      ],
      2,
    ]);
  });
});

test('another organization’s campaign is not found in any statistics', async () => {
  const other = client(server, (await server.otherOrg()).token);
  for (const path of [
    `/api/v1/campaigns/${campaignId}/stats`,
    ...['countries', 'devices', 'browsers', 'os', 'sources', 'hours', 'timeline'].map(
      (cut) => `/api/v2/analytics/${cut}?campaign_id=${campaignId}`,
    ),
    `/api/v2/fraud/stats?campaign_id=${campaignId}`,
  ]) {
    expect([path, (await other('GET', path)).status]).toEqual([path, 404]);
  }
  expect((await other('GET', '/api/v1/stats')).body.data).toEqual({ ...NOTHING, timeline: [] });
});
