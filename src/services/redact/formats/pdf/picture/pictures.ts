/**
 * Words that stand in the pictures of a page, or on a page that has no text at all: the page is
 * rendered and read, and what the text layer does not have is a text of its own.
 */
import sharp from 'sharp';
import type { Place } from '../../../document.ts';
import { type OcrText, type Rectangle, readPicture, stretchBoxes } from '../../image/ocr.ts';
import type { PdfiumDocument } from '../engine.ts';
import { type Box, isOdd, type PageEdit, type PageText, placeCharacters } from '../page-text.ts';
import { areaToRead } from './area.ts';
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
/** Read at once: the installed reader takes a core each. */
const AT_ONCE = 2;

/** The pictures of these pages that have words beside the text layer. */
export async function readPictures(
  document: PdfiumDocument,
  pages: readonly PageText[],
  hasPatterns: boolean,
): Promise<PagePicture[]> {
  const found: PagePicture[] = [];
  const left = pages.keys();
  const work = async () => {
    for (const page of left) {
      const text = pages[page];
      const area = text && areaToRead(document, page, text, hasPatterns);
      const picture = area && (await readArea(document, page, text, area));
      if (picture) found.push(picture);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return found.sort((a, b) => a.page - b.page);
}

/** Points around a picture that are read with it. */
const MARGIN = 4;

async function readArea(
  document: PdfiumDocument,
  page: number,
  text: PageText,
  area: Box,
): Promise<PagePicture | null> {
  const { data, ...picture } = renderPage(document, page, READ_DPI);
  const isKnown = coveredBy(document, page, text, { data, ...picture });
  const isCover = (box: Rectangle) => isBlack({ data, ...picture }, box);
  const { width, height } = picture;
  const around = pageToPixels(picture, grown(area, MARGIN));
  const [left, top] = [Math.max(0, Math.floor(around.left)), Math.max(0, Math.floor(around.top))];
  const size = {
    width: Math.min(width, Math.ceil(around.right)) - left,
    height: Math.min(height, Math.ceil(around.bottom)) - top,
  };
  if (size.width < LEAST_PIXELS || size.height < LEAST_PIXELS) return null;
  const png = await sharp(data, { raw: { width, height, channels: 3 } })
    .extract({ left, top, ...size })
    .png({ compressionLevel: 1 })
    .toBuffer();
  const { back, ...read } = await readPicture(png);
  const shifted: OcrText = { ...read, back: (box) => moved(back(box), left, top) };
  const words = withoutKnown(shifted, isKnown, isCover);
  return words.text.trim() === '' ? null : { page, words, picture };
}

const LEAST_PIXELS = 12;

function moved({ left, top, right, bottom }: Rectangle, x: number, y: number): Rectangle {
  return { left: left + x, top: top + y, right: right + x, bottom: bottom + y };
}

function grown({ left, bottom, right, top }: Box, by: number): Box {
  return { left: left - by, bottom: bottom - by, right: right + by, top: top + by };
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
  for (const [i, place] of places.entries()) {
    // A letter that says nothing does not cover what it shows.
    if (!place || isOdd(text.text.charCodeAt(i))) continue;
    const { left, right, top, bottom } = pageToPixels(picture, place.loose);
    for (let x = left; x <= right; x += 6) {
      for (let y = top; y <= bottom; y += 6) cells.add(cell(x, y));
    }
  }
  return (box) => cells.has(cell((box.left + box.right) / 2, (box.top + box.bottom) / 2));
}

/** Of 255; and the share of a word's box that no letters of a word fill. */
const DARK = 64;
const BLACK_SHARE = 0.85;

/** True for what is black all over: a cover, which is read as a row of B now and then. */
function isBlack({ data, width, height }: Rendered, box: Rectangle): boolean {
  const [left, right] = [Math.max(0, Math.round(box.left)), Math.min(width, Math.round(box.right))];
  const [top, bottom] = [
    Math.max(0, Math.round(box.top)),
    Math.min(height, Math.round(box.bottom)),
  ];
  let dark = 0;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) if ((data[(y * width + x) * 3] ?? 255) < DARK) dark++;
  }
  return dark > (right - left) * (bottom - top) * BLACK_SHARE;
}

/** The read words without those that the text layer has, and without what is no word. */
function withoutKnown(
  words: OcrText,
  isKnown: (box: Rectangle) => boolean,
  isCover: (box: Rectangle) => boolean,
): OcrText {
  const pieces: string[] = [];
  const boxes: (Rectangle | null)[] = [];
  let at = 0;
  for (const piece of words.text.split(/(\s)/)) {
    const own = words.boxes.slice(at, at + piece.length);
    at += piece.length;
    const known = own.filter((box) => box && isKnown(words.back(box))).length;
    if (
      known * 2 > own.length ||
      isCover(
        unionOf(
          own.flatMap((box) => box ?? []),
          words.back,
        ),
      )
    )
      continue;
    pieces.push(piece);
    boxes.push(...own);
  }
  return { ...words, text: pieces.join(''), boxes };
}

function unionOf(boxes: readonly Rectangle[], back: OcrText['back']): Rectangle {
  const none = { left: 0, top: 0, right: 0, bottom: 0 };
  return boxes.length === 0
    ? none
    : back({
        left: Math.min(...boxes.map(({ left }) => left)),
        top: Math.min(...boxes.map(({ top }) => top)),
        right: Math.max(...boxes.map(({ right }) => right)),
        bottom: Math.max(...boxes.map(({ bottom }) => bottom)),
      });
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
