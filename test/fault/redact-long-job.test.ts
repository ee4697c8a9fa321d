/**
 * `kill -9` within the one long document of a job, and between the small documents of a batch: what
 * was done is not done again, what was not is done once, and each is billed once.
 */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { examine } from '../../src/services/redact/index.ts';
import { readPdf } from '../corpus/redact/pdf-eye.ts';
import { eventually } from './load.ts';
import * as office from './redact-office.ts';

const PAGES = 300;
const PAGES_OF_SMALL = 15;
const SMALL = Array.from({ length: 12 }, (_, n) => `part-${n}.pdf`);
const LONG_FILE = office.report(PAGES);
const SMALL_FILE = office.report(PAGES_OF_SMALL);

let site: office.Site;

beforeAll(async () => {
  site = await office.openSite();
});
afterAll(() => site?.close());

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function createJob(files: Record<string, Buffer>): Promise<string> {
  const body = office.formOf(files, { webhookUrl: site.receiver.url });
  const made = await site.ask('/jobs', { method: 'POST', body });
  expect(made.status).toBe(200);
  return String(made.body['jobId']);
}

async function download(job: office.Job, nth: number): Promise<Buffer> {
  const path = job.result?.documents[nth]?.downloadUrl;
  const response = await fetch(`${site.url}/redact${path}`, {
    headers: { authorization: `Bearer ${site.keys[0]}` },
  });
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

/** Proven by the certificate, and by looking: every page is there, with all but its addresses. */
async function expectWhole(output: Buffer, input: Buffer, pages: number, certificate: object) {
  expect(certificate).toMatchObject({
    input: { sha256: sha256(input) },
    output: { sha256: sha256(output), sizeBytes: output.length },
    pageCount: pages,
    removed: { email: pages * 20 },
    checks: expect.arrayContaining(['second scan']),
  });
  const texts = await readPdf(output);
  expect(texts).toHaveLength(pages);
  for (const text of texts) expect(text.match(new RegExp(office.WORD, 'g'))).toHaveLength(20);
  expect(texts.join()).not.toContain(office.SECRET);
  expect((await examine(output, 'a.pdf')).items).toEqual([]);
}

/** The webhook has heard of the job's end: once, or again as the same message. */
async function expectToldOnce(job: office.Job): Promise<void> {
  const told = () => site.receiver.told.filter(({ body }) => body['jobId'] === job.id);
  expect(await eventually(() => told().length > 0)).toBe(true);
  for (const { body } of told()) {
    expect(body).toMatchObject({ event: 'job.completed', result: job.result });
  }
  expect(new Set(told().map(({ id }) => id)).size).toBe(1);
}

const halfWritten = async () =>
  (await office.filesIn(site.filesDir)).filter((path) => path.endsWith('.part'));

let longJob: office.Job;

test('kills while a long document is read, written and proven: it ends once, whole and proven', async () => {
  const id = await createJob({ 'long.pdf': LONG_FILE });
  const seen: number[] = [];
  const isPast = (percent: number) => (job: office.Job) => {
    seen.push(job.documents[0]?.progress ?? -1);
    return (job.documents[0]?.progress ?? 0) > percent;
  };
  // What a server was at shows until the next one has passed it: so each is killed further on.
  for (const percent of [5, 35, 70]) {
    const job = await site.jobOnce(id, isPast(percent), 20);
    expect(job.status).toBe('processing');
    expect(job.documents).toMatchObject([{ status: 'processing', itemsDetected: null }]);
    expect(job.progress).toBeGreaterThan(1);
    expect(job.progress).toBeLessThan(90);
    await site.killAndStart();
    expect(await site.creditsUsed()).toBe(0);
    expect(await halfWritten()).toEqual([]);
  }
  longJob = await site.jobOnce(id, (job) => isPast(99)(job) && job.status === 'completed', 20);
  // Nobody who looked saw it go back, whatever was done again.
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  expect(new Set(seen).size).toBeGreaterThan(20);
  expect(longJob.progress).toBe(100);
  const [document] = longJob.result?.documents ?? [];
  const output = await download(longJob, 0);
  await expectWhole(output, LONG_FILE, PAGES, document?.certificate ?? {});
  await expectToldOnce(longJob);
}, 600_000);

test('its pages were paid for once', async () => {
  expect(longJob.result).toMatchObject({ totalItemsDetected: PAGES * 20, totalCreditsUsed: PAGES });
  expect(longJob.estimatedCredits).toBe(PAGES);
  expect(await site.creditsUsed()).toBe(PAGES);
  const { body } = await site.ask('/usage');
  expect(body['jobs']).toMatchObject({
    last30Days: { completed: 1, failed: 0, total: 1, creditsUsed: PAGES },
  });
});

interface Row {
  id: string;
  attempts: number;
  output_file_id: string;
  /** The transaction that wrote the row last. */
  xmin: string;
}

/** The documents that are done, as the stopped server's database has them. */
const rowsOf = (jobId: string) =>
  site.kernelAt(new Date(), async ({ database }) => {
    const { rows } = await database.pool.query<Row>(
      `SELECT id, attempts, output_file_id, xmin::text FROM redact.documents
       WHERE job_id = $1 AND status = 'completed' ORDER BY position`,
      [jobId],
    );
    return rows;
  });

let batchId: string;
let doneBefore: Row[];

test('a kill in the midst of a batch: the rest is done, each document delivered and billed once', async () => {
  batchId = await createJob(Object.fromEntries(SMALL.map((name) => [name, SMALL_FILE])));
  const countDone = ({ documents }: office.Job) =>
    documents.filter(({ status }) => status === 'completed').length;
  await site.jobOnce(batchId, (job) => countDone(job) >= 3, 20);
  await site.kill();
  doneBefore = await rowsOf(batchId);
  expect(doneBefore.length).toBeGreaterThanOrEqual(3);
  expect(doneBefore.length).toBeLessThan(SMALL.length);
  await site.start();
  const taken = doneBefore.length * PAGES_OF_SMALL;
  expect(await site.creditsUsed()).toBeGreaterThanOrEqual(PAGES + taken);

  const job = await site.jobOnce(batchId, ({ status }) => status === 'completed');
  expect(job.documents.map(({ originalName }) => originalName)).toEqual(SMALL);
  expect(job.result?.documents.map(({ originalName }) => originalName)).toEqual(SMALL);
  for (const [n, { certificate, creditsUsed }] of (job.result?.documents ?? []).entries()) {
    expect(creditsUsed).toBe(PAGES_OF_SMALL);
    await expectWhole(await download(job, n), SMALL_FILE, PAGES_OF_SMALL, certificate);
  }
  const all = SMALL.length * PAGES_OF_SMALL;
  expect(job.estimatedCredits).toBe(all);
  expect(job.result?.totalCreditsUsed).toBe(all);
  expect(await site.creditsUsed()).toBe(PAGES + all);
  await expectToldOnce(job);
}, 600_000);

test('those done before the kill were not touched again, and nothing is left of the work', async () => {
  await site.stop();
  const rows = await rowsOf(batchId);
  expect(rows.filter(({ id }) => doneBefore.some((row) => row.id === id))).toEqual(doneBefore);
  expect(new Set(doneBefore.map(({ attempts }) => attempts))).toEqual(new Set([1]));
  expect(await halfWritten()).toEqual([]);
  // Long before the outputs go, all else has gone: uploads, and outputs that a kill cut off.
  const soon = new Date(Date.parse(longJob.expiresAt) - 1_000);
  await site.kernelAt(soon, ({ files }) => files.sweep());
  const outputs = (await office.filesIn(site.filesDir)).map((path) => basename(path));
  const [{ output_file_id: long } = {}] = await rowsOf(longJob.id);
  expect(outputs.toSorted()).toEqual([long, ...rows.map((row) => row.output_file_id)].toSorted());
}, 100_000);
