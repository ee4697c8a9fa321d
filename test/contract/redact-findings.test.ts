/** What `items[]` tell of a finding, and what each framework looks for, over HTTP. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { docxFile, paragraph, wordPart, xlsxFile } from '../corpus/redact/office-file.ts';
import { lines, pdfFile } from '../corpus/redact/pdf-file.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { type Client, clientOf } from './redact-client.ts';

let server: TestServer;
let client: Client;

beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  client = clientOf(server, await server.key('redact'));
});
afterAll(() => server.stop());

interface Item {
  id: string;
  type: string;
  category: string;
  value: string;
  confidence: number;
  location: Record<string, unknown>;
}

async function scan(
  content: string | Uint8Array,
  fields: Record<string, string> = {},
  name = 'a.txt',
) {
  const response = await client.post('/scan', { files: [['file', name, content]], fields });
  expect(response.status).toBe(200);
  return (await response.json()) as {
    framework: string;
    items: Item[];
    summary: { totalItems: number; byCategory: object; byType: object };
  };
}

describe('an item', () => {
  test.each([
    ['qx', 'q****'],
    ['qxqxqxq', 'q****'],
    ['qxqxqxqx', 'qx****qx'],
    ['qxqxqxqxqxqxqxqx', 'qx****qx'],
  ])('shows %s as %s', async (term, value) => {
    const { items } = await scan(`before ${term} after`, { terms: term });
    expect(items).toMatchObject([{ type: 'term', value }]);
  });

  test('says where it stands in UTF-16 units of the text', async () => {
    const text = '\u{1f600}é jane@example.org';
    const { items } = await scan(text);
    expect(items).toMatchObject([{ location: { startIndex: 4, endIndex: 20, pageNumber: 1 } }]);
    expect(text.slice(4, 20)).toBe('jane@example.org');
  });

  test('of a PDF has its page and its box in points, from the lower left corner', async () => {
    const pages = [lines('one'), lines('x', 'SSN 536-22-8726')];
    const { items } = await scan(pdfFile({ pages }), {}, 'a.pdf');
    expect(items).toHaveLength(1);
    const { location } = items[0] as Item;
    expect(Object.keys(location).sort()).toEqual(
      ['bbox', 'endIndex', 'pageNumber', 'startIndex'].sort(),
    );
    expect(location['pageNumber']).toBe(2);
    const { x, y, width, height } = location['bbox'] as Record<string, number>;
    // Helvetica of 12 points: "SSN " is 28 wide and eleven digits and hyphens some 68.
    expect(x).toBeGreaterThan(97);
    expect(x).toBeLessThan(103);
    expect(y).toBeGreaterThan(700);
    expect(y).toBeLessThan(708);
    expect(width).toBeGreaterThan(60);
    expect(width).toBeLessThan(74);
    expect(height).toBeGreaterThan(7);
    expect(height).toBeLessThan(16);
  });

  test('of an office file names its cell, or the part that it stands in', async () => {
    const cell = (at: string, text: string) =>
      `<c r="${at}" t="inlineStr"><is><t>${text}</t></is></c>`;
    const rows = `<row r="2">${cell('A2', 'to')}${cell('B2', 'jane@example.org')}</row>`;
    const sheet = await scan(xlsxFile(rows), {}, 'a.xlsx');
    expect(sheet.items).toMatchObject([{ type: 'email', location: { pageNumber: 1, cell: 'B2' } }]);
    const comment = wordPart('comments', `<w:comment>${paragraph('jane@example.org')}</w:comment>`);
    const word = await scan(
      docxFile(paragraph('text'), { 'word/comments.xml': comment }),
      {},
      'a.docx',
    );
    expect(word.items).toMatchObject([
      { type: 'email', location: { part: expect.stringMatching(/comments/) } },
    ]);
  });

  test('has an id of its own, a confidence between 0 and 1, and is counted once', async () => {
    const { items, summary } = await scan(
      'jane@example.org, joe@example.org, SSN 536-22-8726, IBAN GB82WEST12345698765432, IP 203.0.113.7',
    );
    const told = items.map(({ type, category }) => [type, category]);
    expect(told).toEqual([
      ['email', 'contact'],
      ['email', 'contact'],
      ['ssn', 'identifier'],
      ['iban', 'financial'],
      ['ip_address', 'technical'],
    ]);
    expect(new Set(items.map(({ id }) => id)).size).toBe(5);
    for (const { id, confidence } of items) {
      expect(id).toMatch(/^item_[\w-]+$/);
      expect(confidence).toBeGreaterThan(0);
      expect(confidence).toBeLessThanOrEqual(1);
    }
    expect(summary).toEqual({
      totalItems: 5,
      byCategory: { contact: 2, identifier: 1, financial: 1, technical: 1 },
      byType: { email: 2, ssn: 1, iban: 1, ip_address: 1 },
    });
  });
});

describe('a framework', () => {
  test('is pii unless one is named', async () => {
    const text = 'Mail jane@example.org, seen on 12 March 2024.';
    const named = await scan(text, { framework: 'pii' });
    const unnamed = await scan(text);
    const facts = ({ framework, summary }: typeof named) => ({ framework, summary });
    expect(facts(unnamed)).toEqual(facts(named));
    expect(named.framework).toBe('pii');
    expect(named.items.map(({ type }) => type)).toEqual(['email']);
  });

  test.each<[framework: string, text: string, left: string]>([
    ['hipaa', 'Admitted on 12 March 2024; again in 2023.', 'Admitted on #; again in 2023.'],
    ['hipaa', 'The patient is aged 93.', 'The patient is aged #.'],
    ['hipaa', 'The patient is aged 45.', 'The patient is aged 45.'],
    ['pci-dss', 'PAN 4111 1111 1111 1111 is valid', 'PAN # is valid'],
    ['pci-dss', 'PAN 4111 1111 1111 1112 is not', 'PAN 4111 1111 1111 1112 is not'],
    ['pci-dss', 'PAN 2223 0031 2200 3222 is a Mastercard', 'PAN # is a Mastercard'],
    ['pci-dss', 'CVV: 123 and mail jane@example.org', 'CVV: # and mail jane@example.org'],
    ['gdpr', 'IBAN DE89370400440532013000 is one', 'IBAN # is one'],
    ['gdpr', 'Steuer-ID 86095742719 gilt', 'Steuer-ID # gilt'],
    ['gdpr', 'mail jane@example.org', 'mail #'],
  ])('%s: %s', async (framework, text, left) => {
    const files: [string, string, string][] = [['file', 'a.txt', text]];
    const response = await client.post('/redact', { files, fields: { framework } });
    expect(response.status).toBe(200);
    expect((await response.text()).replaceAll('[REDACTED]', '#')).toBe(left);
  });

  test('pci-dss keeps at most the first six and last four of a card that it anonymizes', async () => {
    const files: [string, string, string][] = [['file', 'a.txt', 'PAN 4111 1111 1111 1111']];
    const fields = { framework: 'pci-dss', method: 'anonymize' };
    const text = await (await client.post('/redact', { files, fields })).text();
    expect(text).toBe('PAN [CARD_1: 411111******1111]');
  });
});
