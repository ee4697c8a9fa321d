/** The text of a page as PDFium reads it, with the box of every character in page space (points). */
import type { Point } from './content/matrix.ts';
import { heapOf, type PdfiumDocument, withMemory } from './engine.ts';

export interface Box {
  left: number;
  bottom: number;
  right: number;
  top: number;
}

export interface PageText {
  text: string;
  /** Of each UTF-16 unit: its box, or null for spaces and line ends that PDFium put in. */
  boxes: (Box | null)[];
  /** As `boxes`, the height of the line with it: what is to be covered. */
  looseBoxes: (Box | null)[];
  /** Where each character's origin is; null as in `boxes`. */
  origins: (Point | null)[];
}

export function readPageText(document: PdfiumDocument, index: number): PageText {
  const { pdfium } = document;
  return document.withPage(index, (page) =>
    withMemory(pdfium, 32, (memory) => {
      const textPage = pdfium.FPDFText_LoadPage(page);
      try {
        return readCharacters(document, textPage, memory);
      } finally {
        pdfium.FPDFText_ClosePage(textPage);
      }
    }),
  );
}

function readCharacters({ pdfium }: PdfiumDocument, textPage: number, memory: number): PageText {
  const count = pdfium.FPDFText_CountChars(textPage);
  const pieces: string[] = [];
  const boxes: (Box | null)[] = [];
  const looseBoxes: (Box | null)[] = [];
  const origins: (Point | null)[] = [];
  for (let i = 0; i < count; i++) {
    const character = characterOf(pdfium.FPDFText_GetUnicode(textPage, i));
    if (character === '') continue;
    const isThere = pdfium.FPDFText_IsGenerated(textPage, i) !== 1;
    const tight = isThere ? tightBox(pdfium, textPage, i, memory) : null;
    const loose = isThere ? looseBox(pdfium, textPage, i, memory) : null;
    const origin = isThere ? originOf(pdfium, textPage, i, memory) : null;
    pieces.push(character);
    for (let unit = 0; unit < character.length; unit++) {
      boxes.push(tight);
      looseBoxes.push(loose);
      origins.push(origin);
    }
  }
  return { text: pieces.join(''), boxes, looseBoxes, origins };
}

type Module = PdfiumDocument['pdfium'];

/** FPDFText_GetCharBox gives left, right, bottom, top as doubles. */
function tightBox(pdfium: Module, textPage: number, i: number, memory: number): Box | null {
  if (!pdfium.FPDFText_GetCharBox(textPage, i, memory, memory + 8, memory + 16, memory + 24)) {
    return null;
  }
  const [left = 0, right = 0, bottom = 0, top = 0] = new Float64Array(
    heapOf(pdfium).buffer,
    memory,
    4,
  );
  return { left, right, bottom, top };
}

function originOf(pdfium: Module, textPage: number, i: number, memory: number): Point | null {
  if (!pdfium.FPDFText_GetCharOrigin(textPage, i, memory, memory + 8)) return null;
  const [x = 0, y = 0] = new Float64Array(heapOf(pdfium).buffer, memory, 2);
  return { x, y };
}

/** FPDFText_GetLooseCharBox gives a rectangle of floats: left, top, right, bottom. */
function looseBox(pdfium: Module, textPage: number, i: number, memory: number): Box | null {
  if (!pdfium.FPDFText_GetLooseCharBox(textPage, i, memory)) return null;
  const [left = 0, top = 0, right = 0, bottom = 0] = new Float32Array(
    heapOf(pdfium).buffer,
    memory,
    4,
  );
  return { left, right, bottom: Math.min(bottom, top), top: Math.max(bottom, top) };
}

/** Line ends are one character; U+0002 and U+FFFE are PDFium's hyphens at the end of a line. */
function characterOf(code: number): string {
  if (code === 0 || code === 13) return '';
  if (code === 2 || code === 0xfffe) return '-';
  return code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code);
}

/** One box a line of the characters from `start` to `end`. */
export function lineBoxes(
  { boxes, looseBoxes }: PageText,
  start: number,
  end: number,
  kind: 'tight' | 'loose',
): Box[] {
  const lines: Box[] = [];
  const source = kind === 'tight' ? boxes : looseBoxes;
  for (let i = start; i < end; i++) {
    const box = source[i];
    if (!box) continue;
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
