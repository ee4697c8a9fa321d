/** Workers: a document that is too much fails alone, and faults come through whole. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { docxFile, paragraph } from '../../../../test/corpus/redact/office-file.ts';
import { lines, pdfFile } from '../../../../test/corpus/redact/pdf-file.ts';
import type { Progress } from '../document.ts';
import { createPool } from './pool.ts';

const pool = createPool(1);
const small = createPool(2, { memoryMb: 700 });
afterAll(async () => {
  await pool.close();
  await small.close();
});

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

test('of two at once the one that takes too long is given up alone', async () => {
  const both = createPool(2);
  try {
    // Nearly two million findings: it would take minutes.
    const endless = { ...TEXT, bytes: Buffer.alloc(40_000_000, 'SSN 536-22-8726 again\n') };
    const slow = both.redact(endless, { timeoutMs: 3_000 });
    const other = both.redact(TEXT);
    await expect(slow).rejects.toMatchObject({
      code: 'unreadable_file',
      message: 'The file took too long to process and was given up.',
    });
    expect((await other).items).toHaveLength(1);
    // Its place is free again.
    const next = await Promise.all([both.redact(TEXT), both.redact(TEXT)]);
    expect(next.map(({ items }) => items.length)).toEqual([1, 1]);
  } finally {
    await both.close();
  }
});

test('faults keep their code and their text', async () => {
  const broken = { ...TEXT, bytes: Buffer.from('%PDF-1.7 x') };
  await expect(pool.examine(broken)).rejects.toMatchObject({ code: 'unreadable_file' });
  const options = { terms: ['/(a+)+/'] };
  await expect(pool.examine({ ...TEXT, options })).rejects.toMatchObject({
    code: 'invalid_request',
  });
});

test('progress is told page by page, only ever rises, and leaves the end to whoever keeps it', async () => {
  const told: number[] = [];
  const onProgress = ({ done, total }: Progress) => told.push((100 * done) / total);
  const pages = Array.from({ length: 10 }, () => lines('SSN 536-22-8726'));
  await pool.redact({ bytes: pdfFile({ pages }), fileName: 'a.pdf', options: {} }, { onProgress });
  expect(told.length).toBeGreaterThanOrEqual(30);
  expect(told).toEqual([...new Set(told)].sort((a, b) => a - b));
  expect(told.at(-1)).toBe(99);
});

test('work that is called off is not a fault of the file', async () => {
  const controller = new AbortController();
  controller.abort();
  await expect(pool.redact(TEXT, { signal: controller.signal })).rejects.toThrow(/abort/i);
});

/** Some hundred kilobytes that unfold to far more than a worker may have. */
const UNFOLDING = {
  bytes: docxFile(paragraph('x').repeat(3_000_000)),
  fileName: 'a.docx',
  options: {},
};

test('a document that unfolds to more memory than it may have fails alone', async () => {
  expect(UNFOLDING.bytes.length).toBeLessThan(1_000_000);
  const eating = small.redact(UNFOLDING);
  const others = Array.from({ length: 5 }, () => small.redact(TEXT));
  await expect(eating).rejects.toMatchObject({
    code: 'unreadable_file',
    message: expect.stringMatching(/more memory/),
    internal: expect.stringMatching(/SIGABRT|SIGKILL/),
  });
  for (const { items } of await Promise.all(others)) expect(items).toHaveLength(1);
});

/** The processes that this one has started. */
function children(): number[] {
  const path = `/proc/${process.pid}/task/${process.pid}/children`;
  return readFileSync(path, 'utf8').trim().split(' ').map(Number);
}

async function newChild(before: readonly number[]): Promise<number> {
  for (;;) {
    const child = children().find((pid) => !before.includes(pid));
    if (child) return child;
    await sleep(5);
  }
}

test('where the runtime crashes under a document it is tried once more, and no more', async () => {
  const own = createPool(1);
  const before = children();
  const begin = () => own.redact({ ...UNFOLDING, options: { terms: ['x'] } });
  const twice = begin();
  const first = await newChild(before);
  process.kill(first, 'SIGSEGV');
  const second = await newChild([...before, first]);
  process.kill(second, 'SIGSEGV');
  await expect(twice).rejects.toMatchObject({
    code: 'unreadable_file',
    internal: 'the worker ended: SIGSEGV',
  });
  const once = own.redact(TEXT);
  process.kill(await newChild([...before, first, second]), 'SIGSEGV');
  expect((await once).items).toHaveLength(1);
  await own.close();
});

test('those that wait have their turn in order, and too many of them are refused', async () => {
  const done: number[] = [];
  const all = Array.from({ length: 70 }, (_, n) => pool.redact(TEXT).then(() => done.push(n)));
  const ended = await Promise.allSettled(all);
  expect(done).toEqual(Array.from({ length: 65 }, (_, n) => n));
  const refused = ended.slice(65) as PromiseRejectedResult[];
  for (const { reason } of refused) expect(reason).toMatchObject({ code: 'unavailable' });
});

test('a document whose turn does not come was not too slow: it may be sent again', async () => {
  const slow = pool.redact({ ...UNFOLDING, fileName: 'b.docx' }, { timeoutMs: 4_000 });
  const waiting = pool.redact(TEXT, { timeoutMs: 100 });
  await expect(waiting).rejects.toMatchObject({ code: 'unavailable' });
  await expect(slow).rejects.toMatchObject({ code: 'unreadable_file' });
  expect((await pool.redact(TEXT)).items).toHaveLength(1);
});
