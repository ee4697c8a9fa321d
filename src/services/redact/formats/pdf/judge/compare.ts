/**
 * Looks at pages before and after: outside of the lines from which something went, nothing may look
 * otherwise. Every page that was written by a way known to damage is looked at, and of the others as
 * many as most documents have: there, what is not touched is copied as it stood.
 */
import type { Edit } from '../../../document.ts';
import type { Point } from '../content/matrix.ts';
import { type Box, boxAround, lineBoxes, placeCharacters } from '../page-text.ts';
import { type PixelBox, pageToPixels, type Rendered, renderGrey } from '../picture/render.ts';
import type { ReadPdf } from '../read.ts';
import type { Intended, Objection } from './judge.ts';

/** A letter is some three pixels wide. */
const DPI = 36;
/** Pages that are looked at of those whose content was copied, spread over the document. */
const SAMPLE = 20;
/** Of 255, the mean of a tile: smoothing differs a little. */
const TILE = 6;
const MOST_DIFFERENCE = 40;
/** Share of the tiles: a line that goes on in the next column may move. */
const MOST_SHARE = 0.004;
/** Heights of a line: what belongs to it. */
const MARGIN = 0.5;

/** Which pages are looked at, of how many that something was done to. */
export interface Sample {
  touched: number;
  /** The lines of each from which something went. */
  lines: ReadonlyMap<number, readonly Line[]>;
}

interface Line {
  box: Box;
  /** Its characters follow one another upwards or downwards. */
  isTurned: boolean;
}

/** Asks for the text of the pages before: to be drawn while they are open. */
export function drawSample(before: ReadPdf, intended: Intended): Sample {
  const { pages, widened, rasterised, editsOf } = intended;
  const touched = pages.flatMap((_, page) =>
    editsOf(page).length > 0 || rasterised.has(page) ? [page] : [],
  );
  const share = Math.min(1, SAMPLE / touched.length);
  const isDrawn = (i: number) => Math.floor((i + 1) * share) > Math.floor(i * share);
  const looked = touched.filter(
    (page, i) => isDrawn(i) || widened.has(page) || rasterised.has(page),
  );
  const lines = looked.map((page) => [page, linesOf(before, page, editsOf(page))] as const);
  return { touched: touched.length, lines: new Map(lines) };
}

export function compareRenders(
  before: ReadPdf,
  { rasterised, covers, seen }: Intended,
  { lines }: Sample,
  after: Pick<ReadPdf, 'document'>,
): Objection[] {
  return [...lines].flatMap(([page, own]): Objection[] => {
    // A picture of letters is smooth.
    const smoothing = { isSmooth: rasterised.has(page) };
    const was = renderGrey(before.document, page, DPI, smoothing);
    const is = renderGrey(after.document, page, DPI, smoothing);
    for (const { document } of [before, after]) document.closePage(page);
    if (was.width !== is.width || was.height !== is.height) {
      return [{ page, text: `page ${page + 1} has another size` }];
    }
    const boxes = rasterised.has(page) ? [] : (covers.get(page) ?? []);
    if (!boxes.every((corners) => isBlack(is, corners))) {
      return [{ page, text: `page ${page + 1} shows something in a box` }];
    }
    const isPicture = (seen.get(page) ?? []).some(({ edits }) => edits.length > 0);
    // What was read in pictures is blackened anywhere in its own place: those are not compared.
    const hidden = own.map((line) => widthOf(line, was));
    const share = isPicture ? 0 : differing(was, is, hidden);
    return share > MOST_SHARE
      ? [{ page, text: `page ${page + 1} looks otherwise in ${(share * 100).toFixed(1)} % of it` }]
      : [];
  });
}

/** Of 255; and the share of a cover's pixels that may be lighter, for what is smoothed. */
const DARK = 100;
const LIGHT_SHARE = 0.2;

/** True where nothing shows through a cover, or it is too small to be looked at. */
function isBlack(picture: Rendered, corners: readonly Point[]): boolean {
  const { data, width, height } = picture;
  const outline = corners.map(({ x, y }): Point => {
    const { left, top } = pageToPixels(picture, { left: x, right: x, bottom: y, top: y });
    return { x: left, y: top };
  });
  // Pixels are counted downwards: the least is the top.
  const around = boxAround(outline);
  const [left, right] = [Math.max(0, around.left), Math.min(width, around.right)];
  const [top, bottom] = [Math.max(0, around.bottom), Math.min(height, around.top)];
  let [light, all] = [0, 0];
  for (let y = Math.ceil(top); y < bottom; y++) {
    for (let x = Math.ceil(left); x < right; x++) {
      if (depthWithin(outline, { x: x + 0.5, y: y + 0.5 }) < EDGE) continue;
      all++;
      if ((data[y * width + x] ?? 0) > DARK) light++;
    }
  }
  return light <= all * LIGHT_SHARE;
}

/** Pixels at the edge of a cover that are smoothed. */
const EDGE = 1;

/** How far from the nearest side of a parallelogram a point lies; negative outside of it. */
function depthWithin(outline: readonly Point[], { x, y }: Point): number {
  const depths = outline.map((a, i) => {
    const b = outline[(i + 1) % outline.length] ?? a;
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    return (dx * (y - a.y) - dy * (x - a.x)) / Math.hypot(dx, dy);
  });
  // Which side is within depends on the way around.
  return Math.max(Math.min(...depths), -Math.max(...depths));
}

function linesOf(before: ReadPdf, page: number, edits: readonly Edit[]): Line[] {
  const text = before.pages[page];
  const places = text ? placeCharacters(before.document, page, text, edits) : [];
  return places.flatMap((own) => {
    const isTurned = isVertical(own);
    return lineBoxes(own, 'loose').map((box) => ({ box, isTurned }));
  });
}

type Places = ReturnType<typeof placeCharacters>[number];

/** True where the characters follow one another upwards or downwards. */
function isVertical(places: Places): boolean {
  const placed = places.filter((place) => place !== null);
  const [first, last] = [placed[0], placed.at(-1)];
  if (!first || !last || first === last) return false;
  return Math.abs(last.origin.y - first.origin.y) > Math.abs(last.origin.x - first.origin.x) * 0.2;
}

/** Over the whole width: the rest of a line may move. */
function widthOf({ box, isTurned }: Line, picture: Rendered): PixelBox {
  const { width, height } = picture;
  const { left, right, top, bottom } = pageToPixels(picture, box);
  // A quarter turn of the page turns its lines.
  const isAcross = isTurned === (picture.toPage[0] === 0);
  const by = (isAcross ? bottom - top : right - left) * MARGIN + 2;
  if (isAcross) return { left: 0, right: width, top: top - by, bottom: bottom + by };
  // Neither across nor along: the line may run anywhere through its box.
  const isUpright = right - left >= bottom - top;
  return isUpright
    ? { left: 0, right: width, top: 0, bottom: height }
    : { left: left - by, right: right + by, top: 0, bottom: height };
}

/** Share of the tiles outside of these boxes that look otherwise. */
function differing(was: Rendered, is: Rendered, boxes: readonly PixelBox[]): number {
  const { width, height } = was;
  const isHidden = new Uint8Array(width * height);
  for (const box of boxes) {
    const [left, right] = [
      Math.max(0, Math.floor(box.left)),
      Math.min(width, Math.ceil(box.right)),
    ];
    for (let y = Math.max(0, Math.floor(box.top)); y < Math.min(height, box.bottom); y++) {
      isHidden.fill(1, y * width + left, y * width + Math.max(left, right));
    }
  }
  let [tiles, different] = [0, 0];
  for (let top = 0; top < height; top += TILE) {
    for (let left = 0; left < width; left += TILE) {
      tiles++;
      if (tileDiffers(was, is, isHidden, left, top)) different++;
    }
  }
  return different / Math.max(1, tiles);
}

function tileDiffers(
  was: Rendered,
  is: Rendered,
  isHidden: Uint8Array,
  left: number,
  top: number,
): boolean {
  const { width, height } = was;
  let [sum, count] = [0, 0];
  for (let y = top; y < Math.min(height, top + TILE); y++) {
    for (let x = left; x < Math.min(width, left + TILE); x++) {
      const at = y * width + x;
      if (isHidden[at]) continue;
      // Darkness as a whole: letters that are smoothed otherwise are as dark.
      sum += (was.data[at] ?? 0) - (is.data[at] ?? 0);
      count++;
    }
  }
  return count > 0 && Math.abs(sum) / count > MOST_DIFFERENCE;
}
