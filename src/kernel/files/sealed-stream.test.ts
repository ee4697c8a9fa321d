/** The encryption of a stream: what was written comes back, and nothing else does. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DamagedFile, openStream, sealStream } from './sealed-stream.ts';

const CHUNK = 64 * 1024;
const SEALED_CHUNK = CHUNK + 16;
const HEADER = 36;
const master = randomBytes(32);
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cloakroom-sealed-'));
});
afterAll(() => rm(dir, { recursive: true }));

async function* inPieces(content: Buffer, sizeBytes: number) {
  for (let at = 0; at < content.length; at += sizeBytes) yield content.subarray(at, at + sizeBytes);
}

async function seal(content: Buffer, id = 'a', pieceBytes = 10_000): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of sealStream(inPieces(content, pieceBytes), master, id)) parts.push(part);
  return Buffer.concat(parts);
}

async function unseal(stored: Buffer, id = 'a', key = master): Promise<Buffer> {
  const path = join(dir, 'file');
  await writeFile(path, stored);
  const file = await open(path);
  const parts: Buffer[] = [];
  try {
    for await (const part of openStream(file, key, id)) parts.push(part);
  } finally {
    await file.close();
  }
  return Buffer.concat(parts);
}

describe('what was sealed opens to the same bytes', () => {
  test.each([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7])(
    '%i bytes',
    async (sizeBytes) => {
      const content = randomBytes(sizeBytes);
      expect((await unseal(await seal(content))).equals(content)).toBe(true);
    },
  );

  test('however it came in pieces', async () => {
    const content = randomBytes(2 * CHUNK + 100);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 97, max: 3 * CHUNK }), async (pieceBytes) =>
        (await unseal(await seal(content, 'a', pieceBytes))).equals(content),
      ),
      { numRuns: 30 },
    );
  });

  test('and is not to be seen in what is stored', async () => {
    const stored = await seal(Buffer.from('secret text '.repeat(1000)));
    expect(stored.includes('secret')).toBe(false);
  });
});

describe('what was not written so does not open', () => {
  const content = randomBytes(3 * CHUNK);
  const chunkAt = (stored: Buffer, n: number) =>
    stored.subarray(HEADER + n * SEALED_CHUNK, HEADER + (n + 1) * SEALED_CHUNK);
  const assemble = (stored: Buffer, ...chunks: Buffer[]) =>
    Buffer.concat([stored.subarray(0, HEADER), ...chunks]);

  test('any one bit changed', async () => {
    const stored = await seal(randomBytes(300));
    await fc.assert(
      fc.asyncProperty(fc.nat(stored.length * 8 - 1), async (bit) => {
        const changed = Buffer.from(stored);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        await expect(unseal(changed)).rejects.toThrow(DamagedFile);
      }),
    );
  });

  test('cut off anywhere', async () => {
    const stored = await seal(content);
    await fc.assert(
      fc.asyncProperty(fc.nat(stored.length - 1), async (length) => {
        await expect(unseal(stored.subarray(0, length))).rejects.toThrow(DamagedFile);
      }),
      { numRuns: 40 },
    );
  });

  test.each([0, HEADER, HEADER + SEALED_CHUNK, HEADER + 2 * SEALED_CHUNK])(
    'cut off at the boundary %i',
    async (length) => {
      const stored = await seal(content);
      await expect(unseal(stored.subarray(0, length))).rejects.toThrow(DamagedFile);
    },
  );

  test('something added at its end', async () => {
    const stored = await seal(content);
    await expect(unseal(Buffer.concat([stored, Buffer.alloc(1)]))).rejects.toThrow(DamagedFile);
    const twice = assemble(stored, ...[0, 1, 2, 2].map((n) => chunkAt(stored, n)));
    await expect(unseal(twice)).rejects.toThrow(DamagedFile);
  });

  test('chunks in another order, repeated or left out', async () => {
    const stored = await seal(content);
    for (const order of [
      [1, 0, 2],
      [0, 2, 1],
      [0, 0, 2],
      [0, 2],
      [1, 2],
    ]) {
      const changed = assemble(stored, ...order.map((n) => chunkAt(stored, n)));
      await expect(unseal(changed)).rejects.toThrow(DamagedFile);
    }
  });

  test('a chunk from another file, or from an earlier sealing of the same', async () => {
    const stored = await seal(content);
    for (const other of [await seal(content, 'b'), await seal(content)]) {
      const mixed = assemble(stored, chunkAt(stored, 0), chunkAt(other, 1), chunkAt(stored, 2));
      await expect(unseal(mixed)).rejects.toThrow(DamagedFile);
    }
  });

  test('a whole file under the name of another, or under another key', async () => {
    const stored = await seal(content, 'a');
    await expect(unseal(stored, 'b')).rejects.toThrow(DamagedFile);
    await expect(unseal(stored, 'a', randomBytes(32))).rejects.toThrow(DamagedFile);
  });
});
