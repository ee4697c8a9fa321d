/**
 * Redaction by PDFium: removes the glyphs and pixels under a stretch of text, then covers the place.
 * Quads come from the middle of the line's height with inset ends, because whatever a quad touches
 * goes: the neighbouring line, the letter before. What is left after that gets wider ones.
 */
import type { Point } from './content/matrix.ts';
import { heapOf, type PdfiumDocument, withMemory } from './engine.ts';
import { type Box, lineBoxes, type PageEdit, placeCharacters, readPageText } from './page-text.ts';

/** Passes, each for what the one before has left: narrow, the whole line's height, beyond it. */
const PASSES: readonly ((tight: Box, loose: Box) => Box)[] = [
  (tight, loose) => middle(tight, loose),
  (_, loose) => grown(loose, 0.6),
  (_, loose) => grown(loose, 3),
];

interface LineToGo {
  tight: Box;
  loose: Box;
  replacement: string | null;
}

/** Removes and covers these stretches; true where nothing of them can be read any more. */
export function redactPage(
  document: PdfiumDocument,
  index: number,
  edits: readonly PageEdit[],
): boolean {
  const lines = linesToGo(document, index, edits);
  let left = lines;
  for (const [pass, shape] of PASSES.entries()) {
    document.withPage(index, (page) => {
      const boxes = left.map(({ tight, loose }) => shape(tight, loose));
      if (boxes.length > 0) removeIn(document, page, boxes);
      if (pass === 0) {
        for (const line of lines) cover(document, page, line.loose, line.replacement);
      }
      document.pdfium.FPDFPage_GenerateContent(page);
    });
    const middles = middlesOf(document, index);
    left = lines.filter(
      ({ tight, replacement }) => replacement === null && middles.some((at) => isWithin(at, tight)),
    );
    if (left.length === 0) return true;
  }
  return false;
}

function linesToGo(
  document: PdfiumDocument,
  index: number,
  edits: readonly PageEdit[],
): LineToGo[] {
  const places = placeCharacters(document, index, readPageText(document, index), edits);
  return edits.flatMap(({ replacement }, edit) => {
    const loose = lineBoxes(places[edit] ?? [], 'loose');
    const tight = lineBoxes(places[edit] ?? [], 'box');
    return loose.map((box, i) => ({
      loose: box,
      tight: tight.length === loose.length ? (tight[i] ?? box) : box,
      replacement: i === 0 || replacement === null ? replacement : '',
    }));
  });
}

/** The middle of every character that can be seen. */
function middlesOf(document: PdfiumDocument, index: number): Point[] {
  const text = readPageText(document, index);
  const all = { start: 0, end: text.text.length };
  const [places = []] = placeCharacters(document, index, text, [all]);
  return places.flatMap((place, i) => {
    if (!place || text.text[i]?.trim() === '') return [];
    const { left, right, bottom, top } = place.box;
    return [{ x: (left + right) / 2, y: (bottom + top) / 2 }];
  });
}

function isWithin({ x, y }: Point, { left, right, bottom, top }: Box): boolean {
  return x > left && x < right && y > bottom && y < top;
}

function removeIn({ pdfium }: PdfiumDocument, page: number, boxes: readonly Box[]): void {
  withMemory(pdfium, boxes.length * 32, (memory) => {
    const floats = new Float32Array(heapOf(pdfium).buffer, memory, boxes.length * 8);
    for (const [i, { left, right, bottom, top }] of boxes.entries()) {
      floats.set([left, top, right, top, left, bottom, right, bottom], i * 8);
    }
    pdfium.EPDFText_RedactInQuads(page, memory, boxes.length, true, false);
  });
}

function middle(tight: Box, loose: Box): Box {
  const height = loose.top - loose.bottom;
  const width = tight.right - tight.left;
  const inset = Math.min(0.4, width * 0.05);
  const isUpright = width >= height * 0.2;
  if (!isUpright) return tight;
  return {
    left: tight.left + inset,
    right: tight.right - inset,
    bottom: loose.bottom + height * 0.3,
    top: loose.top - height * 0.3,
  };
}

function grown({ left, bottom, right, top }: Box, by: number): Box {
  return { left: left - by, bottom: bottom - by, right: right + by, top: top + by };
}

/** FPDF_FILLMODE_WINDING. */
const FILL = 2;

function cover(
  { pdfium, pointer }: PdfiumDocument,
  page: number,
  box: Box,
  label: string | null,
): void {
  const { left, bottom, right, top } = box;
  const rectangle = pdfium.FPDFPageObj_CreateNewRect(left, bottom, right - left, top - bottom);
  const shade = label === null ? 0 : 232;
  pdfium.FPDFPageObj_SetFillColor(rectangle, shade, shade, shade, 255);
  pdfium.FPDFPath_SetDrawMode(rectangle, FILL, false);
  pdfium.FPDFPage_InsertObject(page, rectangle);
  if (!label) return;
  const size = Math.min((top - bottom) * 0.75, (right - left) / (label.length * 0.6));
  const text = pdfium.FPDFPageObj_NewTextObj(pointer, 'Helvetica', size);
  withMemory(pdfium, label.length * 2 + 2, (memory) => {
    pdfium.pdfium.stringToUTF16(label, memory, label.length * 2 + 2);
    pdfium.FPDFText_SetText(text, memory);
  });
  pdfium.FPDFPageObj_SetFillColor(text, 0, 0, 0, 255);
  pdfium.FPDFPageObj_Transform(text, 1, 0, 0, 1, left + 0.5, bottom + (top - bottom) * 0.25);
  pdfium.FPDFPage_InsertObject(page, text);
}
