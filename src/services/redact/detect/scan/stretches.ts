/**
 * One walk over a text for all rules whose matches hold no white space: words as long as a key or an
 * address are few, and only within them are such patterns tried.
 */
import type { Rule } from '../rule.ts';
import { checked, type Emit } from './places.ts';

/** What a rule asks of a stretch, as bits. */
interface Form {
  rule: Rule;
  pattern: RegExp;
  least: number;
  holds: number;
}

export interface StretchIndex {
  forms: readonly Form[];
  least: number;
}

/** Characters in the same place of the table are as good as each other: any letter, any digit. */
const KINDS = ['abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '0123456789', '.', ':'];
KINDS.push('@', '<');

const KIND_OF = new Uint8Array(128);
for (const [bit, characters] of KINDS.entries()) {
  for (const character of characters) KIND_OF[character.charCodeAt(0)] = 1 << bit;
}

const SPACE = 32;
const TAB = 9;
const CARRIAGE_RETURN = 13;

export function indexStretches(rules: readonly Rule[]): StretchIndex {
  const forms = rules.flatMap((rule) => {
    const { unbroken, pattern } = rule;
    if (!unbroken || !pattern) return [];
    const holds = [...unbroken.holds].reduce((bits, sign) => bits | kindOf(sign.charCodeAt(0)), 0);
    return [{ rule, pattern, least: unbroken.least, holds }];
  });
  return { forms, least: Math.min(...forms.map(({ least }) => least)) };
}

export function stretchesIn(
  text: string,
  { forms, least }: StretchIndex,
  language: string | undefined,
  emit: Emit,
): void {
  for (let at = 0; at < text.length; at++) {
    const start = at;
    let [kinds, dots] = [0, 0];
    for (let code = text.charCodeAt(at); isInk(code); code = text.charCodeAt(++at)) {
      const kind = kindOf(code);
      // A full stop counts where something follows: most end sentences.
      if (kind === DOT) dots = DOT;
      else kinds |= kind | (kind < DOT ? dots : 0);
    }
    if (at - start < least) continue;
    for (const form of forms) {
      if (at - start < form.least || (form.holds & ~kinds) !== 0) continue;
      tryWithin(form, text, start, at, language, emit);
    }
  }
}

function tryWithin(
  { rule, pattern, least }: Form,
  text: string,
  start: number,
  end: number,
  language: string | undefined,
  emit: Emit,
): void {
  for (let at = start; at <= end - least; ) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    const found = match && checked(rule, match, text, language);
    if (found) emit(rule, found);
    at = match ? at + match[0].length : at + 1;
  }
}

function kindOf(code: number): number {
  return code < 128 ? (KIND_OF[code] as number) : 0;
}

const DOT = kindOf('.'.charCodeAt(0));

function isInk(code: number): boolean {
  return code > SPACE || code < TAB || (code > CARRIAGE_RETURN && code < SPACE);
}
