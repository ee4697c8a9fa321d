/** Campaigns and traffic sources: every field, every refusal, whose they are, lists to their end. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { ANY_VISITOR, client, makeFlow, visit, withoutLimits } from './track.ts';

let server: TestServer;
let call: ReturnType<typeof client>;
beforeAll(async () => {
  server = await startTestServer({ env: ANY_VISITOR });
  await withoutLimits(server);
  call = client(server);
});
afterAll(() => server.stop());

const create = async (fields: object = {}) => {
  const made = await call('POST', '/api/v1/campaigns', { name: 'C', ...fields });
  expect(made).toMatchObject({ status: 201 });
  return made.body.data;
};
const MOMENT = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

test('a campaign of a name alone has every default', async () => {
  expect(await create({ name: 'Facebook - Weight Loss' })).toEqual({
    id: expect.any(Number),
    uuid: expect.stringMatching(/^[a-z0-9]{14}$/),
    name: 'Facebook - Weight Loss',
    status: 'active',
    tracking_url: expect.stringMatching(/\/c\/[a-z0-9]{14}$/),
    clicks_today: 0,
    conversions_today: 0,
    traffic_source_id: null,
    cost_model: null,
    cost_value: null,
    cost_currency: 'USD',
    destination_url: null,
    offers: [],
    fallback_url: null,
    flow_id: null,
    uniqueness_window: 24,
    attribution_window: 30,
    postback_token: null,
    click_limit_per_minute: null,
    created_at: MOMENT,
    updated_at: MOMENT,
  });
});

test('every field comes back as it was given, and PUT changes only the fields given', async () => {
  const fields = {
    name: 'Alles: “Größe” 😀',
    status: 'inactive',
    traffic_source_id: 2,
    cost_model: 'revshare',
    cost_value: 12.345678,
    cost_currency: 'EUR',
    destination_url: 'https://shop.example/{country}?c={clickid}',
    offers: [
      { url: 'https://a.example/', weight: 3 },
      { url: 'http://b.example:8080/x', weight: 1 },
    ],
    fallback_url: 'https://safe.example/',
    flow_id: await makeFlow(server),
    uniqueness_window: 48,
    attribution_window: 7,
    postback_token: 'secret-token',
    click_limit_per_minute: 5,
  };
  const made = await create(fields);
  expect(made).toMatchObject(fields);
  const changed = await call('PUT', `/api/v1/campaigns/${made.id}`, {
    status: 'paused',
    cost_value: 0.1,
  });
  expect(changed.body.data).toMatchObject({ ...fields, status: 'paused', cost_value: 0.1 });
  const emptied = await call('PUT', `/api/v1/campaigns/${made.id}`, {
    ...{ destination_url: null, cost_model: null, cost_value: null, flow_id: null, offers: [] },
    ...{ postback_token: null, click_limit_per_minute: null, traffic_source_id: null },
  });
  expect(emptied.body.data).toMatchObject({ destination_url: null, offers: [], cost_value: null });
  expect((await call('PUT', `/api/v1/campaigns/${made.id}`, {})).body.data.name).toBe(fields.name);
});

describe('bad input is refused before anything is written, naming the field', () => {
  const cases: [field: string, body: object][] = [
    ['name', {}],
    ['name', { name: '' }],
    ['name', { name: '   ' }],
    ['name', { name: 5 }],
    ['name', { name: 'x'.repeat(256) }],
    ['status', { status: 'deleted' }],
    ['cost_model', { cost_model: 'cpx' }],
    ['cost_value', { cost_value: -1 }],
    ['cost_value', { cost_value: '0.50' }],
    ['cost_value', { cost_value: 0.1234567 }],
    ['cost_value', { cost_value: 1e-7 }],
    ['cost_currency', { cost_currency: 'usd' }],
    ['traffic_source_id', { traffic_source_id: 999 }],
    ['destination_url', { destination_url: 'javascript:alert(1)' }],
    ['destination_url', { destination_url: 'https://{sub1}.example/' }],
    ['destination_url', { destination_url: 'https://user:pass@shop.example/' }],
    ['destination_url', { destination_url: 'https://a.example/\r\nSet-Cookie: a=b' }],
    ['destination_url', { destination_url: 'nonsense' }],
    ['fallback_url', { fallback_url: 'ftp://a.example/' }],
    ['offers.0.url', { offers: [{ url: '/relative', weight: 1 }] }],
    ['offers.0.weight', { offers: [{ url: 'https://a.example/', weight: 0 }] }],
    ['uniqueness_window', { uniqueness_window: 0 }],
    ['uniqueness_window', { uniqueness_window: 721 }],
    ['attribution_window', { attribution_window: 366 }],
    ['postback_token', { postback_token: 'short' }],
    ['click_limit_per_minute', { click_limit_per_minute: 1.5 }],
    ['colour', { colour: 'red' }],
  ];
  test.each(cases)('%s in %o', async (field, body) => {
    const given = field === 'name' ? body : { name: 'C', ...body };
    const refused = await call('POST', '/api/v1/campaigns', given);
    expect(refused).toMatchObject({
      status: 400,
      body: { success: false, error: { code: 'VALIDATION_ERROR' } },
    });
    expect(Object.keys(refused.body.error.details)).toEqual([field]);
  });

  test('the message of a missing name is the original’s', async () => {
    const { body } = await call('POST', '/api/v1/campaigns', {});
    expect(body).toEqual({
      success: false,
      error: {
        code: 'VALIDATION_ERROR',
        message: 'The name field is required',
        details: { name: ['The name field is required'] },
      },
    });
  });

  test.each(['page=0', 'per_page=101', 'per_page=x', 'status=all', 'sort=name'])(
    'the list with %s',
    async (query) => {
      expect((await call('GET', `/api/v1/campaigns?${query}`)).status).toBe(400);
    },
  );
});

test('ids of another organization, ids that are none and deleted ones are not found', async () => {
  const made = await create({ destination_url: 'https://a.example/' });
  const source = (await call('POST', '/api/v1/traffic-sources', { name: 'Mine' })).body.data;
  const other = client(server, (await server.otherOrg()).token);
  for (const id of [made.id, 999_999_999, 99_999_999_999_999]) {
    for (const [method, path, body] of [
      ['GET', `/api/v1/campaigns/${id}`],
      ['PUT', `/api/v1/campaigns/${id}`, { name: 'X' }],
      ['DELETE', `/api/v1/campaigns/${id}`],
      ['GET', `/api/v1/campaigns/${id}/stats`],
    ] as const) {
      expect(await other(method, path, body)).toMatchObject({
        status: 404,
        body: { success: false, error: { code: 'NOT_FOUND' } },
      });
    }
  }
  for (const [method, body] of [['GET'], ['PUT', { name: 'X' }], ['DELETE']] as const) {
    expect((await other(method, `/api/v1/traffic-sources/${source.id}`, body)).status).toBe(404);
  }
  const stolen = await other('POST', '/api/v1/campaigns', {
    name: 'C',
    traffic_source_id: source.id,
  });
  expect(stolen.body.error.details).toHaveProperty('traffic_source_id');
  for (const flow_id of [await makeFlow(server), 999_999_999]) {
    const routed = await other('POST', '/api/v1/campaigns', { name: 'C', flow_id });
    expect(routed.body.error.details).toHaveProperty('flow_id');
  }
  expect((await other('GET', '/api/v1/campaigns')).body).toMatchObject({
    data: [],
    meta: { total: 0 },
  });
  expect((await call('DELETE', `/api/v1/campaigns/${made.id}`)).body).toEqual({
    success: true,
    data: { id: made.id, deleted: true },
  });
  expect((await call('GET', `/api/v1/campaigns/${made.id}`)).status).toBe(404);
  expect((await call('DELETE', `/api/v1/campaigns/${made.id}`)).status).toBe(404);
});

test('without credentials 401, without the scope 403, read-only users only read', async () => {
  expect((await fetch(`${server.url}/track/api/v1/campaigns`)).status).toBe(401);
  const [api_key, api_secret] = (await server.key('track', { scopes: ['campaigns:read'] })).split(
    ':',
  );
  const { body } = await call('POST', '/api/v1/auth/token', { api_key, api_secret });
  const reader = client(server, body.token);
  expect((await reader('GET', '/api/v1/campaigns')).status).toBe(200);
  expect(await reader('POST', '/api/v1/campaigns', { name: 'C' })).toMatchObject({
    status: 403,
    body: { error: { code: 'AUTHORIZATION_ERROR' } },
  });
  const person = client(server, await server.member('read-only'));
  expect((await person('GET', '/api/v1/campaigns')).status).toBe(200);
  expect((await person('DELETE', '/api/v1/campaigns/1')).status).toBe(403);
});

test('a deleted campaign’s link stops at once, its clicks stay in the totals', async () => {
  const made = await create({ destination_url: 'https://a.example/' });
  expect((await visit(server, made.uuid)).status).toBe(302);
  const before = (await call('GET', '/api/v1/stats')).body.data.clicks;
  await call('DELETE', `/api/v1/campaigns/${made.id}`);
  expect((await visit(server, made.uuid)).status).toBe(404);
  expect((await call('GET', '/api/v1/stats')).body.data.clicks).toBe(before);
});

test('an Idempotency-Key makes one campaign of two calls, and refuses another body', async () => {
  const key = { 'idempotency-key': 'once' };
  const first = await call('POST', '/api/v1/campaigns', { name: 'Once' }, key);
  const again = await call('POST', '/api/v1/campaigns', { name: 'Once' }, key);
  expect(again).toMatchObject({ status: 201, body: first.body });
  expect(await call('POST', '/api/v1/campaigns', { name: 'Twice' }, key)).toMatchObject({
    status: 409,
    body: { error: { code: 'CONFLICT' } },
  });
});

test('the plan’s number of campaigns holds when many are made at once', async () => {
  const starter = client(server, (await server.otherOrg('starter')).token);
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => starter('POST', '/api/v1/campaigns', { name: 'C' })),
  );
  expect(answers.filter(({ status }) => status === 201).length).toBe(25);
  expect(answers.filter(({ status }) => status === 403).length).toBe(15);
});

test('1,000 campaigns come page by page, newest first, without a gap or a double', async () => {
  const org = await server.otherOrg('boundless');
  const many = client(server, org.token);
  await Promise.all(
    Array.from({ length: 1_000 }, (_, index) =>
      many('POST', '/api/v1/campaigns', {
        name: `C${index}`,
        status: index % 4 ? 'active' : 'paused',
      }),
    ),
  );
  const ids: number[] = [];
  for (let page = 1; page <= 11; page++) {
    const { body } = await many('GET', `/api/v1/campaigns?per_page=100&page=${page}`);
    expect(body.meta).toEqual({ page, per_page: 100, total: 1_000 });
    ids.push(...body.data.map(({ id }: { id: number }) => id));
  }
  expect(ids.length).toBe(1_000);
  expect(ids).toEqual([...new Set(ids)].sort((a, b) => b - a));
  const paused = await many('GET', '/api/v1/campaigns?status=paused');
  expect(paused.body.meta).toEqual({ page: 1, per_page: 20, total: 250 });
});

describe('traffic sources', () => {
  test('the presets are there for everybody, and stay as they are', async () => {
    const { body } = await call('GET', '/api/v1/traffic-sources?per_page=100');
    expect(body.data[0]).toMatchObject({
      id: 1,
      name: 'Google Ads',
      preset: 'google',
      is_preset: true,
      click_id_param: 'gclid',
    });
    for (const method of ['PUT', 'DELETE']) {
      const body = method === 'PUT' ? { name: 'X' } : undefined;
      expect((await call(method, '/api/v1/traffic-sources/1', body)).status).toBe(403);
    }
  });

  test('one of a preset begins as its copy; its parameters are read from links', async () => {
    const made = await call('POST', '/api/v1/traffic-sources', {
      name: 'Native',
      preset: 'taboola',
      sub_params: { sub1: 'site', sub10: 'placement' },
    });
    expect(made).toMatchObject({
      status: 201,
      body: {
        data: {
          name: 'Native',
          preset: 'taboola',
          is_preset: false,
          click_id_param: 'tblci',
          cost_param: 'cpc',
        },
      },
    });
    const { id } = made.body.data;
    const campaign = await create({
      traffic_source_id: id,
      destination_url:
        'https://a.example/?c={clickid}&1={sub1}&10={sub10}&cost={cost}&source={source}',
      ...{ cost_model: 'cpc', cost_value: 0.5 },
    });
    const query = '?site=news&placement=p%261&tblci=T1&cpc=0.123';
    const clicked = await visit(server, campaign.uuid, { query });
    expect(clicked.location).toMatch(/&1=news&10=p%261&cost=0\.123&source=Native$/);
    const click = (await call('GET', `/api/v1/clicks/${clicked.clickId}`)).body.data;
    expect(click).toMatchObject({ cost: 0.123, external_id: 'T1', traffic_source_id: id });
    const renamed = await call('PUT', `/api/v1/traffic-sources/${id}`, {
      name: 'Renamed',
      cost_param: null,
    });
    expect(renamed.body.data).toMatchObject({
      name: 'Renamed',
      cost_param: null,
      click_id_param: 'tblci',
    });
    expect((await visit(server, campaign.uuid, { query })).location).toMatch(/source=Renamed$/);
    expect((await call('DELETE', `/api/v1/traffic-sources/${id}`)).status).toBe(200);
    expect(
      (await call('GET', `/api/v1/campaigns/${campaign.id}`)).body.data.traffic_source_id,
    ).toBeNull();
    expect((await visit(server, campaign.uuid, { query })).location).toMatch(/source=$/);
  });

  test.each([
    ['name', {}],
    ['preset', { preset: 'nobody' }],
    ['click_id_param', { name: 'X', click_id_param: 'a b' }],
    ['sub_params.sub11', { name: 'X', sub_params: { sub11: 'x' } }],
  ])('%s is refused in %o', async (field, body) => {
    const refused = await call('POST', '/api/v1/traffic-sources', body);
    expect(refused.status).toBe(400);
    expect(Object.keys(refused.body.error.details)).toEqual([field]);
  });
});

test('pausing tells the webhook campaign.paused, once', async () => {
  const { webhooks, database } = server.kernel;
  await database.tx((tx) =>
    webhooks.createEndpoint(
      tx,
      server.org.id,
      { url: 'https://hooks.example/', types: ['campaign.paused'] },
      'test',
    ),
  );
  const { id } = await create();
  for (const status of ['paused', 'paused', 'active'])
    await call('PUT', `/api/v1/campaigns/${id}`, { status });
  const told = await webhooks.listDeliveries(database.db, server.org.id, { limit: 10 });
  expect(told.map(({ type }) => type)).toEqual(['campaign.paused']);
});
