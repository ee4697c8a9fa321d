/**
 * Compares the pages before and after, character by character: what was to go must have gone from
 * among them, and nothing else. Spaces do not count, because PDFium makes them up, and neither does
 * the order, because it follows from where things stand.
 */
import type { Edit } from '../../document.ts';
import { mergedEdits } from '../edits.ts';
import type { PageText } from './page-text.ts';

/** A ligature goes as a whole, so a letter more than was asked for may go with it. */
const LOST_SHARE = 0.005;

export function judgePages(
  before: readonly PageText[],
  edits: readonly Edit[],
  after: readonly PageText[],
  /** Pages that have become pictures. */
  blackened: ReadonlySet<number>,
): string[] {
  if (before.length !== after.length) return ['the number of pages has changed'];
  return before.flatMap((page, index) => {
    if (blackened.has(index)) {
      const isEmpty = after[index]?.text.trim() === '';
      return isEmpty ? [] : [`page ${index + 1} still has text behind its picture`];
    }
    const expected = countCharacters(page);
    for (const { start, end, replacement } of mergedEdits(edits, index)) {
      subtract(expected, page, start, end);
      for (const character of replacement ?? '') add(expected, character, 1);
    }
    const { more, fewer } = compare(expected, countCharacters(after[index] ?? page));
    const objections: string[] = [];
    if (more > 0)
      objections.push(`page ${index + 1} still has ${more} character(s) that were to go`);
    if (fewer > 2 + page.text.length * LOST_SHARE) {
      objections.push(`page ${index + 1} has lost ${fewer} character(s) that were to stay`);
    }
    return objections;
  });
}

type Counts = Map<string, number>;

function add(counts: Counts, character: string, by: number): void {
  if (character === ' ' || character.trim() === '') return;
  const key = character < '\x80' ? character : character.normalize('NFKC');
  counts.set(key, (counts.get(key) ?? 0) + by);
}

function countCharacters({ text, characters }: PageText): Counts {
  const counts: Counts = new Map();
  for (let i = 0; i < text.length; i++) {
    if ((characters[i] ?? -1) >= 0) add(counts, text[i] ?? '', 1);
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
