/**
 * How records stand in a journal segment: a 16-byte head, then frames of length (u32), CRC-32 (u32)
 * and payload. A frame is what one write took, its payload the records of that batch, a line each:
 * what is acknowledged together is framed together. Segments are filled with zeros before use, so a
 * frame of length 0 is the end. A write that a crash cut off leaves a frame whose CRC does not hold:
 * there the segment ends, too.
 */
import { crc32 } from 'node:zlib';

export const HEAD_BYTES = 16;
const FRAME_BYTES = 8;
/** No batch comes near it; a length beyond it is damage, not data. */
export const LARGEST_PAYLOAD_BYTES = 64 << 20;

const MAGIC = Buffer.from('CLKJRNL1');

export function segmentHead(): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  MAGIC.copy(head);
  return head;
}

export function isSegmentHead(bytes: Buffer): boolean {
  return bytes.length >= HEAD_BYTES && bytes.subarray(0, MAGIC.length).equals(MAGIC);
}

/** A frame around records that are joined by line ends. */
export function frameOf(lines: string): Buffer {
  const size = Buffer.byteLength(lines);
  if (size > LARGEST_PAYLOAD_BYTES) throw new RangeError('a journal batch is too large');
  const frame = Buffer.allocUnsafe(FRAME_BYTES + size);
  frame.write(lines, FRAME_BYTES);
  frame.writeUInt32LE(size, 0);
  frame.writeUInt32LE(crc32(frame.subarray(FRAME_BYTES)), 4);
  return frame;
}

export interface Frames {
  /** Of each whole frame, its lines. */
  batches: string[];
  /** Behind the last whole frame, relative to the start of `bytes`. */
  end: number;
  /** Why reading stopped: the bytes ran out, zeros came, or a frame does not hold. */
  stop: 'more' | 'end' | 'damaged';
  /** Of the frame that `bytes` cut short, its whole size; else 0. */
  neededBytes: number;
}

/** Reads the whole frames that `bytes` begins with, until they hold `mostBytes`. */
export function readFrames(bytes: Buffer, mostBytes = Number.POSITIVE_INFINITY): Frames {
  const batches: string[] = [];
  let at = 0;
  while (at < mostBytes) {
    if (at + FRAME_BYTES > bytes.length) break;
    const size = bytes.readUInt32LE(at);
    if (size === 0) return { batches, end: at, stop: 'end', neededBytes: 0 };
    const start = at + FRAME_BYTES;
    if (size > LARGEST_PAYLOAD_BYTES) return { batches, end: at, stop: 'damaged', neededBytes: 0 };
    if (start + size > bytes.length) {
      return { batches, end: at, stop: 'more', neededBytes: FRAME_BYTES + size };
    }
    const payload = bytes.subarray(start, start + size);
    if (crc32(payload) !== bytes.readUInt32LE(at + 4)) {
      return { batches, end: at, stop: 'damaged', neededBytes: 0 };
    }
    batches.push(payload.toString());
    at = start + size;
  }
  return { batches, end: at, stop: 'more', neededBytes: 0 };
}
