/**
 * `kill -9` of the server under load, ten times on one data directory: every click, conversion, mail
 * and job that was acknowledged is there afterwards, once.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ADMIN, freePort, type ServerProcess, startProcess } from '../harness/process.ts';
import { type SmtpSink, startSmtpSink } from '../harness/smtp-sink.ts';
import { clientOf, eventually, keyOf, loop } from './client.ts';

const KILLS = 10;

let dataDir: string;
let sink: SmtpSink;
let server: ServerProcess;
let port: number;

const start = () =>
  startProcess({
    dataDir,
    port,
    env: { CLOAKROOM_SMTP_URL: sink.url, CLOAKROOM_MAIL_DOMAIN: 'm.example.com' },
  });

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'kill-'));
  sink = await startSmtpSink();
  port = await freePort();
  server = await start();
});
afterAll(async () => {
  await server.stop();
  await sink.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const { ask, must } = clientOf(() => server);

async function allPages(
  path: string,
  token: string,
  pick: (body: Record<string, unknown>) => unknown[],
) {
  const rows: unknown[] = [];
  for (let page = 0; ; page++) {
    const at = path.replace('PAGE', String(page + 1)).replace('OFFSET', String(page * 100));
    const answer = await must('GET', at, token);
    const found = pick(answer.body);
    rows.push(...found);
    if (found.length < 100) return rows as Record<string, unknown>[];
  }
}

test('what was acknowledged before ten kills is there afterwards, once', async () => {
  const login = await must('POST', '/account/api/v1/auth/token', '', ADMIN);
  const token = String(login.body['token']);
  const [mailKey, redactKey] = [await keyOf(dataDir, 'mail'), await keyOf(dataDir, 'redact')];
  const campaign = await must('POST', '/track/api/v1/campaigns', token, {
    name: 'kill',
    destination_url: 'https://example.com/?c={clickid}',
  });
  const { uuid, id: campaignId } = campaign.body['data'] as { uuid: string; id: number };
  const alias = await must('POST', '/mail/api/v1/aliases', mailKey, {});
  const aliasId = String(alias.body['id']);

  const acked = {
    clicks: new Set<string>(),
    conversions: new Set<string>(),
    mails: new Set<string>(),
    jobs: new Set<string>(),
  };
  let serial = 0;

  const click = async () => {
    const answer = await ask('GET', `/c/${uuid}`, '');
    const id = answer?.status === 302 && /c=(clk_\w+)/.exec(answer.location ?? '')?.[1];
    if (id) acked.clicks.add(id);
  };
  const convert = async () => {
    const clickId = [...acked.clicks][Math.floor(Math.random() * acked.clicks.size)];
    const answer =
      clickId &&
      (await ask('POST', '/track/api/v1/conversions', token, {
        click_id: clickId,
        payout: 1,
        transaction_id: `t${++serial}`,
      }));
    if (answer && answer.status === 201) {
      acked.conversions.add(
        String((answer.body['data'] as { transaction_id: string }).transaction_id),
      );
    }
  };
  const mail = async () => {
    const answer = await ask('POST', '/mail/api/v1/emails', mailKey, {
      aliasId,
      to: `r${++serial}@rcpt.example`,
      subject: `m${serial}`,
      text: 'hello',
    });
    // A new alias may send 10 a minute: a refusal is an answer, too, but acknowledges nothing.
    if (answer?.body['id'] && answer.status < 300) acked.mails.add(String(answer.body['id']));
  };
  const job = async () => {
    const form = new FormData();
    form.append('files', new Blob([`write to a${++serial}@example.com`]), `f${serial}.txt`);
    const answer = await ask('POST', '/redact/api/v1/jobs', redactKey, form);
    if (answer?.body['jobId']) acked.jobs.add(String(answer.body['jobId']));
  };

  for (let kill = 0; kill < KILLS; kill++) {
    const load = [
      ...Array.from({ length: 8 }, () => loop(click, 1)),
      ...Array.from({ length: 2 }, () => loop(convert, 10)),
      loop(mail, 200),
      loop(job, 200),
    ];
    // In the midst of work of every kind, the slowest of which is a job.
    const before = acked.jobs.size;
    await new Promise((done) => setTimeout(done, 700 + Math.random() * 600));
    expect(await eventually(() => acked.jobs.size > before)).toBe(true);
    await server.kill();
    await Promise.all(load.map((end) => end()));
    server = await start();
  }

  for (const [what, ids] of Object.entries(acked))
    expect({ what, some: ids.size > 0 }).toEqual({ what, some: true });

  const clicksPath = `/track/api/v1/clicks?campaign_id=${campaignId}&per_page=100&page=PAGE`;
  const readClicks = () => allPages(clicksPath, token, (body) => body['data'] as unknown[]);
  expect(await eventually(async () => (await readClicks()).length >= acked.clicks.size)).toBe(true);
  const clicks = (await readClicks()).map((row) => String(row['id']));
  expect(new Set(clicks).size).toBe(clicks.length);
  expect([...acked.clicks].filter((id) => !clicks.includes(id))).toEqual([]);
  const stats = await must('GET', `/track/api/v1/campaigns/${campaignId}/stats`, token);
  expect(stats.body['data']).toMatchObject({ clicks: clicks.length });

  const conversions = await allPages(
    '/track/api/v1/conversions?per_page=100&page=PAGE',
    token,
    (body) => body['data'] as unknown[],
  );
  const transactions = conversions.map((row) => String(row['transaction_id']));
  expect(new Set(transactions).size).toBe(transactions.length);
  expect([...acked.conversions].filter((id) => !transactions.includes(id))).toEqual([]);

  const readMails = () =>
    allPages(
      '/mail/api/v1/emails?limit=100&offset=OFFSET',
      mailKey,
      (body) => body['emails'] as unknown[],
    );
  expect(
    await eventually(async () => (await readMails()).every((row) => row['status'] === 'sent')),
  ).toBe(true);
  const mails = (await readMails()).map((row) => String(row['id']));
  expect(new Set(mails).size).toBe(mails.length);
  expect([...acked.mails].filter((id) => !mails.includes(id))).toEqual([]);
  // SMTP itself cannot promise more than at least once; what left is what the log says was sent.
  expect(new Set(sink.messages.map((message) => message.messageId)).size).toBe(mails.length);

  const readJobs = () =>
    allPages(
      '/redact/api/v1/jobs?limit=100&offset=OFFSET',
      redactKey,
      (body) => body['jobs'] as unknown[],
    );
  expect(
    await eventually(async () => (await readJobs()).every((row) => row['status'] === 'completed')),
  ).toBe(true);
  const jobs = (await readJobs()).map((row) => String(row['id']));
  expect([...acked.jobs].filter((id) => !jobs.includes(id))).toEqual([]);
  const usage = await must('GET', '/redact/api/v1/usage', redactKey);
  expect((usage.body['credits'] as { used: number }).used).toBe(jobs.length);
}, 400_000);
