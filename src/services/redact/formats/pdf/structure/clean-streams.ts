/**
 * What a stream carries beside what it says: bytes behind the end of compressed data, EXIF, GPS,
 * thumbnails and comments in JPEG (ITU-T T.81, annex B), XML and other boxes in JPEG 2000
 * (ISO 15444-1, annex I). Pixels and contents stay as they were, to the bit.
 */
import { inflateSync } from 'node:zlib';
import { type PDFDocument, PDFRawStream } from '@cantoo/pdf-lib';
import { contentsOf, flateStream, isPlainFlate, MOST_BYTES, soleFilter } from './flate.ts';

export function cleanStreams({ context }: PDFDocument): void {
  for (const [ref, object] of context.enumerateIndirectObjects()) {
    if (!(object instanceof PDFRawStream)) continue;
    const clean = cleaned(object);
    if (clean) context.assign(ref, clean);
  }
}

/** Null where there is nothing to take away. */
function cleaned(stream: PDFRawStream): PDFRawStream | null {
  if (isPlainFlate(stream)) return withoutTail(stream);
  const { dict, contents } = stream;
  const clean = cleanPicture(soleFilter(stream), contents);
  return clean && clean.length < contents.length ? PDFRawStream.of(dict, clean) : null;
}

/** More than the end of a line. */
const TAIL_BYTES = 2;

function withoutTail(stream: PDFRawStream): PDFRawStream | null {
  const { dict, contents } = stream;
  try {
    const options = { info: true, maxOutputLength: MOST_BYTES };
    const { engine } = inflateSync(contents, options) as unknown as { engine: Engine };
    if (engine.bytesWritten + TAIL_BYTES >= contents.length) return null;
    return PDFRawStream.of(dict, contents.slice(0, engine.bytesWritten));
  } catch {
    return asFarAsItGoes(stream);
  }
}

interface Engine {
  /** Taken in. */
  bytesWritten: number;
}

/** A damaged stream may hold anything behind what viewers make of it. */
function asFarAsItGoes(stream: PDFRawStream): PDFRawStream {
  const { dict } = stream;
  let contents: Uint8Array = new Uint8Array();
  try {
    contents = contentsOf(stream);
  } catch {
    // Nobody can show it.
  }
  return PDFRawStream.of(dict, flateStream(dict.context, contents).contents);
}

/** What is compressed on top of it is rare, and stays. */
function cleanPicture(filter: string | undefined, bytes: Uint8Array): Uint8Array | null {
  if (filter === 'DCTDecode') return cleanJpeg(bytes);
  return filter === 'JPXDecode' ? cleanJpeg2000(bytes) : null;
}

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const COM = 0xfe;
const [APP0, APP14, APP15] = [0xe0, 0xee, 0xef];

/** Null where it is no JPEG that we can walk through. */
function cleanJpeg(bytes: Uint8Array): Uint8Array | null {
  if (bytes[0] !== 0xff || bytes[1] !== SOI) return null;
  const kept: Uint8Array[] = [bytes.subarray(0, 2)];
  for (let at = 2; at + 4 <= bytes.length; ) {
    const marker = bytes[at + 1] ?? 0;
    if (bytes[at] !== 0xff) return null;
    if (marker === 0xff) {
      at++;
      continue;
    }
    const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    let end = at + 2 + length;
    if (length < 2 || end > bytes.length) return null;
    if (marker === SOS) end = endOfScan(bytes, end);
    if (isOfPixels(marker, bytes.subarray(at + 4, end))) kept.push(bytes.subarray(at, end));
    at = end;
    if (bytes[at] === 0xff && bytes[at + 1] === EOI) {
      kept.push(bytes.subarray(at, at + 2));
      return Buffer.concat(kept);
    }
  }
  return null;
}

function isOfPixels(marker: number, content: Uint8Array): boolean {
  if (marker === COM) return false;
  if (marker < APP0 || marker > APP15) return true;
  // JFIF's own; its extension (JFXX) is a thumbnail. Adobe's says what the colours are.
  return marker === APP14 || (marker === APP0 && content[2] === 0x49);
}

/** Up to the next marker: a fill byte, a stuffed zero and restarts belong to the scan. */
function endOfScan(bytes: Uint8Array, from: number): number {
  for (let at = from; at + 1 < bytes.length; at++) {
    const next = bytes[at + 1] ?? 0;
    if (bytes[at] === 0xff && next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7))
      return at;
  }
  return bytes.length;
}

const JP2_BOXES = new Set(['jP  ', 'ftyp', 'jp2h', 'jp2c']);

/** Null where it is no file of boxes, or a box says that it is larger than the file. */
function cleanJpeg2000(bytes: Uint8Array): Uint8Array | null {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (file.subarray(4, 8).toString('latin1') !== 'jP  ') return null;
  const kept: Buffer[] = [];
  for (let at = 0; at + 8 <= file.length; ) {
    const length = file.readUInt32BE(at);
    // 0 is up to the end, 1 a length of 64 bits.
    if (length === 1 || (length !== 0 && length < 8)) return null;
    const end = length === 0 ? file.length : at + length;
    if (end > file.length) return null;
    if (JP2_BOXES.has(file.subarray(at + 4, at + 8).toString('latin1'))) {
      kept.push(file.subarray(at, end));
    }
    at = end;
  }
  return Buffer.concat(kept);
}
