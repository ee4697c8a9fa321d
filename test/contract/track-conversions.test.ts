/** Conversions and postback: once, whoever tells them how often, and of whose clicks. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { ANY_VISITOR, client, movableClock, visit, withoutLimits } from './track.ts';

let server: TestServer;
let call: ReturnType<typeof client>;
const clock = movableClock('2026-03-10T12:00:00Z');
beforeAll(async () => {
  server = await startTestServer({ env: ANY_VISITOR, clock });
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
async function clicked(fields: object = {}, query = '') {
  const campaign = await create(fields);
  const { clickId } = await visit(server, campaign.uuid, { query });
  return { campaign, clickId: clickId as string };
}
const statsOf = async (id: number) =>
  (await call('GET', `/api/v1/campaigns/${id}/stats`)).body.data;
const postback = async (query: string) => {
  const response = await fetch(`${server.url}/api/v1/postback?${query}`);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

test('a conversion has every field, defaults to approved and 0, and is listed', async () => {
  const { campaign, clickId } = await clicked();
  const made = await call('POST', '/api/v1/conversions', { click_id: clickId });
  const conversion = {
    id: expect.any(Number),
    click_id: clickId,
    campaign_id: campaign.id,
    transaction_id: null,
    payout: 0,
    currency: 'USD',
    status: 'approved',
    late: false,
    created_at: '2026-03-10T12:00:00Z',
  };
  expect(made).toMatchObject({ status: 201, body: { success: true, data: conversion } });
  const listed = await call('GET', `/api/v1/conversions?campaign_id=${campaign.id}`);
  expect(listed.body.data).toEqual([conversion]);
  expect(listed.body.meta).toMatchObject({ page: 1, per_page: 20, total: 1 });
});

test('100 parallel postbacks of one transaction count one', async () => {
  const { campaign, clickId } = await clicked();
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => postback(`clickid=${clickId}&payout=45.00&txid=t1`)),
  );
  expect(answers.every(({ status, body }) => status === 200 && body['success'] === true)).toBe(
    true,
  );
  expect(await statsOf(campaign.id)).toMatchObject({ conversions: 1, revenue: 45 });
});

test('of a repeated transaction the later status and payout win; nothing counts twice', async () => {
  const { campaign, clickId } = await clicked();
  const tell = (query: string) => postback(`clickid=${clickId}&txid=t1&${query}`);
  await tell('payout=45.00&status=pending');
  expect(await statsOf(campaign.id)).toMatchObject({ conversions: 1, revenue: 0 });
  await tell('status=approved');
  expect(await statsOf(campaign.id)).toMatchObject({ conversions: 1, revenue: 45 });
  await tell('payout=12.34');
  expect(await statsOf(campaign.id)).toMatchObject({ conversions: 1, revenue: 12.34 });
  await tell('status=rejected');
  expect(await statsOf(campaign.id)).toMatchObject({ conversions: 0, revenue: 0 });
  expect((await call('GET', `/api/v1/clicks/${clickId}`)).body.data.converted).toBe(false);
  await postback(`clickid=${clickId}&txid=t2&payout=1`);
  expect(await statsOf(campaign.id)).toMatchObject({ conversions: 1, revenue: 1 });
  const again = await call('POST', '/api/v1/conversions', {
    click_id: clickId,
    transaction_id: 't2',
    payout: 1,
  });
  expect(again.status).toBe(200);
});

test('one after the attribution window is kept, marked late and not counted', async () => {
  const { campaign, clickId } = await clicked({ attribution_window: 7 });
  await call('GET', `/api/v1/clicks/${clickId}`);
  clock.advance(7 * 86_400_000 + 1_000);
  try {
    const late = client(
      server,
      (
        await call('POST', '/api/v1/auth/token', {
          email: server.org.email,
          password: server.org.password,
        })
      ).body.token,
    );
    const made = await late('POST', '/api/v1/conversions', {
      click_id: clickId,
      payout: 9,
      transaction_id: 'late',
    });
    expect(made).toMatchObject({ status: 201, body: { data: { late: true, payout: 9 } } });
    expect((await late('GET', `/api/v1/campaigns/${campaign.id}/stats`)).body.data).toMatchObject({
      conversions: 0,
      revenue: 0,
    });
    expect((await late('GET', '/api/v1/conversions')).body.data[0].late).toBe(true);
  } finally {
    clock.set('2026-03-10T12:00:00Z');
  }
});

test('a postback token, where the campaign has one, must come along', async () => {
  const { campaign, clickId } = await clicked({ postback_token: 'tok-12345678' });
  for (const token of ['', '&token=', '&token=wrong-token']) {
    expect((await postback(`clickid=${clickId}&txid=t${token}`)).status).toBe(403);
  }
  expect(await statsOf(campaign.id)).toMatchObject({ conversions: 0 });
  expect((await postback(`clickid=${clickId}&txid=t&token=tok-12345678`)).status).toBe(200);
  expect(
    (await call('POST', '/api/v1/conversions', { click_id: clickId, transaction_id: 'u' })).status,
  ).toBe(201);
});

describe('cost', () => {
  test.each([
    [{ cost_model: 'cpc', cost_value: 0.5 }, '', 0.5],
    [{ cost_model: 'cpm', cost_value: 7.5 }, '', 0.01],
    [{ cost_model: 'cpa', cost_value: 20 }, '', 20],
    [{ cost_model: 'revshare', cost_value: 12.5 }, '', 5.63],
    [{ cost_model: 'cpc', cost_value: 0.5 }, '?cost=0.75', 0.75],
    [{ cost_model: 'cpa', cost_value: 20 }, '?cost=0.75', 0.75],
    [{}, '', 0],
  ])('%o with "%s" is %d for one click and one conversion of 45', async (fields, query, cost) => {
    const { campaign, clickId } = await clicked(fields, query);
    await postback(`clickid=${clickId}&payout=45&txid=t`);
    expect(await statsOf(campaign.id)).toMatchObject({
      clicks: 1,
      conversions: 1,
      revenue: 45,
      cost,
    });
  });

  test('a pending conversion costs nothing yet', async () => {
    const { campaign, clickId } = await clicked({ cost_model: 'cpa', cost_value: 20 });
    await postback(`clickid=${clickId}&payout=45&txid=t&status=pending`);
    expect(await statsOf(campaign.id)).toMatchObject({ conversions: 1, revenue: 0, cost: 0 });
  });
});

test('unknown clicks, and those of another organization, are not found', async () => {
  const { clickId } = await clicked();
  const other = client(server, (await server.otherOrg()).token);
  const answers = [
    await other('POST', '/api/v1/conversions', { click_id: clickId }),
    await call('POST', '/api/v1/conversions', { click_id: 'clk_abc123' }),
    await postback('clickid=clk_abc123&payout=1'),
    await postback('clickid=clk_0000000000000000000aa'),
  ];
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
  expect((await other('GET', '/api/v1/conversions')).body.meta.total).toBe(0);
});

describe('bad input', () => {
  test.each([
    ['click_id', { payout: 1 }],
    ['payout', { click_id: 'clk_1', payout: -1 }],
    ['payout', { click_id: 'clk_1', payout: '45.00' }],
    ['status', { click_id: 'clk_1', status: 'paid' }],
    ['transaction_id', { click_id: 'clk_1', transaction_id: '' }],
    ['amount', { click_id: 'clk_1', amount: 5 }],
  ])('%s is refused in %o', async (field, body) => {
    const refused = await call('POST', '/api/v1/conversions', body);
    expect(refused.status).toBe(400);
    expect(Object.keys(refused.body.error.details)).toEqual([field]);
  });

  test.each(['', 'clickid=', 'payout=1', 'clickid=x&status=maybe'])(
    'postback?%s',
    async (query) => {
      expect((await postback(query)).status).toBe(400);
    },
  );

  test.each(['abc', '-1', '1e5', '1,5', '0x10'])('a payout of %s', async (payout) => {
    const { clickId } = await clicked();
    expect(await postback(`clickid=${clickId}&payout=${payout}`)).toMatchObject({
      status: 400,
      body: { error: { details: { payout: [expect.any(String)] } } },
    });
  });

  test('a postback with what its network adds is taken', async () => {
    const { clickId } = await clicked();
    expect(await postback(`clickid=${clickId}&payout=&txid=&aff_id=7&goal=sale`)).toEqual({
      ...{ status: 200, body: { success: true } },
    });
  });
});

test('an Idempotency-Key makes one of two calls', async () => {
  const { campaign, clickId } = await clicked();
  const key = { 'idempotency-key': 'once' };
  const body = { click_id: clickId, transaction_id: 'once', payout: 3 };
  const first = await call('POST', '/api/v1/conversions', body, key);
  expect(await call('POST', '/api/v1/conversions', body, key)).toMatchObject({
    status: 201,
    body: first.body,
  });
  expect((await call('POST', '/api/v1/conversions', { ...body, payout: 4 }, key)).status).toBe(409);
  expect(await statsOf(campaign.id)).toMatchObject({ conversions: 1, revenue: 3 });
});

test('1,000 conversions come by page and by cursor without a gap or a double', async () => {
  const { campaign, clickId } = await clicked();
  for (let at = 0; at < 1_000; at += 50) {
    await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        postback(`clickid=${clickId}&txid=m${at + index}&payout=1`),
      ),
    );
  }
  const listed = async (query: string) =>
    (await call('GET', `/api/v1/conversions?campaign_id=${campaign.id}&per_page=100&${query}`))
      .body;
  const byPage: number[] = [];
  const byCursor: number[] = [];
  for (let page = 1; page <= 10; page++) {
    byPage.push(...(await listed(`page=${page}`)).data.map(({ id }: { id: number }) => id));
  }
  for (let cursor = ''; ; ) {
    const { data, meta } = await listed(cursor);
    byCursor.push(...data.map(({ id }: { id: number }) => id));
    if (meta.next_cursor === null) break;
    cursor = `cursor=${meta.next_cursor}`;
  }
  expect(byPage.length).toBe(1_000);
  expect(byPage).toEqual([...new Set(byPage)].sort((a, b) => b - a));
  expect(byCursor).toEqual(byPage);
  const csv = await call('GET', `/api/v1/conversions?campaign_id=${campaign.id}&format=csv`);
  expect(csv.body.trimEnd().split('\r\n').length).toBe(1_001);
});

test('webhooks tell of what is new and what changed, and of nothing else', async () => {
  const { webhooks, database } = server.kernel;
  await database.tx((tx) =>
    webhooks.createEndpoint(
      tx,
      server.org.id,
      { url: 'https://hooks.example/', types: ['conversion.created', 'conversion.updated'] },
      'test',
    ),
  );
  const { clickId } = await clicked();
  for (const query of ['payout=1', 'payout=1', 'payout=2', 'payout=2'])
    await postback(`clickid=${clickId}&txid=w&${query}`);
  const told = await webhooks.listDeliveries(database.db, server.org.id, { limit: 10 });
  expect(told.map(({ type }) => type).sort()).toEqual(['conversion.created', 'conversion.updated']);
});
