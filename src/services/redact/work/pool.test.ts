/** Worker threads: a document that is too much fails alone, and faults come through whole. */
import { afterAll, expect, test } from 'vitest';
import { lines, pdfFile } from '../../../../test/corpus/redact/pdf-file.ts';
import { createPool } from './pool.ts';

const pool = createPool(1);
afterAll(() => pool.close());

const TEXT = { bytes: Buffer.from('SSN 536-22-8726'), fileName: 'a.txt', options: {} };

test('a document that takes too long is given up, and the next one is done', async () => {
  const pages = Array.from({ length: 400 }, () =>
    lines(...Array(40).fill('SSN 536-22-8726 again')),
  );
  const slow = { bytes: pdfFile({ pages }), fileName: 'a.pdf', options: {} };
  await expect(pool.redact(slow, { timeoutMs: 50 })).rejects.toMatchObject({
    code: 'unreadable_file',
    message: expect.stringMatching(/too long/),
  });
  expect((await pool.redact(TEXT)).items).toHaveLength(1);
});

test('faults keep their code and their text', async () => {
  const broken = { ...TEXT, bytes: Buffer.from('%PDF-1.7 x') };
  await expect(pool.examine(broken)).rejects.toMatchObject({ code: 'unreadable_file' });
  const options = { terms: ['/(a+)+/'] };
  await expect(pool.examine({ ...TEXT, options })).rejects.toMatchObject({
    code: 'invalid_request',
  });
});

test('progress is told page by page', async () => {
  const told: number[] = [];
  const three = { bytes: pdfFile({ pages: ['', '', ''] }), fileName: 'a.pdf', options: {} };
  await pool.redact(three, { onProgress: ({ done }) => told.push(done) });
  await new Promise((done) => setTimeout(done, 100));
  expect(told).toEqual([1, 2, 3]);
});

test('work that is called off is not a fault of the file', async () => {
  const controller = new AbortController();
  controller.abort();
  await expect(pool.redact(TEXT, { signal: controller.signal })).rejects.toThrow(/abort/i);
});
