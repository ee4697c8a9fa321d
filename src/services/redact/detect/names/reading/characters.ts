/**
 * What each UTF-16 unit is, as tables: the tagger reads millions of them a second and may not ask a
 * regular expression about each.
 */
export const OTHER = 0;
export const SPACE = 1;
export const LINE_END = 2;
export const DIGIT = 3;
export const LOWER = 4;
export const UPPER = 5;
/** A letter of a script without case, or a mark that belongs to a letter. */
export const CASELESS = 6;
/** Parts of the text that have nothing to do with each other lie on its two sides. */
export const BREAK = 7;

const UNITS = 0x10000;

export const CLASS_OF = new Uint8Array(UNITS);
/** The small letter. */
export const LOWER_OF = new Uint16Array(UNITS);
/** The small letter without accents: é and E are both e. */
export const BASE_OF = new Uint16Array(UNITS);

/** Letters that have no decomposition, but a usual spelling without their stroke. */
const STROKES: Record<string, string> = { ø: 'o', ł: 'l', đ: 'd', ð: 'd', ı: 'i', ß: 's', æ: 'a' };

for (let unit = 0; unit < UNITS; unit++) {
  LOWER_OF[unit] = unit;
  BASE_OF[unit] = unit;
  // Beyond Greek, Cyrillic and their neighbours case is rare; surrogates and private use have none.
  if (unit >= 0xd800 && unit < 0xf900) continue;
  const text = String.fromCharCode(unit);
  CLASS_OF[unit] = classOf(text);
  if (CLASS_OF[unit] !== UPPER && CLASS_OF[unit] !== LOWER) continue;
  const low = text.toLowerCase();
  if (low.length === 1) LOWER_OF[unit] = low.charCodeAt(0);
  const bare = STROKES[low] ?? low.normalize('NFD');
  BASE_OF[unit] = bare.charCodeAt(0);
}

function classOf(text: string): number {
  if (/[\n\r\u2028\u2029\v\f]/.test(text)) return LINE_END;
  if (/[\u001c-\u001f]/.test(text)) return BREAK;
  if (/\s/.test(text)) return SPACE;
  if (/\p{Nd}/u.test(text)) return DIGIT;
  if (/\p{Lu}|\p{Lt}/u.test(text)) return UPPER;
  if (/\p{Ll}/u.test(text)) return LOWER;
  return /[\p{L}\p{M}]/u.test(text) ? CASELESS : OTHER;
}

export function isLetterClass(kind: number): boolean {
  return kind >= LOWER && kind <= CASELESS;
}

/** One step of a 32-bit hash over units (Fowler, Noll and Vo's, with another finish below). */
export function hashStep(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, 0x01000193);
}

export const HASH_START = 0x811c9dc5 | 0;

/** Hash of a word as the gazetteer keeps it: small letters without accents. */
export function baseHash(word: string): number {
  let hash = HASH_START;
  for (let i = 0; i < word.length; i++) hash = hashStep(hash, BASE_OF[word.charCodeAt(i)] ?? 0);
  return hash;
}
