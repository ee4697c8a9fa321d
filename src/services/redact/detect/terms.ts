/**
 * The caller's own words and patterns. A pattern between slashes is compiled only when it cannot
 * run away: our own small subset of regular expressions, without nested repetition.
 */
import { invalidField } from '../../../kernel/fault.ts';
import type { Rule } from './rule.ts';

const MOST_TERMS = 200;
const LONGEST_TERM = 200;

export function compileTerms(terms: readonly string[]): Rule[] {
  if (terms.length > MOST_TERMS) {
    throw invalidField('terms', `The terms field may have at most ${MOST_TERMS} entries`);
  }
  return terms.map((term) => {
    if (term.length === 0 || term.length > LONGEST_TERM) {
      throw invalidField('terms', `A term has 1 to ${LONGEST_TERM} characters`);
    }
    const isPattern = term.length > 2 && term.startsWith('/') && term.endsWith('/');
    const pattern = isPattern ? compilePattern(term.slice(1, -1)) : compileWord(term);
    return { type: 'term', title: 'Own term', source: 'caller', pattern, confidence: 1 };
  });
}

function compileWord(word: string): RegExp {
  const escaped = word
    .trim()
    .replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
    .replace(/\s{1,9}/g, '\\s{1,3}');
  const left = /^[\p{L}\p{N}]/u.test(word.trim()) ? '(?<![\\p{L}\\p{N}])' : '';
  const right = /[\p{L}\p{N}]$/u.test(word.trim()) ? '(?![\\p{L}\\p{N}])' : '';
  return new RegExp(left + escaped + right, 'giu');
}

/** Letters, digits, escapes, classes and bounded repetition of one of them; no groups. */
const SAFE =
  /^(?:(?:\\[dDwWsSb.\\/+*?()[\]{}^$|-]|\[(?:[^\]\\]|\\.){1,60}\]|[^\\[\](){}*+?|^$])(?:\{\d{1,2}(?:,\d{1,2})?\}|\?)?){1,100}$/u;

/** Ways in which counts can share out a row of the same characters: the steps at each place. */
const MOST_WAYS = 256;

function waysOf(source: string): number {
  let ways = 1;
  const bare = source.replace(/\\.|\[(?:[^\]\\]|\\.){1,60}\]/g, 'a');
  for (const [, least = '', most] of bare.matchAll(/\{(\d{1,2})(?:,(\d{1,2}))?\}|\?/g)) {
    ways *= least === '' ? 2 : Math.max(1, Number(most ?? least) - Number(least) + 1);
  }
  return ways;
}

function compilePattern(source: string): RegExp {
  if (waysOf(source) > MOST_WAYS) {
    throw invalidField(
      'terms',
      `The counts of a pattern in terms may differ in at most ${MOST_WAYS} ways together, as {1,16} and {2,17} do`,
    );
  }
  if (!SAFE.test(source)) {
    throw invalidField(
      'terms',
      'A pattern in terms may use letters, digits, classes such as [A-Z] or \\d, and counts such as {2,8}; no groups, alternatives, * or +',
    );
  }
  try {
    // Anchored to the beginning of something, so that bounded counts stay cheap.
    return new RegExp(source, 'gu');
  } catch {
    throw invalidField('terms', 'A pattern in terms is not a valid regular expression');
  }
}
