/**
 * One walk over a text for all rules that say where they begin: at a word that they know, or where
 * digits begin. A word ends where letters end and where a capital follows a small letter, so that
 * the label in `patientId` and in `patient_id` is seen.
 */
import type { Match, Rule } from '../rule.ts';

export interface PlaceIndex {
  byWord: ReadonlyMap<string, readonly Rule[]>;
  /** Bit n of entry c is set where a word begins with c and has n characters. */
  lengths: ReadonlyMap<number, number>;
  atDigit: readonly Rule[];
}

const LONGEST_WORD = 30;

export function indexPlaces(rules: readonly Rule[]): PlaceIndex {
  const byWord = new Map<string, Rule[]>();
  const lengths = new Map<number, number>();
  for (const rule of rules) {
    for (const word of rule.words ?? []) {
      const same = byWord.get(word) ?? [];
      if (!same.includes(rule)) byWord.set(word, [...same, rule]);
      const first = word.charCodeAt(0);
      for (const code of [first, (word[0] ?? '').toUpperCase().charCodeAt(0)]) {
        lengths.set(code, (lengths.get(code) ?? 0) | (1 << Math.min(word.length, LONGEST_WORD)));
      }
    }
  }
  return { byWord, lengths, atDigit: rules.filter(({ atDigit }) => atDigit) };
}

export interface PlacedMatch {
  rule: Rule;
  match: Match;
}

export function* placesIn(
  text: string,
  { byWord, lengths, atDigit }: PlaceIndex,
  language?: string,
): Generator<PlacedMatch> {
  const hasWords = byWord.size > 0;
  let at = 0;
  while (at < text.length) {
    const kind = kindOf(text.charCodeAt(at));
    if (kind === OTHER) {
      at++;
      continue;
    }
    if (kind === DIGIT) {
      for (const rule of atDigit) yield* tried(rule, text, at, language);
      do at++;
      while (at < text.length && kindOf(text.charCodeAt(at)) === DIGIT);
      continue;
    }
    const start = at;
    let last = kind;
    for (at++; at < text.length; at++) {
      const next = kindOf(text.charCodeAt(at));
      if (next === OTHER || next === DIGIT || (last === SMALL && next === CAPITAL)) break;
      last = next;
    }
    if (!hasWords || at - start > LONGEST_WORD) continue;
    const known = lengths.get(text.charCodeAt(start)) ?? 0;
    if ((known & (1 << (at - start))) === 0) continue;
    for (const rule of byWord.get(text.slice(start, at).toLowerCase()) ?? []) {
      yield* tried(rule, text, start, language);
    }
  }
}

function* tried(
  rule: Rule,
  text: string,
  at: number,
  language: string | undefined,
): Generator<PlacedMatch> {
  const { pattern } = rule;
  if (!pattern) return;
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  if (!match) return;
  const found = checked(rule, match, text, language);
  if (found) yield { rule, match: found };
}

/** What of a pattern's match is the value, if the rule's check lets it pass. */
export function checked(
  rule: Rule,
  match: RegExpExecArray,
  text: string,
  language?: string,
): Match | null {
  const whole = match[0];
  const value = match.groups?.['value'] ?? whole;
  const start = match.index + (value === whole ? 0 : whole.lastIndexOf(value));
  const verdict = rule.check?.(value, language) ?? true;
  if (verdict === false) return null;
  const found: Match = { start, end: start + value.length };
  if (typeof verdict === 'number') found.confidence = verdict;
  return rule.reach ? rule.reach(text, found) : found;
}

const OTHER = 0;
const DIGIT = 1;
const SMALL = 2;
const CAPITAL = 3;

const KINDS = Uint8Array.from({ length: 128 }, (_, code) => {
  if (code >= 48 && code <= 57) return DIGIT;
  if (code >= 65 && code <= 90) return CAPITAL;
  return code >= 97 && code <= 122 ? SMALL : OTHER;
});

function kindOf(code: number): number {
  if (code < 128) return KINDS[code] as number;
  // Letters of other scripts count as small: only labels are looked for here.
  return code < 0xaa || (code >= 0x2000 && code < 0x2c00) || code === 0xd7 ? OTHER : SMALL;
}
