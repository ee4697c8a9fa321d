/** The original's own JavaScript, Python and curl, run against the server as they stand. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readOriginal, runProgram } from '../harness/samples.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { type SmtpSink, startSmtpSink } from '../harness/smtp-sink.ts';

const BASE = 'https://www.cloakmetric.com/api/v1';
let server: TestServer;
let sink: SmtpSink;
let key: string;
let base: string;
let campaignId: string;
const original = readOriginal('000');

beforeAll(async () => {
  sink = await startSmtpSink();
  // The domain of the reference's own addresses.
  server = await startTestServer({
    env: { CLOAKROOM_SMTP_URL: sink.url, CLOAKROOM_MAIL_DOMAIN: 'yourdomain.com' },
  });
  key = await server.key('mail');
  base = `${server.url}/mail/api/v1`;
  const response = await fetch(`${base}/campaigns`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Outreach Q1' }),
  });
  campaignId = ((await response.json()) as { id: string }).id;
});
afterAll(async () => {
  await server.stop();
  await sink.stop();
});

function between(start: string, end: string): string {
  const from = original.indexOf(start);
  const to = original.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error('the reference has no such sample');
  return original.slice(from, to);
}

const SENT = {
  id: expect.stringMatching(/^msg_/),
  status: 'sent',
  to: 'recipient@example.com',
  subject: 'Hello',
};

test('the JavaScript sample creates an alias, sends from it and reads the analytics', async () => {
  const sample = between('const API_KEY = process.env', 'import osimport requests')
    .replaceAll(/(\/\/ [A-Z][a-z ]+?)(async function)/g, '$1\n$2')
    .replace(BASE, base);
  const script = `${sample}
const alias = await createAlias(process.env.CAMPAIGN);
const sent = await sendEmail(alias.id, 'recipient@example.com', 'Hello', 'Hi');
console.log(JSON.stringify({ alias, sent, analytics: await getAnalytics() }));`;
  const env = { CLOAKMETRIC_API_KEY: key, CAMPAIGN: campaignId };
  const out = await runProgram(process.execPath, ['--input-type=module', '-e', script], { env });
  expect(JSON.parse(out)).toMatchObject({
    alias: { campaign: { id: campaignId, name: 'Outreach Q1' } },
    sent: SENT,
    analytics: { period: '7d', emails: { totalSent: 1 } },
  });
});

test('the Python sample does the same', async () => {
  const sample = between('import osimport requests', '# List aliasescurl')
    .replace('import osimport requests', 'import os\nimport requests')
    .replace("']BASE_URL", "']\nBASE_URL")
    .replaceAll(/(# [A-Z][a-z ]+?)def /g, '$1\ndef ')
    .replaceAll('): response =', '):\n    response =')
    .replaceAll(
      ' response.raise_for_status() return',
      '\n    response.raise_for_status()\n    return',
    )
    .replace(BASE, base);
  const script = `${sample}
import json
alias = create_alias(os.environ['CAMPAIGN'])
sent = send_email(alias['id'], 'recipient@example.com', 'Hello', 'Hi')
print(json.dumps({'alias': alias, 'sent': sent, 'analytics': get_analytics('14d')}))`;
  const env = { CLOAKMETRIC_API_KEY: key, CAMPAIGN: campaignId };
  const out = await runProgram('python3', ['-c', script], { env });
  expect(JSON.parse(out)).toMatchObject({ sent: SENT, analytics: { period: '14d' } });
});

test('each curl sample is answered as it shows', async () => {
  const alias = (await (
    await fetch(`${base}/aliases`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: '{}',
    })
  ).json()) as { id: string };
  const samples = original.match(
    /curl -X (?:GET|POST) "[^"]+"(?: \\ -[HdX] (?:"[^"]*"|'[^']*'))+/g,
  );
  expect(samples).toHaveLength(4);
  const answers: unknown[] = [];
  for (const sample of samples ?? []) {
    const command = sample
      .replaceAll(' \\ -', ' -')
      .replace(BASE, base)
      .replace('cm_sk_your_key', key)
      .replace('clx0987654321', campaignId)
      .replace('clx1234567890', alias.id);
    answers.push(JSON.parse(await runProgram('bash', ['-c', `${command} -s`])));
  }
  expect(answers).toMatchObject([
    { aliases: expect.any(Array), pagination: { limit: 50, offset: 0 } },
    { campaign: { id: campaignId } },
    { ...SENT, aliasId: alias.id },
    { period: '7d', health: { score: 100 } },
  ]);
});

/** Every JSON object that the reference shows above its programs, in order. */
function shownObjects(): Record<string, unknown>[] {
  const text = original.slice(0, original.indexOf('const API_KEY'));
  const found: Record<string, unknown>[] = [];
  for (let at = text.indexOf('{ "'); at >= 0; at = text.indexOf('{ "', at + 1)) {
    let depth = 0;
    let end = at;
    do {
      if (text[end] === '{') depth++;
      if (text[end] === '}') depth--;
      end++;
    } while (depth > 0);
    found.push(JSON.parse(text.slice(at, end)));
    at = end - 1;
  }
  return found;
}

/** The names and types of an answer, without its values. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, shapeOf(part)]));
}

test('each JSON body that the reference shows is taken, and each answer has its fields and types', async () => {
  const call = async (method: string, path: string, body?: object) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const response = await fetch(`${base}${path}`, {
      method,
      headers,
      body: body && JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as { id: string } };
  };
  const shown = shownObjects();
  expect(shown).toHaveLength(11);
  const [
    listed,
    newAlias,
    alias,
    aliasChange,
    campaigns,
    newCampaign,
    renaming,
    mail,
    sent,
    summary,
    error,
  ] = shown as [object, ...object[]];
  const made = await call('POST', '/aliases', { ...newAlias, campaignId });
  expect(made.status).toBe(201);
  expect(shapeOf(made.body)).toEqual(shapeOf(alias));
  const posted = await call('POST', '/emails', { ...mail, aliasId: made.body.id });
  expect(posted.status).toBe(201);
  expect(shapeOf(posted.body)).toEqual(shapeOf(sent));
  const aliases = await call('GET', `/aliases?campaignId=${campaignId}`);
  expect(shapeOf(aliases.body)).toEqual(shapeOf(listed));
  const change = { ...aliasChange, campaignId };
  const changed = await call('PATCH', `/aliases?id=${made.body.id}`, change);
  expect(changed.body).toMatchObject({ isActive: false, campaign: { id: campaignId } });
  const campaign = await call('POST', '/campaigns', newCampaign);
  expect([campaign.status, campaign.body]).toMatchObject([201, newCampaign ?? {}]);
  const renamed = await call('PATCH', `/campaigns?id=${campaign.body.id}`, renaming);
  expect([renamed.status, renamed.body]).toMatchObject([200, renaming ?? {}]);
  expect(shapeOf((await call('GET', '/campaigns')).body)).toEqual(shapeOf(campaigns));
  expect(shapeOf((await call('GET', '/analytics?period=7d')).body)).toEqual(shapeOf(summary));
  const refused = await call('POST', '/aliases', { email: 7 });
  expect(refused.status).toBe(400);
  expect(shapeOf(refused.body)).toEqual(shapeOf(error));
  expect((await call('DELETE', `/aliases?id=${made.body.id}`)).status).toBe(200);
  expect((await call('DELETE', `/campaigns?id=${campaign.body.id}`)).status).toBe(200);
});
