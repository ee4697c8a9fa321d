/**
 * Outlines of letters that a document shows no more, taken out of the font programs embedded in it:
 * which letters a subset holds tells what was written with it. A program of which it is not plain what
 * shows which letter stays as it is.
 */
import {
  PDFArray,
  PDFDict,
  type PDFDocument,
  PDFName,
  PDFNumber,
  PDFRawStream,
} from '@cantoo/pdf-lib';
import { contentsOf, flateStream } from '../structure/flate.ts';
import { arrayOf, dictOf, nameOf } from '../structure/library.ts';
import { type Cff, cffName, keepLetters, readCff } from './cff.ts';
import { readTables, writeTables } from './sfnt.ts';
import { characterOf, charactersOf, namesOf } from './standard-names.ts';
import { forgetBeside, keepGlyphs, readTrueType, type TrueType } from './truetype.ts';
import { keepNamed, readType1 } from './type1.ts';

const PROGRAMS = ['FontFile', 'FontFile2', 'FontFile3'];
/** Codes that may be shown by nothing: spaces of several encodings. */
const BLANK = new Set([9, 10, 13, 32, 160, 202]);

type Codes = ReadonlySet<number>;

/** The fonts that are written with one program, each with the codes that are still shown. */
type Users = Map<PDFDict, Codes>;

/** `use`: which codes are shown, of the fonts of which that is known. */
export function forgetOutlines(document: PDFDocument, use: ReadonlyMap<PDFDict, Codes>): void {
  if (use.size === 0) return;
  for (const [descriptor, users] of programsOf(document, use)) {
    const key = PROGRAMS.find((name) => descriptor.has(PDFName.of(name)));
    const program = key ? descriptor.lookup(PDFName.of(key)) : undefined;
    if (!key || !(program instanceof PDFRawStream)) continue;
    const left = forgotten(program, users);
    if (!left) continue;
    const stream = flateStream(document.context, left.bytes);
    const subtype = program.dict.get(PDFName.of('Subtype'));
    if (subtype) stream.dict.set(PDFName.of('Subtype'), subtype);
    for (const [i, length] of key === 'FontFile3' ? [] : left.lengths.entries()) {
      stream.dict.set(PDFName.of(`Length${i + 1}`), PDFNumber.of(length));
    }
    descriptor.set(PDFName.of(key), document.context.register(stream));
  }
}

/** By descriptor; only those of which all users are known, and which share their program with none. */
function programsOf(document: PDFDocument, use: ReadonlyMap<PDFDict, Codes>): Map<PDFDict, Users> {
  const programs = new Map<PDFDict, Users>();
  const owners = new Map<PDFRawStream, Set<PDFDict>>();
  const unknown = new Set<PDFDict>();
  const parents = new Map<PDFDict | undefined, PDFDict[]>();
  for (const font of dictsWith(document, 'DescendantFonts')) {
    const descendant = descendantOf(font);
    parents.set(descendant, [...(parents.get(descendant) ?? []), font]);
  }
  for (const dict of dictsWith(document, 'FontDescriptor')) {
    const descriptor = dictOf(dict, 'FontDescriptor');
    if (!descriptor) continue;
    const users = programs.get(descriptor) ?? new Map();
    programs.set(descriptor, users);
    for (const font of parents.get(dict) ?? [dict]) {
      const codes = use.get(font);
      if (codes) users.set(font, codes);
      else unknown.add(descriptor);
    }
    for (const key of PROGRAMS) {
      const program = descriptor.lookup(PDFName.of(key));
      if (!(program instanceof PDFRawStream)) continue;
      owners.set(program, (owners.get(program) ?? new Set()).add(descriptor));
    }
  }
  const shared = [...owners.values()].filter(({ size }) => size > 1);
  for (const descriptor of [...unknown, ...shared.flatMap((all) => [...all])]) {
    programs.delete(descriptor);
  }
  return programs;
}

function descendantOf(font: PDFDict): PDFDict | undefined {
  const descendant = arrayOf(font, 'DescendantFonts')?.lookup(0);
  return descendant instanceof PDFDict ? descendant : undefined;
}

const DEEPEST = 8;

/** All dictionaries that have this entry, also those within others. */
function dictsWith({ context }: PDFDocument, key: string): PDFDict[] {
  const found: PDFDict[] = [];
  const look = (object: unknown, depth: number): void => {
    if (depth > DEEPEST) return;
    if (object instanceof PDFArray) for (const item of object.asArray()) look(item, depth + 1);
    const dict = object instanceof PDFRawStream ? object.dict : object;
    if (!(dict instanceof PDFDict)) return;
    if (dict.has(PDFName.of(key))) found.push(dict);
    for (const value of dict.values()) look(value, depth + 1);
  };
  for (const [, object] of context.enumerateIndirectObjects()) look(object, 0);
  return found;
}

/** A program, and how long its parts are (ISO 32000-1, table 127). */
interface Forgotten {
  bytes: Buffer;
  lengths: number[];
}

/** The program without what is not shown; null where it stays as it is. */
function forgotten(program: PDFRawStream, users: Users): Forgotten | null {
  try {
    const bytes = Buffer.from(contentsOf(program));
    if (bytes[0] === PERCENT) return forgetType1(bytes, users);
    if (!isSfnt(bytes)) return forgetCff(bytes, users) && { bytes, lengths: [] };
    const left = forgetSfnt(bytes, users);
    return left && { bytes: left, lengths: [left.length] };
  } catch {
    // Damaged: whoever shows it finds his own way.
    return null;
  }
}

const PERCENT = 0x25;

function forgetSfnt(bytes: Buffer, users: Users): Buffer | null {
  const tables = readTables(bytes);
  if (!tables) return null;
  const cff = tables.get('CFF ');
  if (cff) {
    const left = forgetCff(cff, users);
    if (left) forgetBeside(tables, left.count, left.kept);
    return left && writeTables(bytes, tables);
  }
  const font = readTrueType(tables);
  const used = font && glyphsShown(users, (user, codes) => trueTypeGlyphs(font, user, codes));
  if (!font || !used) return null;
  keepGlyphs(font, used);
  return writeTables(bytes, tables);
}

function forgetType1(bytes: Buffer, users: Users): Forgotten | null {
  const font = readType1(bytes);
  if (!font) return null;
  const byName = new Map(font.names.map((name, glyph) => [name, glyph]));
  const codes = new Map([...font.codes].map(([code, name]) => [code, byName.get(name) ?? -1]));
  const used = glyphsShown(users, (user, shown) => glyphsByName(byName, codes, user, shown));
  if (!used) return null;
  return keepNamed(font, new Set([...used].flatMap((glyph) => font.names[glyph] ?? [])));
}

function isSfnt(bytes: Buffer): boolean {
  return [0x00010000, 0x74727565, 0x4f54544f].includes(bytes.readUInt32BE(0));
}

/** In place; says which letters are left. */
function forgetCff(bytes: Buffer, users: Users): { count: number; kept: Set<number> } | null {
  const font = readCff(bytes);
  const used = font && glyphsShown(users, (user, codes) => cffGlyphs(font, user, codes));
  if (!font || !used) return null;
  const shown = new Set([...users.values()].flatMap((codes) => [...codes]));
  return { count: font.count, kept: keepLetters(font, used, shown) };
}

/** Of all its fonts; null where one of them cannot be told. */
function glyphsShown(
  users: Users,
  glyphsOf: (user: PDFDict, codes: Codes) => Set<number> | null,
): Set<number> | null {
  const all = new Set<number>();
  for (const [user, codes] of users) {
    const glyphs = glyphsOf(user, codes);
    if (!glyphs) return null;
    for (const glyph of glyphs) all.add(glyph);
  }
  return all;
}

/** Codes that are numbers of letters, by way of `CIDToGIDMap`; null where they are others. */
function cidsOf(user: PDFDict, codes: Codes): Set<number> | null {
  return nameOf(user, 'Encoding') === 'Identity-H' ? new Set(codes) : null;
}

function trueTypeGlyphs(font: TrueType, user: PDFDict, codes: Codes): Set<number> | null {
  const descendant = descendantOf(user);
  if (!descendant) return glyphsByCode(user, codes, (code, name) => byCmap(font, code, name));
  const map = descendant.lookup(PDFName.of('CIDToGIDMap'));
  const cids = cidsOf(user, codes);
  if (!cids || !(map instanceof PDFRawStream)) return cids;
  const glyphs = Buffer.from(contentsOf(map));
  return new Set(
    [...cids].map((cid) => (cid * 2 + 2 <= glyphs.length ? glyphs.readUInt16BE(cid * 2) : 0)),
  );
}

/** Letters of any of its tables that a reader may take for a code, under any encoding. */
function byCmap({ cmap, names }: TrueType, code: number, name: string | undefined): number[] {
  const character = name === undefined ? undefined : characterOf(name);
  const points = (character === undefined ? charactersOf(code) : [character]).flatMap(
    (one) => one.codePointAt(0) ?? [],
  );
  const keys = [code, 0xf000 + code, 0xf100 + code, 0xf200 + code, ...points];
  const called = name === undefined ? namesOf(code) : [name];
  return [
    ...cmap.flatMap(({ glyphs }) => keys.flatMap((key) => glyphs.get(key) ?? [])),
    ...names.flatMap((own, glyph) => (own !== '' && called.includes(own) ? [glyph] : [])),
  ].filter((glyph) => glyph !== 0);
}

/** Null where a code is shown and nothing says by which letter. */
function glyphsByCode(
  user: PDFDict,
  codes: Codes,
  glyphsOf: (code: number, name: string | undefined) => number[],
): Set<number> | null {
  const names = differencesOf(user);
  const all = new Set<number>();
  for (const code of codes) {
    const glyphs = glyphsOf(code, names.get(code));
    if (glyphs.length === 0 && !BLANK.has(code)) return null;
    for (const glyph of glyphs) all.add(glyph);
  }
  return all;
}

function differencesOf(font: PDFDict): Map<number, string> {
  const encoding = dictOf(font, 'Encoding');
  const list = encoding && arrayOf(encoding, 'Differences');
  const names = new Map<number, string>();
  let code = 0;
  for (let i = 0; i < (list?.size() ?? 0); i++) {
    const item = list?.lookup(i);
    if (item instanceof PDFNumber) code = item.asNumber();
    else if (item instanceof PDFName) names.set(code++, item.decodeText());
  }
  return names;
}

/** Letters by their names in any encoding that a reader may take, and by the font's own codes. */
function glyphsByName(
  byName: ReadonlyMap<string | undefined, number>,
  byCode: ReadonlyMap<number, number>,
  user: PDFDict,
  codes: Codes,
): Set<number> | null {
  return glyphsByCode(user, codes, (code, name) => {
    const called = name === undefined ? namesOf(code) : [name];
    const own = byCode.get(code);
    return [...called.flatMap((one) => byName.get(one) ?? []), ...(own === undefined ? [] : [own])];
  });
}

function cffGlyphs(font: Cff, user: PDFDict, codes: Codes): Set<number> | null {
  if (descendantOf(user)) {
    const cids = cidsOf(user, codes);
    if (!cids || !font.isCid) return cids;
    return new Set(font.ids.flatMap((cid, glyph) => (cids.has(cid) ? [glyph] : [])));
  }
  if (font.isCid) return null;
  const byName = new Map<string | undefined, number>();
  const nameless: number[] = [];
  for (let glyph = 0; glyph < font.count; glyph++) {
    const name = cffName(font, glyph);
    if (name === undefined) nameless.push(glyph);
    byName.set(name, glyph);
  }
  const shown = glyphsByName(byName, font.codes, user, codes);
  for (const glyph of shown ? nameless : []) shown?.add(glyph);
  return shown;
}
