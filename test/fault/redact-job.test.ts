/**
 * `kill -9` of the server in the midst of long Redact jobs: each is done once, costs what it
 * delivered, and nothing that it held lies about in plain.
 */
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { strFromU8, unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { type OpenKernel, openKernel } from '../../src/kernel/open.ts';
import { ADMIN, freePort, type ServerProcess, startProcess } from '../harness/process.ts';
import { call, eventually } from './load.ts';
import * as office from './redact-office.ts';

const FILES = {
  'letter.docx': office.letter(200),
  'report.pdf': office.report(240),
  'broken.pdf': office.BROKEN,
  'people.csv': office.table(2_000),
  'annex.pdf': office.report(120),
};

let dataDir: string;
let port: number;
let server: ServerProcess;
let ask: ReturnType<typeof office.manyKeyed>;
let keys: string[];
let receiver: Awaited<ReturnType<typeof office.startReceiver>>;
/** What all servers of this test wrote. */
let written = '';
let creditsOfAll = 0;

const start = async () => {
  const env = { CLOAKROOM_WEBHOOK_ALLOW_PRIVATE: 'true', CLOAKROOM_LOG_LEVEL: 'debug' };
  server = await startProcess({ dataDir, port, env });
};
const killAndStart = async () => {
  const workers = await workersOf(server.pid);
  await server.kill();
  written += server.output();
  await start();
  const isGone = async (pid: number) => !(await commandOf(pid)).includes('work/worker.ts');
  for (const pid of workers) expect(await eventually(() => isGone(pid))).toBe(true);
};

const commandOf = (pid: number) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');

/** The processes in which the server works on documents. */
async function workersOf(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  const pids = children.trim().split(' ').map(Number);
  const commands = await Promise.all(pids.map(commandOf));
  return pids.filter((_, i) => commands[i]?.includes('work/worker.ts'));
}

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'redact-job-'));
  receiver = await office.startReceiver();
  port = await freePort();
  await start();
  const login = { method: 'POST', body: ADMIN };
  const { body } = await call(`${server.url}/account/api/v1/auth/token`, login);
  keys = await office.makeKeys(server.url, String(body['token']), 20);
  ask = office.manyKeyed(server.url, keys);
});
afterAll(async () => {
  await server?.stop();
  receiver?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const filesDir = () => join(dataDir, 'files');

async function filesIn(folder: string): Promise<string[]> {
  const all = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return all
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}

async function readJob(id: string): Promise<office.Job> {
  const { status, body } = await ask(`/jobs/${id}`);
  expect(status).toBe(200);
  return body as unknown as office.Job;
}

/** The job once it is so; fails where it ends without ever having been. */
async function jobOnce(id: string, isSo: (job: office.Job) => boolean): Promise<office.Job> {
  let job: office.Job | undefined;
  const isThere = await eventually(async () => {
    job = await readJob(id);
    return isSo(job);
  }, 100);
  expect({ isThere, job }).toMatchObject({ isThere: true });
  return job as office.Job;
}

const jobsThere = async () => (await ask('/jobs')).body['pagination'] as { total: number };
const creditsUsed = async () => ((await ask('/usage')).body['credits'] as { used: number }).used;

/** Sends the head of a form and a piece of its file, and no more. */
async function beginUpload(): Promise<void> {
  const upload = request(`${server.url}/redact/api/v1/jobs`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${keys[0]}`,
      'content-type': 'multipart/form-data; boundary=b',
      'content-length': 3_000_000,
    },
  });
  upload.on('error', () => {});
  upload.write('--b\r\ncontent-disposition: form-data; name="files"; filename="a.csv"\r\n\r\n');
  upload.write(office.table(10_000));
  const isBeingWritten = async () => {
    for (const path of await filesIn(filesDir())) {
      if (path.endsWith('.part') && (await stat(path)).size > 100_000) return true;
    }
    return false;
  };
  expect(await eventually(isBeingWritten)).toBe(true);
}

test('an upload that a kill cuts off makes no job and costs nothing', async () => {
  await beginUpload();
  await killAndStart();
  expect(await jobsThere()).toMatchObject({ total: 0 });
  expect(await creditsUsed()).toBe(0);
}, 100_000);

test('an upload sent again after kills, under its Idempotency-Key, has made one job', async () => {
  const files = { 'a.csv': office.table(500), 'b.pdf': office.report(60) };
  const send = () =>
    ask('/jobs', {
      method: 'POST',
      headers: { 'idempotency-key': 'after-kills' },
      body: office.formOf(files),
    });
  for (const waitMs of [20, 80, 200, 500]) {
    const sent = send().catch(() => null);
    await sleep(waitMs);
    await killAndStart();
    await sent;
  }
  const { body } = await send();
  const job = await jobOnce(String(body['jobId']), ({ status }) => status === 'completed');
  expect(await jobsThere()).toMatchObject({ total: 1 });
  creditsOfAll = job.result?.totalCreditsUsed ?? 0;
  expect(creditsOfAll).toBe(job.estimatedCredits);
  expect(await creditsUsed()).toBe(creditsOfAll);
}, 400_000);

let jobId: string;

test('a job killed in a document, between documents and before its end is done once', async () => {
  const body = office.formOf(FILES, { webhookUrl: receiver.url });
  const made = await ask('/jobs', { method: 'POST', body });
  jobId = String(made.body['jobId']);
  const stateOf = (job: office.Job, name: string) =>
    job.documents.find(({ originalName }) => originalName === name)?.status;
  const isWithin = (name: string) => (job: office.Job) => {
    const document = job.documents.find(({ originalName }) => originalName === name);
    return document?.status === 'processing' && document.progress > 0;
  };
  const isDone = (name: string) => (job: office.Job) => stateOf(job, name) === 'completed';
  const moments = [
    isWithin('report.pdf'),
    isWithin('report.pdf'),
    isDone('report.pdf'),
    isDone('people.csv'),
    isWithin('annex.pdf'),
  ];
  for (const isSo of moments) {
    // A server that has just started shows where the one before it was until it goes on.
    expect(await eventually(async () => (await workersOf(server.pid)).length > 0)).toBe(true);
    const before = await jobOnce(jobId, isSo);
    await killAndStart();
    // What was delivered stays so.
    const after = await readJob(jobId);
    for (const { originalName, status } of before.documents) {
      if (status === 'completed') expect(stateOf(after, originalName)).toBe('completed');
    }
  }
  const job = await jobOnce(jobId, ({ status }) => status === 'completed');
  expect(job.documents.map(({ originalName, status }) => [originalName, status])).toEqual(
    Object.keys(FILES).map((name) => [name, name === 'broken.pdf' ? 'failed' : 'completed']),
  );
  expect(job.documents[2]?.error).toMatch(/^unreadable_file: /);
}, 600_000);

test('it delivers each good document once, clean, and its credits are those of what it delivered', async () => {
  const job = await readJob(jobId);
  const good = Object.keys(FILES).filter((name) => name !== 'broken.pdf');
  expect(job.result?.documents.map(({ originalName }) => originalName)).toEqual(good);
  const zip = await fetch(`${server.url}/redact/api/v1/jobs/${jobId}/download`, {
    headers: { authorization: `Bearer ${keys[0]}` },
  });
  const entries = unzipSync(new Uint8Array(await zip.arrayBuffer()));
  expect(Object.keys(entries)).toEqual(good.map((name) => name.replace('.', '_redacted.')));
  const table = strFromU8(entries['people_redacted.csv'] ?? new Uint8Array());
  expect(table.match(new RegExp(office.WORD, 'g'))).toHaveLength(2_000);
  expect(table).not.toContain(office.SECRET);
  const word = unzipSync(entries['letter_redacted.docx'] ?? new Uint8Array());
  const text = strFromU8(word['word/document.xml'] ?? new Uint8Array());
  expect(text.match(new RegExp(office.WORD, 'g'))).toHaveLength(200);
  expect(text).not.toContain(office.SECRET);

  const credits = job.result?.documents.map(({ creditsUsed }) => creditsUsed) ?? [];
  const total = credits.reduce((sum, n) => sum + n, 0);
  expect(job.result?.totalCreditsUsed).toBe(total);
  expect(total).toBe(job.estimatedCredits);
  creditsOfAll += total;
  expect(await creditsUsed()).toBe(creditsOfAll);
});

test('its webhook hears of one end, that of the job as it can be read', async () => {
  expect(await eventually(() => receiver.told.length > 0)).toBe(true);
  const { result } = await readJob(jobId);
  const event = { event: 'job.completed', jobId, result };
  for (const { body } of receiver.told) expect(body).toMatchObject(event);
  expect(new Set(receiver.told.map(({ id }) => id)).size).toBe(1);
});

/** The kernel of the stopped server, as if it were so late. */
async function at<T>(now: Date, look: (kernel: OpenKernel) => Promise<T>): Promise<T> {
  const config = loadConfig({ CLOAKROOM_DATA_DIR: dataDir, CLOAKROOM_LOG_LEVEL: 'error' });
  const kernel = await openKernel(config, { clock: { now: () => now } });
  try {
    return await look(kernel);
  } finally {
    await kernel.close();
  }
}

test('on the disk and in the log lies nothing in plain; files go after a day, all of them', async () => {
  const { expiresAt } = await readJob(jobId);
  await server.stop();
  written += server.output();
  const plain = [office.SECRET, office.WORD];
  for (const word of plain) expect(written.includes(word)).toBe(false);
  const needles = plain.flatMap((word) => [Buffer.from(word), Buffer.from(word, 'utf16le')]);
  for (const path of await filesIn(dataDir)) {
    const bytes = await readFile(path);
    const isPlain = needles.some((needle) => bytes.includes(needle));
    expect({ path, isPlain }).toEqual({ path, isPlain: false });
  }
  // Kills left uploads without a job, and outputs that were half written. All came before its end.
  await at(new Date(Date.parse(expiresAt) - 1_000), async ({ files, database, ledger }) => {
    await files.sweep();
    const { rows } = await database.pool.query(
      `SELECT output_file_id AS id, organization_id AS organization FROM redact.documents
       WHERE job_id = $1 AND output_file_id IS NOT NULL`,
      [jobId],
    );
    const stored = (await filesIn(filesDir())).map((path) => basename(path));
    expect(stored.sort()).toEqual(rows.map(({ id }) => id).sort());
    const { organization } = rows[0];
    const { used } = await ledger.balance(database.db, organization, 'redact.credits');
    expect(used).toBe(creditsOfAll);
  });
  await at(new Date(Date.parse(expiresAt) + 1_000), ({ files }) => files.sweep());
  expect(await filesIn(filesDir())).toEqual([]);
}, 100_000);
