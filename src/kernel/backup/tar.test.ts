/** Archives that tar itself can read, and that read back to what was written. */
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTar, TAR_END, tarHeader, tarPadding } from './tar.ts';

const archiveOf = (files: readonly (readonly [path: string, content: Uint8Array])[]): Buffer =>
  Buffer.concat([
    ...files.flatMap(([path, content]) => [
      ...[tarHeader(path, content.length), content, tarPadding(content.length)],
    ]),
    TAR_END,
  ]);

async function* inPieces(bytes: Buffer, sizeBytes: number) {
  for (let at = 0; at < bytes.length; at += sizeBytes) yield bytes.subarray(at, at + sizeBytes);
}

async function read(bytes: Buffer, pieceBytes = 1000): Promise<[string, Buffer][]> {
  const files: [string, Buffer][] = [];
  for await (const { path, content } of readTar(inPieces(bytes, pieceBytes))) {
    const parts: Buffer[] = [];
    for await (const piece of content) parts.push(piece);
    files.push([path, Buffer.concat(parts)]);
  }
  return files;
}

describe('an archive', () => {
  test('reads back to the files that went in, however it comes in pieces', async () => {
    const path = fc.stringMatching(/^[a-z]{1,20}(\/[a-z0-9._-]{1,20}){0,3}$/);
    const files = fc.array(fc.tuple(path, fc.uint8Array({ maxLength: 2000 })), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(files, fc.integer({ min: 1, max: 3000 }), async (given, pieceBytes) => {
        const wanted = given.map(([name, content]) => [name, Buffer.from(content)]);
        expect(await read(archiveOf(given), pieceBytes)).toEqual(wanted);
      }),
    );
  });

  test('can be read by tar', () => {
    const input = archiveOf([
      ['a/b.txt', Buffer.from('hello')],
      ['empty', Buffer.alloc(0)],
    ]);
    expect(execFileSync('tar', ['-tf', '-'], { input }).toString()).toBe('a/b.txt\nempty\n');
    expect(execFileSync('tar', ['-xOf', '-', 'a/b.txt'], { input }).toString()).toBe('hello');
  });

  test('goes on behind a file that was not read', async () => {
    const bytes = archiveOf([
      ['first', Buffer.alloc(5000)],
      ['second', Buffer.from('x')],
    ]);
    const paths: string[] = [];
    for await (const { path } of readTar(inPieces(bytes, 777))) paths.push(path);
    expect(paths).toEqual(['first', 'second']);
  });

  test('that is cut off or is none is an error', async () => {
    const bytes = archiveOf([['a', Buffer.alloc(3000)]]);
    for (const length of [0, 100, 512, 2000, 3584]) {
      await expect(read(bytes.subarray(0, length))).rejects.toThrow(/cut off/);
    }
    await expect(read(Buffer.alloc(2048, 'x'))).rejects.toThrow(/damaged, or is none/);
  });

  test('takes no path that would be cut short', () => {
    expect(() => tarHeader('x'.repeat(101), 1)).toThrow(/does not fit/);
  });
});
