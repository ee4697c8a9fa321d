/** Redact over HTTP, as the original and the contract say: each endpoint, field and refusal. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { lines, pdfFile } from '../corpus/redact/pdf-file.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';

const TEXT = 'Mail jane@example.org, SSN 123-45-6789.';
let server: TestServer;
let key: string;

beforeAll(async () => {
  server = await startTestServer();
});
// Sixty requests a minute are a key's.
beforeEach(async () => {
  key = await server.key('redact');
});
afterAll(() => server.stop());

interface Sent {
  fields?: Record<string, string>;
  files?: [field: string, name: string, content: string | Uint8Array][];
  headers?: Record<string, string>;
  as?: string;
}

function form({ fields = {}, files = [] }: Sent): FormData {
  const body = new FormData();
  for (const [field, name, content] of files)
    body.append(field, new Blob([content as string]), name);
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  return body;
}

function post(path: string, sent: Sent = {}): Promise<Response> {
  const { files = [['file', 'note.txt', TEXT]] } = sent;
  return fetch(`${server.url}/redact/api/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sent.as ?? key}`, ...sent.headers },
    body: form({ ...sent, files }),
  });
}

function call(method: string, path: string, as = key): Promise<Response> {
  const headers = { authorization: `Bearer ${as}` };
  return fetch(`${server.url}/redact/api/v1${path}`, { method, headers });
}

async function expectError(
  response: Response,
  status: number,
  error: string,
  word?: string | RegExp,
) {
  const body = (await response.json()) as { error: string; message: string };
  expect({ status: response.status, error: body.error }).toEqual({ status, error });
  expect(Object.keys(body).sort()).toEqual(['error', 'message']);
  if (word) expect(body.message).toMatch(word);
}

async function creditsUsed(): Promise<number> {
  const { credits } = (await (await call('GET', '/usage')).json()) as { credits: { used: number } };
  return credits.used;
}

describe('POST /scan', () => {
  test('answers in the shape of the original, with every value masked', async () => {
    const response = await post('/scan', { fields: { framework: 'pii' } });
    expect(response.status).toBe(200);
    const body = await response.json();
    expect(body).toEqual({
      success: true,
      file: { name: 'note.txt', type: 'text/plain', size: TEXT.length, pageCount: 1 },
      framework: 'pii',
      items: [
        {
          id: expect.stringMatching(/^item_/),
          type: 'email',
          category: 'contact',
          value: 'ja****rg',
          confidence: 0.98,
          location: { startIndex: 5, endIndex: 21, pageNumber: 1 },
        },
        {
          id: expect.stringMatching(/^item_/),
          type: 'ssn',
          category: 'identifier',
          value: '12****89',
          confidence: 0.98,
          location: { startIndex: 27, endIndex: 38, pageNumber: 1 },
        },
      ],
      summary: {
        totalItems: 2,
        byCategory: { contact: 1, identifier: 1 },
        byType: { email: 1, ssn: 1 },
      },
      processingTimeMs: expect.any(Number),
    });
    for (const name of ['limit', 'remaining', 'reset']) {
      expect(Number(response.headers.get(`x-ratelimit-${name}`))).toBeGreaterThan(0);
    }
  });

  test('finds items of a PDF by page, with boxes in points', async () => {
    const file = pdfFile({ pages: [lines('nothing'), lines('', 'SSN 123-45-6789')] });
    const response = await post('/scan', { files: [['file', 'a.pdf', file]] });
    const { file: facts, items } = (await response.json()) as Record<string, never>;
    expect(facts).toMatchObject({ type: 'application/pdf', pageCount: 2 });
    expect(items).toMatchObject([
      { type: 'ssn', location: { pageNumber: 2, bbox: { width: expect.any(Number) } } },
    ]);
  });

  test('takes one credit a page, and nothing where it is refused', async () => {
    const before = await creditsUsed();
    await post('/scan', { files: [['file', 'a.txt', 'x'.repeat(6001)]] });
    expect(await creditsUsed()).toBe(before + 3);
    await post('/scan', { files: [['file', 'a.pdf', '%PDF-1.7 broken']] });
    expect(await creditsUsed()).toBe(before + 3);
  });

  test('entities, exclude, minConfidence and terms say what is looked for', async () => {
    const found = async (fields: Record<string, string>) => {
      const { items } = (await (await post('/scan', { fields })).json()) as {
        items: { type: string }[];
      };
      return items.map(({ type }) => type);
    };
    expect(await found({ entities: 'ssn' })).toEqual(['ssn']);
    expect(await found({ exclude: 'ssn, phone' })).toEqual(['email']);
    expect(await found({ minConfidence: '0.99' })).toEqual([]);
    expect(await found({ framework: 'pci-dss', terms: 'Mail' })).toEqual(['term']);
  });
});

describe('POST /redact', () => {
  test('gives the file with its name, the three headers and the proof', async () => {
    const response = await post('/redact', { fields: { framework: 'hipaa', method: 'redact' } });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('Mail [REDACTED], SSN [REDACTED].');
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/plain',
      'content-disposition': 'attachment; filename="note_redacted.txt"',
      'x-cloakrr-items-detected': '2',
      'x-cloakrr-items-processed': '2',
      'x-cloakrr-credits-used': '1',
      'x-cloakrr-verified': 'true',
    });
  });

  test('anonymizes with stand-ins', async () => {
    const response = await post('/redact', { fields: { method: 'anonymize' } });
    expect(await response.text()).toBe('Mail [EMAIL_1], SSN [SSN_1].');
  });

  test('a name in other letters comes back as it is, and none breaks a header', async () => {
    const response = await post('/redact', { files: [['file', 'büro\u202ex.txt', TEXT]] });
    expect(response.headers.get('content-disposition')).toBe(
      `attachment; filename="b_rox_redacted.txt"; filename*=UTF-8''b%C3%BCrox_redacted.txt`,
    );
  });

  test('the same Idempotency-Key takes credits once; with another document it is refused', async () => {
    const headers = { 'idempotency-key': 'once-1' };
    const before = await creditsUsed();
    const [first, second] = [
      await post('/redact', { headers }),
      await post('/redact', { headers }),
    ];
    expect(await second.text()).toBe(await first.text());
    expect(await creditsUsed()).toBe(before + 1);
    const other = await post('/redact', { headers, files: [['file', 'note.txt', 'other']] });
    await expectError(other, 409, 'conflict');
  });
});

describe.each(['/scan', '/redact'])('POST %s refuses', (path) => {
  test.each<[string, Sent, number, string, RegExp]>([
    ['no file', { files: [] }, 400, 'invalid_request', /file/],
    ['an unknown field', { fields: { colour: 'red' } }, 400, 'invalid_request', /colour/],
    [
      'an unknown framework',
      { fields: { framework: 'none' } },
      400,
      'invalid_request',
      /framework.*hipaa/,
    ],
    [
      'a field twice over',
      {
        files: [
          ['file', 'a.txt', 'a'],
          ['file', 'b.txt', 'b'],
        ],
      },
      400,
      'invalid_request',
      /file/,
    ],
    [
      'a file in the wrong field',
      { files: [['document', 'a.txt', 'a']] },
      400,
      'invalid_request',
      /document/,
    ],
    [
      'a confidence that is none',
      { fields: { minConfidence: '7' } },
      400,
      'invalid_request',
      /minConfidence/,
    ],
    [
      'a type that does not exist',
      { fields: { entities: 'nothing' } },
      400,
      'invalid_request',
      /entities/,
    ],
    [
      'a term that could run away',
      { fields: { terms: '/(a+)+/' } },
      400,
      'invalid_request',
      /terms/,
    ],
    ['an empty file', { files: [['file', 'a.txt', '']] }, 422, 'unreadable_file', /empty/],
    [
      'a kind that is not supported',
      { files: [['file', 'a.exe', new Uint8Array([77, 90, 0, 1])]] },
      415,
      'unsupported_file_type',
      /./,
    ],
    ['a broken PDF', { files: [['file', 'a.pdf', '%PDF-1.7 x']] }, 422, 'unreadable_file', /PDF/],
    [
      'a file over 10 MB',
      { files: [['file', 'a.txt', 'x'.repeat(10 * 1024 * 1024 + 1)]] },
      413,
      'file_too_large',
      /10 MB/,
    ],
  ])('%s', async (_, sent, status, error, word) => {
    const before = await creditsUsed();
    await expectError(await post(path, sent), status, error, word);
    expect(await creditsUsed()).toBe(before);
  });

  test('a body that is no form', async () => {
    const response = await fetch(`${server.url}/redact/api/v1${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: '{}',
    });
    await expectError(response, 415, 'unsupported_file_type');
  });

  test('a caller without a key, with a wrong one, or without the scope', async () => {
    await expectError(await post(path, { as: 'clk_live_wrong' }), 401, 'unauthorized');
    const weak = await server.key('redact', { scopes: ['usage:read'] });
    await expectError(await post(path, { as: weak }), 403, 'forbidden');
  });

  test('work that the credits do not cover, before it begins', async () => {
    const poor = await server.otherOrg('starter');
    const as = await server.key('redact', { organizationId: poor.id });
    const { kernel } = server;
    const { available } = await kernel.ledger.balance(
      kernel.database.db,
      poor.id,
      'redact.credits',
    );
    await kernel.database.tx((tx) =>
      kernel.ledger.take(tx, poor.id, 'redact.credits', available - 1),
    );
    await expectError(
      await post(path, { as, files: [['file', 'a.txt', 'x'.repeat(3001)]] }),
      402,
      'insufficient_credits',
    );
    expect((await post(path, { as })).status).toBe(200);
    await expectError(await post(path, { as }), 402, 'insufficient_credits');
  });
});

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

test('GET /usage has the shape of the original', async () => {
  const usage = await (await call('GET', '/usage')).json();
  expect(usage).toEqual({
    success: true,
    organization: { id: server.org.id, name: expect.any(String) },
    credits: { available: expect.any(Number), used: expect.any(Number), total: expect.any(Number) },
    jobs: {
      last30Days: {
        completed: expect.any(Number),
        failed: expect.any(Number),
        total: expect.any(Number),
        creditsUsed: expect.any(Number),
      },
    },
  });
});
