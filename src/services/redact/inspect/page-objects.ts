/**
 * The painted objects of a page, forms entered: which of them are text, pictures and filled shapes,
 * and a picture of the page without some of them. What is switched off here is never saved.
 */
import { IDENTITY, type Matrix, multiply, transform } from '../formats/pdf/content/matrix.ts';
import {
  callsOf,
  heapOf,
  type Pdfium,
  type PdfiumDocument,
  withMemory,
} from '../formats/pdf/engine.ts';
import { type Box, boxAround } from '../formats/pdf/page-text.ts';

/** FPDF_PAGEOBJ_*. */
const TEXT = 1;
const PATH = 2;
const IMAGE = 3;
const FORM = 5;
/** Hostile pages have millions. */
const MOST_OBJECTS = 60_000;
const DEEPEST = 8;

export interface PageObject {
  pointer: number;
  kind: 'text' | 'path' | 'image' | 'other';
  /** In page space; null where it has none. */
  box: Box | null;
  /** Order of painting. */
  order: number;
}

export interface Objects {
  all: PageObject[];
  /** False where there were more than are looked at. */
  isWhole: boolean;
}

export function objectsOf({ pdfium }: PdfiumDocument, page: number): Objects {
  const all: PageObject[] = [];
  for (const { pointer, type, matrix } of painted(pdfium, page)) {
    if (all.length >= MOST_OBJECTS) return { all, isWhole: false };
    const box = boundsOf(pdfium, pointer, matrix);
    all.push({ pointer, kind: kindOf(type), box, order: all.length });
  }
  return { all, isWhole: true };
}

/** True where a page, or a form on it, may paint a picture. */
export function hasImages({ pdfium }: PdfiumDocument, page: number): boolean {
  let left = MOST_OBJECTS;
  for (const { type } of painted(pdfium, page)) if (type === IMAGE || left-- <= 0) return true;
  return false;
}

interface Painted {
  pointer: number;
  type: number;
  /** From its own space to the page's. */
  matrix: Matrix;
}

/** Objects in the order of painting, those of forms in their place. */
function* painted(pdfium: Pdfium, page: number): Generator<Painted> {
  const calls = callsOf(pdfium);
  const count = calls.FPDFPage_CountObjects(page);
  for (let i = 0; i < count; i++) {
    yield* entered(pdfium, calls.FPDFPage_GetObject(page, i), IDENTITY, 0);
  }
}

function* entered(
  pdfium: Pdfium,
  pointer: number,
  matrix: Matrix,
  depth: number,
): Generator<Painted> {
  const calls = callsOf(pdfium);
  const type = calls.FPDFPageObj_GetType(pointer);
  if (type !== FORM || depth >= DEEPEST) {
    yield { pointer, type, matrix };
    return;
  }
  const own = multiply(matrixOf(pdfium, pointer), matrix);
  const count = calls.FPDFFormObj_CountObjects(pointer);
  for (let i = 0; i < count; i++) {
    yield* entered(pdfium, calls.FPDFFormObj_GetObject(pointer, i), own, depth + 1);
  }
}

function kindOf(type: number): PageObject['kind'] {
  if (type === TEXT) return 'text';
  if (type === PATH) return 'path';
  return type === IMAGE ? 'image' : 'other';
}

function matrixOf(pdfium: Pdfium, form: number): Matrix {
  return withMemory(pdfium, 24, (memory) => {
    if (!pdfium.FPDFPageObj_GetMatrix(form, memory)) return IDENTITY;
    const [a = 1, b = 0, c = 0, d = 1, e = 0, f = 0] = new Float32Array(
      heapOf(pdfium).buffer,
      memory,
      6,
    );
    return [a, b, c, d, e, f];
  });
}

function boundsOf(pdfium: Pdfium, pointer: number, matrix: Matrix): Box | null {
  return withMemory(pdfium, 16, (memory) => {
    const places = [memory, memory + 4, memory + 8, memory + 12] as const;
    if (!callsOf(pdfium).FPDFPageObj_GetBounds(pointer, ...places)) return null;
    const [left = 0, bottom = 0, right = 0, top = 0] = new Float32Array(
      heapOf(pdfium).buffer,
      memory,
      4,
    );
    const corners = [left, right].flatMap((x) => [bottom, top].map((y) => transform(matrix, x, y)));
    return boxAround(corners);
  });
}

/** The colour that an object is filled with: red, green, blue, opacity, 0 to 255 each. */
export function fillOf(pdfium: Pdfium, pointer: number): [number, number, number, number] | null {
  return withMemory(pdfium, 16, (memory) => {
    const places = [memory, memory + 4, memory + 8, memory + 12] as const;
    if (!pdfium.FPDFPageObj_GetFillColor(pointer, ...places)) return null;
    const [r = 0, g = 0, b = 0, a = 0] = new Uint32Array(heapOf(pdfium).buffer, memory, 4);
    return [r, g, b, a];
  });
}

/** Points: a line as thick as this covers letters. */
const THICK = 3;

/** True for a shape that covers what is under it: filled or a thick line, and not see-through. */
export function isOpaqueShape(pdfium: Pdfium, pointer: number): boolean {
  const isDrawn = withMemory(pdfium, 8, (memory) => {
    if (!pdfium.FPDFPath_GetDrawMode(pointer, memory, memory + 4)) return false;
    const [filling = 0, isStroked = 0] = new Int32Array(heapOf(pdfium).buffer, memory, 2);
    if (filling !== 0) return true;
    if (isStroked === 0 || !pdfium.FPDFPageObj_GetStrokeWidth(pointer, memory)) return false;
    return (new Float32Array(heapOf(pdfium).buffer, memory, 1)[0] ?? 0) >= THICK;
  });
  return isDrawn && (fillOf(pdfium, pointer)?.[3] ?? 255) > 200;
}

/** A page in colour: red, green, blue of each pixel, from the upper left. */
export interface Render {
  data: Uint8Array;
  width: number;
  height: number;
}

/** FPDF_ANNOT: with the annotations. */
const WITH_ANNOTATIONS = 1;

export function render(
  { pdfium }: PdfiumDocument,
  page: number,
  { width, height }: { width: number; height: number },
  withAnnotations: boolean,
): Render {
  const bitmap = pdfium.FPDFBitmap_Create(width, height, 0);
  try {
    pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xffffffff);
    const flags = withAnnotations ? WITH_ANNOTATIONS : 0;
    pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, flags);
    const start = pdfium.FPDFBitmap_GetBuffer(bitmap);
    const stride = pdfium.FPDFBitmap_GetStride(bitmap);
    const heap = heapOf(pdfium);
    const data = new Uint8Array(width * height * 4);
    for (let y = 0; y < height; y++) {
      const row = start + y * stride;
      data.set(heap.subarray(row, row + width * 4), y * width * 4);
    }
    return { data, width, height };
  } finally {
    pdfium.FPDFBitmap_Destroy(bitmap);
  }
}

/** What `use` gives while these objects are not painted. */
export function without<T>(
  { pdfium }: PdfiumDocument,
  objects: Iterable<PageObject>,
  use: () => T,
): T {
  const off = [...objects];
  for (const { pointer } of off) pdfium.FPDFPageObj_SetIsActive(pointer, false);
  try {
    return use();
  } finally {
    for (const { pointer } of off) pdfium.FPDFPageObj_SetIsActive(pointer, true);
  }
}

/** FPDF_ANNOT_*: kinds that may cover what is under them. */
const COVERING = new Set([3, 5, 6, 7, 13, 15]);

/** Where notes lie that may hide something: text, shapes, stamps, ink. */
export function notesOn({ pdfium }: PdfiumDocument, page: number): Box[] {
  const count = Math.min(pdfium.FPDFPage_GetAnnotCount(page), 5000);
  return Array.from({ length: count }, (_, i) => pdfium.FPDFPage_GetAnnot(page, i)).flatMap(
    (note) => {
      if (note === 0) return [];
      try {
        if (!COVERING.has(pdfium.FPDFAnnot_GetSubtype(note))) return [];
        return [rectangleOf(pdfium, note)];
      } finally {
        pdfium.FPDFPage_CloseAnnot(note);
      }
    },
  );
}

function rectangleOf(pdfium: Pdfium, note: number): Box {
  return withMemory(pdfium, 16, (memory) => {
    pdfium.FPDFAnnot_GetRect(note, memory);
    const [left = 0, top = 0, right = 0, bottom = 0] = new Float32Array(
      heapOf(pdfium).buffer,
      memory,
      4,
    );
    return { left, right, bottom: Math.min(bottom, top), top: Math.max(bottom, top) };
  });
}
