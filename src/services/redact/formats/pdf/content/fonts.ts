/**
 * As much of a font as laying out needs: how a string comes apart into codes and how far each moves
 * on. Null for what we do not lay out ourselves (vertical writing, named CJK encodings): such a page
 * goes to PDFium.
 */
import {
  PDFArray,
  PDFDict,
  PDFName,
  PDFNumber,
  type PDFObject,
  PDFRawStream,
} from '@cantoo/pdf-lib';
import { contentsOf } from '../structure/flate.ts';
import { standardWidths } from './standard-widths.ts';

export interface GlyphCode {
  code: number;
  /** Bytes in the string. */
  length: number;
  /** In ems. */
  width: number;
  /** A single-byte 32, which word spacing applies to. */
  isWordSpace: boolean;
  /** Shows nothing: a space, as far as the font says. */
  isSpace: boolean;
}

export interface FontMetrics {
  split(bytes: Uint8Array): GlyphCode[];
  /** The whole of it, where its glyphs are not asked for. */
  measure(bytes: Uint8Array): Measure;
}

export interface Measure {
  glyphs: number;
  /** In ems. */
  width: number;
  wordSpaces: number;
  /** Glyphs that show nothing. */
  spaces: number;
  /** Spaces at the end: how many, and how wide in ems. */
  trailing: { glyphs: number; width: number };
}

export function readFont(dict: PDFDict): FontMetrics | null {
  const subtype = nameAt(dict, 'Subtype');
  if (subtype === 'Type0') return compositeFont(dict);
  return simpleFont(dict, subtype === 'Type3' ? type3Scale(dict) : 1 / 1000);
}

function simpleFont(dict: PDFDict, scale: number): FontMetrics | null {
  const widths = dict.lookup(PDFName.of('Widths'));
  const first = numberAt(dict, 'FirstChar') ?? 0;
  const descriptor = dict.lookup(PDFName.of('FontDescriptor'));
  const missing = descriptor instanceof PDFDict ? (numberAt(descriptor, 'MissingWidth') ?? 0) : 0;
  const listed =
    widths instanceof PDFArray
      ? Array.from({ length: widths.size() }, (_, i) => numberOf(widths.lookup(i)) ?? 0)
      : null;
  const standard = listed ? null : standardWidths(dict);
  if (!listed && !standard) return null;
  const widthOf = (code: number) =>
    listed ? (listed[code - first] ?? missing) * scale : (standard?.(code) ?? 0) / 1000;
  const known = Float64Array.from({ length: 256 }, (_, code) => widthOf(code));
  const spaces = spacesOf(dict) ?? new Set([32, 160]);
  const glyphs = Array.from(known, (width, code): GlyphCode => {
    return { code, length: 1, width, isWordSpace: code === 32, isSpace: spaces.has(code) };
  });
  return {
    split: (bytes) => Array.from(bytes, (code) => glyphs[code]) as GlyphCode[],
    measure(bytes) {
      let [width, wordSpaces, all] = [0, 0, 0];
      for (const code of bytes) {
        width += known[code] ?? 0;
        if (code === 32) wordSpaces++;
        if (spaces.has(code)) all++;
      }
      const trailing = { glyphs: 0, width: 0 };
      for (let i = bytes.length - 1; i >= 0 && spaces.has(bytes[i] ?? 0); i--) {
        trailing.glyphs++;
        trailing.width += known[bytes[i] ?? 0] ?? 0;
      }
      return { glyphs: bytes.length, width, wordSpaces, spaces: all, trailing };
    },
  };
}

const SPACE_VALUE = /^(?:0020|00a0|2002|2003|2009|202f|3000)$/i;

/** Codes that mean a space (ISO 32000-1, 9.10.3); null where the font does not say what it means. */
function spacesOf(dict: PDFDict): Set<number> | null {
  const map = dict.lookup(PDFName.of('ToUnicode'));
  if (!(map instanceof PDFRawStream)) return null;
  const source = Buffer.from(contentsOf(map)).toString('latin1');
  const codes = new Set<number>();
  for (const section of sections(source, 'bfchar')) {
    for (const [, code = '', value = ''] of section.matchAll(HEX_PAIR)) {
      if (SPACE_VALUE.test(value)) codes.add(Number.parseInt(code, 16));
    }
  }
  for (const section of sections(source, 'bfrange')) {
    for (const [, low = '', high = '', value = ''] of section.matchAll(
      /<([0-9a-fA-F]{2,8})>\s{0,9}<([0-9a-fA-F]{2,8})>\s{0,9}\[?\s{0,9}<([0-9a-fA-F]{2,8})>/g,
    )) {
      const [first, from, to] = [value, low, high].map((hex) => Number.parseInt(hex, 16));
      for (const space of [0x20, 0xa0]) {
        const code = (from ?? 0) + space - (first ?? 0);
        if (code >= (from ?? 0) && code <= (to ?? 0)) codes.add(code);
      }
    }
  }
  return codes;
}

function type3Scale(dict: PDFDict): number {
  const matrix = dict.lookup(PDFName.of('FontMatrix'));
  return (matrix instanceof PDFArray && numberOf(matrix.lookup(0))) || 1 / 1000;
}

function compositeFont(dict: PDFDict): FontMetrics | null {
  const descendants = dict.lookup(PDFName.of('DescendantFonts'));
  const descendant = descendants instanceof PDFArray ? descendants.lookup(0) : undefined;
  const codes = readEncoding(dict.lookup(PDFName.of('Encoding')));
  if (!(descendant instanceof PDFDict) || !codes) return null;
  const widths = readCidWidths(descendant.lookup(PDFName.of('W')));
  const fallback = numberAt(descendant, 'DW') ?? 1000;
  const spaces = spacesOf(dict) ?? new Set();
  const split = (bytes: Uint8Array) => {
    const glyphs: GlyphCode[] = [];
    for (let i = 0; i < bytes.length; ) {
      const { code, length, cid } = codes.next(bytes, i);
      const width = (widths.get(cid) ?? fallback) / 1000;
      const isWordSpace = length === 1 && code === 32;
      glyphs.push({ code, length, width, isWordSpace, isSpace: spaces.has(code) });
      i += length;
    }
    return glyphs;
  };
  return {
    split,
    measure(bytes) {
      const glyphs = split(bytes);
      const width = glyphs.reduce((sum, glyph) => sum + glyph.width, 0);
      const wordSpaces = glyphs.filter(({ isWordSpace }) => isWordSpace).length;
      const last = glyphs.findLastIndex(({ isSpace }) => !isSpace);
      const after = glyphs.slice(last + 1);
      const trailing = {
        glyphs: after.length,
        width: after.reduce((sum, glyph) => sum + glyph.width, 0),
      };
      const all = glyphs.filter(({ isSpace }) => isSpace).length;
      return { glyphs: glyphs.length, width, wordSpaces, spaces: all, trailing };
    },
  };
}

interface Codes {
  next(bytes: Uint8Array, at: number): { code: number; length: number; cid: number };
}

const TWO_BYTES: Codes = {
  next(bytes, at) {
    const code = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    return { code, length: Math.min(2, bytes.length - at), cid: code };
  },
};

function readEncoding(encoding: PDFObject | undefined): Codes | null {
  if (encoding instanceof PDFName) return encoding.decodeText() === 'Identity-H' ? TWO_BYTES : null;
  if (!(encoding instanceof PDFRawStream)) return null;
  if (numberAt(encoding.dict, 'WMode') === 1 || encoding.dict.has(PDFName.of('UseCMap')))
    return null;
  const source = Buffer.from(contentsOf(encoding)).toString('latin1');
  return readCMap(source);
}

const HEX_PAIR = /<([0-9a-fA-F]{2,8})>\s{0,9}<([0-9a-fA-F]{2,8})>/g;

/** An embedded CMap: lengths from its code spaces, CIDs from its ranges and single codes. */
function readCMap(source: string): Codes | null {
  if (/\busecmap\b|\/WMode\s{1,9}1/.test(source)) return null;
  const spaces = sections(source, 'codespacerange').flatMap((section) =>
    [...section.matchAll(HEX_PAIR)].map(([, low = '', high = '']) => ({
      length: low.length / 2,
      low: Number.parseInt(low, 16),
      high: Number.parseInt(high, 16),
    })),
  );
  if (spaces.length === 0) return null;
  const cids = new Map<number, number>();
  for (const section of sections(source, 'cidrange')) {
    for (const [, low = '', high = '', first = ''] of section.matchAll(
      /<([0-9a-fA-F]{2,8})>\s{0,9}<([0-9a-fA-F]{2,8})>\s{0,9}(\d{1,6})/g,
    )) {
      const [from, to] = [Number.parseInt(low, 16), Number.parseInt(high, 16)];
      for (let code = from; code <= Math.min(to, from + 0xffff); code++)
        cids.set(code, Number(first) + code - from);
    }
  }
  for (const section of sections(source, 'cidchar')) {
    for (const [, code = '', cid = ''] of section.matchAll(
      /<([0-9a-fA-F]{2,8})>\s{0,9}(\d{1,6})/g,
    )) {
      cids.set(Number.parseInt(code, 16), Number(cid));
    }
  }
  return {
    next(bytes, at) {
      let code = 0;
      for (let length = 1; length <= 4 && at + length <= bytes.length; length++) {
        code = code * 256 + (bytes[at + length - 1] ?? 0);
        if (
          spaces.some((space) => space.length === length && code >= space.low && code <= space.high)
        ) {
          return { code, length, cid: cids.get(code) ?? 0 };
        }
      }
      return { code: bytes[at] ?? 0, length: 1, cid: 0 };
    },
  };
}

function sections(source: string, kind: string): string[] {
  return source
    .split(`begin${kind}`)
    .slice(1)
    .map((rest) => rest.split(`end${kind}`, 1)[0] ?? '');
}

/** `W`: either `first [w w w]` or `first last w` (ISO 32000-1, 9.7.4.3). */
function readCidWidths(array: PDFObject | undefined): Map<number, number> {
  const widths = new Map<number, number>();
  if (!(array instanceof PDFArray)) return widths;
  for (let i = 0; i < array.size(); ) {
    const first = numberOf(array.lookup(i)) ?? 0;
    const second = array.lookup(i + 1);
    if (second instanceof PDFArray) {
      for (let j = 0; j < second.size(); j++)
        widths.set(first + j, numberOf(second.lookup(j)) ?? 0);
      i += 2;
    } else {
      const last = Math.min(numberOf(second) ?? first, first + 0xffff);
      const width = i + 2 < array.size() ? (numberOf(array.lookup(i + 2)) ?? 0) : 0;
      for (let cid = first; cid <= last; cid++) widths.set(cid, width);
      i += 3;
    }
  }
  return widths;
}

function numberOf(object: PDFObject | undefined): number | undefined {
  return object instanceof PDFNumber ? object.asNumber() : undefined;
}

function numberAt(dict: PDFDict, key: string): number | undefined {
  return numberOf(dict.lookup(PDFName.of(key)));
}

export function nameAt(dict: PDFDict, key: string): string | undefined {
  const value = dict.lookup(PDFName.of(key));
  return value instanceof PDFName ? value.decodeText() : undefined;
}
