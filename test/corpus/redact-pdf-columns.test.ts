/** Two columns, painted row by row: what wraps within one is read within one. */
import { expect, test } from 'vitest';
import { examine, redactDocument } from '../../src/services/redact/redact.ts';
import { readPdf } from './redact/pdf-eye.ts';
import { pdfFile } from './redact/pdf-file.ts';

const LEFT = [
  'The members met on Monday and',
  'asked for the card number 4111 1111',
  '1111 1111 of the treasurer, which',
  'nobody of them knew by heart.',
];
const RIGHT = [
  'A second matter was the garden',
  'behind the house, which has to be',
  'kept by those who live there and',
  'by nobody else in any year.',
];

function rows(left: readonly string[], right: readonly string[], drop = 0): string {
  const shown = left.map((line, i) => {
    const y = 700 - i * 14;
    const beside = `1 0 0 1 330 ${y - drop} Tm (${right[i]}) Tj`;
    return `1 0 0 1 72 ${y} Tm (${line}) Tj ${beside}`;
  });
  return `BT /F1 11 Tf ${shown.join(' ')} ET`;
}

test.each([
  ['on the same baselines', 0],
  ['half a line lower', 6],
])('a card number that wraps is found and gone, the other column stays: %s', async (_, drop) => {
  const file = pdfFile({ pages: [rows(LEFT, RIGHT, drop)] });
  const { bytes, items } = await redactDocument(file, 'a.pdf', { framework: 'pci-dss' });
  expect(items.map(({ type }) => type)).toEqual(['credit_card']);
  expect(items[0]?.location).toMatchObject({ pageNumber: 1, bbox: { x: expect.any(Number) } });
  const [text = ''] = await readPdf(Buffer.from(bytes));
  expect(text).not.toMatch(/\d/);
  for (const line of RIGHT) expect(text.replace(/\s+/g, ' ')).toContain(line);
  expect(text).toContain('of the treasurer');
});

test('what is found within a line is told once', async () => {
  const left = LEFT.with(3, 'by mail to ann.lee@example.org then');
  const { items } = await examine(pdfFile({ pages: [rows(left, RIGHT)] }), 'a.pdf', {
    entities: ['email'],
  });
  expect(items).toHaveLength(1);
});

test('cells of a table are not read as a column of prose', async () => {
  const cells = ['4111', '1111', '1111', '1111'];
  const names = ['north', 'south', 'east', 'west'];
  const { items } = await examine(pdfFile({ pages: [rows(cells, names)] }), 'a.pdf', {
    framework: 'pci-dss',
  });
  expect(items).toEqual([]);
});
