/**
 * Letters in the order in which they stand, where a page paints them in another: column by column,
 * or scattered. PDFium then gives a line for each. Such a page is read a second time, by its lines.
 */
import type { Edit } from '../../document.ts';
import type { PdfiumDocument } from './engine.ts';
import { type PageText, type Placement, placeCharacters } from './page-text.ts';

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
    isScattered(page) ? [ordered(document, index, page)] : [],
  );
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
    let reach = Number.POSITIVE_INFINITY;
    for (const { index, place } of line.sort((a, b) => a.place.origin.x - b.place.origin.x)) {
      if (place.loose.left - reach > heightOf(place) * SPACE) {
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
