/**
 * Compares the pages before and after, character by character: what was to go must have gone from
 * among them, and nothing else. Spaces do not count, because PDFium makes them up, and neither does
 * the order, because it follows from where things stand.
 */
import type { Edit } from '../../../document.ts';
import { editedText } from '../../edits.ts';
import type { Point } from '../content/matrix.ts';
import type { PageText } from '../page-text.ts';

/** A ligature goes as a whole, so a letter more than was asked for may go with it. */
const LOST_SHARE = 0.005;
/** Letters that go with an edit where the width of its gap is rounded up. */
const LOST_BY_WIDENING = 20;

export interface Objection {
  /** From 0; absent where no page is to blame. */
  page?: number;
  text: string;
}

export interface Intended {
  pages: readonly PageText[];
  /** Words that were read in the pictures of a page. */
  seen: ReadonlyMap<number, { text: string; edits: readonly Edit[] }[]>;
  editsOf(page: number): readonly Edit[];
  rasterised: ReadonlySet<number>;
  widened: ReadonlySet<number>;
  /** Where pages that are no pictures are blackened: the corners, around each place. */
  covers: ReadonlyMap<number, readonly Point[][]>;
}

export function judgePages(before: Intended, after: readonly PageText[]): Objection[] {
  if (before.pages.length !== after.length) return [{ text: 'the number of pages has changed' }];
  return before.pages.flatMap((page, index): Objection[] => {
    const now = after[index];
    const edits = before.editsOf(index);
    if (!now || (edits.length === 0 && now.text === page.text)) return [];
    const expected = countCharacters(page);
    for (const { start, end, replacement } of edits) {
      subtract(expected, page, start, end);
      addText(expected, replacement ?? '');
    }
    for (const seen of before.seen.get(index) ?? []) {
      if (before.rasterised.has(index))
        addText(expected, editedText(seen.text, nothing(seen.edits)));
    }
    const { more, fewer } = compare(expected, countCharacters(now));
    const objections: Objection[] = [];
    const say = (text: string) =>
      objections.push({ page: index, text: `page ${index + 1} ${text}` });
    if (more > 0) say(`still has ${more} character(s) that were to go`);
    const allowed = before.widened.has(index) ? LOST_BY_WIDENING * edits.length : 0;
    // Behind a picture stands what was read in it: no loss, and not to the letter.
    const isMeasured = !before.rasterised.has(index) || (before.seen.get(index) ?? []).length === 0;
    if (isMeasured && fewer > 2 + allowed + page.text.length * LOST_SHARE) {
      say(`has lost ${fewer} character(s) that were to stay`);
    }
    return objections;
  });
}

/** Stand-ins are drawn; what else went leaves nothing. */
function nothing(edits: readonly Edit[]): Edit[] {
  return edits.map((edit) => ({ ...edit, replacement: edit.replacement ?? '' }));
}

type Counts = Map<string, number>;

function add(counts: Counts, character: string, by: number): void {
  if (character === ' ' || character.trim() === '') return;
  const key = character < '\x80' ? character : character.normalize('NFKC');
  counts.set(key, (counts.get(key) ?? 0) + by);
}

function addText(counts: Counts, text: string): void {
  for (const character of text) add(counts, character, 1);
}

function countCharacters({ text, characters }: PageText): Counts {
  const ascii = new Int32Array(128);
  const counts: Counts = new Map();
  for (let i = 0; i < text.length; i++) {
    if ((characters[i] ?? -1) < 0) continue;
    const code = text.charCodeAt(i);
    if (code < 128) ascii[code] = (ascii[code] ?? 0) + 1;
    else add(counts, text[i] ?? '', 1);
  }
  for (let code = 33; code < 127; code++) {
    const count = ascii[code] ?? 0;
    if (count > 0) counts.set(String.fromCharCode(code), count);
  }
  return counts;
}

function subtract(counts: Counts, page: PageText, start: number, end: number): void {
  for (let i = start; i < end; i++) {
    if ((page.characters[i] ?? -1) >= 0) add(counts, page.text[i] ?? '', -1);
  }
}

function compare(expected: Counts, found: Counts): { more: number; fewer: number } {
  let [more, fewer] = [0, 0];
  for (const key of new Set([...expected.keys(), ...found.keys()])) {
    const difference = (found.get(key) ?? 0) - (expected.get(key) ?? 0);
    if (difference > 0) more += difference;
    else fewer -= difference;
  }
  return { more, fewer };
}
