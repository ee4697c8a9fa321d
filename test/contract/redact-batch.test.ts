/** Batch jobs over HTTP, as the original and the contract say. */

import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { type Client, clientOf, expectError, type Sent, TEXT } from './redact-client.ts';

let server: TestServer;
let key: string;
let client: Client;
const post: Client['post'] = (...sent) => client.post(...sent);
const call: Client['call'] = (...sent) => client.call(...sent);
const creditsUsed = () => client.creditsUsed();

beforeAll(async () => {
  server = await startTestServer();
});
// Sixty requests a minute are a key's.
beforeEach(async () => {
  key = await server.key('redact');
  client = clientOf(server, key);
});
afterAll(() => server.stop());

interface JobBody {
  status: string;
  progress: number;
  documents: { id: string; status: string; originalName: string; error: string | null }[];
  result: {
    totalItemsDetected: number;
    totalCreditsUsed: number;
    documents: {
      processedName: string;
      downloadUrl: string;
      itemsProcessed: number;
      certificate: object;
    }[];
  } | null;
  expiresAt: string;
  completedAt: string | null;
}

async function createJob(sent: Sent = {}): Promise<string> {
  const files: Sent['files'] = sent.files ?? [
    ['files', 'a.txt', TEXT],
    ['files', 'a.txt', 'x@example.org'],
  ];
  const response = await post('/jobs', { ...sent, files });
  expect(response.status).toBe(200);
  return ((await response.json()) as { jobId: string }).jobId;
}

async function ended(jobId: string): Promise<JobBody> {
  for (;;) {
    const job = (await (await call('GET', `/jobs/${jobId}`)).json()) as JobBody;
    if (!['pending', 'processing'].includes(job.status)) return job;
    await new Promise((done) => setTimeout(done, 200));
  }
}

describe('jobs', () => {
  test('a job is made, worked off and listed in the shapes of the original', async () => {
    const response = await post('/jobs', {
      files: [
        ['files', 'doc1.txt', TEXT],
        ['files', 'doc2.csv', 'mail\nx@example.org'],
      ],
      fields: { framework: 'hipaa', method: 'anonymize' },
    });
    const made = (await response.json()) as { jobId: string };
    expect(made).toEqual({
      success: true,
      jobId: expect.stringMatching(/^job_/),
      status: 'pending',
      estimatedCredits: 2,
      documentCount: 2,
      statusUrl: `/api/v1/jobs/${made.jobId}`,
    });
    const job = await ended(made.jobId);
    const moment = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(job).toMatchObject({
      ...{ success: true, id: made.jobId, status: 'completed', progress: 100, error: null },
      ...{ createdAt: moment, completedAt: moment, expiresAt: moment },
      documents: [
        {
          id: expect.any(String),
          originalName: 'doc1.txt',
          size: TEXT.length,
          status: 'completed',
          progress: 100,
          itemsDetected: 2,
          error: null,
        },
        { originalName: 'doc2.csv', itemsDetected: 1 },
      ],
      result: { totalItemsDetected: 3, totalItemsProcessed: 3, totalCreditsUsed: 2 },
    });
    expect(Date.parse(job.expiresAt) - Date.parse(job.completedAt ?? '')).toBe(24 * 3_600_000);
    const [first, second] = job.result?.documents ?? [];
    expect(first).toMatchObject({
      originalName: 'doc1.txt',
      processedName: 'doc1_redacted.txt',
      itemsProcessed: 2,
    });
    const [path] = [second?.downloadUrl.replace('/api/v1', '') ?? ''];
    const download = await call('GET', path);
    // The mail address of the second file is the job's second: stand-ins go from file to file.
    expect(await download.text()).toBe('mail\n[EMAIL_2]');
    expect(download.headers.get('content-disposition')).toBe(
      'attachment; filename="doc2_redacted.csv"',
    );
    const list = (await (await call('GET', '/jobs')).json()) as {
      jobs: object[];
      pagination: object;
    };
    expect(list.jobs[0]).toMatchObject({ id: made.jobId, status: 'completed', documentCount: 2 });
    expect(list.jobs[0]).not.toHaveProperty('documents');
    expect(list.pagination).toMatchObject({ limit: 20, offset: 0, total: expect.any(Number) });
  });

  test('without a documentId all come as one zip, two of one name both', async () => {
    const jobId = await createJob();
    await ended(jobId);
    const zip = await call('GET', `/jobs/${jobId}/download`);
    expect(zip.headers.get('content-type')).toBe('application/zip');
    const { unzipSync, strFromU8 } = await import('fflate');
    const entries = unzipSync(new Uint8Array(await zip.arrayBuffer()));
    expect(Object.entries(entries).map(([name, bytes]) => [name, strFromU8(bytes)])).toEqual([
      ['a_redacted.txt', 'Mail [REDACTED], SSN [REDACTED].'],
      ['a_redacted (2).txt', '[REDACTED]'],
    ]);
  });

  test('a file that fails fails alone, and costs nothing', async () => {
    const before = await creditsUsed();
    const jobId = await createJob({
      files: [
        ['files', 'bad.pdf', '%PDF-1.7 x'],
        ['files', 'a.txt', TEXT],
      ],
    });
    const job = await ended(jobId);
    expect(job.documents).toMatchObject([
      { status: 'failed', error: expect.stringMatching(/^unreadable_file: /) },
      { status: 'completed', error: null },
    ]);
    expect(job.status).toBe('completed');
    expect(await creditsUsed()).toBe(before + 1);
  });

  test('a job whose every file fails has failed', async () => {
    const job = await ended(await createJob({ files: [['files', 'bad.pdf', '%PDF-1.7 x']] }));
    expect(job).toMatchObject({
      status: 'failed',
      result: null,
      error: expect.stringMatching(/unreadable_file/),
    });
  });

  test('a certificate says what was removed and what was checked, and nothing of the text', async () => {
    const job = await ended(await createJob());
    const [document] = job.result?.documents ?? [];
    const sha256 = createHash('sha256').update(TEXT).digest('hex');
    expect(document?.certificate).toMatchObject({
      input: { sha256 },
      removed: { email: 1, ssn: 1 },
      checks: expect.arrayContaining(['second scan']),
    });
    expect(JSON.stringify(job)).not.toMatch(/jane|123-45/);
  });

  test('reversible stand-ins can be restored by the organization, by no other', async () => {
    const fields = { method: 'anonymize', reversible: 'true' };
    const jobId = await createJob({ files: [['files', 'a.txt', TEXT]], fields });
    await ended(jobId);
    const restore = (as: string, body: object) =>
      fetch(`${server.url}/redact/api/v1/restore`, {
        method: 'POST',
        headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const answer = await restore(key, { jobId, text: 'To [EMAIL_1]: [SSN_1]' });
    expect(await answer.json()).toEqual({
      success: true,
      text: 'To jane@example.org: 123-45-6789',
    });
    const other = await server.otherOrg();
    const stranger = await server.key('redact', { organizationId: other.id });
    await expectError(await restore(stranger, { jobId, text: '[SSN_1]' }), 404, 'not_found');
    await expectError(await restore(key, { jobId: 'job_none', text: 'x' }), 404, 'not_found');
    const plain = await createJob({ fields: { method: 'anonymize' } });
    await ended(plain);
    await expectError(await restore(key, { jobId: plain, text: '[SSN_1]' }), 404, 'not_found');
  });

  test('what was found is nowhere in the database, nor on the disk', async () => {
    await ended(
      await createJob({ fields: { method: 'anonymize', reversible: 'true', terms: 'Mail' } }),
    );
    const { rows } = await server.kernel.database.pool.query(
      `SELECT (SELECT string_agg(j::text, '') FROM redact.jobs j)
        || (SELECT string_agg(d::text, '') FROM redact.documents d)
        || (SELECT string_agg(m::text, '') FROM redact.mappings m) AS everything`,
    );
    expect(rows[0].everything).not.toMatch(/jane@|123-45-6789|"terms"/);
  });

  test('only a pending job can be cancelled', async () => {
    const jobId = await createJob();
    await ended(jobId);
    await expectError(await call('DELETE', `/jobs/${jobId}`), 409, 'conflict');
    const { db } = server.kernel.database;
    await server.kernel.database.pool.query(
      `UPDATE redact.jobs SET status = 'pending' WHERE id = $1`,
      [jobId],
    );
    expect(db).toBeDefined();
    const cancelled = await call('DELETE', `/jobs/${jobId}`);
    expect(await cancelled.json()).toEqual({ success: true, id: jobId, status: 'cancelled' });
    await expectError(await call('GET', `/jobs/${jobId}/download`), 409, 'conflict');
  });

  test('the same Idempotency-Key gives the first job; with other files it is refused', async () => {
    const headers = { 'idempotency-key': 'job-once' };
    const files: Sent['files'] = [['files', 'a.txt', TEXT]];
    const [first, second] = [
      await createJob({ headers, files }),
      await createJob({ headers, files }),
    ];
    expect(second).toBe(first);
    const other = await post('/jobs', { headers, files: [['files', 'b.txt', 'b']] });
    await expectError(other, 409, 'conflict');
  });

  test.each<[string, Sent, RegExp]>([
    ['no files', { files: [] }, /files/],
    ['an unknown field', { fields: { colour: 'red' } }, /colour/],
    ['an address that is none', { fields: { webhookUrl: 'nowhere' } }, /webhookUrl/],
    ['a private address', { fields: { webhookUrl: 'http://127.0.0.1/hook' } }, /webhookUrl/],
    [
      'too many files',
      {
        files: Array.from(
          { length: 101 },
          (_, i) => ['files', `${i}.txt`, 'x'] as [string, string, string],
        ),
      },
      /100/,
    ],
  ])('a job with %s is refused', async (_, sent, word) => {
    const files = sent.files ?? [['files', 'a.txt', 'x']];
    await expectError(await post('/jobs', { ...sent, files }), 400, 'invalid_request', word);
  });

  test("another organization's job is not there", async () => {
    const jobId = await createJob();
    await ended(jobId);
    const other = await server.otherOrg();
    const stranger = await server.key('redact', { organizationId: other.id });
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/download'],
      ['DELETE', ''],
    ]) {
      await expectError(
        await call(method ?? '', `/jobs/${jobId}${path}`, stranger),
        404,
        'not_found',
      );
    }
    const list = (await (await call('GET', '/jobs', stranger)).json()) as { jobs: [] };
    expect(list.jobs).toEqual([]);
  });

  test('the list pages through all, newest first, and refuses a limit out of range', async () => {
    const page = async (query: string) =>
      (await (await call('GET', `/jobs?${query}`)).json()) as {
        jobs: { id: string }[];
        pagination: { total: number; hasMore: boolean };
      };
    const all = await page('limit=100');
    const seen: string[] = [];
    for (let offset = 0; offset < all.pagination.total; offset += 3) {
      seen.push(...(await page(`limit=3&offset=${offset}`)).jobs.map(({ id }) => id));
    }
    expect(seen).toEqual(all.jobs.map(({ id }) => id));
    expect(seen).toEqual(seen.toSorted().reverse());
    for (const query of ['limit=101', 'limit=0', 'offset=-1', 'limit=x', 'page=1']) {
      await expectError(await call('GET', `/jobs?${query}`), 400, 'invalid_request');
    }
  });
});
