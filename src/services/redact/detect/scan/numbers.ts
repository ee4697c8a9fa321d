/**
 * Numbers of a fixed form, all kinds in one walk: digits and letters are taken together group by
 * group, without what stands between them, and looked up by their length. What a number may have
 * between its groups is part of its form: `1 23 456` is no way to write `999-999`.
 */
import type { Match, Rule } from '../rule.ts';
import type { Emit } from './places.ts';

/** A form, compiled. */
interface Form {
  rule: Rule;
  compact: RegExp;
  /** Nothing but digits: the pattern need not be asked. */
  isDigits: boolean;
  /** Bit n is set where something may stand behind the n-th character. */
  gaps: number;
}

export interface NumberIndex {
  byLength: readonly (readonly Form[])[];
  /** The different `gaps` of all forms: what fits none of them leads nowhere. */
  gaps: readonly number[];
}

/** No form is longer: gaps are kept in the bits of one number. */
const LONGEST = 26;
const FEWEST_DIGITS = 2;
const LONGEST_WORD = 6;

export function indexNumbers(rules: readonly Rule[]): NumberIndex {
  const byLength: Form[][] = Array.from({ length: LONGEST + 1 }, () => []);
  for (const rule of rules) {
    for (const shape of rule.number ?? []) {
      const form = compile(rule, shape);
      byLength[shape.replace(/[ \-./]/g, '').length]?.push(form);
    }
  }
  const gaps = [...new Set(byLength.flat().map((form) => form.gaps))];
  return { byLength, gaps };
}

function compile(rule: Rule, shape: string): Form {
  let [source, gaps, length] = ['', 0, 0];
  for (const character of shape) {
    if (/[ \-./]/.test(character)) {
      gaps |= 1 << length;
      continue;
    }
    source += FORMS[character] ?? character;
    length++;
  }
  const isDigits = /^[9 \-./]{1,60}$/.test(shape);
  return { rule, compact: new RegExp(`^${source}$`), isDigits, gaps };
}

const FORMS: Readonly<Record<string, string>> = { '9': '\\d', '@': '[A-Z]', '*': '[A-Z\\d]' };

interface Token {
  start: number;
  end: number;
  text: string;
  digits: number;
}

/** Tells of everything that has the form of a number in the index and passes its check. */
export function numbersIn(
  text: string,
  index: NumberIndex,
  language: string | undefined,
  emit: Emit,
): void {
  let position = 0;
  for (;;) {
    const digit = nextDigit(text, position);
    if (digit < 0) return;
    const run = runAt(text, firstOfRun(text, digit, position));
    position = Math.max(digit + 1, run.end);
    for (let from = 0; from < run.tokens.length; from++) {
      numbersFrom(text, run.tokens, from, { index, language, emit });
    }
  }
}

interface Search {
  index: NumberIndex;
  language: string | undefined;
  emit: Emit;
}

function numbersFrom(
  text: string,
  tokens: readonly Token[],
  from: number,
  { index, language, emit }: Search,
): void {
  const first = tokens[from];
  if (!first || goesOnBefore(text, first)) return;
  let [compact, gaps, digits] = ['', 0, 0];
  for (let to = from; to < tokens.length; to++) {
    const token = tokens[to] as Token;
    if (compact.length > 0) gaps |= 1 << compact.length;
    compact += token.text;
    digits += token.digits;
    if (compact.length > LONGEST || !index.gaps.some((mask) => (gaps & ~mask) === 0)) return;
    const forms = index.byLength[compact.length];
    if (!forms || forms.length === 0 || digits < FEWEST_DIGITS) continue;
    if (goesOnBehind(text, token.end)) continue;
    const isDigits = digits === compact.length;
    for (const form of forms) {
      if ((gaps & ~form.gaps) !== 0 || (form.isDigits && !isDigits)) continue;
      if (!form.isDigits && !form.compact.test(compact)) continue;
      const verdict = form.rule.check?.(compact, language) ?? true;
      if (verdict === false) continue;
      const match: Match = { start: first.start, end: token.end };
      if (typeof verdict === 'number') match.confidence = verdict;
      emit(form.rule, match);
    }
  }
}

function nextDigit(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 48 && code <= 57) return i;
  }
  return -1;
}

/** Back over letters that belong to the number: `AB12`, `NL 12`, `PPS no` not. */
function firstOfRun(text: string, digit: number, floor: number): number {
  let start = digit;
  while (start > floor && digit - start < LONGEST && isAlphanumeric(text, start - 1)) start--;
  for (let words = 0; words < 2; words++) {
    if (start - 2 < floor || !isGap(text.charCodeAt(start - 1))) break;
    let word = start - 1;
    while (word > floor && start - word <= LONGEST_WORD && isCapital(text, word - 1)) word--;
    if (word === start - 1 || (word > 0 && isAlphanumeric(text, word - 1))) break;
    start = word;
  }
  return start;
}

/** Groups of letters and digits with one sign between each two; words in small letters end it. */
function runAt(text: string, start: number): { tokens: Token[]; end: number } {
  const tokens: Token[] = [];
  let position = start;
  for (;;) {
    let [end, digits] = [position, 0];
    let hasSmall = false;
    while (end < text.length && isAlphanumeric(text, end)) {
      const code = text.charCodeAt(end);
      if (code <= 57) digits++;
      else if (code >= 97) hasSmall = true;
      end++;
    }
    const length = end - position;
    const isGood =
      length > 0 && length <= LONGEST && (digits > 0 || (!hasSmall && length <= LONGEST_WORD));
    if (!isGood) return { tokens, end: length > LONGEST ? end : position };
    const piece = text.slice(position, end);
    tokens.push({ start: position, end, digits, text: hasSmall ? piece.toUpperCase() : piece });
    if (!isGap(text.charCodeAt(end))) return { tokens, end };
    position = end + 1;
  }
}

/** Part of something longer: a fraction, a version, an amount. */
function goesOnBefore(text: string, { start }: Token): boolean {
  const sign = text.charCodeAt(start - 1);
  if (isMoney(sign) || sign === 95 || isForeignLetter(sign)) return true;
  return isJoint(sign) && start >= 2 && isAlphanumeric(text, start - 2);
}

function goesOnBehind(text: string, end: number): boolean {
  const sign = text.charCodeAt(end);
  if (sign === 37 || sign === 64 || sign === 95 || isForeignLetter(sign)) return true;
  return isJoint(sign) && end + 1 < text.length && isDigit(text.charCodeAt(end + 1));
}

function isMoney(code: number): boolean {
  return code === 36 || code === 163 || code === 165 || code === 0x20ac || code === 43;
}

function isForeignLetter(code: number): boolean {
  return code > 0xbf && code < 0x2000;
}

/** `-`, `.`, `/`. */
function isJoint(code: number): boolean {
  return code >= 45 && code <= 47;
}

function isGap(code: number): boolean {
  return code === 32 || isJoint(code) || code === 0xa0 || (code >= 0x2010 && code <= 0x2013);
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isCapital(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 65 && code <= 90;
}

function isAlphanumeric(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
}
