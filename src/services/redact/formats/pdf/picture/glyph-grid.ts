/**
 * A font as it looks: each of its codes painted once on a page of its own, in rows, with what it says
 * that it is. The page is made in memory and goes again.
 */
import { callsOf, heapOf, type Pdfium, type PdfiumDocument, withMemory } from '../engine.ts';

/** A letter as it looks; all lengths in ems, from its origin. */
export interface Glyph {
  /** What the text says of it. */
  claim: string;
  left: number;
  right: number;
  bottom: number;
  top: number;
  /** Ink within its box, stretched to a square of `SIDE` by `SIDE`; its length is one. */
  ink: Float32Array;
}

const SIDE = 12;
/** Pixels an em, and of a letter's cell: wide enough for a whole word drawn as one letter. */
const EM = 16;
const WIDTH = 60;
const HEIGHT = 28;
const BEFORE = 8;
const BELOW = 8;
const COLUMNS = 32;
/** Rows of one page: some two megapixels. */
const ROWS = 40;
const PAGE_CODES = COLUMNS * ROWS;
/** Grey of which a pixel is ink. */
const INK = 40;

/** The letters of these codes that are painted at all and whose claim is wanted. */
export function glyphsOf(
  document: PdfiumDocument,
  font: number,
  codes: readonly number[],
  isWanted: (claim: string) => boolean,
): Glyph[] {
  const glyphs: Glyph[] = [];
  for (let i = 0; i < codes.length; i += PAGE_CODES) {
    glyphs.push(...gridOf(document, font, codes.slice(i, i + PAGE_CODES), isWanted));
  }
  return glyphs;
}

function gridOf(
  document: PdfiumDocument,
  font: number,
  codes: readonly number[],
  isWanted: (claim: string) => boolean,
): Glyph[] {
  const { pdfium, pointer } = document;
  const rows = Math.ceil(codes.length / COLUMNS);
  const [width, height] = [COLUMNS * WIDTH, rows * HEIGHT];
  const index = document.pageCount;
  const page = pdfium.FPDFPage_New(pointer, index, width, height);
  try {
    const objects = putCodes(document, page, font, codes);
    const claims = claimsOn(pdfium, page);
    const calls = callsOf(pdfium);
    for (const [cell, object] of objects.entries()) {
      const claim = claims.get(cell);
      if (claim !== undefined && isWanted(claim)) continue;
      claims.delete(cell);
      if (object && calls.FPDFPage_RemoveObject(page, object)) calls.FPDFPageObj_Destroy(object);
    }
    if (claims.size === 0) return [];
    const sheet = { ink: paint(pdfium, page, width, height), width, height };
    const squares = new Map<number, Float32Array>();
    return [...claims].flatMap(([cell, claim]) => glyphIn(sheet, cell, claim, squares) ?? []);
  } finally {
    pdfium.FPDF_ClosePage(page);
    pdfium.FPDFPage_Delete(pointer, index);
  }
}

/** The objects, by cell. */
function putCodes(
  { pdfium, pointer }: PdfiumDocument,
  page: number,
  font: number,
  codes: readonly number[],
): number[] {
  const calls = callsOf(pdfium);
  return withMemory(pdfium, codes.length * 4, (memory) => {
    new Uint32Array(heapOf(pdfium).buffer, memory, codes.length).set(codes);
    return codes.map((_, cell) => {
      const object = calls.FPDFPageObj_CreateTextObj(pointer, font, EM);
      if (object === 0) return 0;
      calls.FPDFText_SetCharcodes(object, memory + cell * 4, 1);
      const [x, y] = [(cell % COLUMNS) * WIDTH, Math.floor(cell / COLUMNS) * HEIGHT];
      calls.FPDFPageObj_Transform(object, 1, 0, 0, 1, x + BEFORE, y + BELOW);
      calls.FPDFPage_InsertObject(page, object);
      return object;
    });
  });
}

/** By cell. */
function claimsOn(pdfium: Pdfium, page: number): Map<number, string> {
  const calls = callsOf(pdfium);
  const claims = new Map<number, string>();
  const text = pdfium.FPDFText_LoadPage(page);
  withMemory(pdfium, 16, (memory) => {
    const count = pdfium.FPDFText_CountChars(text);
    const origin = new Float64Array(heapOf(pdfium).buffer, memory, 2);
    for (let i = 0; i < count; i++) {
      if (calls.FPDFText_IsGenerated(text, i) === 1) continue;
      if (!calls.FPDFText_GetCharOrigin(text, i, memory, memory + 8)) continue;
      const [x = 0, y = 0] = origin;
      const cell = Math.floor(y / HEIGHT) * COLUMNS + Math.floor(x / WIDTH);
      const code = calls.FPDFText_GetUnicode(text, i);
      if (code > 0x10ffff) continue;
      claims.set(cell, (claims.get(cell) ?? '') + String.fromCodePoint(code));
    }
  });
  pdfium.FPDFText_ClosePage(text);
  return claims;
}

/** Darkness of each pixel, from the upper left. */
function paint(pdfium: Pdfium, page: number, width: number, height: number): Uint8Array {
  const bitmap = pdfium.FPDFBitmap_Create(width, height, 0);
  try {
    pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xffffffff);
    pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, 0);
    const heap = heapOf(pdfium);
    const stride = pdfium.FPDFBitmap_GetStride(bitmap);
    const start = pdfium.FPDFBitmap_GetBuffer(bitmap);
    const ink = new Uint8Array(width * height);
    for (let y = 0, to = 0; y < height; y++) {
      for (let x = 0, from = start + y * stride + 1; x < width; x++, from += 4) {
        ink[to++] = 255 - (heap[from] ?? 255);
      }
    }
    return ink;
  } finally {
    pdfium.FPDFBitmap_Destroy(bitmap);
  }
}

interface Sheet {
  ink: Uint8Array;
  width: number;
  height: number;
}

/** In pixels of the sheet. */
interface InkBox {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Null where nothing is painted. What is painted several times is the same square. */
function glyphIn(
  sheet: Sheet,
  cell: number,
  claim: string,
  squares: Map<number, Float32Array>,
): Glyph | null {
  const x0 = (cell % COLUMNS) * WIDTH;
  const y0 = sheet.height - (Math.floor(cell / COLUMNS) + 1) * HEIGHT;
  const found = inkBox(sheet, x0, y0);
  if (!found) return null;
  const { box, digest } = found;
  const square = squares.get(digest) ?? squareOf(sheet, box);
  squares.set(digest, square);
  const [origin, baseline] = [x0 + BEFORE, y0 + HEIGHT - BELOW];
  return {
    claim,
    left: (box.left - origin) / EM,
    right: (box.right - origin) / EM,
    top: (baseline - box.top) / EM,
    bottom: (baseline - box.bottom) / EM,
    ink: square,
  };
}

/** Where there is ink in a cell, and a number that tells one picture of it from another. */
function inkBox(
  { ink, width }: Sheet,
  x0: number,
  y0: number,
): { box: InkBox; digest: number } | null {
  let [left, right, top, bottom] = [WIDTH, -1, HEIGHT, -1];
  let digest = 7;
  for (let y = 0; y < HEIGHT; y++) {
    const row = (y0 + y) * width + x0;
    for (let x = 0; x < WIDTH; x++) {
      const value = ink[row + x] as number;
      if (value < INK) continue;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      bottom = y;
      digest = (Math.imul(digest, 31) + value * 4099 + y * WIDTH + x) | 0;
    }
  }
  if (right < 0) return null;
  const box = { left: x0 + left, right: x0 + right + 1, top: y0 + top, bottom: y0 + bottom + 1 };
  return { box, digest };
}

/** Each pixel is spread over the fields of the square that it touches: first across, then down. */
function squareOf({ ink, width }: Sheet, { left, right, top, bottom }: InkBox): Float32Array {
  const rows = new Float32Array((bottom - top) * SIDE);
  for (let y = top; y < bottom; y++) {
    spread((x) => ink[y * width + left + x] as number, right - left, rows, (y - top) * SIDE, 1);
  }
  const square = new Float32Array(SIDE * SIDE);
  for (let column = 0; column < SIDE; column++) {
    spread((y) => rows[y * SIDE + column] as number, bottom - top, square, column, SIDE);
  }
  return normal(blurred(square));
}

/** So many values on `SIDE` fields, which begin at `first` and lie `step` apart. */
function spread(
  valueAt: (i: number) => number,
  count: number,
  fields: Float32Array,
  first: number,
  step: number,
): void {
  const scale = SIDE / count;
  for (let i = 0; i < count; i++) {
    const value = valueAt(i);
    if (value === 0) continue;
    const to = Math.min(SIDE, (i + 1) * scale);
    for (let from = i * scale; from < to - 1e-6; ) {
      const field = Math.floor(from + 1e-6);
      const end = Math.min(to, field + 1);
      const at = first + field * step;
      fields[at] = (fields[at] as number) + value * (end - from);
      from = end;
    }
  }
}

/** A stroke that lies a little beside another one is the same stroke. */
function blurred(square: Float32Array): Float32Array {
  const soft = new Float32Array(square.length);
  const at = (x: number, y: number) =>
    x < 0 || y < 0 || x >= SIDE || y >= SIDE ? 0 : (square[y * SIDE + x] as number);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const beside = at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1);
      soft[y * SIDE + x] = at(x, y) * 2 + beside;
    }
  }
  return soft;
}

/** Mean zero, length one. */
function normal(square: Float32Array): Float32Array {
  let sum = 0;
  for (const value of square) sum += value;
  const mean = sum / square.length;
  let squares = 0;
  for (let i = 0; i < square.length; i++) {
    const value = (square[i] as number) - mean;
    square[i] = value;
    squares += value * value;
  }
  const length = Math.sqrt(squares) || 1;
  for (let i = 0; i < square.length; i++) square[i] = (square[i] as number) / length;
  return square;
}
