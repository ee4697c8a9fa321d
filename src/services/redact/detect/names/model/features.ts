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

/** Writes the keys of token `i` to `keys` from `at` on. */
export function writeFeatures(
  text: string,
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
  const start = tokens.start[i] ?? 0;
  const end = tokens.end[i] ?? 0;
  const lineCase = around.lineCase[i] ?? 0;
  const begins = around.starts[i] ?? 0;
  const gapBehind = n1 === NONE ? NEW_BLOCK : (gap[n1] ?? 0);
  const put = (feature: number, seen: number) => {
    keys[at + feature] = keyOf(feature, seen);
  };
  put(0, 0);
  put(1, w);
  put(2, pair(w, own >> 8));
  put(3, shape[i] ?? 0);
  put(4, suffixHash(text, start, Math.min(end, start + 2)));
  put(5, suffixHash(text, start, Math.min(end, start + 4)));
  put(6, suffixHash(text, Math.max(start, end - 2), end));
  put(7, suffix[i] ?? 0);
  put(8, suffixHash(text, Math.max(start, end - 4), end));
  put(9, own);
  put(10, pair(own, next));
  put(11, pair(last, own));
  put(12, wp);
  put(13, wn);
  put(14, pair(wpp, wp));
  put(15, pair(wn, wnn));
  put(16, pair(wp, own));
  put(17, pair(wn, own));
  put(18, pair(wp, w));
  put(19, pair(w, wn));
  put(20, pair((form[p1] ?? 0) * 8 + (form[i] ?? 0), form[n1] ?? 0));
  put(
    21,
    pair(
      pair((form[p2] ?? 0) * 8 + (form[p1] ?? 0), (form[i] ?? 0) * 8 + (form[n1] ?? 0)),
      form[n2] ?? 0,
    ),
  );
  put(22, pair(own, lineCase));
  put(23, pair(own, begins * 4 + (around.blockCase[i] ?? 0)));
  put(24, wpp);
  put(25, wnn);
  put(26, pair(own, (around.alsoSmall[i] ?? 0) * 4 + begins));
  put(27, suffix[p1] ?? 0);
  put(28, suffix[n1] ?? 0);
  put(29, pair(wp, wn));
  put(30, pair((gap[i] ?? 0) * 4 + gapBehind, own >> 8));
  put(31, pair(pair(wpp, wp), own >> 8));
  put(32, pair(pair(wn, wnn), own >> 8));
  put(33, pair((around.lineLength[i] ?? 0) * 4 + lineCase, pair(own, begins)));
  put(34, pair(last, pair(own, next)));
  put(35, pair(around.firstOfLine[i] ?? 0, own >> 8));
  put(36, pair(pair(lists[p2] ?? 0, lists[p1] ?? 0), own));
  put(37, pair(own, pair(lists[n1] ?? 0, lists[n2] ?? 0)));
  put(38, pair(Math.min(12, end - start), own >> 8));
  put(39, pair(suffix[i] ?? 0, own >> 8));
  put(40, pair(LOWER_OF[text.charCodeAt(end - 1)] ?? 0, own));
  put(41, pair(shape[p1] ?? 0, pair(shape[i] ?? 0, shape[n1] ?? 0)));
  put(42, pair(wp, pair(form[i] ?? 0, next)));
  put(43, pair(pair(gap[i] ?? 0, gapBehind), pair(wp, form[i] ?? 0)));
  const line = (around.lineNumber[i] ?? 0) * 8 + (around.lineLength[i] ?? 0);
  put(44, pair(around.lineAbove[i] ?? 0, own));
  put(45, pair(around.lineBelow[i] ?? 0, own));
  put(46, pair(around.lineAbove[i] ?? 0, pair(around.lineBelow[i] ?? 0, line)));
  put(47, pair(line, pair(begins, own)));
  put(48, pair(tokens.parts[i] ?? 0, own >> 8));
  put(49, pair(tokens.parts[i] ?? 0, pair(last, next)));
}

function before(tokens: Tokens, i: number): number {
  if (i === NONE || i === 0 || tokens.gap[i] === NEW_BLOCK) return NONE;
  return i - 1;
}

function behind(tokens: Tokens, i: number): number {
  if (i === NONE || i + 1 >= tokens.count || tokens.gap[i + 1] === NEW_BLOCK) return NONE;
  return i + 1;
}
