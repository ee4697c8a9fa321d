/**
 * What the tagger looks at, as keys of its table of weights. Each feature is a hash of its number
 * and of what it saw; no strings are made.
 */
import { LOWER_OF } from '../reading/characters.ts';
import type { Surroundings } from '../reading/surroundings.ts';
import { MOST_TOKENS, NEW_BLOCK, suffixHash, type Tokens } from '../reading/tokens.ts';

/** A token that stands for what is before the first and behind the last. */
const NONE = MOST_TOKENS - 1;

/** How many features a token has. */
export const FEATURES = 50;

function keyOf(feature: number, seen: number): number {
  let hash = Math.imul(seen ^ Math.imul(feature + 1, 0x9e3779b1), 0x85ebca6b);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 13);
}

function pair(a: number, b: number): number {
  return (Math.imul(a, 0x27d4eb2f) ^ (a >>> 15)) + Math.imul(b, 0x165667b1);
}

/** Those that see the word alone: the same wherever it stands, written that way. */
export const OWN = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 38, 39, 40, 48];
/** Those that see what is around it. */
export const AROUND = Array.from({ length: FEATURES }, (_, n) => n).filter((n) => !OWN.includes(n));

/** Writes the keys of token `i` to `keys` from `at` on. */
export function writeFeatures(
  text: string,
  tokens: Tokens,
  around: Surroundings,
  i: number,
  keys: Int32Array,
  at: number,
): void {
  writeOwn(text, tokens, i, keys, at);
  writeAround(tokens, around, i, keys, at);
}

export function writeOwn(
  text: string,
  tokens: Tokens,
  i: number,
  keys: Int32Array,
  at: number,
): void {
  const { word, form, lists, suffix, shape } = tokens;
  const w = word[i] ?? 0;
  const own = ((form[i] ?? 0) << 8) | (lists[i] ?? 0);
  const start = tokens.start[i] ?? 0;
  const end = tokens.end[i] ?? 0;
  keys[at + 0] = keyOf(0, 0);
  keys[at + 1] = keyOf(1, w);
  keys[at + 2] = keyOf(2, pair(w, own >> 8));
  keys[at + 3] = keyOf(3, shape[i] ?? 0);
  keys[at + 4] = keyOf(4, suffixHash(text, start, Math.min(end, start + 2)));
  keys[at + 5] = keyOf(5, suffixHash(text, start, Math.min(end, start + 4)));
  keys[at + 6] = keyOf(6, suffixHash(text, Math.max(start, end - 2), end));
  keys[at + 7] = keyOf(7, suffix[i] ?? 0);
  keys[at + 8] = keyOf(8, suffixHash(text, Math.max(start, end - 4), end));
  keys[at + 9] = keyOf(9, own);
  keys[at + 38] = keyOf(38, pair(Math.min(12, end - start), own >> 8));
  keys[at + 39] = keyOf(39, pair(suffix[i] ?? 0, own >> 8));
  keys[at + 40] = keyOf(40, pair(LOWER_OF[text.charCodeAt(end - 1)] ?? 0, own));
  keys[at + 48] = keyOf(48, pair(tokens.parts[i] ?? 0, own >> 8));
}

export function writeAround(
  tokens: Tokens,
  around: Surroundings,
  i: number,
  keys: Int32Array,
  at: number,
): void {
  const { word, form, lists, suffix, shape, gap } = tokens;
  const p1 = before(tokens, i);
  const p2 = before(tokens, p1);
  const n1 = behind(tokens, i);
  const n2 = behind(tokens, n1);
  const [w, wp, wn] = [word[i] ?? 0, word[p1] ?? 0, word[n1] ?? 0];
  const [wpp, wnn] = [word[p2] ?? 0, word[n2] ?? 0];
  const own = ((form[i] ?? 0) << 8) | (lists[i] ?? 0);
  const last = ((form[p1] ?? 0) << 8) | (lists[p1] ?? 0);
  const next = ((form[n1] ?? 0) << 8) | (lists[n1] ?? 0);
  const lineCase = around.lineCase[i] ?? 0;
  const begins = around.starts[i] ?? 0;
  const gapBehind = n1 === NONE ? NEW_BLOCK : (gap[n1] ?? 0);
  const line = (around.lineNumber[i] ?? 0) * 8 + (around.lineLength[i] ?? 0);
  keys[at + 10] = keyOf(10, pair(own, next));
  keys[at + 11] = keyOf(11, pair(last, own));
  keys[at + 12] = keyOf(12, wp);
  keys[at + 13] = keyOf(13, wn);
  keys[at + 14] = keyOf(14, pair(wpp, wp));
  keys[at + 15] = keyOf(15, pair(wn, wnn));
  keys[at + 16] = keyOf(16, pair(wp, own));
  keys[at + 17] = keyOf(17, pair(wn, own));
  keys[at + 18] = keyOf(18, pair(wp, w));
  keys[at + 19] = keyOf(19, pair(w, wn));
  keys[at + 20] = keyOf(20, pair((form[p1] ?? 0) * 8 + (form[i] ?? 0), form[n1] ?? 0));
  keys[at + 21] = keyOf(
    21,
    pair(
      pair((form[p2] ?? 0) * 8 + (form[p1] ?? 0), (form[i] ?? 0) * 8 + (form[n1] ?? 0)),
      form[n2] ?? 0,
    ),
  );
  keys[at + 22] = keyOf(22, pair(own, lineCase));
  keys[at + 23] = keyOf(23, pair(own, begins * 4 + (around.blockCase[i] ?? 0)));
  keys[at + 24] = keyOf(24, wpp);
  keys[at + 25] = keyOf(25, wnn);
  keys[at + 26] = keyOf(26, pair(own, (around.alsoSmall[i] ?? 0) * 4 + begins));
  keys[at + 27] = keyOf(27, suffix[p1] ?? 0);
  keys[at + 28] = keyOf(28, suffix[n1] ?? 0);
  keys[at + 29] = keyOf(29, pair(wp, wn));
  keys[at + 30] = keyOf(30, pair((gap[i] ?? 0) * 4 + gapBehind, own >> 8));
  keys[at + 31] = keyOf(31, pair(pair(wpp, wp), own >> 8));
  keys[at + 32] = keyOf(32, pair(pair(wn, wnn), own >> 8));
  keys[at + 33] = keyOf(33, pair((around.lineLength[i] ?? 0) * 4 + lineCase, pair(own, begins)));
  keys[at + 34] = keyOf(34, pair(last, pair(own, next)));
  keys[at + 35] = keyOf(35, pair(around.firstOfLine[i] ?? 0, own >> 8));
  keys[at + 36] = keyOf(36, pair(pair(lists[p2] ?? 0, lists[p1] ?? 0), own));
  keys[at + 37] = keyOf(37, pair(own, pair(lists[n1] ?? 0, lists[n2] ?? 0)));
  keys[at + 41] = keyOf(41, pair(shape[p1] ?? 0, pair(shape[i] ?? 0, shape[n1] ?? 0)));
  keys[at + 42] = keyOf(42, pair(wp, pair(form[i] ?? 0, next)));
  keys[at + 43] = keyOf(43, pair(pair(gap[i] ?? 0, gapBehind), pair(wp, form[i] ?? 0)));
  keys[at + 44] = keyOf(44, pair(around.lineAbove[i] ?? 0, own));
  keys[at + 45] = keyOf(45, pair(around.lineBelow[i] ?? 0, own));
  keys[at + 46] = keyOf(46, pair(around.lineAbove[i] ?? 0, pair(around.lineBelow[i] ?? 0, line)));
  keys[at + 47] = keyOf(47, pair(line, pair(begins, own)));
  keys[at + 49] = keyOf(49, pair(tokens.parts[i] ?? 0, pair(last, next)));
}

function before(tokens: Tokens, i: number): number {
  if (i === NONE || i === 0 || tokens.gap[i] === NEW_BLOCK) return NONE;
  return i - 1;
}

function behind(tokens: Tokens, i: number): number {
  if (i === NONE || i + 1 >= tokens.count || tokens.gap[i + 1] === NEW_BLOCK) return NONE;
  return i + 1;
}
