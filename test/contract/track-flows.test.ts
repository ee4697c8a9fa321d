/** Campaigns whose clicks a Gate flow routes, and what the crawlers that a platform declares get. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { AGENTS, ANY_VISITOR, client, makeFlow, visit } from './track.ts';

const GOOGLEBOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';
const GOOGLE_IP = '66.249.66.1';
const PERSON = { ip: '73.1.2.3', agent: AGENTS.iphone };
const SCRIPT = { ip: '73.1.2.3', agent: AGENTS.bot };
const CRAWLER = { ip: GOOGLE_IP, agent: GOOGLEBOT };

let server: TestServer;
let call: ReturnType<typeof client>;
beforeAll(async () => {
  server = await startTestServer({ env: ANY_VISITOR });
  call = client(server);
});
afterAll(() => server.stop());

const create = async (fields: object) =>
  (
    await call('POST', '/api/v1/campaigns', {
      name: 'C',
      destination_url: 'https://a.example/?c={clickid}',
      ...fields,
    })
  ).body.data;
const statusOf = async (id: string | null) =>
  (await call('GET', `/api/v1/clicks/${id}`)).body.data?.status;

test('a flow sends whom it does not allow to the fallback: cloaked in status, a bot in the counts', async () => {
  const flow_id = await makeFlow(server);
  const { uuid, id } = await create({ flow_id, fallback_url: 'https://safe.example/?c={clickid}' });
  const allowed = await visit(server, uuid, PERSON);
  expect(allowed.location).toMatch(/^https:\/\/a\.example\/\?c=clk_/);
  expect(await statusOf(allowed.clickId)).toBe('real');
  const diverted = await visit(server, uuid, SCRIPT);
  expect(diverted.location).toMatch(/^https:\/\/safe\.example\/\?c=clk_/);
  expect(await statusOf(diverted.clickId)).toBe('cloaked');
  const stats = (await call('GET', `/api/v1/campaigns/${id}/stats`)).body.data;
  expect(stats).toMatchObject({ clicks: 2, real_clicks: 1, bot_clicks: 1 });
  expect(
    (await call('GET', `/api/v1/clicks?campaign_id=${id}&status=cloaked`)).body.meta.total,
  ).toBe(1);
  expect((await call('GET', `/api/v1/clicks?campaign_id=${id}&status=bot`)).body.meta.total).toBe(
    0,
  );
});

test('without a fallback of the campaign it is the white page of the flow', async () => {
  const { uuid } = await create({ flow_id: await makeFlow(server) });
  expect((await visit(server, uuid, SCRIPT)).location).toBe('https://white.example/');
});

test('a verified crawler gets what everybody allowed gets, or is openly refused: never another page', async () => {
  const fallback_url = 'https://safe.example/';
  const open = await create({
    flow_id: await makeFlow(server, { allow_known_bots: true }),
    fallback_url,
  });
  expect((await visit(server, open.uuid, CRAWLER)).location).toMatch(/^https:\/\/a\.example\//);
  const closed = await create({
    flow_id: await makeFlow(server, { allow_known_bots: false }),
    fallback_url,
  });
  const refused = await visit(server, closed.uuid, CRAWLER);
  expect([refused.status, refused.location]).toEqual([403, null]);
  expect(refused.text).toContain('verified_bot_refused');
  const [click] = (await call('GET', `/api/v1/clicks?campaign_id=${closed.id}`)).body.data;
  expect(click).toMatchObject({ status: 'bot', is_bot: true });
  const without = await create({ fallback_url });
  expect((await visit(server, without.uuid, CRAWLER)).location).toMatch(/^https:\/\/a\.example\//);
  await call('PUT', `/api/v1/campaigns/${open.id}`, { status: 'paused' });
  for (const who of [CRAWLER, PERSON, SCRIPT]) {
    expect((await visit(server, open.uuid, who)).location).toBe(fallback_url);
  }
});
