/** Summary, events, statistics of a flow, simulation: counted from decisions that were made. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../harness/server.ts';

const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1';

let server: TestServer;
let key: string;
let nowMs = Date.UTC(2026, 4, 31, 12);
beforeAll(async () => {
  server = await startTestServer({ clock: { now: () => new Date(nowMs) } });
  key = await server.key('gate');
});
afterAll(() => server.stop());

// biome-ignore lint/suspicious/noExplicitAny: answers are compared, not typed
type Json = any;

async function send(method: string, path: string, body?: unknown, token = server.org.token) {
  const response = await fetch(`${server.url}/gate/api/v1${path}`, {
    method,
    headers: {
      ...{ authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Json };
}

async function check(body: Record<string, unknown>, apiKey = key) {
  const response = await fetch(`${server.url}/gate/api/v1/check`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': apiKey },
    body: JSON.stringify({ ua: IPHONE, ...body }),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as Json;
}

const times = (n: number, work: () => Promise<unknown>) =>
  Promise.all(Array.from({ length: n }, work));

async function makeFlow(fields: Record<string, unknown> = {}) {
  const { body } = await send('POST', '/flows', {
    ...{ name: 'F', white_url: 'https://w.example/', money_url: 'https://m.example/' },
    ...{ block_vpn_proxy: false, ...fields },
  });
  return body.id as number;
}

describe('an account of its own', () => {
  test('has a summary with the figures of the original, from real decisions', async () => {
    const org = await server.otherOrg();
    const own = await server.key('gate', { organizationId: org.id });
    await times(12, () => check({ ip: '73.1.2.3' }, own));
    await times(3, () => check({ ip: '73.1.2.3', ua: 'curl/8' }, own));
    await times(2, () => check({ ip: '5.9.1.1' }, own));
    await check({ ip: '10.0.0.1' }, own);
    expect((await send('GET', '/stats/summary', undefined, org.token)).body).toEqual({
      total: 18,
      today: 18,
      verdicts: { allow: 13, block: 3, flag: 2 },
      countries: [
        { country: 'US', c: 15 },
        { country: 'DE', c: 2 },
      ],
      timeline: [{ d: '2026-05-31', allows: 13, flags: 2, chals: 0, blocks: 3 }],
    });
  });

  test('has days, the last seven of them, and totals for life', async () => {
    const org = await server.otherOrg();
    const own = await server.key('gate', { organizationId: org.id });
    const start = nowMs;
    for (const daysAgo of [10, 6, 1, 0]) {
      nowMs = start - daysAgo * 86_400_000;
      await check({ ip: '73.1.2.3' }, own);
    }
    nowMs = start;
    const { body } = await send('GET', '/stats/summary', undefined, org.token);
    expect(body).toMatchObject({ total: 4, today: 1, verdicts: { allow: 3 } });
    expect(body.timeline.map(({ d }: { d: string }) => d)).toEqual([
      ...['2026-05-25', '2026-05-30', '2026-05-31'],
    ]);
  });

  test('starts with nothing', async () => {
    const org = await server.otherOrg();
    expect((await send('GET', '/stats/summary', undefined, org.token)).body).toEqual({
      ...{ total: 0, today: 0, verdicts: {}, countries: [], timeline: [] },
    });
    expect((await send('GET', '/stats/events', undefined, org.token)).body).toEqual({
      ...{ events: [], next: null },
    });
  });
});

describe('events', () => {
  test('have the fields of the contract, newest first', async () => {
    const flow = await makeFlow();
    await check({ ip: '73.1.2.3', flow_id: flow });
    await check({ ip: '5.9.1.1' });
    const { events } = (await send('GET', '/stats/events?limit=2')).body;
    expect(events).toEqual([
      {
        ...{ id: expect.any(Number), at: '2026-05-31 12:00:00', flow_id: null, ip: '5.9.1.1' },
        ...{ country: 'DE', asn: 24940, org: 'Hetzner Online GmbH', device: 'mobile' },
        ...{ verdict: 'flag', score: 45, reasons: ['datacenter'], rule_matched: null },
      },
      expect.objectContaining({ flow_id: flow, verdict: 'allow', reasons: ['rep_trusted'] }),
    ]);
  });

  test('are paged through 1,000 rows without a gap or a double, while more come', async () => {
    const org = await server.otherOrg();
    const own = await server.key('gate', { organizationId: org.id });
    for (let i = 0; i < 10; i++) await times(100, () => check({ ip: '73.1.2.3' }, own));
    const { rows } = await server.kernel.database.pool.query<{ id: number }>(
      'SELECT id FROM gate.decisions WHERE organization_id = $1 ORDER BY id DESC',
      [org.id],
    );
    const seen: number[] = [];
    let next: number | null = null;
    do {
      const query: string = next === null ? '' : `&before=${next}`;
      const { body } = await send('GET', `/stats/events?limit=70${query}`, undefined, org.token);
      seen.push(...body.events.map(({ id }: { id: number }) => id));
      next = body.next;
      await check({ ip: '73.1.2.3' }, own);
    } while (next !== null);
    expect(rows.length).toBe(1_000);
    expect(seen).toEqual(rows.map(({ id }) => id));
  });

  test('are filtered by verdict and by flow', async () => {
    const flow = await makeFlow();
    await check({ ip: '73.1.2.3', flow_id: flow });
    await check({ ip: '73.1.2.3', ua: 'curl/8', flow_id: flow });
    const of = async (query: string) =>
      (await send('GET', `/stats/events?${query}`)).body.events as { verdict: string }[];
    expect((await of(`flow_id=${flow}`)).length).toBe(2);
    const blocked = await of(`flow_id=${flow}&verdict=block`);
    expect(blocked.map(({ verdict }) => verdict)).toEqual(['block']);
  });

  test.each([
    'limit=0',
    'limit=101',
    'limit=x',
    'before=0',
    'verdict=maybe',
    'flow_id=a',
    'page=2',
  ])('%s is refused', async (query) => {
    const { status, body } = await send('GET', `/stats/events?${query}`);
    expect([status, body.error, body.field]).toEqual([
      ...[400, 'invalid_request', query.split('=')[0]],
    ]);
  });
});

describe('statistics of a flow', () => {
  test('count the decisions within the window', async () => {
    const flow = await makeFlow();
    const start = nowMs;
    nowMs = start - 30 * 3_600_000;
    await check({ ip: '73.1.2.3', flow_id: flow });
    nowMs = start;
    await times(2, () => check({ ip: '73.1.2.3', flow_id: flow }));
    await check({ ip: '5.9.1.1', flow_id: flow });
    const day = (await send('GET', `/flows/${flow}/stats?window=24h`)).body;
    expect(day).toEqual({
      ...{ window: '24h', total: 3, verdicts: { allow: 2, flag: 1 } },
      countries: [
        { country: 'US', c: 2 },
        { country: 'DE', c: 1 },
      ],
      devices: [{ device: 'mobile', c: 3 }],
      reasons: [
        { reason: 'rep_trusted', c: 2 },
        { reason: 'datacenter', c: 1 },
      ],
      timeline: [{ d: '2026-05-31 12:00:00', allows: 2, flags: 1, chals: 0, blocks: 0 }],
    });
    const week = (await send('GET', `/flows/${flow}/stats?window=7d`)).body;
    expect(week.total).toBe(4);
    expect(week.timeline.map(({ d }: { d: string }) => d)).toEqual(['2026-05-30', '2026-05-31']);
    expect((await send('GET', `/flows/${flow}/stats`)).body.window).toBe('24h');
    expect((await send('GET', `/flows/${flow}/stats?window=1y`)).status).toBe(400);
  });
});

describe('a simulation', () => {
  test('says how many verdicts would change, which, and why, and changes nothing', async () => {
    const flow = await makeFlow();
    await times(3, () => check({ ip: '73.1.2.3', flow_id: flow }));
    await times(2, () => check({ ip: '5.9.1.1', flow_id: flow }));
    const before = (await send('GET', '/stats/summary')).body.total;
    const { status, body } = await send('POST', `/flows/${flow}/simulate`, {
      ...{ blocked_countries: 'US', allow_datacenter: true },
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ days: 7, replayed: 5, changed: 5 },
      ...{ before: { allow: 3, flag: 2 }, after: { block: 3, allow: 2 } },
      changes: [
        { from: 'allow', to: 'block', c: 3 },
        { from: 'flag', to: 'allow', c: 2 },
      ],
    });
    expect(body.examples.length).toBe(5);
    expect(body.examples.find(({ to }: { to: string }) => to === 'block')).toMatchObject({
      ...{ from: 'allow', reasons_before: ['rep_trusted'], reasons_after: ['country_blocked'] },
      rule_matched: 'country_blocked',
    });
    expect((await send('GET', '/stats/summary')).body.total).toBe(before);
    expect((await send('GET', `/flows/${flow}`)).body.blocked_countries).toBe('');
  });

  test('without a change finds none, and counts a new cap from the record', async () => {
    const flow = await makeFlow();
    await times(3, () => check({ ip: '73.1.2.3', flow_id: flow }));
    const same = (await send('POST', `/flows/${flow}/simulate`, {})).body;
    expect(same).toMatchObject({ replayed: 3, changed: 0, changes: [], examples: [] });
    const capped = (await send('POST', `/flows/${flow}/simulate`, { max_clicks_per_ip_per_day: 1 }))
      .body;
    expect(capped.changes).toEqual([{ from: 'allow', to: 'block', c: 2 }]);
  });

  test('of settings that are none is refused', async () => {
    const flow = await makeFlow();
    const { status, body } = await send('POST', `/flows/${flow}/simulate`, { status: 'on' });
    expect([status, body.field]).toEqual([400, 'status']);
  });
});
