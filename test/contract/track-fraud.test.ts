/** Invalid traffic: the original's figures from real clicks, the reports, the order of the types. */
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

let server: TestServer;
let call: ReturnType<typeof client>;
let campaignId: number;
let uuid: string;
const clock = movableClock('2024-01-20T15:30:00Z');
const FARM = '88.12.44';

beforeAll(async () => {
  server = await startTestServer({ env: { ...ANY_VISITOR, CLOAKROOM_LOG_LEVEL: 'warn' }, clock });
  await withoutLimits(server);
  call = client(server);
  const made = await call('POST', '/api/v1/campaigns', {
    name: '=Shop "A", B',
    destination_url: 'https://shop.example/?c={clickid}',
    ...{ traffic_source_id: 1, cost_model: 'cpc', cost_value: 0.5, click_limit_per_minute: 5 },
  });
  ({ id: campaignId, uuid } = made.body.data);
  const person = (index: number) => `73.${(index >> 8) & 255}.${index & 255}.9`;
  const many = (count: number, of: (index: number) => Visit) =>
    Array.from({ length: count }, (_, i) => of(i));
  const clean = many(9_150 - 1, (i) => ({ ip: person(i), query: `?gclid=g${i}` }));
  await visitAll(server, uuid, [
    ...clean,
    ...many(300, (i) => ({ ip: person(i), agent: AGENTS.bot, query: `?gclid=bot${i}` })),
    ...many(100, (i) => ({ ip: `3.${i}.7.9` })),
    ...many(150, (i) => ({ ip: `31.57.7.${i + 1}` })),
    ...many(50, (i) => ({ ip: `${FARM}.${i + 1}`, agent: AGENTS.chrome })),
    ...clean.slice(0, 196),
  ]);
  // One visitor: the first click is clean, up to the limit duplicates, then fast repeats.
  for (let click = 0; click < 55; click++)
    await visit(server, uuid, { ip: '24.5.6.7', query: '?sub1=fast' });
}, 240_000);
afterAll(() => server.stop());

test('fraud statistics are those of the original, number by number', async () => {
  // The farm is found by looking at neighbours, several times a minute.
  const read = async () =>
    (await call('GET', `/api/v2/fraud/stats?campaign_id=${campaignId}`)).body;
  await expect
    .poll(async () => (await read()).data.fraud_by_type.click_farm, {
      timeout: 45_000,
      interval: 500,
    })
    .toBe(50);
  expect(await read()).toEqual({
    success: true,
    data: {
      total_clicks: 10_000,
      fraudulent_clicks: 850,
      fraud_rate: 8.5,
      fraud_by_type: {
        bot: 300,
        duplicate: 200,
        vpn: 150,
        datacenter: 100,
        rapid_fire: 50,
        click_farm: 50,
      },
      estimated_savings: 425,
    },
  });
}, 60_000);

test('clicks say their one type', async () => {
  for (const [type, total] of [
    ['bot', 300],
    ['duplicate', 200],
    ['vpn', 150],
    ['datacenter', 100],
    ['rapid_fire', 50],
    ['click_farm', 50],
  ]) {
    const { body } = await call(
      'GET',
      `/api/v1/clicks?campaign_id=${campaignId}&fraud_type=${type}&per_page=1`,
    );
    expect([type, body.meta.total, body.data[0].fraud_type]).toEqual([type, total, type]);
  }
});

test('a conversion from a marked network takes the marks away', async () => {
  const { body } = await call(
    'GET',
    `/api/v1/clicks?campaign_id=${campaignId}&fraud_type=click_farm`,
  );
  await fetch(
    `${server.url}/api/v1/postback?clickid=${body.data[0].id}&payout=1&txid=farm&status=pending`,
  );
  const farms = async () =>
    (await call('GET', '/api/v2/fraud/stats')).body.data.fraud_by_type.click_farm;
  await expect.poll(farms, { timeout: 45_000, interval: 500 }).toBe(0);
  expect((await call('GET', '/api/v2/fraud/stats')).body.data).toMatchObject({
    fraudulent_clicks: 800,
    estimated_savings: 400,
  });
  await fetch(`${server.url}/api/v1/postback?clickid=${body.data[0].id}&txid=farm&status=rejected`);
  await expect.poll(farms, { timeout: 45_000, interval: 500 }).toBe(50);
}, 120_000);

describe('reports', () => {
  async function report(body: object) {
    const asked = await call('POST', '/api/v2/fraud/report', body);
    expect(asked).toMatchObject({
      status: 202,
      body: { success: true, data: { id: expect.any(Number), status: 'pending' } },
    });
    const { id } = asked.body.data;
    const status = async () => (await call('GET', `/api/v2/fraud/report/${id}`)).body.data.status;
    await expect.poll(status, { timeout: 30_000, interval: 200 }).toBe('ready');
    const csv = await call('GET', `/api/v2/fraud/report/${id}/csv`);
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(csv.headers.get('content-disposition')).toBe(
      `attachment; filename="fraud-report-${id}.csv"`,
    );
    return { id, lines: csv.body.trimEnd().split('\r\n') as string[] };
  }

  test.each([
    [
      'google',
      'GCLID,Date and Time (UTC),IP Address,Reason',
      /^bot\d+,2024-01-20 15:30:00,73\.\d+\.x\.x,Automated client \(bot\)$/,
    ],
    [
      'meta',
      'FBCLID,Date and Time (UTC),IP Address,Country,Campaign,Reason',
      /,US,"'=Shop ""A"", B",Automated client \(bot\)$/,
    ],
    [
      'microsoft',
      'MSCLKID,Date and Time (UTC),IP Address,Country,Campaign,Reason',
      /Automated client/,
    ],
    ['tiktok', 'TTCLID,Date and Time (UTC),IP Address,Country,Campaign,Reason', /Automated client/],
    [
      'generic',
      'click_id,external_id,time,ip,country,campaign_id,campaign,fraud_type,cost',
      /^clk_\w+,bot\d+,2024-01-20T15:30:00Z,.*,bot,0\.5$/,
    ],
  ])('for %s are CSV as its form takes it', async (platform, header, botLine) => {
    const days = { from: '2024-01-01', to: '2024-01-31' };
    const { id, lines } = await report({ campaign_id: campaignId, ...days, platform });
    expect(lines[0]).toBe(header);
    expect(lines.length).toBe(851);
    expect(lines.some((line) => botLine.test(line))).toBe(true);
    expect((await call('GET', `/api/v2/fraud/report/${id}`)).body.data).toMatchObject({
      ...{ id, status: 'ready', campaign_id: campaignId, platform, ...days, rows: 850 },
    });
  });

  test('are asked for with nothing but a body, of other days are empty', async () => {
    expect((await report({ from: '2023-01-01', to: '2023-01-31' })).lines.length).toBe(1);
    expect((await report({})).lines.length).toBe(851);
  });

  test('of another organization are not found, nor is its campaign', async () => {
    const { id } = await report({ platform: 'google' });
    const other = client(server, (await server.otherOrg()).token);
    expect((await other('GET', `/api/v2/fraud/report/${id}`)).status).toBe(404);
    expect((await other('GET', `/api/v2/fraud/report/${id}/csv`)).status).toBe(404);
    expect((await other('POST', '/api/v2/fraud/report', { campaign_id: campaignId })).status).toBe(
      404,
    );
    expect((await call('GET', '/api/v2/fraud/report/999999/csv')).status).toBe(404);
  });

  test.each([
    ['platform', { platform: 'myspace' }],
    ['from', { from: '2024-13-01' }],
    ['from', { from: '2024-02-01', to: '2024-01-01' }],
    ['campaign_id', { campaign_id: '1' }],
    ['email', { email: 'a@example.com' }],
  ])('refuse a bad %s', async (field, body) => {
    const refused = await call('POST', '/api/v2/fraud/report', body);
    expect(refused.status).toBe(400);
    expect(Object.keys(refused.body.error.details)).toEqual([field]);
  });
});
