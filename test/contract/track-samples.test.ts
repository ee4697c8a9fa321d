/**
 * Every curl of the original, run by bash as it stands but for the base URL and what is the user's
 * own: token, address, password. Ids that the original made up are run twice: as they stand, where
 * they are nobody's, and with the id of what the samples before have made.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readOriginal, runProgram } from '../harness/samples.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { client, visit } from './track.ts';

let server: TestServer;
let folder: string;
const ran = new Set<string>();
beforeAll(async () => {
  server = await startTestServer();
  folder = await mkdtemp(join(tmpdir(), 'track-samples-'));
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The samples in their order: from `curl` to the first line that nothing continues. */
function samples(): string[] {
  const lines = readOriginal('001').split('\n');
  return lines.flatMap((line, start) => {
    if (!line.startsWith('curl ')) return [];
    let text = line;
    for (
      let next = start + 1;
      text.endsWith('\\') || (text.split("'").length - 1) % 2 === 1;
      next++
    ) {
      text += `\n${lines[next]}`;
    }
    return [text];
  });
}

/** Runs the sample for METHOD and path; what it printed, and the status that curl saw. */
async function run(
  method: string,
  path: string,
  change: (text: string) => string = (text) => text,
) {
  const url = `https://cloakradar.pro${path}`;
  const found = samples().filter(
    (text) =>
      text.startsWith(`curl -X ${method} `) &&
      new RegExp(`${url.replaceAll('/', '\\/')}["\\s?]`).test(text),
  );
  if (found.length !== 1)
    throw new Error(`the original has ${found.length} samples of ${method} ${path}`);
  ran.add(found[0] as string);
  const text = change(found[0] as string)
    .replaceAll('https://cloakradar.pro', `${server.url}/track`)
    .replaceAll('YOUR_TOKEN', server.org.token)
    .replace('your@email.com', server.org.email)
    .replace('your_password', server.org.password);
  const out = await runProgram('bash', ['-c', `${text} -s -w '\\n%{http_code}'`], { cwd: folder });
  const cut = out.lastIndexOf('\n');
  const body = out.slice(0, cut);
  return { status: Number(out.slice(cut + 1)), body: body ? JSON.parse(body) : null };
}

test('all of them work, one after the other', async () => {
  expect(await run('POST', '/api/v1/auth/token')).toMatchObject({
    status: 200,
    body: { success: true, token: expect.any(String), expires_in: 86_400 },
  });
  const created = await run('POST', '/api/v1/campaigns');
  expect(created).toMatchObject({
    status: 201,
    body: {
      success: true,
      data: {
        id: 1,
        name: 'New Campaign',
        traffic_source_id: 1,
        cost_model: 'cpc',
        cost_value: 0.5,
        status: 'active',
      },
    },
  });
  expect(await run('GET', '/api/v1/campaigns')).toMatchObject({
    status: 200,
    body: { success: true, data: [{ id: 1 }], meta: { page: 1, per_page: 20, total: 1 } },
  });
  expect(await run('GET', '/api/v1/campaigns/1')).toMatchObject({
    status: 200,
    body: { data: { id: 1 } },
  });

  await client(server)('PUT', '/api/v1/campaigns/1', {
    destination_url: 'https://a.example/?c={clickid}',
  });
  const { clickId } = await visit(server, created.body.data.uuid);
  const ofClick = (text: string) => text.replace('clk_abc123', clickId as string);
  expect(await run('GET', '/api/v1/clicks/clk_abc123')).toMatchObject({
    status: 404,
    body: { error: { code: 'NOT_FOUND' } },
  });
  expect(await run('GET', '/api/v1/clicks/clk_abc123', ofClick)).toMatchObject({
    status: 200,
    body: { data: { id: clickId } },
  });
  expect(await run('GET', '/api/v1/clicks')).toMatchObject({
    status: 200,
    body: { data: [{ id: clickId }] },
  });
  expect(await run('POST', '/api/v1/conversions')).toMatchObject({
    status: 404,
    body: { error: { code: 'NOT_FOUND' } },
  });
  expect(await run('POST', '/api/v1/conversions', ofClick)).toMatchObject({
    status: 201,
    body: {
      success: true,
      data: { click_id: clickId, payout: 45, transaction_id: 'txn_12345', status: 'approved' },
    },
  });
  expect(await run('GET', '/api/v1/conversions')).toMatchObject({
    status: 200,
    body: { data: [{ click_id: clickId }] },
  });
  expect(await run('GET', '/api/v1/campaigns/1/stats')).toMatchObject({
    status: 200,
    body: { data: { clicks: 0, roi: 0 } },
  });
  expect(await run('GET', '/api/v1/stats')).toMatchObject({
    status: 200,
    body: { data: { clicks: 0, timeline: [] } },
  });
  expect(await run('GET', '/api/v2/analytics/countries')).toMatchObject({
    status: 200,
    body: { data: [{ clicks: 1 }] },
  });
  expect(await run('GET', '/api/v2/analytics/devices')).toMatchObject({
    status: 200,
    body: { data: [{ device: 'mobile', clicks: 1 }] },
  });
  expect(await run('GET', '/api/v2/fraud/stats')).toMatchObject({
    status: 200,
    body: { data: { total_clicks: 1 } },
  });

  const report = await run('POST', '/api/v2/fraud/report');
  expect(report).toMatchObject({
    status: 202,
    body: { data: { id: 1, status: 'pending', platform: 'google' } },
  });
  const ofReport = (text: string) => text.replace('/123/', `/${report.body.data.id}/`);
  await expect
    .poll(async () => (await run('GET', '/api/v2/fraud/report/123/csv', ofReport)).status, {
      timeout: 20_000,
    })
    .toBe(200);
  expect(await readFile(join(folder, 'fraud_report.csv'), 'utf8')).toBe(
    'GCLID,Date and Time (UTC),IP Address,Reason\r\n',
  );

  expect(await run('PUT', '/api/v1/campaigns/1')).toMatchObject({
    status: 200,
    body: { data: { name: 'Updated Campaign Name', status: 'paused' } },
  });
  expect(await run('DELETE', '/api/v1/campaigns/1')).toMatchObject({
    status: 200,
    body: { success: true },
  });
  expect([...ran].sort()).toEqual(samples().sort());
}, 60_000);

test('the postback address of the original, filled in', async () => {
  const [, path = ''] =
    /https:\/\/cloakradar\.pro(\/api\/v1\/postback\?\S+)/.exec(readOriginal('001')) ?? [];
  const call = client(server);
  const made = await call('POST', '/api/v1/campaigns', {
    name: 'P',
    destination_url: 'https://a.example/?c={clickid}',
  });
  const { clickId } = await visit(server, made.body.data.uuid);
  const filled = path
    .replace('{clickid}', clickId as string)
    .replace('{payout}', '45.00')
    .replace('{txid}', 'T1');
  const answer = await fetch(`${server.url}/track${filled}`);
  expect([answer.status, await answer.json()]).toEqual([200, { success: true }]);
});
