/**
 * The files of a journal: numbered segments, made full of zeros so that a later write changes data
 * blocks alone and one synchronous write (O_DSYNC) is all that a commit costs. What a crash left
 * behind is measured here and cut to its whole frames.
 */
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from './durable-file.ts';
import { HEAD_BYTES, isSegmentHead, readFrames, segmentHead } from './frames.ts';

export interface Segment {
  number: number;
  path: string;
  /** Behind its last whole frame. */
  end: number;
}

const CHUNK_BYTES = 1024 * 1024;
const { O_WRONLY, O_DSYNC } = constants;

export function segmentPath(dir: string, number: number): string {
  return join(dir, `${String(number).padStart(12, '0')}.segment`);
}

/** Makes an empty segment of `sizeBytes`, durably, and opens it for synchronous writes. */
export async function createSegment(
  dir: string,
  number: number,
  sizeBytes: number,
): Promise<FileHandle> {
  const path = segmentPath(dir, number);
  const draft = `${path}.new`;
  await mkdir(dir, { recursive: true, mode: 0o700 });
  try {
    const file = await open(draft, 'w', 0o600);
    try {
      const zeros = Buffer.alloc(CHUNK_BYTES);
      await file.write(segmentHead(), 0, HEAD_BYTES, 0);
      for (let at = HEAD_BYTES; at < sizeBytes; at += CHUNK_BYTES) {
        const size = Math.min(CHUNK_BYTES, sizeBytes - at);
        const { bytesWritten } = await file.write(zeros, 0, size, at);
        if (bytesWritten !== size) throw diskFull();
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
    await syncFolder(dir);
    return await open(path, O_WRONLY | O_DSYNC);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {});
    throw error;
  }
}

/** A write that the disk takes only in part is a full disk, too. */
export function diskFull(): Error {
  return Object.assign(new Error('no space left on the disk'), { code: 'ENOSPC' });
}

/**
 * The segments that are there, oldest first. The last two, of which one was being written and one
 * made ready when the process ended, are cut behind their last whole frame.
 */
export async function recoverSegments(
  dir: string,
  onCut: (segment: Segment, lostBytes: number) => void,
): Promise<Segment[]> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const segments: Segment[] = [];
  for (const name of (await readdir(dir)).sort()) {
    const path = join(dir, name);
    if (name.endsWith('.segment.new')) await rm(path, { force: true });
    const [, digits] = /^(\d{12})\.segment$/.exec(name) ?? [];
    if (digits === undefined) continue;
    segments.push({ number: Number(digits), path, end: (await stat(path)).size });
  }
  for (const segment of segments.slice(-2)) {
    const { end, lostBytes } = await cut(segment.path);
    segment.end = end;
    if (lostBytes > 0) onCut(segment, lostBytes);
  }
  return segments;
}

/** Ends a segment at `end`; what lies behind was never acknowledged. */
export async function truncateSegment(path: string, end: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.truncate(end);
    await file.sync();
  } finally {
    await file.close();
  }
}

export async function removeSegment(path: string): Promise<void> {
  await rm(path, { force: true });
}

/** Reads up to `maxBytes` of a segment from `offset`, not beyond `end`. */
export async function readSegment(
  path: string,
  offset: number,
  end: number,
  maxBytes: number,
): Promise<Buffer> {
  const size = Math.min(end - offset, maxBytes);
  const bytes = Buffer.allocUnsafe(Math.max(0, size));
  const file = await open(path, 'r');
  try {
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  } finally {
    await file.close();
  }
}

async function cut(path: string): Promise<{ end: number; lostBytes: number }> {
  const file = await open(path, 'r+');
  try {
    const { size } = await file.stat();
    const { end, isTorn, lastBytes } = await measure(file, size);
    if (end < size) {
      await file.truncate(end);
      await file.sync();
    }
    return { end, lostBytes: isTorn ? lastBytes - end : 0 };
  } finally {
    await file.close();
  }
}

/** Where the whole frames end, and whether anything but zeros comes behind. */
async function measure(
  file: FileHandle,
  size: number,
): Promise<{ end: number; isTorn: boolean; lastBytes: number }> {
  const bytes = Buffer.allocUnsafe(size);
  let filled = 0;
  while (filled < size) {
    const { bytesRead } = await file.read(bytes, filled, size - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  let lastBytes = filled;
  while (lastBytes > 0 && bytes[lastBytes - 1] === 0) lastBytes--;
  if (!isSegmentHead(bytes)) return { end: 0, isTorn: lastBytes > 0, lastBytes };
  const end = HEAD_BYTES + readFrames(bytes.subarray(HEAD_BYTES, filled)).end;
  return { end, isTorn: lastBytes > end, lastBytes };
}
