/**
 * `kill -9` of the server under load, ten times on one data directory: every click, conversion, mail
 * and job that was acknowledged is there afterwards, once.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ADMIN, cli, freePort, type ServerProcess, startProcess } from '../harness/process.ts';
import { type SmtpSink, startSmtpSink } from '../harness/smtp-sink.ts';

const KILLS = 10;
const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

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

interface Answer {
  status: number;
  body: Record<string, unknown>;
  location: string | null;
}

/** The answer, or null where the server died before all of it came. */
async function ask(
  method: string,
  path: string,
  token: string,
  body?: object | FormData,
): Promise<Answer | null> {
  try {
    const isForm = body instanceof FormData;
    const response = await fetch(server.url + path, {
      method,
      redirect: 'manual',
      headers: {
        'user-agent': CHROME,
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(body && !isForm ? { 'content-type': 'application/json' } : {}),
      },
      body: isForm ? body : body && JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return {
      status: response.status,
      body: isJson ? JSON.parse(text) : {},
      location: response.headers.get('location'),
    };
  } catch {
    return null;
  }
}

/** The same where the server is known to be there. */
async function must(...request: Parameters<typeof ask>): Promise<Answer> {
  const answer = await ask(...request);
  if (!answer) throw new Error(`the server did not answer:\n${server.output()}`);
  return answer;
}

async function keyOf(service: string): Promise<string> {
  const { code, stdout, stderr } = await cli(dataDir, [
    'key',
    'create',
    service,
    '--label',
    'kill',
  ]);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.trim();
}

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

const eventually = async (isTrue: () => Promise<boolean>) => {
  for (let attempt = 0; attempt < 600; attempt++) {
    if (await isTrue()) return true;
    await new Promise((done) => setTimeout(done, 200));
  }
  return false;
};

test('what was acknowledged before ten kills is there afterwards, once', async () => {
  const login = await must('POST', '/account/api/v1/auth/token', '', ADMIN);
  const token = String(login.body['token']);
  const [mailKey, redactKey] = [await keyOf('mail'), await keyOf('redact')];
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
    let running = true;
    const loop = async (work: () => Promise<void>, pauseMs: number) => {
      while (running) {
        await work();
        await new Promise((done) => setTimeout(done, pauseMs));
      }
    };
    const load = [
      ...Array.from({ length: 8 }, () => loop(click, 1)),
      ...Array.from({ length: 2 }, () => loop(convert, 10)),
      loop(mail, 200),
      loop(job, 200),
    ];
    await new Promise((done) => setTimeout(done, 700 + Math.random() * 600));
    await server.kill();
    running = false;
    await Promise.all(load);
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
