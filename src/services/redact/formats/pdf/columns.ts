/**
 * Columns that are painted row by row: PDFium reads across them, so what wraps within a column is torn
 * apart. Such pages are read a second time, column by column. Lines that stand below one another are a
 * column; where the page has them in that order anyway, it is not read again.
 */
import type { PdfiumDocument } from './engine.ts';
import type { OrderedText } from './order.ts';
import { type Box, looseBoxes, type PageText } from './page-text.ts';

/** In heights of the line: a wider gap may be one between columns, */
const GAP = 1.2;
/** and lines further apart are not of one paragraph. */
const LEADING = 2;
/** Lines of a column, and words in each on average: less are the cells of a table. */
const LEAST_LINES = 2;
const LEAST_WORDS = 2.5;
/** Hostile pages have more lines. */
const MOST_LINES = 2000;

interface Segment {
  start: number;
  end: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Pages of which PDFium's reading tears columns apart, column by column. */
export function columnTexts(document: PdfiumDocument, pages: readonly PageText[]): OrderedText[] {
  return pages.flatMap((page, index) => {
    const columns = columnsOf(segmentsOf(document, index, page)).filter((column) =>
      isTorn(column, page.text),
    );
    return columns.length > 0 ? [textOf(index, page, columns)] : [];
  });
}

/** Lines of the page, parted where a gap may be one between columns. */
function segmentsOf(document: PdfiumDocument, index: number, page: PageText): Segment[] {
  const stretches: { start: number; end: number }[] = [];
  let start = 0;
  for (const line of page.text.split('\n').slice(0, MOST_LINES)) {
    const end = start + line.trimEnd().length;
    let from = start;
    for (let i = start + 1; i + 1 < end; i++) {
      // Between columns there is no letter, so the space is made up.
      if ((page.characters[i] ?? 0) >= 0 || page.text[i] !== ' ') continue;
      stretches.push({ start: from, end: i });
      from = i + 1;
    }
    if (end > from) stretches.push({ start: from, end });
    start += line.length + 1;
  }
  const ends = stretches.flatMap(({ start, end }) => [start, end - 1]);
  const boxes = looseBoxes(document, index, page, ends);
  const segments: Segment[] = [];
  for (const [i, stretch] of stretches.entries()) {
    const own = segmentAt(stretch, boxes[2 * i], boxes[2 * i + 1]);
    const last = segments.at(-1);
    if (own && last && goesOn(last, own, page.text)) {
      segments[segments.length - 1] = { ...last, end: own.end, right: own.right };
    } else if (own) segments.push(own);
  }
  return segments;
}

function segmentAt(
  stretch: { start: number; end: number },
  first: Box | null | undefined,
  last: Box | null | undefined,
): Segment | null {
  if (!first || !last) return null;
  const { left, top, bottom } = first;
  return { ...stretch, left, right: last.right, top, bottom };
}

/** True where a segment follows another on its line, no further away than words are. */
function goesOn(last: Segment, next: Segment, text: string): boolean {
  if (text.slice(last.end, next.start).includes('\n')) return false;
  const gap = next.left - last.right;
  const height = last.top - last.bottom;
  return Math.abs(next.bottom - last.bottom) < height * 0.5 && gap < height * GAP && gap > -height;
}

/** Segments that stand below one another, each column from its top. */
function columnsOf(segments: readonly Segment[]): Segment[][] {
  const columns: Segment[][] = [];
  const byHeight = segments.toSorted((a, b) => b.bottom - a.bottom || a.left - b.left);
  for (const segment of byHeight) {
    const column = columns.find((lines) => isBelow(segment, lines.at(-1)));
    if (column) column.push(segment);
    else columns.push([segment]);
  }
  return columns.filter((lines) => lines.length >= LEAST_LINES);
}

function isBelow(segment: Segment, last: Segment | undefined): boolean {
  if (!last) return false;
  const height = Math.max(1, last.top - last.bottom);
  const fall = last.bottom - segment.bottom;
  if (fall < height * 0.5 || fall > height * LEADING) return false;
  const shared = Math.min(last.right, segment.right) - Math.max(last.left, segment.left);
  const narrower = Math.min(last.right - last.left, segment.right - segment.left);
  return shared > narrower * 0.5;
}

/** True for a column of prose whose lines do not follow one another in the text of the page. */
function isTorn(column: readonly Segment[], text: string): boolean {
  const isWhole = column.every(({ start }, i) => {
    const last = column[i - 1];
    return !last || text.slice(last.end, start).trim() === '';
  });
  if (isWhole) return false;
  const words = column.reduce(
    (sum, { start, end }) => sum + text.slice(start, end).split(' ').length,
    0,
  );
  return words >= column.length * LEAST_WORDS;
}

function textOf(page: number, { text }: PageText, columns: readonly Segment[][]): OrderedText {
  const pieces: string[] = [];
  const from: number[] = [];
  const add = (piece: string, at: number) => {
    pieces.push(piece);
    for (let i = 0; i < piece.length; i++) from.push(at < 0 ? -1 : at + i);
  };
  for (const column of columns) {
    for (const { start, end } of column) {
      add(text.slice(start, end), start);
      add('\n', -1);
    }
    add('\n', -1);
  }
  return { page, text: pieces.join(''), from: Int32Array.from(from) };
}
