/**
 * Words that stand in the pictures of a page, or on a page that has no text at all: the page is
 * rendered and read, and what the text layer does not have is a text of its own.
 */
import sharp from 'sharp';
import type { Place } from '../../../document.ts';
import {
  editBoxes,
  type OcrText,
  type Rectangle,
  readPicture,
  stretchBoxes,
} from '../../image/ocr.ts';
import type { PdfiumDocument } from '../engine.ts';
import type { Box, PageEdit, PageText } from '../page-text.ts';
import { type Area, areaToRead, type Reading } from './area.ts';
import { coverOf, type OnPage, withoutKnown } from './cover.ts';
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

/** The pictures of these pages that have words beside the text layer. `onPage` hears of each page. */
export async function readPictures(
  document: PdfiumDocument,
  pages: readonly PageText[],
  reading: Reading,
  onPage: () => void,
): Promise<PagePicture[]> {
  const found: PagePicture[] = [];
  const left = pages.keys();
  const work = async () => {
    for (const page of left) {
      const text = pages[page];
      const area = text && areaToRead(document, page, text, reading);
      const picture =
        area && (await readArea({ document, page, text, trust: reading.trust }, area));
      if (picture) found.push(picture);
      onPage();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return found.sort((a, b) => a.page - b.page);
}

/** Points around a picture that are read with it. */
const MARGIN = 4;

async function readArea(on: OnPage, { box, doubtful }: Area): Promise<PagePicture | null> {
  const { data, ...picture } = renderPage(on.document, on.page, READ_DPI);
  on.document.closePage(on.page);
  const { width, height } = picture;
  const around = pageToPixels(picture, grown(box, MARGIN));
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
  const words = withoutKnown(shifted, coverOf(on, doubtful, picture));
  return words.text.trim() === '' ? null : { page: on.page, words, picture };
}

const LEAST_PIXELS = 12;

function moved({ left, top, right, bottom }: Rectangle, x: number, y: number): Rectangle {
  return { left: left + x, top: top + y, right: right + x, bottom: bottom + y };
}

function grown({ left, bottom, right, top }: Box, by: number): Box {
  return { left: left - by, bottom: bottom - by, right: right + by, top: top + by };
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
  return edits.some((edit) => {
    const { start, end, replacement } = edit;
    if (replacement !== null) return false;
    const holes = editBoxes(before.words, edit);
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
