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
  /** By the number of digits in a row that a rule can begin with. */
  byDigits: readonly (readonly Rule[])[];
}

/** Who is told of a match. */
export type Emit = (rule: Rule, match: Match) => void;

const LONGEST_WORD = 30;
const MOST_DIGITS = 20;

export function indexPlaces(rules: readonly Rule[]): PlaceIndex {
  const byWord = new Map<string, Rule[]>();
  const lengths = new Map<number, number>();
  const byDigits: Rule[][] = Array.from({ length: MOST_DIGITS + 1 }, () => []);
  for (const rule of rules) {
    const [least, most] = rule.atDigits ?? [1, 0];
    for (let count = least; count <= most; count++) byDigits[count]?.push(rule);
    for (const word of rule.words ?? []) {
      const same = byWord.get(word) ?? [];
      if (!same.includes(rule)) byWord.set(word, [...same, rule]);
      const first = word.charCodeAt(0);
      for (const code of [first, (word[0] ?? '').toUpperCase().charCodeAt(0)]) {
        lengths.set(code, (lengths.get(code) ?? 0) | (1 << Math.min(word.length, LONGEST_WORD)));
      }
    }
  }
  return { byWord, lengths, byDigits };
}

export function placesIn(
  text: string,
  { byWord, lengths, byDigits }: PlaceIndex,
  language: string | undefined,
  emit: Emit,
): void {
  const hasWords = byWord.size > 0;
  let at = 0;
  let digit = -1;
  while (at < text.length) {
    const kind = kindOf(text.charCodeAt(at));
    if (kind === OTHER) {
      at++;
      continue;
    }
    const start = at;
    let last = kind;
    for (at++; at < text.length; at++) {
      const next = kindOf(text.charCodeAt(at));
      if (kind === DIGIT ? next !== DIGIT : next < SMALL) break;
      if (last === SMALL && next === CAPITAL) break;
      last = next;
    }
    const length = at - start;
    if (kind === DIGIT) {
      if (length > MOST_DIGITS) continue;
      for (const rule of byDigits[length] ?? []) tryRule(rule, text, start, language, emit);
      continue;
    }
    if (!hasWords || length > LONGEST_WORD) continue;
    const known = lengths.get(text.charCodeAt(start)) ?? 0;
    if ((known & (1 << length)) === 0) continue;
    const rules = byWord.get(text.slice(start, at).toLowerCase());
    for (const rule of rules ?? []) {
      if (rule.digitWithin) {
        if (digit < start) digit = nextDigit(text, start);
        if (digit - start > rule.digitWithin) continue;
      }
      tryRule(rule, text, start, language, emit);
    }
  }
}

/** Where the next digit is; beyond the text where there is none. */
function nextDigit(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (kindOf(text.charCodeAt(at)) === DIGIT) return at;
  }
  return Number.POSITIVE_INFINITY;
}

function tryRule(
  rule: Rule,
  text: string,
  at: number,
  language: string | undefined,
  emit: Emit,
): void {
  const { pattern } = rule;
  if (!pattern) return;
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  if (!match) return;
  const found = checked(rule, match, text, language);
  if (found) emit(rule, found);
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
