/**
 * What is removed once is removed everywhere: a value that was found beside a word that gave it
 * away may stand elsewhere without one. One walk over the text, whatever the number of values: each
 * place is looked up by its first characters.
 */
import type { Finding, TextPart } from '../document.ts';
import { resolve } from './resolver.ts';

/** Shorter ones would hit chance: a security code is three digits of any number. */
const SHORTEST = 6;

export function propagate(parts: readonly TextPart[], found: readonly Finding[]): Finding[] {
  const byHead = new Map<string, Finding[]>();
  const firsts = new Set<number>();
  for (const finding of found) {
    const key = folded(finding.text);
    if (key.length < SHORTEST) continue;
    const head = key.slice(0, SHORTEST);
    const same = byHead.get(head) ?? [];
    if (same.some(({ text }) => folded(text) === key)) continue;
    byHead.set(head, [...same, finding]);
    firsts.add(key.charCodeAt(0));
  }
  if (byHead.size === 0) return [...found];
  const all: Finding[][] = parts.map(() => []);
  for (const finding of found) all[finding.part]?.push(finding);
  for (const [part, { text }] of parts.entries()) {
    all[part]?.push(...repeats(text, part, byHead, firsts));
  }
  return all.flatMap((candidates) => resolve(candidates));
}

function* repeats(
  text: string,
  part: number,
  byHead: ReadonlyMap<string, Finding[]>,
  firsts: ReadonlySet<number>,
): Generator<Finding> {
  const low = folded(text);
  for (let start = 0; start + SHORTEST <= low.length; start++) {
    if (!firsts.has(low.charCodeAt(start))) continue;
    for (const known of byHead.get(low.slice(start, start + SHORTEST)) ?? []) {
      const end = start + known.text.length;
      if (!low.startsWith(folded(known.text), start) || !standsAlone(text, start, end)) continue;
      yield { ...known, part, start, end, text: text.slice(start, end) };
    }
  }
}

/** In small letters, unless that would shift the places (a capital I with a dot becomes two). */
function folded(text: string): string {
  const low = text.toLowerCase();
  return low.length === text.length ? low : text;
}

/** Not a stretch of a longer word or number. */
function standsAlone(text: string, start: number, end: number): boolean {
  return (
    !joins(text[start - 1] ?? '', text[start] ?? '') && !joins(text[end - 1] ?? '', text[end] ?? '')
  );
}

function joins(a: string, b: string): boolean {
  return (/\d/.test(a) && /\d/.test(b)) || (/\p{L}/u.test(a) && /\p{L}/u.test(b));
}
