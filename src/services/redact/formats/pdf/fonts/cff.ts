/**
 * CFF outlines: letters that are not shown any more become empty, in the same place, for everything
 * else in the font is found by its place. Their names and codes go with them.
 */
import { type Entry, type Index, readDict, readIndex, rewriteNumber } from './cff-parts.ts';
import { OWN_NAMES, STANDARD_NAMES, standardName } from './standard-names.ts';

const CHARSET = 15;
const ENCODING = 16;
const CHARSTRINGS = 17;
const ROS = 1230;
const TYPE = 1206;
/** The operator that ends a letter. */
const ENDCHAR = 14;

export interface Cff {
  bytes: Buffer;
  top: Map<number, Entry>;
  strings: Index;
  letters: Index;
  count: number;
  /** Of each letter: the number of its name, or of itself (CID) where `isCid`. */
  ids: number[];
  isCid: boolean;
  /** By code, for fonts that have an encoding of their own. */
  codes: Map<number, number>;
}

/** Null for what is not read here: such a font is left alone. */
export function readCff(bytes: Buffer): Cff | null {
  try {
    const names = readIndex(bytes, bytes[2] ?? 4);
    const dicts = readIndex(bytes, names.end);
    const [from, to] = dicts.places;
    if (from === undefined || to === undefined || dicts.places.length !== 2) return null;
    const top = readDict(bytes, from, to);
    const at = top.get(CHARSTRINGS)?.operands[0];
    if (at === undefined || (top.get(TYPE)?.operands[0] ?? 2) !== 2) return null;
    const letters = readIndex(bytes, at);
    const count = letters.places.length - 1;
    const ids = readCharset(bytes, top.get(CHARSET)?.operands[0] ?? 0, count);
    const codes = readEncoding(bytes, top.get(ENCODING)?.operands[0] ?? 0);
    if (!ids || !codes || count < 1) return null;
    const strings = readIndex(bytes, dicts.end);
    return { bytes, top, strings, letters, count, ids, isCid: top.has(ROS), codes };
  } catch {
    return null;
  }
}

function readCharset(font: Buffer, offset: number, count: number): number[] | null {
  if (offset === 0) return Array.from({ length: count }, (_, i) => i);
  if (offset < 3) return null;
  const ids = [0];
  const format = font[offset];
  let at = offset + 1;
  while (ids.length < count) {
    const first = font.readUInt16BE(at);
    const left =
      format === 0 ? 0 : format === 1 ? font.readUInt8(at + 2) : font.readUInt16BE(at + 2);
    for (let i = 0; i <= left && ids.length < count; i++) ids.push(first + i);
    at += format === 0 ? 2 : format === 1 ? 3 : 4;
  }
  return ids;
}

function readEncoding(font: Buffer, offset: number): Map<number, number> | null {
  const codes = new Map<number, number>();
  if (offset === 0) return codes;
  const format = font[offset] ?? 0x80;
  if (offset === 1 || format > 1) return null;
  const count = font.readUInt8(offset + 1);
  let glyph = 1;
  for (let i = 0; i < count; i++) {
    const first = font.readUInt8(offset + 2 + i * (format + 1));
    const left = format === 0 ? 0 : font.readUInt8(offset + 3 + i * 2);
    for (let j = 0; j <= left; j++) codes.set(first + j, glyph++);
  }
  return codes;
}

/** The name of a letter, where the font names its letters. */
export function cffName({ ids, isCid, strings, bytes }: Cff, glyph: number): string | undefined {
  const id = ids[glyph];
  if (isCid || id === undefined) return undefined;
  if (id < OWN_NAMES) return STANDARD_NAMES[id];
  const [from, to] = strings.places.slice(id - OWN_NAMES, id - OWN_NAMES + 2);
  return to === undefined ? undefined : bytes.toString('latin1', from, to);
}

/**
 * Leaves only these letters, those that they are put together from, and the first; says which.
 * `shown`: the codes that they are shown by.
 */
export function keepLetters(
  font: Cff,
  used: ReadonlySet<number>,
  shown: ReadonlySet<number>,
): Set<number> {
  const { bytes, letters } = font;
  const kept = withAccents(font, used);
  if (!font.isCid) forgetNames(font, kept);
  const outlines = letters.places
    .slice(0, -1)
    .map((from, glyph) =>
      kept.has(glyph) ? Buffer.from(bytes.subarray(from, letters.places[glyph + 1])) : EMPTY,
    );
  const ids = idsOf(font, kept);
  const start = forgetIds(font, ids, lengthOf(letters, outlines));
  const free = { at: writeOutlines(font, start, outlines), end: letters.end };
  bytes.fill(0, free.at, free.end);
  const entry = font.top.get(CHARSET);
  // There was no room for a longer list where it stood.
  if (entry && start === null) moveTo(bytes, entry, ids, free);
  forgetCodes(font, kept, shown, free);
  return kept;
}

const EMPTY = Buffer.of(ENDCHAR);

function lengthOf({ offsetSize }: Index, outlines: readonly Buffer[]): number {
  const sum = outlines.reduce((length, outline) => length + outline.length, 0);
  return 3 + (outlines.length + 1) * offsetSize + sum;
}

/** Writes the list of outlines anew, from `start` or where it was; says where it ends. */
function writeOutlines({ bytes, letters }: Cff, start: number | null, outlines: readonly Buffer[]) {
  const { offsetSize } = letters;
  const from = start ?? letters.start;
  bytes.writeUInt16BE(outlines.length, from);
  bytes[from + 2] = offsetSize;
  const first = from + 3 + (outlines.length + 1) * offsetSize;
  let at = first;
  for (const [glyph, outline] of outlines.entries()) {
    bytes.writeUIntBE(at - first + 1, from + 3 + glyph * offsetSize, offsetSize);
    outline.copy(bytes, at);
    at += outline.length;
  }
  bytes.writeUIntBE(at - first + 1, first - offsetSize, offsetSize);
  return at;
}

/** A letter may be put together from two others, by their standard codes (Technical Note 5177). */
function withAccents(font: Cff, used: ReadonlySet<number>): Set<number> {
  const kept = new Set([0, ...used]);
  const { bytes, letters, count } = font;
  const byName = new Map<string | undefined, number>();
  for (let glyph = 0; glyph < count; glyph++) byName.set(cffName(font, glyph), glyph);
  for (const glyph of used) {
    const own = bytes.subarray(letters.places[glyph], letters.places[glyph + 1]);
    if (own.length > MOST_ACCENT_BYTES || own.at(-1) !== ENDCHAR) continue;
    for (const code of readDict(own, 0, own.length).get(ENDCHAR)?.operands.slice(-2) ?? []) {
      const part = byName.get(standardName(code) ?? '');
      if (part !== undefined) kept.add(part);
    }
  }
  return kept;
}

/** Five numbers and an operator. */
const MOST_ACCENT_BYTES = 20;

/** Room in the font where outlines were. */
interface Room {
  at: number;
  end: number;
}

/** Names of the font's own, as far as nothing else is called so. */
function forgetNames({ bytes, strings, ids, top }: Cff, kept: ReadonlySet<number>): void {
  const others = new Set([...top.values()].flatMap(({ operands }) => operands));
  for (const glyph of kept) others.add(ids[glyph] ?? 0);
  for (const [glyph, id] of ids.entries()) {
    if (kept.has(glyph) || id < OWN_NAMES || others.has(id)) continue;
    const [from, to] = strings.places.slice(id - OWN_NAMES, id - OWN_NAMES + 2);
    if (to !== undefined) bytes.fill('x', from, to);
  }
}

/** A list of which letter is which, those that are not kept all the same. */
function idsOf({ ids, count }: Cff, kept: ReadonlySet<number>): Buffer {
  const table = Buffer.alloc(1 + (count - 1) * 2);
  for (let glyph = 1; glyph < count; glyph++) {
    table.writeUInt16BE(kept.has(glyph) ? (ids[glyph] ?? 0) : 0, glyph * 2 - 1);
  }
  return table;
}

/**
 * Writes the list in its place. Ranges are shorter than that: where the outlines stand behind them,
 * those move on. Says where the outlines begin now; null where the list does not fit.
 */
function forgetIds({ bytes, letters, count, top }: Cff, table: Buffer, needed: number) {
  const offset = top.get(CHARSET)?.operands[0] ?? 0;
  if (offset < 3) return letters.start;
  const length = bytes[offset] === 0 ? table.length : rangesLength(bytes, offset, count);
  const more = table.length - length;
  if (more > 0) {
    const start = letters.start + more;
    const entry = top.get(CHARSTRINGS);
    const isBehind = offset + length === letters.start && start + needed <= letters.end;
    if (!isBehind || !entry || !rewriteNumber(bytes, entry.at, entry.length, start)) return null;
  }
  bytes.fill(0, offset, offset + length);
  table.copy(bytes, offset);
  return letters.start + Math.max(0, more);
}

function rangesLength(font: Buffer, offset: number, count: number): number {
  const size = font[offset] === 1 ? 3 : 4;
  let at = offset + 1;
  for (let glyphs = 1; glyphs < count; at += size) {
    glyphs += 1 + (size === 3 ? font.readUInt8(at + 2) : font.readUInt16BE(at + 2));
  }
  return at - offset;
}

function forgetCodes(
  { bytes, codes, top }: Cff,
  kept: ReadonlySet<number>,
  shown: ReadonlySet<number>,
  room: Room,
): void {
  const entry = top.get(ENCODING);
  const offset = entry?.operands[0] ?? 0;
  // A code that nothing is shown by, for all letters that nothing shows.
  const spare = Array.from({ length: 256 }, (_, code) => code).find((code) => !shown.has(code));
  if (!entry || offset < 2 || spare === undefined || codes.size > 255) return;
  const own = [...codes].map(([code, glyph]) => (kept.has(glyph) ? code : spare));
  const table = Buffer.from([0, own.length, ...own]);
  if (bytes[offset] === 0) table.copy(bytes, offset);
  else {
    const ranges = bytes.readUInt8(offset + 1);
    if (moveTo(bytes, entry, table, room)) bytes.fill(0, offset, offset + 2 + ranges * 2);
  }
}

/** Puts a table where outlines were; false where there is no room, or no room for its new place. */
function moveTo(bytes: Buffer, { at, length }: Entry, table: Buffer, room: Room): boolean {
  if (room.at + table.length > room.end || !rewriteNumber(bytes, at, length, room.at)) return false;
  table.copy(bytes, room.at);
  room.at += table.length;
  return true;
}
