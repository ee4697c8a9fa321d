/**
 * `kill -9` of the server in the midst of long Redact jobs: each is done once, costs what it
 * delivered, and nothing that it held lies about in plain.
 */
import { readFile, stat } from 'node:fs/promises';
import { request } from 'node:http';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { strFromU8, unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from './load.ts';
import * as office from './redact-office.ts';

const FILES = {
  'letter.docx': office.letter(200),
  'report.pdf': office.report(240),
  'broken.pdf': office.BROKEN,
  'people.csv': office.table(2_000),
  'annex.pdf': office.report(120),
};

let site: office.Site;
let creditsOfAll = 0;

beforeAll(async () => {
  site = await office.openSite();
});
afterAll(() => site?.close());

const jobsThere = async () => (await site.ask('/jobs')).body['pagination'] as { total: number };

/** Sends the head of a form and a piece of its file, and no more. */
async function beginUpload(): Promise<void> {
  const upload = request(`${site.url}/redact/api/v1/jobs`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${site.keys[0]}`,
      'content-type': 'multipart/form-data; boundary=b',
      'content-length': 3_000_000,
    },
  });
  upload.on('error', () => {});
  upload.write('--b\r\ncontent-disposition: form-data; name="files"; filename="a.csv"\r\n\r\n');
  upload.write(office.table(10_000));
  const isBeingWritten = async () => {
    for (const path of await office.filesIn(site.filesDir)) {
      if (path.endsWith('.part') && (await stat(path)).size > 100_000) return true;
    }
    return false;
  };
  expect(await eventually(isBeingWritten)).toBe(true);
}

test('an upload that a kill cuts off makes no job and costs nothing', async () => {
  await beginUpload();
  await site.killAndStart();
  expect(await jobsThere()).toMatchObject({ total: 0 });
  expect(await site.creditsUsed()).toBe(0);
}, 100_000);

test('an upload sent again after kills, under its Idempotency-Key, has made one job', async () => {
  const files = { 'a.csv': office.table(500), 'b.pdf': office.report(60) };
  const send = () =>
    site.ask('/jobs', {
      method: 'POST',
      headers: { 'idempotency-key': 'after-kills' },
      body: office.formOf(files),
    });
  for (const waitMs of [20, 80, 200, 500]) {
    const sent = send().catch(() => null);
    await sleep(waitMs);
    await site.killAndStart();
    await sent;
  }
  const { body } = await send();
  const job = await site.jobOnce(String(body['jobId']), ({ status }) => status === 'completed');
  expect(await jobsThere()).toMatchObject({ total: 1 });
  creditsOfAll = job.result?.totalCreditsUsed ?? 0;
  expect(creditsOfAll).toBe(job.estimatedCredits);
  expect(await site.creditsUsed()).toBe(creditsOfAll);
}, 400_000);

let jobId: string;

test('a job killed in a document, between documents and before its end is done once', async () => {
  const body = office.formOf(FILES, { webhookUrl: site.receiver.url });
  const made = await site.ask('/jobs', { method: 'POST', body });
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
    expect(await eventually(async () => (await site.workers()).length > 0)).toBe(true);
    const before = await site.jobOnce(jobId, isSo);
    await site.killAndStart();
    // What was delivered stays so.
    const after = await site.readJob(jobId);
    for (const { originalName, status } of before.documents) {
      if (status === 'completed') expect(stateOf(after, originalName)).toBe('completed');
    }
  }
  const job = await site.jobOnce(jobId, ({ status }) => status === 'completed');
  expect(job.documents.map(({ originalName, status }) => [originalName, status])).toEqual(
    Object.keys(FILES).map((name) => [name, name === 'broken.pdf' ? 'failed' : 'completed']),
  );
  expect(job.documents[2]?.error).toMatch(/^unreadable_file: /);
}, 600_000);

test('it delivers each good document once, clean, and its credits are those of what it delivered', async () => {
  const job = await site.readJob(jobId);
  const good = Object.keys(FILES).filter((name) => name !== 'broken.pdf');
  expect(job.result?.documents.map(({ originalName }) => originalName)).toEqual(good);
  const zip = await fetch(`${site.url}/redact/api/v1/jobs/${jobId}/download`, {
    headers: { authorization: `Bearer ${site.keys[0]}` },
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
  expect(await site.creditsUsed()).toBe(creditsOfAll);
});

test('its webhook hears of one end, that of the job as it can be read', async () => {
  expect(await eventually(() => site.receiver.told.length > 0)).toBe(true);
  const { result } = await site.readJob(jobId);
  const event = { event: 'job.completed', jobId, result };
  for (const { body } of site.receiver.told) expect(body).toMatchObject(event);
  expect(new Set(site.receiver.told.map(({ id }) => id)).size).toBe(1);
});

test('on the disk and in the log lies nothing in plain; files go after a day, all of them', async () => {
  const { expiresAt } = await site.readJob(jobId);
  await site.stop();
  const written = site.written();
  const plain = [office.SECRET, office.WORD];
  for (const word of plain) expect(written.includes(word)).toBe(false);
  const needles = plain.flatMap((word) => [Buffer.from(word), Buffer.from(word, 'utf16le')]);
  for (const path of await office.filesIn(site.dataDir)) {
    const bytes = await readFile(path);
    const isPlain = needles.some((needle) => bytes.includes(needle));
    expect({ path, isPlain }).toEqual({ path, isPlain: false });
  }
  // Kills left uploads without a job, and outputs that were half written. All came before its end.
  await site.kernelAt(
    new Date(Date.parse(expiresAt) - 1_000),
    async ({ files, database, ledger }) => {
      await files.sweep();
      const { rows } = await database.pool.query(
        `SELECT output_file_id AS id, organization_id AS organization FROM redact.documents
       WHERE job_id = $1 AND output_file_id IS NOT NULL`,
        [jobId],
      );
      const stored = (await office.filesIn(site.filesDir)).map((path) => basename(path));
      expect(stored.sort()).toEqual(rows.map(({ id }) => id).sort());
      const { organization } = rows[0];
      const { used } = await ledger.balance(database.db, organization, 'redact.credits');
      expect(used).toBe(creditsOfAll);
    },
  );
  await site.kernelAt(new Date(Date.parse(expiresAt) + 1_000), ({ files }) => files.sweep());
  expect(await office.filesIn(site.filesDir)).toEqual([]);
}, 100_000);
