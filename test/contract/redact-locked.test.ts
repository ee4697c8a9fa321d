/** Encrypted office files over HTTP: `password` opens them, in calls and in jobs; 422 without. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { agileFile, compound, standardFile } from '../corpus/redact/locked-file.ts';
import { docxFile, paragraph, xlsxFile } from '../corpus/redact/office-file.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { type Client, clientOf, expectError } from './redact-client.ts';

const PASSWORD = 'correct hörse';
const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const DOCX = docxFile(paragraph('Mail jane@example.org today'));
const XLSX = xlsxFile(
  '<row r="1"><c r="A1" t="inlineStr"><is><t>jane@example.org</t></is></c></row>',
);
let server: TestServer;
let client: Client;

beforeAll(async () => {
  server = await startTestServer();
  client = clientOf(server, await server.key('redact'));
});
afterAll(() => server.stop());

const send = (path: string, name: string, file: Buffer, password?: string) =>
  client.post(path, {
    files: [['file', name, file]],
    fields: password === undefined ? {} : { password },
  });

test('the password opens the file, and the copy needs none', async () => {
  for (const locked of [agileFile(DOCX, PASSWORD), standardFile(DOCX, PASSWORD)]) {
    const scanned = await send('/scan', 'letter.docx', locked, PASSWORD);
    expect(await scanned.json()).toMatchObject({
      file: { name: 'letter.docx', type: WORD, size: locked.length, pageCount: 1 },
      summary: { byType: { email: 1 } },
    });
    const redacted = await send('/redact', 'letter.docx', locked, PASSWORD);
    expect(redacted.status).toBe(200);
    expect(redacted.headers.get('content-type')).toBe(WORD);
    expect(redacted.headers.get('x-cloakrr-verified')).toBe('true');
    const copy = Buffer.from(await redacted.arrayBuffer());
    expect(copy.toString('latin1', 0, 2)).toBe('PK');
    const again = await send('/scan', 'letter.docx', copy);
    expect(await again.json()).toMatchObject({ summary: { totalItems: 0 } });
  }
});

test('without the password, or with another, it is 422 and free', async () => {
  const before = await client.creditsUsed();
  for (const locked of [agileFile(XLSX, PASSWORD), standardFile(XLSX, PASSWORD)]) {
    const without = await send('/redact', 'list.xlsx', locked);
    await expectError(without, 422, 'unreadable_file', /Send its password in the field "password"/);
    const other = await send('/redact', 'list.xlsx', locked, 'correct horse');
    await expectError(other, 422, 'unreadable_file', /password does not open this file/);
  }
  expect(await client.creditsUsed()).toBe(before);
});

test('what would keep a worker busy for long, or is no file, is 422 in words', async () => {
  const endless = agileFile(DOCX, PASSWORD, { spinCount: 10_000_000 });
  await expectError(
    await send('/scan', 'a.docx', endless, PASSWORD),
    ...([422, 'unreadable_file', /not supported/] as const),
  );
  const empty = compound({ EncryptedPackage: Buffer.alloc(8), EncryptionInfo: Buffer.alloc(8) });
  await expectError(await send('/scan', 'a.docx', empty, PASSWORD), 422, 'unreadable_file');
});

test('a job opens its files with the password; one of another fails alone', async () => {
  const made = await client.post('/jobs', {
    files: [
      ['files', 'a.docx', agileFile(DOCX, PASSWORD)],
      ['files', 'b.xlsx', agileFile(XLSX, 'another')],
    ],
    fields: { password: PASSWORD },
  });
  expect(made.status).toBe(200);
  const { jobId } = (await made.json()) as { jobId: string };
  for (;;) {
    const job = (await (await client.call('GET', `/jobs/${jobId}`)).json()) as {
      status: string;
      documents: { error: string | null; itemsDetected: number }[];
    };
    if (job.status === 'pending' || job.status === 'processing') {
      await new Promise((done) => setTimeout(done, 200));
      continue;
    }
    expect(job).toMatchObject({
      status: 'completed',
      documents: [
        { status: 'completed', itemsDetected: 1 },
        { status: 'failed', error: expect.stringMatching(/unreadable_file|password/) },
      ],
    });
    return;
  }
});
