/**
 * What is removed once is removed everywhere: a value that was found beside a word that gave it
 * away may stand elsewhere without one, and a person whose whole name was found is also meant by
 * the surname. One walk over the text, whatever the number of values: each place is looked up by its
 * first characters.
 */
import type { Finding, TextPart } from '../document.ts';
import { NAMED } from './names/names.ts';
import { Persons } from './names/persons.ts';
import { resolve } from './resolver.ts';

/** Shorter ones would hit chance: a security code is three digits of any number. */
const SHORTEST = 6;

/** A single word is taken for the same name elsewhere only where the first place was this sure. */
const SURE_OF_A_WORD = 0.8;

export function propagate(parts: readonly TextPart[], found: readonly Finding[]): Finding[] {
  const repeats = new Repeats();
  const persons = new Persons();
  for (const finding of found) {
    if (isWorthRepeating(finding)) repeats.add(finding);
    if (finding.type === 'name') persons.add(finding.text, finding.confidence);
  }
  if (repeats.isEmpty && persons.isEmpty) return [...found];
  const all: Finding[][] = parts.map(() => []);
  for (const finding of found) all[finding.part]?.push(finding);
  for (const [part, { text }] of parts.entries()) {
    all[part]?.push(...repeats.in(text, part));
    for (const { start, end, confidence } of persons.mentions(text)) {
      all[part]?.push({ type: 'name', confidence, part, start, end, text: text.slice(start, end) });
    }
  }
  return all.flatMap((candidates) => resolve(candidates));
}

/** Of what the tagger may have found, single words must be surer. */
function isWorthRepeating({ type, text, confidence }: Finding): boolean {
  if (text.length < SHORTEST) return false;
  return !isNamed(type) || confidence >= SURE_OF_A_WORD || /\P{L}/u.test(text);
}

function isNamed(type: Finding['type']): boolean {
  return NAMED.includes(type);
}

class Repeats {
  private readonly byHead = new Map<string, Finding[]>();
  private readonly firsts = new Set<number>();

  get isEmpty(): boolean {
    return this.byHead.size === 0;
  }

  add(finding: Finding): void {
    const key = folded(finding.text);
    const head = key.slice(0, SHORTEST);
    const same = this.byHead.get(head) ?? [];
    if (same.some(({ text }) => folded(text) === key)) return;
    this.byHead.set(head, [...same, finding]);
    this.firsts.add(key.charCodeAt(0));
  }

  *in(text: string, part: number): Generator<Finding> {
    const low = folded(text);
    for (let start = 0; start + SHORTEST <= low.length; start++) {
      if (!this.firsts.has(low.charCodeAt(start))) continue;
      for (const known of this.byHead.get(low.slice(start, start + SHORTEST)) ?? []) {
        const end = start + known.text.length;
        if (!low.startsWith(folded(known.text), start) || !standsAlone(text, start, end)) continue;
        const same = text.slice(start, end);
        // The common word is no name: Feeder, but not feeder.
        if (isNamed(known.type) && isSmallerThan(same, known.text)) continue;
        yield { ...known, part, start, end, text: same };
      }
    }
  }
}

/** A single word that begins small, where the name begins with a capital. */
function isSmallerThan(text: string, name: string): boolean {
  return !/\P{L}/u.test(name) && /^\p{Lu}/u.test(name) && /^\p{Ll}/u.test(text);
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
