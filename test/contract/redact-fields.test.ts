/** The optional fields of a form do over HTTP what they say, for a call and for a job alike. */
import { PDFDocument, PDFName } from '@cantoo/pdf-lib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { lines, pdfFile } from '../corpus/redact/pdf-file.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { type Client, clientOf, expectError, TEXT } from './redact-client.ts';

let server: TestServer;
let client: Client;

beforeAll(async () => {
  server = await startTestServer();
});
// Sixty requests a minute are a key's.
beforeEach(async () => {
  client = clientOf(server, await server.key('redact'));
});
afterAll(() => server.stop());

interface Given {
  fields: Record<string, string>;
  name?: string;
  content?: string | Uint8Array;
}

type Way = (given: Given) => Promise<Buffer>;

async function byCall({ fields, name = 'a.txt', content = TEXT }: Given): Promise<Buffer> {
  const response = await client.post('/redact', { fields, files: [['file', name, content]] });
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

async function byJob({ fields, name = 'a.txt', content = TEXT }: Given): Promise<Buffer> {
  const response = await client.post('/jobs', { fields, files: [['files', name, content]] });
  const { jobId } = (await response.json()) as { jobId: string };
  for (;;) {
    const job = await (await client.call('GET', `/jobs/${jobId}`)).json();
    const { status, documents } = job as { status: string; documents: { id: string }[] };
    if (!['pending', 'processing'].includes(status)) {
      const path = `/jobs/${jobId}/download?documentId=${documents[0]?.id}`;
      return Buffer.from(await (await client.call('GET', path)).arrayBuffer());
    }
    await new Promise((done) => setTimeout(done, 200));
  }
}

/** A German tax number: its check digit is right, and no word says what it is. */
const BARE = 'Das ist 86095742719 hier.';
const MAIL = 'jane@example.org';

async function locked(): Promise<Uint8Array> {
  const document = await PDFDocument.load(pdfFile({ pages: [lines(`to ${MAIL}`)] }));
  document.encrypt({ userPassword: 'right', ownerPassword: 'other' });
  return document.save();
}

describe.each<[string, Way]>([
  ['POST /redact', byCall],
  ['POST /jobs', byJob],
])('%s', (_, redacted) => {
  const text = async (fields: Record<string, string>, content = TEXT) =>
    (await redacted({ fields, content })).toString();

  test('entities: nothing but these types goes', async () => {
    expect(await text({ entities: 'ssn' })).toBe(`Mail ${MAIL}, SSN [REDACTED].`);
    expect(await text({ entities: 'ssn, email' })).toBe('Mail [REDACTED], SSN [REDACTED].');
  });

  test('exclude: these types stay', async () => {
    expect(await text({ exclude: 'email' })).toBe(`Mail ${MAIL}, SSN [REDACTED].`);
    expect(await text({ exclude: 'email,ssn' })).toBe(TEXT);
  });

  test('minConfidence: what is less sure stays, what is as sure goes', async () => {
    expect(await text({ minConfidence: '0.5' }, BARE)).toBe(BARE);
    expect(await text({ minConfidence: '0.3' }, BARE)).toBe('Das ist [REDACTED] hier.');
  });

  test('language: the numbers of its countries are surer', async () => {
    const fields = { minConfidence: '0.5', language: 'de' };
    expect(await text(fields, BARE)).toBe('Das ist [REDACTED] hier.');
    expect(await text({ ...fields, language: 'fr' }, BARE)).toBe(BARE);
  });

  test('terms: own words and patterns go, one a line, beside what is found anyway', async () => {
    const content = 'Project Zebra, case PX-2041 and PX-20, Zebras; SSN 123-45-6789';
    expect(await text({ terms: 'Zebra\n/PX-\\d{4}/' }, content)).toBe(
      'Project [REDACTED], case [REDACTED] and PX-20, Zebras; SSN [REDACTED]',
    );
  });

  test('password: opens a locked file, and what comes out is open', async () => {
    const given = { fields: { password: 'right' }, name: 'a.pdf', content: await locked() };
    const { isEncrypted } = await PDFDocument.load(await redacted(given));
    expect(isEncrypted).toBe(false);
  });

  test('style: realistic stand-ins are of the reserved kind, one for each value', async () => {
    const fields = { method: 'anonymize', style: 'realistic' };
    const output = await text(fields, `To ${MAIL}, again ${MAIL}, not x@example.org.`);
    const [first, second, third] = output.match(/[\w.]+@[\w.-]+\w/g) ?? [];
    expect(first).toBe(second);
    expect(third).not.toBe(first);
    expect(first).toMatch(/@example\.(?:com|net|org)$/);
    expect(output).not.toContain(MAIL);
    expect(output).not.toContain('[');
  });

  test('strict: a page from which something goes is a picture of itself, others are not', async () => {
    const pages = [lines(`before ${MAIL} after`), lines('untouched')];
    const given = { name: 'a.pdf', content: pdfFile({ pages }) };
    const fontsOf = async (strict: string) => {
      const document = await PDFDocument.load(await redacted({ ...given, fields: { strict } }));
      return document
        .getPages()
        .map(({ node }) => String(node.Resources()?.lookup(PDFName.of('Font'))));
    };
    const [touched, other] = await fontsOf('true');
    expect(touched).toContain('CloakText');
    expect(touched).not.toContain('F1');
    expect(other).toContain('F1');
    expect((await fontsOf('false')).join()).not.toContain('CloakText');
  });
});

test('POST /scan: entities, exclude, minConfidence, language, terms and password say what is found', async () => {
  const scan = async ({ fields, name = 'a.txt', content = TEXT }: Given) => {
    const response = await client.post('/scan', { fields, files: [['file', name, content]] });
    expect(response.status).toBe(200);
    const { items } = (await response.json()) as { items: { type: string }[] };
    return items.map(({ type }) => type);
  };
  expect(await scan({ fields: { entities: 'ssn' } })).toEqual(['ssn']);
  expect(await scan({ fields: { exclude: 'ssn' } })).toEqual(['email']);
  const doubtful = { minConfidence: '0.5' };
  expect(await scan({ fields: doubtful, content: BARE })).toEqual([]);
  expect(await scan({ fields: { ...doubtful, language: 'de' }, content: BARE })).toEqual([
    'tax_id',
  ]);
  expect(await scan({ fields: { terms: 'Mail' } })).toHaveLength(3);
  const file = { name: 'a.pdf', content: await locked() };
  expect(await scan({ fields: { password: 'right' }, ...file })).toEqual(['email']);
});

test('a locked file without its password, or with a wrong one, is 422', async () => {
  const files: [string, string, Uint8Array][] = [['file', 'a.pdf', await locked()]];
  const tried: Record<string, string>[] = [{}, { password: 'wrong' }];
  for (const fields of tried) {
    const refused = await client.post('/redact', { files, fields });
    await expectError(refused, 422, 'unreadable_file', /password/);
  }
});

test.each([
  ['/redact', 'strict', 'perhaps'],
  ['/redact', 'style', 'pretty'],
  ['/redact', 'exclude', 'nothing'],
  ['/redact', 'language', 'German'],
  ['/redact', 'password', 'x'.repeat(201)],
  ['/redact', 'reversible', 'true'],
  ['/redact', 'webhookUrl', 'https://example.com/'],
  ['/scan', 'strict', 'true'],
  ['/scan', 'method', 'redact'],
  ['/jobs', 'reversible', 'perhaps'],
  ['/jobs', 'strict', 'perhaps'],
])('%s refuses the field %s with %s', async (path, name, value) => {
  const files: [string, string, string][] = [[path === '/jobs' ? 'files' : 'file', 'a.txt', TEXT]];
  const refused = await client.post(path, { files, fields: { [name]: value } });
  await expectError(refused, 400, 'invalid_request', new RegExp(name));
});
