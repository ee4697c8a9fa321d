/** The name of the file that is given out says no more than the file. */
import { unzipSync } from 'fflate';
import { expect, test } from 'vitest';
import { redactDocument } from '../redact.ts';
import { detect, planSearch } from './detect.ts';
import { withoutValues } from './file-name.ts';

const TEXT = 'Name: Jane Fairweather\nSSN: 536-22-8726\nMail: jane@example.org';
const FOUND = detect([{ pageNumber: 1, text: TEXT }], planSearch({}));

test.each([
  ['Jane Fairweather 2024', 'REDACTED 2024'],
  ['jane_fairweather-contract', 'REDACTED-contract'],
  ['contract-fairweather', 'contract-REDACTED'],
  ['contract_J.Fairweather', 'contract_REDACTED'],
  ['janefairweather', 'REDACTED'],
  ['536-22-8726', 'REDACTED'],
  ['536228726 notes', '536228726 notes'],
  ['fairweathered', 'fairweathered'],
  ['report_2024', 'report_2024'],
  ['', ''],
])('%s becomes %s', (stem, clean) => {
  expect(withoutValues(stem, FOUND)).toBe(clean);
});

test('a redacted file does not carry the name of the person in its own', async () => {
  const { fileName } = await redactDocument(Buffer.from(TEXT), 'Fairweather, Jane.txt');
  expect(fileName).toBe('REDACTED, REDACTED_redacted.txt');
});

test('nor does a sheet that is called after the person', async () => {
  const { utils, write } = await import('@e965/xlsx');
  const sheet = utils.aoa_to_sheet([['Name'], ['Jane Fairweather']]);
  const book = utils.book_new(sheet, 'Fairweather');
  const source = Buffer.from(write(book, { type: 'array', bookType: 'xlsx' }) as ArrayBuffer);
  const { bytes } = await redactDocument(source, 'a.xlsx');
  const parts = Object.values(unzipSync(new Uint8Array(bytes)));
  const text = parts.map((part) => Buffer.from(part).toString()).join('\n');
  expect(text).not.toMatch(/fairweather/i);
  expect(text).toContain('REDACTED');
});
