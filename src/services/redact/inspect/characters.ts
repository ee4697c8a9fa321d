/** The characters of a page, each with its place and the object that paints it. */
import { callsOf, heapOf, type PdfiumDocument, withMemory } from '../formats/pdf/engine.ts';
import type { Box } from '../formats/pdf/page-text.ts';
import type { Area, ToPixels } from './ink.ts';

export interface Character {
  text: string;
  box: Box;
  /** With the height of the line. */
  loose: Box;
  /** Pointer of the text object; 0 where PDFium made the character up. */
  object: number;
  /** In points, as it is seen. */
  size: number;
}

/** More are no page. */
const MOST_CHARACTERS = 200_000;

export function charactersOf({ pdfium }: PdfiumDocument, page: number): Character[] {
  const calls = callsOf(pdfium);
  const textPage = calls.FPDFText_LoadPage(page);
  try {
    const count = Math.min(calls.FPDFText_CountChars(textPage), MOST_CHARACTERS);
    return withMemory(pdfium, 32, (memory) => {
      const characters: Character[] = [];
      for (let i = 0; i < count; i++) {
        const code = calls.FPDFText_GetUnicode(textPage, i);
        const isMadeUp = calls.FPDFText_IsGenerated(textPage, i) === 1;
        const object = isMadeUp ? 0 : calls.FPDFText_GetTextObject(textPage, i);
        const at = (offset: number) => memory + offset;
        calls.FPDFText_GetCharBox(textPage, i, at(0), at(8), at(16), at(24));
        const [left = 0, right = 0, bottom = 0, top = 0] = Float64Array.from(
          new Float64Array(heapOf(pdfium).buffer, memory, 4),
        );
        const box = { left, right, bottom, top };
        calls.FPDFText_GetLooseCharBox(textPage, i, memory);
        const [l = 0, t = 0, r = 0, b = 0] = new Float32Array(heapOf(pdfium).buffer, memory, 4);
        const loose = { left: l, right: r, bottom: Math.min(b, t), top: Math.max(b, t) };
        const text = code === 0 || code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code);
        characters.push({ text, box, loose, object, size: loose.top - loose.bottom });
      }
      return characters;
    });
  } finally {
    calls.FPDFText_ClosePage(textPage);
  }
}

/** How fine positions are asked for: FPDF_PageToDevice answers in whole numbers. */
const FINENESS = 64;

/** From points of the page (turned, cropped) to pixels of its picture. */
export function pixelMap(
  { pdfium }: PdfiumDocument,
  page: number,
  { width, height }: { width: number; height: number },
): ToPixels {
  const at = (x: number, y: number) =>
    withMemory(pdfium, 8, (memory) => {
      const size = [width * FINENESS, height * FINENESS] as const;
      pdfium.FPDF_PageToDevice(page, 0, 0, ...size, 0, x, y, memory, memory + 4);
      const [px = 0, py = 0] = new Int32Array(heapOf(pdfium).buffer, memory, 2);
      return { x: px / FINENESS, y: py / FINENESS };
    });
  const [origin, right, up] = [at(0, 0), at(1000, 0), at(0, 1000)];
  const place = (x: number, y: number) => ({
    x: origin.x + ((right.x - origin.x) * x + (up.x - origin.x) * y) / 1000,
    y: origin.y + ((right.y - origin.y) * x + (up.y - origin.y) * y) / 1000,
  });
  return ({ left, bottom, right: end, top }): Area => {
    const [a, b] = [place(left, bottom), place(end, top)];
    return {
      left: Math.floor(Math.min(a.x, b.x)),
      right: Math.ceil(Math.max(a.x, b.x)),
      top: Math.floor(Math.min(a.y, b.y)),
      bottom: Math.ceil(Math.max(a.y, b.y)),
    };
  };
}

/** Objects in groups, so that within one no two lie on each other: each group hides as one. */
export function groupsOf(characters: readonly Character[], most: number): Map<number, number> {
  const rivals = rivalsOf(characters);
  const groups = new Map<number, number>();
  for (const object of new Set(characters.map((character) => character.object))) {
    if (object === 0) continue;
    const taken = new Set([...(rivals.get(object) ?? [])].map((other) => groups.get(other)));
    let group = 0;
    while (group < most - 1 && taken.has(group)) group++;
    groups.set(object, group);
  }
  return groups;
}

const CELL = 8;

/** Objects whose letters lie on letters of others. */
function rivalsOf(characters: readonly Character[]): Map<number, Set<number>> {
  const cells = new Map<string, Character[]>();
  const rivals = new Map<number, Set<number>>();
  const note = (a: number, b: number) => {
    const known = rivals.get(a) ?? new Set();
    rivals.set(a, known.add(b));
  };
  for (const character of characters) {
    if (character.object === 0 || character.text.trim() === '') continue;
    const key = cellOf(character.box);
    for (const other of nearby(cells, character.box)) {
      if (other.object === character.object || overlap(other.box, character.box) < 0.2) continue;
      note(other.object, character.object);
      note(character.object, other.object);
    }
    const same = cells.get(key);
    if (same) same.push(character);
    else cells.set(key, [character]);
  }
  return rivals;
}

function cellOf({ left, bottom }: Box): string {
  return `${Math.floor(left / CELL)} ${Math.floor(bottom / CELL)}`;
}

function* nearby(cells: ReadonlyMap<string, Character[]>, { left, bottom }: Box) {
  for (const dx of [-CELL, 0, CELL]) {
    for (const dy of [-CELL, 0, CELL]) {
      const key = `${Math.floor((left + dx) / CELL)} ${Math.floor((bottom + dy) / CELL)}`;
      yield* cells.get(key) ?? [];
    }
  }
}

/** Share of the smaller box that lies in the other. */
export function overlap(a: Box, b: Box): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.top, b.top) - Math.max(a.bottom, b.bottom);
  if (width <= 0 || height <= 0) return 0;
  const area = (box: Box) => (box.right - box.left) * (box.top - box.bottom);
  return (width * height) / Math.max(1e-6, Math.min(area(a), area(b)));
}
