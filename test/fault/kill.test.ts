/**
 * `kill -9` of the server under load, ten times on one data directory: every click, conversion, mail
 * and job that was acknowledged is there afterwards, once.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort, type ServerProcess, startProcess } from '../harness/process.ts';
import { type SmtpSink, startSmtpSink } from '../harness/smtp-sink.ts';
import { type Answer, allRows, type Call, call, click, eventually, prepare } from './load.ts';

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

/** The answer, or null where the server died before all of it came. */
const ask = (path: string, request: Call): Promise<Answer | null> =>
  call(server.url + path, request).catch(() => null);

/** Runs `work` again and again until told to stop. */
function loop(work: () => Promise<void>, pauseMs: number): () => Promise<void> {
  let running = true;
  const run = (async () => {
    while (running) {
      await work();
      await sleep(pauseMs);
    }
  })();
  return async () => {
    running = false;
    await run;
  };
}

test('what was acknowledged before ten kills is there afterwards, once', async () => {
  const { token, mailKey, redactKey, campaignId, link } = await prepare(server, dataDir);
  const alias = await call(`${server.url}/mail/api/v1/aliases`, {
    ...{ method: 'POST', token: mailKey, body: {} },
  });
  const aliasId = String(alias.body['id']);

  const acked = {
    clicks: new Set<string>(),
    conversions: new Set<string>(),
    mails: new Set<string>(),
    jobs: new Set<string>(),
  };
  let serial = 0;

  const follow = async () => {
    const followed = await click(link).catch(() => null);
    if (followed?.id) acked.clicks.add(followed.id);
  };
  const convert = async () => {
    const clickId = [...acked.clicks][Math.floor(Math.random() * acked.clicks.size)];
    const answer =
      clickId &&
      (await ask('/track/api/v1/conversions', {
        ...{ method: 'POST', token },
        body: { click_id: clickId, payout: 1, transaction_id: `t${++serial}` },
      }));
    if (answer && answer.status === 201) {
      acked.conversions.add(
        String((answer.body['data'] as { transaction_id: string }).transaction_id),
      );
    }
  };
  const mail = async () => {
    const answer = await ask('/mail/api/v1/emails', {
      ...{ method: 'POST', token: mailKey },
      body: {
        aliasId,
        to: `r${++serial}@rcpt.example`,
        subject: `m${serial}`,
        text: 'hello',
      },
    });
    // A new alias may send 10 a minute: a refusal is an answer, too, but acknowledges nothing.
    if (answer?.body['id'] && answer.status < 300) acked.mails.add(String(answer.body['id']));
  };
  const job = async () => {
    const form = new FormData();
    form.append('files', new Blob([`write to a${++serial}@example.com`]), `f${serial}.txt`);
    const answer = await ask('/redact/api/v1/jobs', {
      ...{ method: 'POST', token: redactKey, body: form },
    });
    if (answer?.body['jobId']) acked.jobs.add(String(answer.body['jobId']));
  };

  for (let kill = 0; kill < KILLS; kill++) {
    const load = [
      ...Array.from({ length: 8 }, () => loop(follow, 1)),
      ...Array.from({ length: 2 }, () => loop(convert, 10)),
      loop(mail, 200),
      loop(job, 200),
    ];
    // In the midst of work of every kind, the slowest of which is a job.
    const before = acked.jobs.size;
    await sleep(700 + Math.random() * 600);
    expect(await eventually(() => acked.jobs.size > before)).toBe(true);
    await server.kill();
    await Promise.all(load.map((end) => end()));
    server = await start();
  }

  for (const [what, ids] of Object.entries(acked))
    expect({ what, some: ids.size > 0 }).toEqual({ what, some: true });

  const list = (path: string, key: string, field: string) => allRows(server.url + path, key, field);
  const clicksPath = `/track/api/v1/clicks?campaign_id=${campaignId}&per_page=100&page=PAGE`;
  const readClicks = () => list(clicksPath, token, 'data');
  await eventually(async () => (await readClicks()).length >= acked.clicks.size, 1000);
  const clicks = (await readClicks()).map((row) => String(row['id']));
  expect(new Set(clicks).size).toBe(clicks.length);
  expect([...acked.clicks].filter((id) => !clicks.includes(id))).toEqual([]);
  const stats = await call(`${server.url}/track/api/v1/campaigns/${campaignId}/stats`, { token });
  expect(stats.body['data']).toMatchObject({ clicks: clicks.length });

  const conversions = await list('/track/api/v1/conversions?per_page=100&page=PAGE', token, 'data');
  const transactions = conversions.map((row) => String(row['transaction_id']));
  expect(new Set(transactions).size).toBe(transactions.length);
  expect([...acked.conversions].filter((id) => !transactions.includes(id))).toEqual([]);

  const readMails = () => list('/mail/api/v1/emails?limit=100&offset=OFFSET', mailKey, 'emails');
  const unsent = async () => (await readMails()).filter((row) => row['status'] !== 'sent');
  await eventually(async () => (await unsent()).length === 0, 1000);
  expect(await unsent()).toEqual([]);
  const mails = (await readMails()).map((row) => String(row['id']));
  expect(new Set(mails).size).toBe(mails.length);
  expect([...acked.mails].filter((id) => !mails.includes(id))).toEqual([]);
  // SMTP itself cannot promise more than at least once; what left is what the log says was sent.
  expect(new Set(sink.messages.map((message) => message.messageId)).size).toBe(mails.length);

  const readJobs = () => list('/redact/api/v1/jobs?limit=100&offset=OFFSET', redactKey, 'jobs');
  const undone = async () => (await readJobs()).filter((row) => row['status'] !== 'completed');
  await eventually(async () => (await undone()).length === 0, 1000);
  expect(await undone()).toEqual([]);
  const jobs = (await readJobs()).map((row) => String(row['id']));
  expect([...acked.jobs].filter((id) => !jobs.includes(id))).toEqual([]);
  const usage = await call(`${server.url}/redact/api/v1/usage`, { token: redactKey });
  expect((usage.body['credits'] as { used: number }).used).toBe(jobs.length);
}, 400_000);
