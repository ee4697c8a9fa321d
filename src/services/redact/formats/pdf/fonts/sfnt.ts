/** TrueType and OpenType files as tables: taken apart, put together anew with right checksums. */

export type Tables = Map<string, Buffer>;

/** What a font within a PDF is painted with; others say more of its letters than is needed. */
const NEEDED = new Set([
  ...['head', 'hhea', 'hmtx', 'maxp', 'loca', 'glyf', 'cvt ', 'fpgm', 'prep', 'gasp'],
  ...['cmap', 'post', 'OS/2', 'name', 'CFF '],
]);
/** More is no font. */
const MOST_TABLES = 200;
/** `head`: what the sum of a whole font and its checkSumAdjustment make (OpenType, otff). */
const WHOLE = 0xb1b0afba;
const ADJUSTMENT_AT = 8;

/** Null where it is none. */
export function readTables(font: Buffer): Tables | null {
  const count = font.length < 12 ? MOST_TABLES : font.readUInt16BE(4);
  if (count >= MOST_TABLES || font.length < 12 + count * 16) return null;
  const tables: Tables = new Map();
  for (let i = 0; i < count; i++) {
    const at = 12 + i * 16;
    const [offset, length] = [font.readUInt32BE(at + 8), font.readUInt32BE(at + 12)];
    if (offset + length > font.length) return null;
    const tag = font.toString('latin1', at, at + 4);
    tables.set(tag, Buffer.from(font.subarray(offset, offset + length)));
  }
  return tables;
}

/** Of these tables those that are needed. `version`: the first four bytes. */
export function writeTables(version: Buffer, tables: Tables): Buffer {
  const kept = [...tables].filter(([tag]) => NEEDED.has(tag)).sort(([a], [b]) => (a < b ? -1 : 1));
  const head = Buffer.alloc(12 + kept.length * 16);
  version.copy(head, 0, 0, 4);
  const log = Math.floor(Math.log2(kept.length));
  const range = 16 * 2 ** log;
  head.writeUInt16BE(kept.length, 4);
  head.writeUInt16BE(range, 6);
  head.writeUInt16BE(log, 8);
  head.writeUInt16BE(kept.length * 16 - range, 10);
  const pieces: Buffer[] = [head];
  let offset = head.length;
  let headAt = -1;
  for (const [i, [tag, table]] of kept.entries()) {
    if (tag === 'head' && table.length >= ADJUSTMENT_AT + 4) {
      headAt = offset;
      table.writeUInt32BE(0, ADJUSTMENT_AT);
    }
    const at = 12 + i * 16;
    head.write(tag, at, 'latin1');
    head.writeUInt32BE(checksum(table), at + 4);
    head.writeUInt32BE(offset, at + 8);
    head.writeUInt32BE(table.length, at + 12);
    const padding = Buffer.alloc(-table.length & 3);
    pieces.push(table, padding);
    offset += table.length + padding.length;
  }
  const font = Buffer.concat(pieces);
  if (headAt >= 0) font.writeUInt32BE((WHOLE - checksum(font)) >>> 0, headAt + ADJUSTMENT_AT);
  return font;
}

function checksum(table: Buffer): number {
  let sum = 0;
  for (let i = 0; i < table.length; i += 4) {
    const rest = table.length - i;
    const word = rest >= 4 ? table.readUInt32BE(i) : table.readUIntBE(i, rest) * 256 ** (4 - rest);
    sum = (sum + word) >>> 0;
  }
  return sum;
}
