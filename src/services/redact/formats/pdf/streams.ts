/**
 * A PDF without any PDF library: every `stream … endstream` inflated where it inflates, every string
 * outside of them. Finds what a parser would step over: earlier revisions, orphans, objects that
 * nobody refers to.
 */
import { inflateRawSync, inflateSync } from 'node:zlib';
import { codesIn } from './structure/meanings.ts';

/** Nothing that we write grows further; a stream that does is not ours. */
const MOST_BYTES = 256 * 1024 * 1024;

export function* rawStreams(bytes: Uint8Array): Generator<Uint8Array> {
  const file = bufferOf(bytes);
  yield file;
  for (const { data } of streamsIn(file)) {
    const inflated = inflate(data);
    if (inflated) yield inflated;
  }
}

interface RawStream {
  data: Buffer;
  /** What stands before it, as far as it can be its dictionary. */
  head: string;
  /** Of the object that it is. */
  number: number;
}

const HEAD_BYTES = 500;

function* streamsIn(file: Buffer): Generator<RawStream> {
  for (let at = file.indexOf('stream'); at >= 0; at = file.indexOf('stream', at + 6)) {
    if (file.subarray(Math.max(0, at - 3), at).toString('latin1') === 'end') continue;
    let start = at + 6;
    if (file[start] === 13) start++;
    if (file[start] === 10) start++;
    const end = file.indexOf('endstream', start);
    const before = file.subarray(Math.max(0, at - HEAD_BYTES), at).toString('latin1');
    const object = before.lastIndexOf(' obj');
    const number = Number(/(\d+) \d+$/.exec(before.slice(0, Math.max(0, object)))?.[1] ?? -1);
    const data = file.subarray(start, end < 0 ? file.length : end);
    yield { data, head: before.slice(object + 1), number };
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

/** Entries that say something beside the pages, or lead to what does. */
const BESIDE = [
  ...['/Annots', '/Outlines', '/AcroForm', '/StructTreeRoot', '/Names', '/Dests', '/PageLabels'],
  ...['/OCProperties', '/OpenAction', '/OutputIntents', '/EmbeddedFile', '/ObjStm', '/JavaScript'],
  ...['/EF<<', '/EF '],
];
/** True where the file has patterns that are painted like pages: they may hold words. */
export function hasPatterns(bytes: Uint8Array): boolean {
  const file = bufferOf(bytes);
  return file.includes('/PatternType 1') || file.includes('/PatternType/1');
}

/** What a file says of its fonts, found without opening it. */
export interface FontClaims {
  /** Somewhere text is said to be something else than its codes. */
  hasMeanings: boolean;
  /** Codes beyond 255 that have a meaning. */
  codes: readonly number[];
}

const MEANINGS = '/ToUnicode';

/** What a file, written out without compressed objects, says its text to be. */
export function fontClaims(bytes: Uint8Array): FontClaims {
  const file = bufferOf(bytes);
  const maps = new Set<number>();
  for (let at = file.indexOf(MEANINGS); at >= 0; at = file.indexOf(MEANINGS, at + 1)) {
    const value = file.subarray(at + MEANINGS.length, at + MEANINGS.length + 24).toString('latin1');
    maps.add(Number(/^\s{0,9}(\d+) \d/.exec(value)?.[1] ?? -1));
  }
  const codes = new Set<number>();
  for (const { data, number } of maps.size > 0 ? streamsIn(file) : []) {
    if (!maps.has(number)) continue;
    const source = (inflate(data) ?? data).toString('latin1');
    for (const code of codesIn(source)) if (code > 255) codes.add(code);
  }
  return { hasMeanings: maps.size > 0, codes: [...codes].sort((a, b) => a - b) };
}

/** No content of a page. */
const OTHER_STREAM = /\/(?:Image|Length1|FontFile|Metadata|XRef|CIDInit)\b/;

/** True where a file, written out without compressed objects, is nothing but its pages. */
export function isPlain(bytes: Uint8Array): boolean {
  const file = bufferOf(bytes);
  if (BESIDE.some((key) => file.includes(key))) return false;
  for (const { data, head } of streamsIn(file)) {
    if (OTHER_STREAM.test(head)) continue;
    const content = inflate(data) ?? data;
    if (content.includes('BDC') || content.includes('DP')) return false;
  }
  return true;
}

/** Texts of all strings outside of the streams, however they are written. */
export function rawStrings(bytes: Uint8Array): string {
  const file = bufferOf(bytes);
  const pieces: string[] = [];
  let from = 0;
  for (let at = file.indexOf('stream'); from < file.length; at = file.indexOf('stream', from)) {
    const part = file.subarray(from, at < 0 ? file.length : at).toString('latin1');
    for (const [written] of part.matchAll(STRING)) pieces.push(textOf(written));
    if (at < 0) break;
    const end = file.indexOf('endstream', at);
    from = end < 0 ? file.length : end + 9;
  }
  return pieces.join('\n');
}

const STRING = /\((?:[^()\\]|\\[\s\S]){1,65536}\)|<[0-9A-Fa-f\s]{4,262144}>/g;

function textOf(written: string): string {
  const bytes = written.startsWith('<')
    ? Buffer.from(written.slice(1, -1).replace(/\s/g, ''), 'hex')
    : Buffer.from(unescaped(written.slice(1, -1)), 'latin1');
  if (bytes[0] === 0xfe && bytes[1] === 0xff) {
    return Buffer.from(bytes.subarray(0, bytes.length & ~1))
      .swap16()
      .toString('utf16le')
      .slice(1);
  }
  return bytes.toString(bytes[0] === 0xef && bytes[1] === 0xbb ? 'utf8' : 'latin1');
}

function unescaped(text: string): string {
  return text.replace(/\\(?:([0-7]{1,3})|([\s\S]))/g, (_, octal, other) =>
    octal ? String.fromCharCode(Number.parseInt(octal, 8) & 255) : other,
  );
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
