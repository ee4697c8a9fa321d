/**
 * Words that stand in the pictures of a page, or on a page that has no text at all: the page is
 * rendered and read, and what the text layer does not have is a text of its own. Where something of
 * it is to go, the page becomes a picture of itself, with the places blackened pixel by pixel.
 */
import { type PDFDocument, PDFName } from '@cantoo/pdf-lib';
import sharp from 'sharp';
import type { Place } from '../../document.ts';
import { type OcrText, type Rectangle, readPicture, stretchBoxes } from '../image/ocr.ts';
import { heapOf, type PdfiumDocument, withMemory } from './engine.ts';
import { type PageEdit, type PageText, placeCharacters } from './page-text.ts';

export interface PagePicture {
  page: number;
  words: OcrText;
  /** Pixels a point. */
  scale: number;
  height: number;
}

/** Enough for print of 6 points; a page of A4 has four megapixels then. */
const READ_DPI = 200;
const MOST_PIXELS = 24_000_000;
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
    const image = renderPage(document, page);
    const read = await readPicture(await asPng(image));
    const words = withoutKnown(read, coveredBy(document, page, text, image));
    if (words.text.trim() !== '') {
      pictures.push({ page, words, scale: image.scale, height: image.height });
    }
  }
  return pictures;
}

function hasPicture(document: PdfiumDocument, index: number): boolean {
  const { pdfium } = document;
  return document.withPage(index, (page) => {
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

interface Rendered {
  data: Buffer;
  width: number;
  height: number;
  scale: number;
}

/** FPDF_ANNOT is left out: annotations are part of the page by now. */
function renderPage(document: PdfiumDocument, index: number): Rendered {
  const { pdfium } = document;
  return document.withPage(index, (page) => {
    const [w, h] = [pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)];
    const scale = Math.min(READ_DPI / 72, Math.sqrt(MOST_PIXELS / Math.max(w * h, 1)));
    const [width, height] = [
      Math.max(1, Math.round(w * scale)),
      Math.max(1, Math.round(h * scale)),
    ];
    const bitmap = pdfium.FPDFBitmap_Create(width, height, 0);
    try {
      pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xffffffff);
      pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, 0);
      const start = pdfium.FPDFBitmap_GetBuffer(bitmap);
      const stride = pdfium.FPDFBitmap_GetStride(bitmap);
      return { data: rgbOf(heapOf(pdfium), start, stride, width, height), width, height, scale };
    } finally {
      pdfium.FPDFBitmap_Destroy(bitmap);
    }
  });
}

function rgbOf(
  heap: Uint8Array,
  start: number,
  stride: number,
  width: number,
  height: number,
): Buffer {
  const data = Buffer.alloc(width * height * 3);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0, from = start + y * stride; x < width; x++, from += 4) {
      data[to++] = heap[from + 2] ?? 0;
      data[to++] = heap[from + 1] ?? 0;
      data[to++] = heap[from] ?? 0;
    }
  }
  return data;
}

function asPng({ data, width, height }: Rendered): Promise<Buffer> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 1 })
    .toBuffer();
}

/** Tells whether a place of the picture has a character of the text layer on it. */
function coveredBy(
  document: PdfiumDocument,
  page: number,
  text: PageText,
  { scale, height }: Rendered,
): (box: Rectangle) => boolean {
  const all = { start: 0, end: text.text.length };
  const [places = []] = placeCharacters(document, page, text, [all]);
  const cells = new Set<string>();
  const cell = (x: number, y: number) => `${Math.floor(x / 12)} ${Math.floor(y / 12)}`;
  for (const place of places) {
    if (!place) continue;
    const { left, right, top, bottom } = place.loose;
    for (let x = left * scale; x <= right * scale; x += 6) {
      for (let y = height - top * scale; y <= height - bottom * scale; y += 6)
        cells.add(cell(x, y));
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

export function placeInPicture(
  { words, scale, height }: PagePicture,
  start: number,
  end: number,
): Place {
  const [box] = stretchBoxes(words, start, end);
  if (!box) return {};
  const points = (pixels: number) => Math.round((pixels / scale) * 100) / 100;
  return {
    bbox: {
      x: points(box.left),
      y: points(height - box.bottom),
      width: points(box.right - box.left),
      height: points(box.bottom - box.top),
    },
  };
}

/** Makes a page a picture of itself without these stretches of the words read in it. */
export async function blackenPage(
  target: PDFDocument,
  document: PdfiumDocument,
  { page, words }: PagePicture,
  edits: readonly PageEdit[],
): Promise<void> {
  const image = renderPage(document, page);
  for (const { start, end, replacement } of edits) {
    for (const box of stretchBoxes(words, start, end))
      fill(image, box, replacement === null ? 0 : 232);
  }
  const { data, width, height, scale } = image;
  const jpeg = await sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 88, chromaSubsampling: '4:4:4' })
    .toBuffer();
  const { node } = target.getPage(page);
  const { context } = target;
  const picture = context.register(
    context.stream(jpeg, {
      ...{ Type: 'XObject', Subtype: 'Image', Width: width, Height: height },
      ...{ ColorSpace: 'DeviceRGB', BitsPerComponent: 8, Filter: 'DCTDecode' },
    }),
  );
  const [w, h] = [width / scale, height / scale];
  const content = context.flateStream(`q ${w.toFixed(3)} 0 0 ${h.toFixed(3)} 0 0 cm /Page Do Q`);
  const set = (name: string, value: Parameters<typeof node.set>[1]) =>
    node.set(PDFName.of(name), value);
  for (const name of ['CropBox', 'BleedBox', 'TrimBox', 'ArtBox', 'Rotate', 'UserUnit', 'Group']) {
    node.delete(PDFName.of(name));
  }
  set('MediaBox', context.obj([0, 0, w, h]));
  set('Rotate', context.obj(0));
  set('Resources', context.obj({ XObject: { Page: picture } }));
  set('Contents', context.register(content));
}

function fill({ data, width, height }: Rendered, box: Rectangle, grey: number): void {
  const [left, right] = [Math.max(0, Math.floor(box.left)), Math.min(width, Math.ceil(box.right))];
  const [top, bottom] = [Math.max(0, Math.floor(box.top)), Math.min(height, Math.ceil(box.bottom))];
  for (let y = top; y < bottom; y++) {
    data.fill(grey, (y * width + left) * 3, (y * width + Math.max(left, right)) * 3);
  }
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
