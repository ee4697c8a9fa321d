/** The journal alone, on a real disk: what it acknowledges is there, and nothing else is asked. */
import { closeSync, openSync, truncateSync, writeSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { frameOf, HEAD_BYTES, readFrames } from './frames.ts';
import { Journal, type JournalOptions } from './journal.ts';
import { readSegment } from './segments.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'journal-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const open = (options: Partial<JournalOptions> = {}) =>
  Journal.open({ dir, segmentBytes: 4_096, ...options });

const append = (journal: Journal, text: string) =>
  new Promise<string>((resolve, reject) =>
    journal.append(text, (error) => (error ? reject(error) : resolve(text))),
  );

async function contents(journal: Journal): Promise<string[]> {
  const all: string[] = [];
  for (const { path, end } of journal.segments()) {
    const bytes = await readSegment(path, HEAD_BYTES, end, 1 << 20);
    all.push(...readFrames(bytes).batches.join('').split('\n').slice(0, -1));
  }
  return all;
}

test('any sequence of texts comes back out of its frames, cut anywhere, as a prefix of itself', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', minLength: 1 })), fc.nat(), (texts, at) => {
      const wellFormed = texts.map((text) => text.toWellFormed());
      const bytes = Buffer.concat([...wellFormed.map(frameOf), Buffer.alloc(16)]);
      expect(readFrames(bytes)).toMatchObject({ batches: wellFormed, stop: 'end' });
      const { batches } = readFrames(bytes.subarray(0, at % (bytes.length + 1)));
      expect(batches).toEqual(wellFormed.slice(0, batches.length));
    }),
  );
});

test('a changed byte ends the reading at the frame that it hit', () => {
  const [one, two] = [frameOf('one'), frameOf('two')];
  two[two.length - 1] = 0x58;
  expect(readFrames(Buffer.concat([one, two]))).toMatchObject({
    ...{ batches: ['one'], end: one.length, stop: 'damaged' },
  });
});

test('what was acknowledged is there after opening again, in order, over many segments', async () => {
  const journal = await open();
  const texts = Array.from({ length: 300 }, (_, index) => `record ${index} ${'x'.repeat(40)}`);
  const acknowledged: string[] = [];
  for (let at = 0; at < texts.length; at += 10) {
    await Promise.all(
      texts.slice(at, at + 10).map(async (text) => acknowledged.push(await append(journal, text))),
    );
  }
  expect(journal.segments().length).toBeGreaterThan(3);
  // No close: as after a kill.
  const again = await open();
  expect(await contents(again)).toEqual(texts);
  expect(new Set(acknowledged)).toEqual(new Set(texts));
  expect(again.id).toBe(journal.id);
  await journal.close();
  await again.close();
});

test('a torn tail is cut, said, and the records before it stay', async () => {
  const journal = await open();
  for (const text of ['one', 'two', 'three']) await append(journal, text);
  const [segment] = journal.segments();
  if (!segment) throw new Error('no segment');
  const file = openSync(segment.path, 'r+');
  writeSync(file, frameOf('never acknowledged'), 0, 20, segment.end);
  closeSync(file);
  const told: string[] = [];
  const again = await open({ onTrouble: (message) => told.push(message) });
  expect(await contents(again)).toEqual(['one', 'two', 'three']);
  expect(told).toEqual(['a torn tail was cut from the click journal']);
  await append(again, 'four');
  expect(await contents(again)).toEqual(['one', 'two', 'three', 'four']);
  await journal.close();
  await again.close();
});

test('a segment that lost its end, its head or everything does not stop the start', async () => {
  for (const size of [HEAD_BYTES + 5, 7, 0]) {
    const journal = await open();
    await append(journal, 'gone');
    truncateSync(journal.segments().at(-1)?.path ?? '', size);
    const again = await open();
    expect(await append(again, 'here')).toBe('here');
    expect((await contents(again)).at(-1)).toBe('here');
    await journal.close();
    await again.close();
  }
});

test('records beyond the room that waits for the disk are refused at once, the others kept', async () => {
  const journal = await open();
  const results = await Promise.allSettled(
    Array.from({ length: 100 }, (_, index) => append(journal, `${index} ${'y'.repeat(100)}`)),
  );
  const kept = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const refused = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason] : [],
  );
  expect(kept.length).toBeGreaterThan(0);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.every(({ code }) => code === 'EAGAIN')).toBe(true);
  expect(await contents(journal)).toEqual(kept);
  await journal.close();
});

test('dropping removes shipped segments and never the newest, so numbers only grow', async () => {
  const journal = await open();
  for (let index = 0; index < 100; index++) await append(journal, 'z'.repeat(100));
  const numbers = journal.segments().map(({ number }) => number);
  for (const number of numbers) await journal.drop(number);
  expect(journal.segments().map(({ number }) => number)).toEqual(numbers.slice(-1));
  await journal.close();
  const again = await open();
  await append(again, 'next');
  expect(again.segments().at(-1)?.number).toBeGreaterThan(numbers.at(-1) ?? 0);
  await again.close();
  expect((await readdir(dir)).filter((name) => name.endsWith('.new'))).toEqual([]);
});

test('closing writes what still waits, and refuses what comes after', async () => {
  const journal = await open();
  const waiting = append(journal, 'last');
  await journal.close();
  expect(await waiting).toBe('last');
  await expect(append(journal, 'late')).rejects.toMatchObject({ code: 'EAGAIN' });
});
