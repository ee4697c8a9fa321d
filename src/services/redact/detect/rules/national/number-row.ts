/**
 * A line of the tables of national numbers: country, what it is, how it is written, its check and
 * its words. The more a check excludes, the surer a number is without any word.
 */
import type { EntityType } from '../../entities.ts';
import type { Rule } from '../../rule.ts';

export interface NumberRow {
  /** ISO 3166 code, at the head of the title. */
  country: string;
  type: EntityType;
  name: string;
  /** As in `Rule.number`; several are parted by a bar. */
  form: string;
  check?: (compact: string) => boolean;
  /** How sure it is without a word around; see `ALONE`. */
  alone: number;
  /** Words around, in the country's languages, as alternatives of a pattern. */
  words: string;
  /** ISO 639-1. */
  languages: string;
  /** Statute or the document of who gives them out. */
  source: string;
}

/**
 * What a number is worth alone. One check digit lets every tenth number pass, so that only words
 * make it one; a date of birth in it or a second check digit, about every three hundredth; a form of
 * letters and digits with a check hardly any.
 */
export const ALONE = { weak: 0.25, fair: 0.4, good: 0.6, strong: 0.85 } as const;

/** How numbers of invoices and files begin: with the day. */
const CALENDAR = /^20[0-3]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])/;

export function numberRule(row: NumberRow): Rule {
  const { country, type, name, form, check, alone, words, languages, source } = row;
  return {
    type,
    title: `${country}: ${name}`,
    source,
    number: form.split('|'),
    check(value) {
      if (/^(.)\1*$/.test(value) || !(check?.(value) ?? true)) return false;
      return alone < ALONE.strong && CALENDAR.test(value) ? ALONE.weak : true;
    },
    confidence: alone,
    context: wordsAround(words),
    languages: languages.split(' '),
  };
}

/** Any of these as whole words; underscores part words, as in the names of columns. */
export function wordsAround(words: string): RegExp {
  return new RegExp(`(?<![\\p{L}\\d])(?:${words})(?![\\p{L}])`, 'iu');
}
