/**
 * A file is often called after the person it is about. What was found in the document is taken out
 * of the name that it is given out under: whole values, and the persons in their shorter forms.
 */
import type { Finding } from '../document.ts';
import { mentionsOf, repeatsOf } from './propagate.ts';

const GONE = 'REDACTED';

/** @param stem the name without its extension */
export function withoutValues(stem: string, found: readonly Finding[]): string {
  const isTaken = new Array<boolean>(stem.length).fill(false);
  // As written, with spaces for the marks that stand for them, and with a capital at each word.
  const words = stem.replace(/[_.+-]/g, ' ');
  const titled = words.replace(/(?<!\p{L})\p{Ll}/gu, capital);
  for (const text of new Set([stem, words, titled])) {
    for (const { start, end } of [...repeatsOf(text, found), ...mentionsOf(text, found)]) {
      isTaken.fill(true, start, end);
    }
  }
  let result = '';
  for (let i = 0; i < stem.length; i++) {
    if (!isTaken[i]) result += stem[i];
    else if (!isTaken[i - 1]) result += GONE;
  }
  return result;
}

/** Of the same length: `ß` has none. */
function capital(letter: string): string {
  const large = letter.toUpperCase();
  return large.length === letter.length ? large : letter;
}
