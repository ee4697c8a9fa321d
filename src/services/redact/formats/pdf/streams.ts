/**
 * Every byte of a PDF, decompressed, without any PDF library: each `stream … endstream` is inflated
 * where it inflates, and searched as it is where not. Finds what a parser would step over: earlier
 * revisions, orphans, objects that nobody refers to.
 */
import { inflateRawSync, inflateSync } from 'node:zlib';

/** Nothing that we write grows further; a stream that does is not ours. */
const MOST_BYTES = 256 * 1024 * 1024;

export function* rawStreams(bytes: Uint8Array): Generator<Uint8Array> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  yield file;
  for (let at = file.indexOf('stream'); at >= 0; at = file.indexOf('stream', at + 6)) {
    if (file.subarray(Math.max(0, at - 3), at).toString('latin1') === 'end') continue;
    let start = at + 6;
    if (file[start] === 13) start++;
    if (file[start] === 10) start++;
    const end = file.indexOf('endstream', start);
    const inflated = inflate(file.subarray(start, end < 0 ? file.length : end));
    if (inflated) yield inflated;
  }
}

function inflate(data: Buffer): Buffer | null {
  for (const attempt of [inflateSync, inflateRawSync]) {
    try {
      // A stream whose end is damaged still shows its beginning.
      return attempt(data, { finishFlush: 2, maxOutputLength: MOST_BYTES });
    } catch {
      // Not compressed this way: the bytes themselves are searched with the file.
    }
  }
  return null;
}
