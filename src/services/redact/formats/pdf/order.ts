/**
 * Letters in the order in which they stand, where a page paints them in another: column by column,
 * or scattered. PDFium then gives a line for each. Such a page is read a second time, by its lines.
 */
import type { Edit } from '../../document.ts';
import type { PdfiumDocument } from './engine.ts';
import { leftsOf, type PageText, type Placement, placeCharacters } from './page-text.ts';

export interface OrderedText {
  page: number;
  text: string;
  /** Of each UTF-16 unit: its index in the text of the page, or -1 for what is put in between. */
  from: Int32Array;
}

/** Letters of a short line; so many short lines, and so large a share of them, are no text. */
const FEW = 3;
const LEAST_SHORT = 12;
const SHORT_SHARE = 0.4;
/** In heights of the line. */
const SPACE = 0.18;
const SAME_LINE = 0.35;

/** Pages that are painted in another order than they are read in, as they are read. */
export function orderedTexts(document: PdfiumDocument, pages: readonly PageText[]): OrderedText[] {
  return pages.flatMap((page, index) =>
    isScattered(page) || SPACED_OUT.test(page.text) || goesBackwards(document, index, page)
      ? [ordered(document, index, page)]
      : [],
  );
}

/** A word with so much between its letters that each is one of its own. */
const SPACED_OUT = /(?<!\S)(?:\S ){5,12}\S(?!\S)/;

/** Of neighbours in a line, one pair of so many is looked at; */
const EACH = 16;
/** so large a share of them that go backwards is no accident. */
const BACK_SHARE = 0.2;
const LEAST_BACK = 2;
/** Scripts that are written from the right (Unicode 16, chapter 9). */
const FROM_RIGHT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/** True where letters are painted from the end of a line to its beginning, or its words are. */
function goesBackwards(document: PdfiumDocument, index: number, page: PageText): boolean {
  const lines: number[][] = [];
  const pairs: number[][] = [];
  const isLetter = (i: number) => (page.characters[i] ?? -1) >= 0 && page.text[i]?.trim() !== '';
  let start = 0;
  for (const line of page.text.split('\n')) {
    const last = start + line.trimEnd().length - 1;
    const first = start + line.length - line.trimStart().length;
    if (last > first && !FROM_RIGHT.test(line)) {
      lines.push([first, last]);
      for (let i = first + 1; i < last; i += EACH) {
        if (isLetter(i) && isLetter(i + 1)) pairs.push([i, i + 1]);
      }
    }
    start += line.length + 1;
  }
  const lefts = leftsOf(document, index, page, [...lines, ...pairs].flat());
  const isBack = (i: number) => (lefts[2 * i + 1] ?? 0) < (lefts[2 * i] ?? 0) - 1;
  if (lines.some((_, i) => isBack(i))) return true;
  const back = pairs.filter((_, i) => isBack(lines.length + i)).length;
  return back >= LEAST_BACK && back > pairs.length * BACK_SHARE;
}

/** True where most lines are a letter or two: a line is broken wherever the next letter is elsewhere. */
function isScattered({ text }: PageText): boolean {
  let [short, all] = [0, 0];
  for (const line of text.split('\n')) {
    const letters = line.trim().length;
    if (letters === 0) continue;
    all++;
    if (letters <= FEW) short++;
  }
  return short >= LEAST_SHORT && short > all * SHORT_SHARE;
}

interface Letter {
  index: number;
  place: Placement;
}

function ordered(document: PdfiumDocument, page: number, source: PageText): OrderedText {
  const all = { start: 0, end: source.text.length };
  const [places = []] = placeCharacters(document, page, source, [all]);
  const letters = places.flatMap((place, index): Letter[] =>
    place && source.text[index]?.trim() ? [{ index, place }] : [],
  );
  letters.sort((a, b) => b.place.origin.y - a.place.origin.y);
  const lines: Letter[][] = [];
  for (const letter of letters) {
    const first = lines.at(-1)?.[0];
    const isSame =
      first && first.place.origin.y - letter.place.origin.y < heightOf(letter.place) * SAME_LINE;
    if (isSame) lines.at(-1)?.push(letter);
    else lines.push([letter]);
  }
  const pieces: string[] = [];
  const from: number[] = [];
  for (const line of lines) {
    line.sort((a, b) => a.place.origin.x - b.place.origin.x);
    const usual = usualGap(line);
    let reach = Number.POSITIVE_INFINITY;
    for (const { index, place } of line) {
      if (place.loose.left - reach - usual > heightOf(place) * SPACE) {
        pieces.push(' ');
        from.push(-1);
      }
      pieces.push(source.text[index] ?? '');
      from.push(index);
      reach = place.loose.right;
    }
    pieces.push('\n');
    from.push(-1);
  }
  return { page, text: pieces.join(''), from: Int32Array.from(from) };
}

/** How far letters of this line are apart, in points: the median. */
function usualGap(line: readonly Letter[]): number {
  const gaps = line.slice(1).map(({ place }, i) => {
    return place.loose.left - (line[i]?.place.loose.right ?? 0);
  });
  return Math.max(0, gaps.sort((a, b) => a - b)[gaps.length >> 1] ?? 0);
}

function heightOf({ loose }: Placement): number {
  return Math.max(1, loose.top - loose.bottom);
}

/** Edits of the second reading, as edits of the page: one for each run of letters. */
export function editsOfPage({ page, from }: OrderedText, edit: Edit): Edit[] {
  const indexes = Array.from(from.subarray(edit.start, edit.end))
    .filter((index) => index >= 0)
    .sort((a, b) => a - b);
  const edits: Edit[] = [];
  for (const index of indexes) {
    const last = edits.at(-1);
    if (last && index <= last.end) last.end = index + 1;
    else {
      const replacement = edits.length === 0 || edit.replacement === null ? edit.replacement : '';
      edits.push({ part: page, start: index, end: index + 1, replacement });
    }
  }
  return edits;
}
