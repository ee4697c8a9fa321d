/** Redact over HTTP, as the original and the contract say: each endpoint, field and refusal. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { lines, pdfFile } from '../corpus/redact/pdf-file.ts';
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
