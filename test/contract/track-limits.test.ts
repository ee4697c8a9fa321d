/** What a plan allows a minute and a day, what is never under it, and what webhooks tell of traffic. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { planLimit } from '../../src/kernel/accounts/plan.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { AGENTS, ANY_VISITOR, client, visit } from './track.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ env: ANY_VISITOR });
});
afterAll(() => server.stop());

describe('a plan', () => {
  test.each([
    ['starter', 60, 10_000],
    ['professional', 300, 100_000],
    ['enterprise', 1_000, null],
  ])('%s has %d requests a minute and %d a day', async (name, perMinute, perDay) => {
    const plans = await server.kernel.accounts.plans(server.kernel.database.db);
    const plan = plans.find(({ id }) => id === name);
    if (!plan) throw new Error(`no plan ${name}`);
    expect(planLimit(plan, 'track.requests_per_minute')).toBe(perMinute);
    const org = await server.otherOrg(name);
    const call = client(server, org.token);
    const first = await call('GET', '/api/v1/campaigns');
    expect(first.headers.get('x-ratelimit-limit')).toBe(String(perMinute));
    if (perDay === null) return;

    // The day's window, but for two requests: what was asked before.
    for (let request = 1; request < perDay - 1; request++) {
      await server.kernel.limiter.take(`track:${org.id}:day`, perDay, 86_400);
    }
    expect((await call('GET', '/api/v1/campaigns')).status).toBe(200);
    const refused = await call('GET', '/api/v1/campaigns');
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({ success: false, error: { code: 'RATE_LIMIT_EXCEEDED' } });
    expect(refused.headers.get('x-ratelimit-limit')).toBe(String(perDay));
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(60);
  });

  test('holds for the organization, and neither for its links nor for postbacks', async () => {
    const org = await server.otherOrg('starter');
    const call = client(server, org.token);
    const made = await call('POST', '/api/v1/campaigns', {
      ...{ name: 'Busy', destination_url: 'https://shop.example/?c={clickid}' },
    });
    const { uuid } = made.body.data;
    let last = made;
    for (let request = 0; request < 130 && last.status !== 429; request++) {
      last = await call('GET', '/api/v1/campaigns');
    }
    expect(last.status).toBe(429);
    for (let click = 0; click < 80; click++) {
      const { status, clickId } = await visit(server, uuid);
      expect(status).toBe(302);
      if (click < 70) continue;
      const postback = await fetch(`${server.url}/api/v1/postback?clickid=${clickId}&payout=1`);
      expect([postback.status, await postback.json()]).toEqual([200, { success: true }]);
    }
  });
});

test('webhooks tell of a click that is invalid and of a report that is ready', async () => {
  const { webhooks, database } = server.kernel;
  await database.tx((tx) =>
    webhooks.createEndpoint(
      tx,
      server.org.id,
      { url: 'https://hooks.example/', types: ['click.fraud', 'report.ready'] },
      'test',
    ),
  );
  const call = client(server);
  const made = await call('POST', '/api/v1/campaigns', {
    ...{ name: 'Watched', destination_url: 'https://shop.example/?c={clickid}' },
  });
  await visit(server, made.body.data.uuid);
  await visit(server, made.body.data.uuid, { agent: AGENTS.bot });
  const told = () => webhooks.listDeliveries(database.db, server.org.id, { limit: 10 });
  await expect.poll(async () => (await told()).length, { timeout: 30_000 }).toBe(1);

  await call('POST', '/api/v2/fraud/report', { platform: 'google' });
  await expect.poll(async () => (await told()).length, { timeout: 30_000 }).toBe(2);
  expect((await told()).map(({ type }) => type).sort()).toEqual(['click.fraud', 'report.ready']);
});
