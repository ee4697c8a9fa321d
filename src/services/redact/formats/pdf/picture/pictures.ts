/**
 * Words that stand in the pictures of a page, or on a page that has no text at all: the page is
 * rendered and read, and what the text layer does not have is a text of its own.
 */
import sharp from 'sharp';
import type { Place } from '../../../document.ts';
import { type OcrText, type Rectangle, readPicture, stretchBoxes } from '../../image/ocr.ts';
import { heapOf, type PdfiumDocument, withMemory } from '../engine.ts';
import { type PageEdit, type PageText, placeCharacters } from '../page-text.ts';
import { wordsIn } from './raster.ts';
import { pageToPixels, pixelsToPage, type Rendered, renderPage } from './render.ts';
import type { LayerWord } from './text-layer.ts';

export interface PagePicture {
  page: number;
  words: OcrText;
  /** The size of the picture that was read, and where it lies; its pixels are gone. */
  picture: Omit<Rendered, 'data'>;
}

/** Enough for print of 6 points; a page of A4 has four megapixels then. */
export const READ_DPI = 200;
/** FPDF_PAGEOBJ_IMAGE, and a form that may hold one. */
const IMAGE = 3;
const FORM = 5;
/** Share of the page below which a picture is an ornament. */
const SMALL_SHARE = 0.005;

/** The pictures of these pages that have words beside the text layer. */
export async function readPictures(
  document: PdfiumDocument,
  pages: readonly PageText[],
): Promise<PagePicture[]> {
  const pictures: PagePicture[] = [];
  for (const [page, text] of pages.entries()) {
    if (!hasPicture(document, page)) continue;
    const { data, ...picture } = renderPage(document, page, READ_DPI);
    const { width, height } = picture;
    const png = await sharp(data, { raw: { width, height, channels: 3 } })
      .png({ compressionLevel: 1 })
      .toBuffer();
    const read = await readPicture(png);
    const words = withoutKnown(read, coveredBy(document, page, text, { data, ...picture }));
    if (words.text.trim() !== '') pictures.push({ page, words, picture });
  }
  return pictures;
}

function hasPicture(document: PdfiumDocument, index: number): boolean {
  const { pdfium } = document;
  return document.withTextPage(index, (_, page) => {
    const area = pdfium.FPDF_GetPageWidthF(page) * pdfium.FPDF_GetPageHeightF(page);
    const count = pdfium.FPDFPage_CountObjects(page);
    for (let i = 0; i < count; i++) {
      const object = pdfium.FPDFPage_GetObject(page, i);
      const type = pdfium.FPDFPageObj_GetType(object);
      if (type !== IMAGE && type !== FORM) continue;
      if (type === FORM && !holdsImage(document, object, 0)) continue;
      if (shareOf(document, object, area) >= SMALL_SHARE) return true;
    }
    return false;
  });
}

function holdsImage(document: PdfiumDocument, form: number, depth: number): boolean {
  const { pdfium } = document;
  const count = Math.min(pdfium.FPDFFormObj_CountObjects(form), 2000);
  for (let i = 0; i < count; i++) {
    const object = pdfium.FPDFFormObj_GetObject(form, i);
    const type = pdfium.FPDFPageObj_GetType(object);
    if (type === IMAGE) return true;
    if (type === FORM && depth < 6 && holdsImage(document, object, depth + 1)) return true;
  }
  return false;
}

function shareOf({ pdfium }: PdfiumDocument, object: number, area: number): number {
  return withMemory(pdfium, 16, (memory) => {
    const [a, b, c, d] = [memory, memory + 4, memory + 8, memory + 12] as const;
    if (!pdfium.FPDFPageObj_GetBounds(object, a, b, c, d)) return 1;
    const floats = new Float32Array(heapOf(pdfium).buffer, memory, 4);
    const [left = 0, bottom = 0, right = 0, top = 0] = floats;
    return ((right - left) * (top - bottom)) / Math.max(area, 1);
  });
}

/** Tells whether a place of the picture has a character of the text layer on it. */
function coveredBy(
  document: PdfiumDocument,
  page: number,
  text: PageText,
  picture: Rendered,
): (box: Rectangle) => boolean {
  const all = { start: 0, end: text.text.length };
  const [places = []] = placeCharacters(document, page, text, [all]);
  const cells = new Set<string>();
  const cell = (x: number, y: number) => `${Math.floor(x / 12)} ${Math.floor(y / 12)}`;
  for (const place of places) {
    if (!place) continue;
    const { left, right, top, bottom } = pageToPixels(picture, place.loose);
    for (let x = left; x <= right; x += 6) {
      for (let y = top; y <= bottom; y += 6) cells.add(cell(x, y));
    }
  }
  return (box) => cells.has(cell((box.left + box.right) / 2, (box.top + box.bottom) / 2));
}

/** The read words without those that the text layer has. */
function withoutKnown(words: OcrText, isKnown: (box: Rectangle) => boolean): OcrText {
  const pieces: string[] = [];
  const boxes: (Rectangle | null)[] = [];
  let at = 0;
  for (const piece of words.text.split(/(\s)/)) {
    const own = words.boxes.slice(at, at + piece.length);
    at += piece.length;
    const known = own.filter((box) => box && isKnown(words.back(box))).length;
    if (known * 2 > own.length) continue;
    pieces.push(piece);
    boxes.push(...own);
  }
  return { ...words, text: pieces.join(''), boxes };
}

export function placeInPicture({ words, picture }: PagePicture, start: number, end: number): Place {
  const [box] = stretchBoxes(words, start, end);
  if (!box) return {};
  const { left, bottom, right, top } = pixelsToPage(picture, box);
  const round = (points: number) => Math.round(points * 100) / 100;
  return {
    bbox: {
      ...{ x: round(left), y: round(bottom) },
      ...{ width: round(right - left), height: round(top - bottom) },
    },
  };
}

/** The words read in a picture that stay, for the text behind it. */
export function wordsOfPicture(
  { words, picture }: PagePicture,
  gone: readonly PageEdit[],
): LayerWord[] {
  const boxes = words.boxes.map((box) => box && pixelsToPage(picture, words.back(box)));
  return wordsIn(words.text, boxes, gone);
}

/** As many letters in a row are no accident: a black box is read as something now and then. */
const TELLING = 3;

/** True where the picture still shows some of what was to go, in the place where it stood. */
export function showsIn(
  before: PagePicture,
  edits: readonly PageEdit[],
  after: PagePicture | undefined,
): boolean {
  if (!after) return false;
  return edits.some(({ start, end, replacement }) => {
    if (replacement !== null) return false;
    const holes = stretchBoxes(before.words, start, end);
    const seen = lettersIn(after.words, holes);
    const gone = before.words.text.slice(start, end).replace(/\W/g, '');
    const least = Math.min(TELLING, gone.length);
    for (let i = 0; i + least <= seen.length; i++) {
      if (gone.includes(seen.slice(i, i + least))) return true;
    }
    return false;
  });
}

function lettersIn({ text, boxes, back }: OcrText, holes: readonly Rectangle[]): string {
  let letters = '';
  for (const [i, box] of boxes.entries()) {
    if (!box || !/\w/.test(text[i] ?? '')) continue;
    const { left, right, top, bottom } = back(box);
    const [x, y] = [(left + right) / 2, (top + bottom) / 2];
    const isIn = holes.some(
      (hole) => x > hole.left && x < hole.right && y > hole.top && y < hole.bottom,
    );
    if (isIn) letters += text[i];
  }
  return letters;
}
