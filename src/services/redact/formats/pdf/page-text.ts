/**
 * The text of a page as PDFium reads it. Reading is one pass over the characters without their
 * places: those are asked for afterwards, of the few characters that need them.
 */
import type { Point } from './content/matrix.ts';
import {
  type Calls,
  callsOf,
  heapOf,
  type Pdfium,
  type PdfiumDocument,
  withMemory,
} from './engine.ts';

export interface Box {
  left: number;
  bottom: number;
  right: number;
  top: number;
}

export interface PageText {
  text: string;
  /** Of each UTF-16 unit: PDFium's number of the character, or -1 where PDFium made it up. */
  characters: Int32Array;
  /** Letters that do not say what they are: a font without meanings, or with none of ours. */
  odd: number;
}

/** Where a character stands, in page space (points). */
export interface Placement {
  origin: Point;
  box: Box;
  /** As `box`, with the height of the line. */
  loose: Box;
}

export function readPageText(document: PdfiumDocument, page: number): PageText {
  const calls = callsOf(document.pdfium);
  return document.withTextPage(page, (textPage) => {
    const count = calls.FPDFText_CountChars(textPage);
    const characters = new Int32Array(count * 2);
    const units = new Uint16Array(count * 2);
    let [length, odd] = [0, 0];
    for (let i = 0; i < count; i++) {
      const given = calls.FPDFText_GetUnicode(textPage, i);
      const code = shownCode(given);
      if (given === 0 || isOdd(code)) odd++;
      if (code === 0) continue;
      // What PDFium makes up is white space.
      const isMadeUp = code <= 32 && calls.FPDFText_IsGenerated(textPage, i) === 1;
      characters[length] = isMadeUp ? -1 : i;
      if (code > 0xffff) {
        units[length++] = 0xd800 + ((code - 0x10000) >> 10);
        characters[length] = characters[length - 1] ?? -1;
        units[length++] = 0xdc00 + ((code - 0x10000) & 0x3ff);
      } else units[length++] = code;
    }
    const text = Buffer.from(units.buffer, 0, length * 2).toString('utf16le');
    return { text, characters: characters.slice(0, length), odd };
  });
}

/** Control characters, replacements and letters of private use. */
export function isOdd(code: number): boolean {
  return (
    (code < 32 && code > 0 && code !== 10 && code !== 9) || (code >= 0xe000 && isPrivate(code))
  );
}

function isPrivate(code: number): boolean {
  return code <= 0xf8ff || code === 0xfffd || code >= 0xf0000;
}

/** Places of the characters from `start` to `end`; null for those that PDFium made up. */
export function placeCharacters(
  document: PdfiumDocument,
  page: number,
  { characters }: PageText,
  stretches: readonly { start: number; end: number }[],
): (Placement | null)[][] {
  const calls = callsOf(document.pdfium);
  return document.withTextPage(page, (textPage) =>
    withMemory(document.pdfium, 48, (memory) =>
      stretches.map(({ start, end }) => {
        const views = viewsAt(document.pdfium, memory);
        return Array.from(characters.subarray(start, end), (number) =>
          number < 0 ? null : placement(calls, views, textPage, number),
        );
      }),
    ),
  );
}

/** Boxes of single characters as high as their line; null for those that PDFium made up. */
export function looseBoxes(
  document: PdfiumDocument,
  page: number,
  text: PageText,
  indexes: readonly number[],
): (Box | null)[] {
  const calls = callsOf(document.pdfium);
  return eachCharacter(document, page, text, indexes, (textPage, number, { memory, floats }) =>
    calls.FPDFText_GetLooseCharBox(textPage, number, memory) ? looseBox(floats) : null,
  );
}

/** Left edges of single characters; NaN for those that PDFium made up. */
export function leftsOf(
  document: PdfiumDocument,
  page: number,
  text: PageText,
  indexes: readonly number[],
): number[] {
  const calls = callsOf(document.pdfium);
  const lefts = eachCharacter(document, page, text, indexes, (textPage, number, views) => {
    const { memory, doubles } = views;
    const at = [memory, memory + 8, memory + 16, memory + 24] as const;
    return calls.FPDFText_GetCharBox(textPage, number, ...at) ? (doubles[0] ?? null) : null;
  });
  return lefts.map((left) => left ?? Number.NaN);
}

/** What PDFium says of each of these characters; null for those that it made up. */
function eachCharacter<T>(
  document: PdfiumDocument,
  page: number,
  { characters }: PageText,
  indexes: readonly number[],
  ask: (textPage: number, number: number, views: Views) => T | null,
): (T | null)[] {
  return document.withTextPage(page, (textPage) =>
    withMemory(document.pdfium, 48, (memory) => {
      const views = viewsAt(document.pdfium, memory);
      return indexes.map((index) => {
        const number = characters[index] ?? -1;
        return number < 0 ? null : ask(textPage, number, views);
      });
    }),
  );
}

/** Where PDFium writes its answers. */
interface Views {
  memory: number;
  doubles: Float64Array;
  floats: Float32Array;
}

/** Good as long as nothing is allocated. */
function viewsAt(pdfium: Pdfium, memory: number): Views {
  const { buffer } = heapOf(pdfium);
  return {
    memory,
    doubles: new Float64Array(buffer, memory, 6),
    floats: new Float32Array(buffer, memory, 4),
  };
}

function placement(
  calls: Calls,
  { memory, doubles, floats }: Views,
  textPage: number,
  number: number,
): Placement | null {
  // FPDFText_GetCharBox gives left, right, bottom, top as doubles.
  if (!calls.FPDFText_GetCharBox(textPage, number, memory, memory + 8, memory + 16, memory + 24)) {
    return null;
  }
  if (!calls.FPDFText_GetCharOrigin(textPage, number, memory + 32, memory + 40)) return null;
  const [left = 0, right = 0, bottom = 0, top = 0, x = 0, y = 0] = doubles;
  const box = { left, right, bottom, top };
  // FPDFText_GetLooseCharBox gives a rectangle of floats: left, top, right, bottom.
  if (!calls.FPDFText_GetLooseCharBox(textPage, number, memory))
    return { origin: { x, y }, box, loose: box };
  return { origin: { x, y }, box, loose: looseBox(floats) };
}

function looseBox([left = 0, top = 0, right = 0, bottom = 0]: Float32Array): Box {
  return { left, right, bottom: Math.min(bottom, top), top: Math.max(bottom, top) };
}

/**
 * 0 for what is left out: line ends are one character. U+0002 and U+FFFE are PDFium's hyphens at the
 * end of a line.
 */
function shownCode(code: number): number {
  if (code > 32 && code < 0xfffe) return code;
  if (code === 13) return 0;
  if (code === 2 || code === 0xfffe) return 0x2d;
  return code > 0x10ffff ? 0xfffd : code;
}

/** One box a line of these characters. */
export function lineBoxes(places: readonly (Placement | null)[], kind: 'box' | 'loose'): Box[] {
  const lines: Box[] = [];
  for (const place of places) {
    if (!place) continue;
    const box = place[kind];
    const last = lines.at(-1);
    if (last && isSameLine(last, box)) lines[lines.length - 1] = union(last, box);
    else lines.push({ ...box });
  }
  return lines;
}

function isSameLine(a: Box, b: Box): boolean {
  const overlap = Math.min(a.top, b.top) - Math.max(a.bottom, b.bottom);
  const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.top - a.bottom, b.top - b.bottom);
  const width = Math.min(a.right - a.left, b.right - b.left);
  // Upright lines share their height, turned ones their width.
  return overlap >= height * 0.4 || (across >= width * 0.6 && overlap > -height);
}

export function boxAround(points: readonly Point[]): Box {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  return {
    ...{ left: Math.min(...xs), right: Math.max(...xs) },
    ...{ bottom: Math.min(...ys), top: Math.max(...ys) },
  };
}

export function union(a: Box, b: Box): Box {
  return {
    left: Math.min(a.left, b.left),
    bottom: Math.min(a.bottom, b.bottom),
    right: Math.max(a.right, b.right),
    top: Math.max(a.top, b.top),
  };
}

/** A stretch of a page's text, and what is written in its place; null leaves a black box. */
export interface PageEdit {
  start: number;
  end: number;
  replacement: string | null;
}
