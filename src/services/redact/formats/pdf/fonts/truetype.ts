/**
 * TrueType outlines (OpenType: glyf, loca, hmtx, post, cmap): letters that are not shown any more are
 * taken out, with their widths, names and codes. What stays keeps its number.
 */
import { readCmap, type Subtable, writeCmap } from './cmap.ts';
import type { Tables } from './sfnt.ts';

export interface TrueType {
  tables: Tables;
  count: number;
  /** Where each outline begins in `glyf`, and where the last one ends. */
  offsets: number[];
  cmap: Subtable[];
  /** Of each letter; empty where the font has no names of its own. */
  names: string[];
}

/** Null where something is not as it should be: such a font is left alone. */
export function readTrueType(tables: Tables): TrueType | null {
  const [head, maxp, loca, glyf] = ['head', 'maxp', 'loca', 'glyf'].map((tag) => tables.get(tag));
  if (!head || !maxp || !loca || !glyf || !tables.has('hmtx') || !tables.has('hhea')) return null;
  const count = maxp.readUInt16BE(4);
  const isLong = head.readInt16BE(50) === 1;
  if (loca.length < (count + 1) * (isLong ? 4 : 2)) return null;
  const offsets = Array.from({ length: count + 1 }, (_, i) =>
    isLong ? loca.readUInt32BE(i * 4) : loca.readUInt16BE(i * 2) * 2,
  );
  const isRising = offsets.every((offset, i) => offset >= (offsets[i - 1] ?? 0));
  if (!isRising || (offsets.at(-1) ?? 0) > glyf.length) return null;
  const cmapTable = tables.get('cmap');
  const cmap = cmapTable ? readCmap(cmapTable) : [];
  return cmap && { tables, count, offsets, cmap, names: readNames(tables.get('post'), count) };
}

/** Custom names of `post` format 2; the standard ones of the Macintosh are left out. */
function readNames(post: Buffer | undefined, count: number): string[] {
  if (post?.readUInt32BE(0) !== 0x20000 || post.readUInt16BE(32) !== count) return [];
  const strings: string[] = [];
  for (let at = 34 + count * 2; at < post.length; at += 1 + (post[at] ?? 0)) {
    strings.push(post.toString('latin1', at + 1, at + 1 + (post[at] ?? 0)));
  }
  return Array.from({ length: count }, (_, i) => {
    const index = post.readUInt16BE(34 + i * 2);
    return index < 258 ? '' : (strings[index - 258] ?? '');
  });
}

/** Leaves only these letters, those that they are put together from, and the first. */
export function keepGlyphs(font: TrueType, used: ReadonlySet<number>): void {
  const kept = withComponents(font, used);
  const { tables, count } = font;
  const glyf = tables.get('glyf') as Buffer;
  const pieces: Buffer[] = [];
  const loca = Buffer.alloc((count + 1) * 4);
  let length = 0;
  for (let glyph = 0; glyph < count; glyph++) {
    loca.writeUInt32BE(length, glyph * 4);
    if (!kept.has(glyph)) continue;
    const own = glyf.subarray(font.offsets[glyph], font.offsets[glyph + 1]);
    pieces.push(own, Buffer.alloc(-own.length & 3));
    length += own.length + (-own.length & 3);
  }
  loca.writeUInt32BE(length, count * 4);
  tables.set('glyf', Buffer.concat(pieces));
  tables.set('loca', loca);
  tables.get('head')?.writeInt16BE(1, 50);
  forgetWidths(tables, count, kept);
  forgetNames(font, kept);
  if (font.cmap.length > 0) tables.set('cmap', writeCmap(font.cmap.map((one) => only(one, kept))));
}

/** What stands beside the outlines of another kind; names go altogether. */
export function forgetBeside(tables: Tables, count: number, kept: ReadonlySet<number>): void {
  const cmap = tables.get('cmap');
  const subtables = cmap && readCmap(cmap);
  tables.delete('cmap');
  if (subtables) tables.set('cmap', writeCmap(subtables.map((one) => only(one, kept))));
  const post = tables.get('post');
  if (post) tables.set('post', nameless(post));
  if (tables.has('hmtx')) forgetWidths(tables, count, kept);
}

/** Format 3. */
function nameless(post: Buffer): Buffer {
  const head = Buffer.from(post.subarray(0, 32));
  head.writeUInt32BE(0x30000, 0);
  return head;
}

function only(subtable: Subtable, kept: ReadonlySet<number>): Subtable {
  return {
    ...subtable,
    glyphs: new Map([...subtable.glyphs].filter(([, glyph]) => glyph !== 0 && kept.has(glyph))),
  };
}

/** Flags of a component. */
const WORDS = 1;
const SCALE = 8;
const MORE = 32;
const TWO_SCALES = 64;
const MATRIX = 128;

function withComponents(
  { tables, offsets, count }: TrueType,
  used: ReadonlySet<number>,
): Set<number> {
  const glyf = tables.get('glyf') as Buffer;
  const kept = new Set<number>();
  const queue = [0, ...used];
  while (queue.length > 0) {
    const glyph = queue.pop() as number;
    if (kept.has(glyph) || glyph >= count) continue;
    kept.add(glyph);
    const own = glyf.subarray(offsets[glyph], offsets[glyph + 1]);
    if (own.length < 10 || own.readInt16BE(0) >= 0) continue;
    let [at, flags] = [10, MORE];
    while (flags & MORE && at + 4 <= own.length) {
      flags = own.readUInt16BE(at);
      queue.push(own.readUInt16BE(at + 2));
      const scales = flags & MATRIX ? 8 : flags & TWO_SCALES ? 4 : flags & SCALE ? 2 : 0;
      at += 4 + (flags & WORDS ? 4 : 2) + scales;
    }
  }
  return kept;
}

function forgetWidths(tables: Tables, count: number, kept: ReadonlySet<number>): void {
  const hmtx = tables.get('hmtx') as Buffer;
  const full = tables.get('hhea')?.readUInt16BE(34) ?? 0;
  const isTailKept = [...kept].some((glyph) => glyph >= full - 1);
  for (let glyph = 0; glyph < count; glyph++) {
    if (kept.has(glyph)) continue;
    if (glyph < full) {
      // The last full entry is the width of all that follow.
      const from = glyph === full - 1 && isTailKept ? glyph * 4 + 2 : glyph * 4;
      hmtx.fill(0, from, glyph * 4 + 4);
    } else hmtx.fill(0, full * 4 + (glyph - full) * 2, full * 4 + (glyph - full) * 2 + 2);
  }
}

function forgetNames({ tables, count, names }: TrueType, kept: ReadonlySet<number>): void {
  const post = tables.get('post');
  if (!post || post.readUInt32BE(0) === 0x30000) return;
  if (names.length === 0) {
    tables.set('post', nameless(post));
    return;
  }
  const indices = Buffer.alloc(2 + count * 2);
  indices.writeUInt16BE(count, 0);
  const strings: Buffer[] = [];
  for (let glyph = 0; glyph < count; glyph++) {
    if (!kept.has(glyph)) continue;
    const name = names[glyph] ?? '';
    const index = name === '' ? post.readUInt16BE(34 + glyph * 2) : 258 + strings.length;
    indices.writeUInt16BE(index, 2 + glyph * 2);
    if (name === '') continue;
    const written = Buffer.from(name, 'latin1');
    strings.push(Buffer.concat([Buffer.from([written.length]), written]));
  }
  tables.set('post', Buffer.concat([post.subarray(0, 32), indices, ...strings]));
}
