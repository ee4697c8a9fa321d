/** Each kind of file that the contract names goes in and comes out, and costs what it says. */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  docxFile,
  paragraph,
  pptxFile,
  slideText,
  xlsxFile,
} from '../corpus/redact/office-file.ts';
import { renderPdf } from '../corpus/redact/pdf-eye.ts';
import { lines, pdfFile } from '../corpus/redact/pdf-file.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { type Client, clientOf, expectError } from './redact-client.ts';

const MAIL = 'jane@example.org';
const OFFICE = 'application/vnd.openxmlformats-officedocument';

let server: TestServer;
let client: Client;

beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  client = clientOf(server, await server.key('redact'));
});
afterAll(() => server.stop());

const page = { content: lines(`to ${MAIL}`, 'and more'), extra: '/MediaBox [60 680 260 760]' };

async function picture(kind: 'png' | 'jpeg' | 'webp'): Promise<Buffer> {
  const { width, height, pixels } = await renderPdf(pdfFile({ pages: [page] }), 0, 4);
  const raw = { width, height, channels: 1 as const };
  return sharp(Buffer.from(pixels), { raw }).toFormat(kind).toBuffer();
}

async function workbook(kind: 'biff8' | 'xlsx'): Promise<Buffer> {
  const { utils, write } = await import('@e965/xlsx');
  const book = utils.book_new(utils.aoa_to_sheet([['mail'], [MAIL]]), 'People');
  utils.book_append_sheet(book, utils.aoa_to_sheet([['fruit']]), 'Fruit');
  return Buffer.from(write(book, { type: 'array', bookType: kind }) as ArrayBuffer);
}

const text = (content: string) => async () => Buffer.from(content);

/** A file, what it comes back as, and its credits. */
const KINDS: [
  name: string,
  file: () => Promise<Buffer>,
  mediaType: string,
  given: string,
  credits: number,
][] = [
  [
    'letter.pdf',
    async () => pdfFile({ pages: [lines(`to ${MAIL}`), lines('two'), lines('three')] }),
    'application/pdf',
    'letter_redacted.pdf',
    3,
  ],
  [
    'letter.docx',
    async () => docxFile(paragraph(`to ${MAIL}`)),
    `${OFFICE}.wordprocessingml.document`,
    'letter_redacted.docx',
    1,
  ],
  ['list.xlsx', () => workbook('xlsx'), `${OFFICE}.spreadsheetml.sheet`, 'list_redacted.xlsx', 2],
  ['list.xls', () => workbook('biff8'), `${OFFICE}.spreadsheetml.sheet`, 'list_redacted.xlsx', 2],
  [
    'show.pptx',
    async () => pptxFile([slideText(`to ${MAIL}`), slideText('two')]),
    `${OFFICE}.presentationml.presentation`,
    'show_redacted.pptx',
    2,
  ],
  ['scan.png', () => picture('png'), 'image/png', 'scan_redacted.png', 1],
  ['scan.jpg', () => picture('jpeg'), 'image/jpeg', 'scan_redacted.jpg', 1],
  ['scan.jpeg', () => picture('jpeg'), 'image/jpeg', 'scan_redacted.jpeg', 1],
  ['scan.webp', () => picture('webp'), 'image/webp', 'scan_redacted.webp', 1],
  ['list.csv', text(`mail;n\r\n${MAIL};1`), 'text/csv', 'list_redacted.csv', 1],
  ['note.txt', text(`${MAIL} ${'x'.repeat(2983)}`), 'text/plain', 'note_redacted.txt', 1],
  ['long.txt', text(`${MAIL} ${'x'.repeat(2984)}`), 'text/plain', 'long_redacted.txt', 2],
  ['note.md', text(`# To *${MAIL}*`), 'text/markdown', 'note_redacted.md', 1],
  ['data.json', text(`{"mail": "${MAIL}"}`), 'application/json', 'data_redacted.json', 1],
  ['page.html', text(`<p>${MAIL}</p>`), 'text/html', 'page_redacted.html', 1],
  [
    'mail.eml',
    text(`From: a <${MAIL}>\r\nSubject: hello\r\nMIME-Version: 1.0\r\n\r\nto you\r\n`),
    'message/rfc822',
    'mail_redacted.eml',
    1,
  ],
];

test.each(KINDS)(
  '%s',
  async (name, make, mediaType, given, credits) => {
    const file = await make();
    const files: [string, string, Uint8Array][] = [['file', name, file]];
    const fields = { entities: 'email' };
    const before = await client.creditsUsed();
    const scanned = await client.post('/scan', { files, fields });
    expect(scanned.status).toBe(200);
    const scan = (await scanned.json()) as { file: { type: string }; items: { type: string }[] };
    expect(scan.items.map(({ type }) => type)).toEqual(['email']);
    expect(scan.file).toMatchObject({ name, size: file.length, pageCount: credits });
    expect(await client.creditsUsed()).toBe(before + credits);

    const response = await client.post('/redact', { files, fields });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': mediaType,
      'content-disposition': `attachment; filename="${given}"`,
      'x-cloakrr-items-detected': '1',
      'x-cloakrr-items-processed': '1',
      'x-cloakrr-credits-used': String(credits),
      'x-cloakrr-verified': 'true',
      'x-ratelimit-limit': '60',
    });
    expect(await client.creditsUsed()).toBe(before + 2 * credits);
    const output = new Uint8Array(await response.arrayBuffer());
    const again = await client.post('/scan', { files: [['file', given, output]], fields });
    expect(await again.json()).toMatchObject({ items: [], summary: { totalItems: 0 } });
  },
  120_000,
);

test('the content says what a file is, not its name', async () => {
  const files = async (name: string, content: Uint8Array): Promise<unknown> => {
    const response = await client.post('/scan', { files: [['file', name, content]] });
    return ((await response.json()) as { file: { type: string } }).file.type;
  };
  const docx = docxFile(paragraph('text'));
  expect(await files('letter.pdf', docx)).toBe(`${OFFICE}.wordprocessingml.document`);
  expect(await files('photo.jpg', pdfFile({ pages: [lines('text')] }))).toBe('application/pdf');
  expect(await files('letter.docx', await picture('png'))).toBe('image/png');
  expect(await files('letter', Buffer.from('text'))).toBe('text/plain');
  // Among kinds of plain text the name decides.
  expect(await files('a.csv', Buffer.from('text'))).toBe('text/csv');
  expect(await files('a.md', Buffer.from('text'))).toBe('text/markdown');
});

test('POST /scan and /redact leave nothing on the disk', async () => {
  const { pool } = server.kernel.database;
  const count = async () =>
    (await pool.query('SELECT count(*)::int AS n FROM core.files')).rows[0].n;
  const before = await count();
  const sheet = xlsxFile(`<row r="1"><c r="A1" t="inlineStr"><is><t>${MAIL}</t></is></c></row>`);
  for (const path of ['/scan', '/redact']) {
    const done = await client.post(path, { files: [['file', 'a.xlsx', sheet]] });
    expect(done.status).toBe(200);
  }
  expect(await count()).toBe(before);
});

/** What a server says to a form whose file does not end, and how much had been sent by then. */
async function sendEndless(
  path: string,
  field: string,
  key: string,
): Promise<{ response: Response; sent: number }> {
  const upload = request(`${server.url}/redact/api/v1${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'multipart/form-data; boundary=b',
      'transfer-encoding': 'chunked',
    },
  });
  const head = `content-disposition: form-data; name="${field}"; filename="a.txt"`;
  upload.write(`--b\r\n${head}\r\n\r\n`);
  upload.on('error', () => {});
  let sent = 0;
  let isAnswered = false;
  const answer = once(upload, 'response').then(([incoming]) => {
    isAnswered = true;
    return incoming as IncomingMessage;
  });
  while (!isAnswered && sent < 200 * 1024 * 1024) {
    sent += 65_536;
    await new Promise((done) => upload.write(Buffer.alloc(65_536, 'x'), done));
  }
  const incoming = await answer;
  const body = Buffer.concat(await incoming.toArray());
  upload.destroy();
  return { response: new Response(body, { status: incoming.statusCode }), sent };
}

test.each<[path: string, field: string, mostMb: number]>([
  ['/scan', 'file', 10],
  ['/redact', 'file', 10],
  ['/jobs', 'files', 100],
])(
  'POST %s refuses a file that does not end once it is too large',
  async (path, field, mostMb) => {
    const { response, sent } = await sendEndless(path, field, await server.key('redact'));
    await expectError(response, 413, 'file_too_large', new RegExp(`larger than ${mostMb} MB`));
    expect(sent).toBeGreaterThan(mostMb * 1024 * 1024);
    const { rows } = await server.kernel.database.pool.query('SELECT 1 FROM core.files');
    expect(rows).toEqual([]);
  },
  120_000,
);

test.each(['/scan', '/redact'])('POST %s takes 10 MB to the byte', async (path) => {
  const most = Buffer.alloc(10 * 1024 * 1024);
  const taken = await client.post(path, { files: [['file', 'a.bin', most]] });
  await expectError(taken, 415, 'unsupported_file_type');
  const more = Buffer.alloc(most.length + 1);
  const refused = await client.post(path, { files: [['file', 'a.bin', more]] });
  await expectError(refused, 413, 'file_too_large');
});

test.each<[path: string, mostMb: number]>([
  ['/scan', 10],
  ['/redact', 10],
  ['/jobs', 1024],
])('POST %s refuses a form that says it is too long, before it comes', async (path, mostMb) => {
  const upload = request(`${server.url}/redact/api/v1${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await server.key('redact')}`,
      'content-type': 'multipart/form-data; boundary=b',
      'content-length': (mostMb + 2) * 1024 * 1024,
    },
  });
  upload.on('error', () => {});
  upload.flushHeaders();
  const [incoming] = (await once(upload, 'response')) as [IncomingMessage];
  const body = Buffer.concat(await incoming.toArray());
  upload.destroy();
  const response = new Response(body, { status: incoming.statusCode });
  await expectError(response, 413, 'file_too_large', new RegExp(`${mostMb} MB`));
});
