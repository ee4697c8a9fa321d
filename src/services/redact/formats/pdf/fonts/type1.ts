/**
 * Type 1 font programs, as TeX embeds them: the letters stand by their names in an encrypted part, and
 * before it the codes that show them (Adobe Type 1 Font Format, 1990, chapters 2 and 7).
 */
import { standardName } from './standard-names.ts';

export interface Type1 {
  /** Names of its letters. */
  names: string[];
  /** Codes of its own encoding, each with the name of a letter; empty where that is the standard one. */
  codes: Map<number, string>;
  /** All before the encrypted part. */
  head: Buffer;
  /** The encrypted part as it says, up to where it ends. */
  secret: Buffer;
  /** Where in it each letter stands, name and all. */
  letters: Letter[];
  /** What the outlines are encrypted with: so many bytes more; less than 0 where they are not. */
  salt: number;
  /** Zeros behind it, which programs may leave out. */
  hasTrailer: boolean;
}

interface Letter {
  name: string;
  start: number;
  end: number;
  outline: Buffer;
}

/** The parts of a program, one behind the other; `lengths` are those that PDF wants to know. */
export interface Written {
  bytes: Buffer;
  lengths: [head: number, secret: number, trailer: number];
}

const FILE_KEY = 55665;
const OUTLINE_KEY = 4330;
const SALT = 4;
const NOT_DEFINED = '.notdef';

/** Null where it is not written as most are. */
export function readType1(bytes: Buffer): Type1 | null {
  const marked = bytes.indexOf('eexec');
  if (bytes[0] !== 0x25 || marked < 0) return null;
  let from = marked + 5;
  while ([9, 10, 13, 32].includes(bytes[from] ?? 0)) from++;
  // In hexadecimal digits, as it went to printers.
  if (/^[0-9A-Fa-f]{4}/.test(bytes.subarray(from, from + 4).toString('latin1'))) return null;
  const plain = decrypted(bytes.subarray(from), FILE_KEY);
  const text = plain.toString('latin1');
  const [begun, closed] = [text.indexOf('/CharStrings'), text.lastIndexOf('closefile')];
  if (begun < 0 || closed < begun || text.includes('/CharStrings', begun + 1)) return null;
  const salt = Number(/\/lenIV\s{1,9}(-?\d{1,2})/.exec(text)?.[1] ?? SALT);
  const letters = lettersIn(plain, text, begun + 12, salt);
  if (letters.length === 0) return null;
  const head = bytes.subarray(0, from);
  return {
    ...{ names: letters.map(({ name }) => name), codes: codesIn(head.toString('latin1')), head },
    ...{ secret: plain.subarray(0, closed + 9), letters, salt },
    hasTrailer: bytes.includes('cleartomark', from),
  };
}

const NAME = /[^/]{0,200}?\/([^\s/(){}<>[\]%]{1,127})\s{1,9}(\d{1,5})\s{1,9}\S{1,12} /y;
const DEFINED = /\s{0,9}(?:ND|\|-|noaccess def|def|noaccess put)(?!\w)\s{0,9}/y;

/** `/A 25 RD …25 bytes… ND`, one after another. */
function lettersIn(plain: Buffer, text: string, from: number, salt: number): Letter[] {
  const letters: Letter[] = [];
  for (let at = from; ; ) {
    NAME.lastIndex = at;
    const [whole = '', name = '', length] = NAME.exec(text) ?? [];
    if (whole === '') return letters;
    const outlineAt = at + whole.length;
    DEFINED.lastIndex = outlineAt + Number(length);
    const end = DEFINED.test(text) ? DEFINED.lastIndex : Number.NaN;
    if (Number.isNaN(end)) return letters;
    const own = plain.subarray(outlineAt, outlineAt + Number(length));
    const outline = salt < 0 ? own : decrypted(own, OUTLINE_KEY).subarray(salt);
    letters.push({ name, start: at + whole.lastIndexOf(`/${name}`), end, outline });
    at = end;
  }
}

const CODED = /dup\s{1,9}(\d{1,3})\s{0,9}\/(\S{1,127})\s{1,9}put\s{0,2}/g;

function codesIn(head: string): Map<number, string> {
  return new Map([...head.matchAll(CODED)].map(([, code, name = '']) => [Number(code), name]));
}

/** The program with these letters and what they are put together from. */
export function keepNamed(font: Type1, names: ReadonlySet<string>): Written {
  const kept = new Set([NOT_DEFINED, ...names]);
  for (const { name, outline } of font.letters) {
    for (const part of kept.has(name) ? partsOf(outline) : []) kept.add(part);
  }
  const head = font.head
    .toString('latin1')
    .replace(CODED, (line, _, name) => (kept.has(name) ? line : ''));
  const pieces: Buffer[] = [];
  let at = 0;
  for (const { name, start, end } of font.letters) {
    if (kept.has(name)) continue;
    pieces.push(font.secret.subarray(at, start));
    at = end;
  }
  // A token ends where something else begins, and what follows here is no plain text.
  const plain = Buffer.concat([...pieces, font.secret.subarray(at), Buffer.from('\n')]);
  const secret = encrypted(plain, FILE_KEY);
  const parts = [Buffer.from(head, 'latin1'), secret, font.hasTrailer ? TRAILER : Buffer.alloc(0)];
  const [first = 0, second = 0, third = 0] = parts.map(({ length }) => length);
  return { bytes: Buffer.concat(parts), lengths: [first, second, third] };
}

const TRAILER = Buffer.from(`${`${'0'.repeat(64)}\n`.repeat(8)}cleartomark\n`);

/** Operator `seac`: a letter and its accent, by their codes in the standard encoding. */
function partsOf(outline: Buffer): string[] {
  const numbers: number[] = [];
  for (let at = 0; at < outline.length; ) {
    const byte = outline[at] ?? 0;
    if (byte === 12 && outline[at + 1] === SEAC) {
      return numbers.slice(-2).flatMap((code) => standardName(code) ?? []);
    }
    const number = numberAt(outline, at);
    if (number) numbers.push(number.value);
    else numbers.length = 0;
    at += number?.length ?? 1;
  }
  return [];
}

const SEAC = 6;

/** Chapter 6.2; null for an operator. */
function numberAt(bytes: Buffer, at: number): { value: number; length: number } | null {
  const [byte = 0, next = 0] = bytes.subarray(at, at + 2);
  if (byte < 32) return null;
  if (byte <= 246) return { value: byte - 139, length: 1 };
  if (byte <= 250) return { value: (byte - 247) * 256 + next + 108, length: 2 };
  if (byte <= 254) return { value: -(byte - 251) * 256 - next - 108, length: 2 };
  return { value: at + 5 <= bytes.length ? bytes.readInt32BE(at + 1) : 0, length: 5 };
}

/** Both ways the same key follows from the encrypted bytes. */
function decrypted(bytes: Buffer, key: number): Buffer {
  const plain = Buffer.alloc(bytes.length);
  let state = key;
  for (const [i, byte] of bytes.entries()) {
    plain[i] = byte ^ (state >> 8);
    state = ((byte + state) * 52845 + 22719) & 0xffff;
  }
  return plain;
}

function encrypted(plain: Buffer, key: number): Buffer {
  const bytes = Buffer.alloc(plain.length);
  let state = key;
  for (const [i, byte] of plain.entries()) {
    const own = byte ^ (state >> 8);
    bytes[i] = own;
    state = ((own + state) * 52845 + 22719) & 0xffff;
  }
  return bytes;
}
