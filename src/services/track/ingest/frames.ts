/**
 * How records stand in a journal segment: a 16-byte head, then frames of length (u32), CRC-32 (u32)
 * and payload. Segments are filled with zeros before use, so a frame of length 0 is the end. A write
 * that a crash cut off leaves a frame whose CRC does not hold: there the segment ends, too.
 */
import { crc32 } from 'node:zlib';

export const HEAD_BYTES = 16;
export const FRAME_BYTES = 8;
/** No click comes near it; a length beyond it is damage, not data. */
export const LARGEST_PAYLOAD_BYTES = 64 * 1024;

const MAGIC = Buffer.from('CLKJRNL1');

export function segmentHead(): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  MAGIC.copy(head);
  return head;
}

export function isSegmentHead(bytes: Buffer): boolean {
  return bytes.length >= HEAD_BYTES && bytes.subarray(0, MAGIC.length).equals(MAGIC);
}

/**
 * Writes one frame at `offset` and returns the offset behind it, or -1 where `target` has no room.
 * @throws RangeError for a payload beyond LARGEST_PAYLOAD_BYTES
 */
export function writeFrame(target: Buffer, offset: number, payload: string): number {
  const start = offset + FRAME_BYTES;
  // A UTF-16 unit is at most three bytes of UTF-8: measuring exactly is only needed near the end.
  if (start + payload.length * 3 > target.length) {
    if (start + Buffer.byteLength(payload) > target.length) return -1;
  }
  const written = target.write(payload, start);
  if (written > LARGEST_PAYLOAD_BYTES) throw new RangeError('a journal record is too large');
  target.writeUInt32LE(written, offset);
  target.writeUInt32LE(crc32(target.subarray(start, start + written)), offset + 4);
  return start + written;
}

export interface Frames {
  payloads: string[];
  /** Behind the last whole frame, relative to the start of `bytes`. */
  end: number;
  /** Why reading stopped: the bytes ran out, zeros came, or a frame does not hold. */
  stop: 'more' | 'end' | 'damaged';
}

/** Reads whole frames from `bytes`, at most `limit`. */
export function readFrames(bytes: Buffer, limit = Number.POSITIVE_INFINITY): Frames {
  const payloads: string[] = [];
  let at = 0;
  for (; payloads.length < limit; ) {
    if (at + FRAME_BYTES > bytes.length) return { payloads, end: at, stop: 'more' };
    const size = bytes.readUInt32LE(at);
    if (size === 0) return { payloads, end: at, stop: 'end' };
    if (size > LARGEST_PAYLOAD_BYTES) return { payloads, end: at, stop: 'damaged' };
    const start = at + FRAME_BYTES;
    if (start + size > bytes.length) return { payloads, end: at, stop: 'more' };
    const payload = bytes.subarray(start, start + size);
    if (crc32(payload) !== bytes.readUInt32LE(at + 4)) {
      return { payloads, end: at, stop: 'damaged' };
    }
    payloads.push(payload.toString());
    at = start + size;
  }
  return { payloads, end: at, stop: 'more' };
}
