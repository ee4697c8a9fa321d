/**
 * The click journal on a disk that fills up, for real (a small one in memory, so this test is run by
 * root): who is told "stored" stays stored, who is not is told why, and room mends it by itself.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HEAD_BYTES, readFrames } from '../../src/services/track/ingest/frames.ts';
import { Journal } from '../../src/services/track/ingest/journal.ts';
import { readSegment } from '../../src/services/track/ingest/segments.ts';

let disk: string;
beforeAll(async () => {
  disk = await mkdtemp(join(tmpdir(), 'fault-journal-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=700', 'cloakroom-test', disk]);
});
afterAll(async () => {
  execFileSync('umount', [disk]);
  await rm(disk, { recursive: true });
});

const open = () => Journal.open({ dir: join(disk, 'journal'), segmentBytes: 256 * 1024 });
const append = (journal: Journal, text: string) =>
  new Promise<NodeJS.ErrnoException | null>((done) => journal.append(text, done));

async function contents(journal: Journal): Promise<string[]> {
  const all: string[] = [];
  for (const { path, end } of journal.segments()) {
    const bytes = await readSegment(path, HEAD_BYTES, end, 1 << 20);
    all.push(...readFrames(bytes).batches.join('').split('\n').slice(0, -1));
  }
  return all;
}

test('a full disk is said, loses nothing that was acknowledged, and is forgotten with room', async () => {
  let journal = await open();
  const left: Journal[] = [];
  const acknowledged: string[] = [];
  let serial = 0;
  const appendMany = async () => {
    const texts = Array.from({ length: 20 }, () => `${++serial} ${'x'.repeat(500)}`);
    const errors = await Promise.all(texts.map((text) => append(journal, text)));
    acknowledged.push(...texts.filter((_, index) => errors[index] === null));
    return errors.find((error) => error !== null) ?? null;
  };
  for (let fill = 0; fill < 3; fill++) {
    let refusal: NodeJS.ErrnoException | null = null;
    for (let batch = 0; refusal === null && batch < 2_000; batch++) refusal = await appendMany();
    expect(refusal).toMatchObject({ code: 'ENOSPC' });
    // Still full: still said, not hung.
    expect(await appendMany()).toMatchObject({ code: 'ENOSPC' });
    expect(await contents(journal)).toEqual(acknowledged);
    // As after a kill: nothing was closed.
    if (fill === 1) {
      left.push(journal);
      journal = await open();
    }
    expect(await contents(journal)).toEqual(acknowledged);
    // Shipping makes room.
    const [oldest, next] = journal.segments();
    const shipped = [oldest, next].flatMap((segment) => segment ?? []);
    for (const { number } of shipped) await journal.drop(number);
    const there = new Set(await contents(journal));
    acknowledged.splice(0, acknowledged.length, ...acknowledged.filter((text) => there.has(text)));
    expect(await appendMany()).toBe(null);
  }
  for (const one of [...left, journal]) await one.close();
});
