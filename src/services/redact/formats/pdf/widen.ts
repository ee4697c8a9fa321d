/**
 * Where the rest of a line cannot be moved, the gap would be as wide as what was there, and its width
 * tells the word. So what follows goes with it, up to a width that is a multiple of the same step.
 */
import type { PdfiumDocument } from './engine.ts';
import { type PageEdit, type PageText, type Placement, placeCharacters } from './page-text.ts';

/** In heights of the line: some letters more, whatever the word. */
const STEP = 4;
const MOST_MORE = 40;

/** The same edits, each with the letters behind it that fill up its step. */
export function widened<E extends PageEdit>(
  document: PdfiumDocument,
  page: number,
  text: PageText,
  edits: readonly E[],
): E[] {
  const longer = edits.map(({ start, end }) => ({
    ...{ start, end: Math.min(text.text.length, end + MOST_MORE) },
  }));
  const places = placeCharacters(document, page, text, longer);
  return edits.map((edit, i) => {
    const next = edits[i + 1]?.start ?? text.text.length;
    return {
      ...edit,
      end: Math.min(next, edit.start + lengthOf(places[i] ?? [], edit, text.text)),
    };
  });
}

function lengthOf(
  places: readonly (Placement | null)[],
  { start, end }: PageEdit,
  text: string,
): number {
  const length = end - start;
  const last = places.slice(0, length).findLast((place) => place);
  if (!last) return length;
  const line = places.slice(0, length).filter((place): place is Placement => isOnLine(place, last));
  const left = Math.min(...line.map(({ loose }) => loose.left));
  const right = Math.max(...line.map(({ loose }) => loose.right));
  const step = (last.loose.top - last.loose.bottom) * STEP;
  const goal = left + Math.ceil((right - left) / step) * step;
  let more = length;
  while (more < places.length) {
    const place = places[more];
    if (text[start + more] === '\n') break;
    if (place && (!isOnLine(place, last) || (place.loose.left + place.loose.right) / 2 > goal))
      break;
    more++;
  }
  return more;
}

function isOnLine(place: Placement | null, last: Placement): boolean {
  return place !== null && Math.abs(place.origin.y - last.origin.y) < 2;
}
