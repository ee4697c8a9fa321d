/** Which letter of a TrueType font stands for which code (OpenType, cmap): read, and written anew. */

export interface Subtable {
  platform: number;
  encoding: number;
  glyphs: Map<number, number>;
}

/** More codes are no subset. */
const MOST_CODES = 70_000;

/** Null where one of them is of a kind that is not read. */
export function readCmap(table: Buffer): Subtable[] | null {
  const subtables: Subtable[] = [];
  const count = table.readUInt16BE(2);
  for (let i = 0; i < count; i++) {
    const at = 4 + i * 8;
    const glyphs = readSubtable(table.subarray(table.readUInt32BE(at + 4)));
    if (!glyphs) return null;
    const [platform, encoding] = [table.readUInt16BE(at), table.readUInt16BE(at + 2)];
    subtables.push({ platform, encoding, glyphs });
  }
  return subtables;
}

function readSubtable(table: Buffer): Map<number, number> | null {
  switch (table.readUInt16BE(0)) {
    case 0:
      return new Map(Array.from(table.subarray(6, 262), (glyph, code) => [code, glyph]));
    case 4:
      return readSegments(table);
    case 6: {
      const [first, count] = [table.readUInt16BE(6), table.readUInt16BE(8)];
      const codes = Array.from({ length: count }, (_, i) => i);
      return new Map(codes.map((i) => [first + i, table.readUInt16BE(10 + i * 2)]));
    }
    case 12:
      return readGroups(table);
    default:
      return null;
  }
}

function readSegments(table: Buffer): Map<number, number> {
  const glyphs = new Map<number, number>();
  const size = table.readUInt16BE(6);
  for (let i = 0; i < size; i += 2) {
    const end = table.readUInt16BE(14 + i);
    const start = table.readUInt16BE(16 + size + i);
    const delta = table.readUInt16BE(16 + size * 2 + i);
    const rangeAt = 16 + size * 3 + i;
    const range = table.readUInt16BE(rangeAt);
    for (let code = start; code <= end && code < 0xffff; code++) {
      const at = rangeAt + range + (code - start) * 2;
      if (range !== 0 && at + 2 > table.length) continue;
      const given = range === 0 ? code : table.readUInt16BE(at);
      if (range === 0 || given !== 0) glyphs.set(code, (given + delta) & 0xffff);
    }
  }
  return glyphs;
}

function readGroups(table: Buffer): Map<number, number> | null {
  const glyphs = new Map<number, number>();
  const count = table.readUInt32BE(12);
  for (let i = 0; i < count; i++) {
    const at = 16 + i * 12;
    const [start, end] = [table.readUInt32BE(at), table.readUInt32BE(at + 4)];
    if (glyphs.size + end - start > MOST_CODES) return null;
    for (let code = start; code <= end; code++)
      glyphs.set(code, table.readUInt32BE(at + 8) + code - start);
  }
  return glyphs;
}

/** Codes up to 0xffff; those that no letter stands for are left out. */
export function writeCmap(subtables: readonly Subtable[]): Buffer {
  const head = Buffer.alloc(4 + subtables.length * 8);
  head.writeUInt16BE(subtables.length, 2);
  const pieces: Buffer[] = [head];
  let offset = head.length;
  for (const [i, { platform, encoding, glyphs }] of subtables.entries()) {
    const at = 4 + i * 8;
    head.writeUInt16BE(platform, at);
    head.writeUInt16BE(encoding, at + 2);
    head.writeUInt32BE(offset, at + 4);
    // Macintosh tables of one byte have the oldest form.
    const isShort = platform === 1 && [...glyphs].every(([code, id]) => code < 256 && id < 256);
    const table = isShort ? bytesOf(glyphs) : segmentsOf(glyphs);
    pieces.push(table);
    offset += table.length;
  }
  return Buffer.concat(pieces);
}

function bytesOf(glyphs: ReadonlyMap<number, number>): Buffer {
  const table = Buffer.alloc(262);
  table.writeUInt16BE(table.length, 2);
  for (const [code, glyph] of glyphs) table[6 + code] = glyph;
  return table;
}

/** One segment a code (format 4). */
function segmentsOf(glyphs: ReadonlyMap<number, number>): Buffer {
  const codes = [...glyphs].filter(([code]) => code < 0xffff).sort(([a], [b]) => a - b);
  const all: (readonly [number, number])[] = [...codes, [0xffff, 0]];
  const size = all.length * 2;
  const table = Buffer.alloc(16 + size * 4);
  const log = Math.floor(Math.log2(all.length));
  const range = 2 * 2 ** log;
  const fields = [4, table.length, 0, size, range, log, size - range];
  for (const [i, field] of fields.entries()) table.writeUInt16BE(field & 0xffff, i * 2);
  for (const [i, [code, glyph]] of all.entries()) {
    table.writeUInt16BE(code, 14 + i * 2);
    table.writeUInt16BE(code, 16 + size + i * 2);
    table.writeUInt16BE((glyph - code) & 0xffff, 16 + size * 2 + i * 2);
  }
  return table;
}
