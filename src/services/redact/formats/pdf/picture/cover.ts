/**
 * Which of the words that were read in a picture the text layer has: those that lie on its letters.
 * Letters that may be others than they say count only where what was read says the same.
 */
import type { OcrText, Rectangle } from '../../image/ocr.ts';
import type { PdfiumDocument } from '../engine.ts';
import { isOdd, type PageText, placeCharacters } from '../page-text.ts';
import type { FontTrust } from './font-trust.ts';
import { type Frame, pageToPixels } from './render.ts';

export interface OnPage {
  document: PdfiumDocument;
  page: number;
  text: PageText;
  trust: FontTrust;
}

interface Cover {
  /** True where a letter lies whose word is taken. */
  isFirm(box: Rectangle): boolean;
  /** Letters in the order of the text that may be others, with their places in the picture. */
  doubtful: { unit: number; letter: string; box: Rectangle }[];
  believe(units: readonly number[]): void;
}

/** Pixels. */
const CELL = 12;

export function coverOf(
  { document, page, text, trust }: OnPage,
  doubtful: ReadonlySet<number>,
  picture: Frame,
): Cover {
  const all = { start: 0, end: text.text.length };
  const [places = []] = placeCharacters(document, page, text, [all]);
  const cells = new Set<string>();
  const cell = (x: number, y: number) => `${Math.floor(x / CELL)} ${Math.floor(y / CELL)}`;
  const doubts: Cover['doubtful'] = [];
  for (const [unit, place] of places.entries()) {
    // A letter that says nothing does not cover what it shows.
    if (!place || isOdd(text.text.charCodeAt(unit))) continue;
    const box = pageToPixels(picture, place.loose);
    if (doubtful.has(unit)) doubts.push({ unit, letter: text.text[unit] ?? '', box });
    else {
      const { left, right, top, bottom } = box;
      for (let x = left; x <= right; x += CELL / 2) {
        for (let y = top; y <= bottom; y += CELL / 2) cells.add(cell(x, y));
      }
    }
  }
  return {
    isFirm: (box) => cells.has(cell((box.left + box.right) / 2, (box.top + box.bottom) / 2)),
    doubtful: doubts,
    believe: (units) =>
      document.withTextPage(page, (textPage) => trust.believe(text, textPage, units)),
  };
}

/** The read words without those that the text layer has, and without what is no word. */
export function withoutKnown(words: OcrText, cover: Cover): OcrText {
  const pieces: string[] = [];
  const boxes: (Rectangle | null)[] = [];
  let at = 0;
  for (const piece of words.text.split(/(\s)/)) {
    const own = words.boxes.slice(at, at + piece.length);
    at += piece.length;
    const places = own.map((box) => box && words.back(box));
    if (isKnown(piece, places, cover)) continue;
    pieces.push(piece);
    boxes.push(...own);
  }
  return { ...words, text: pieces.join(''), boxes };
}

function isKnown(word: string, places: readonly (Rectangle | null)[], cover: Cover): boolean {
  const firm = places.filter((box) => box && cover.isFirm(box)).length;
  if (cover.doubtful.length === 0 || firm === word.length) return firm * 2 > word.length;
  const within = cover.doubtful.filter(({ box }) =>
    places.some((place) => place && isOn(box, place)),
  );
  if (within.length === 0) return firm * 2 > word.length;
  const said = within.map(({ letter }) => letter).join('');
  // Of a word that is believed in part, what remains is compared.
  const rest = [...word].filter((_, i) => !places[i] || !cover.isFirm(places[i])).join('');
  if (!isSame(rest, said)) return false;
  cover.believe(within.flatMap(({ unit, letter }) => (rest.includes(letter) ? [unit] : [])));
  return true;
}

/** True where the middle of one lies on the other. */
function isOn(a: Rectangle, b: Rectangle): boolean {
  const [x, y] = [(a.left + a.right) / 2, (b.top + b.bottom) / 2];
  return x >= b.left && x <= b.right && y >= a.top && y <= a.bottom;
}

/** Share of letters that reading may get wrong. */
const MISREAD = 0.34;

function isSame(read: string, said: string): boolean {
  const [a, b] = [read, said].map((text) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, ''));
  if (a === undefined || b === undefined || a === '') return a === b;
  return editsBetween(a, b) <= Math.max(a.length, b.length) * MISREAD;
}

/** Letters that differ, are missing or too many (Levenshtein 1966). */
function editsBetween(a: string, b: string): number {
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (last[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    last = next;
  }
  return last.at(-1) ?? 0;
}
