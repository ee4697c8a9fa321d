/**
 * A rule finds one type of data: a pattern, then a check of what the pattern cannot say (check
 * digits, ranges), then the words around. A rule without a check digit stands or falls with them.
 *
 * Patterns are bounded everywhere ({1,64}, never +) and alternatives begin differently, so that no
 * text makes them slow: `patterns.test.ts` tries.
 */
import type { EntityType } from './entities.ts';

export interface Match {
  start: number;
  end: number;
  /** Where the check knows better than the rule. */
  confidence?: number;
}

export interface Rule {
  type: EntityType;
  /** What it is, for the documentation: `US Social Security Number, written with dashes`. */
  title: string;
  /** Where the form or the check digit is defined. */
  source: string;
  /** Must have the flag `g`. The group `value`, where there is one, is what is removed. */
  pattern?: RegExp;
  /** For what a pattern would be slow or wrong at. */
  find?(text: string): Iterable<Match>;
  /** False refuses; a number is the confidence. Gets the matched text. */
  check?(value: string): boolean | number;
  /** Confidence with nothing known of the surroundings. */
  confidence: number;
  /** Words that make it likelier, tried on the text around. */
  context?: RegExp;
  /** Confidence where such a word is near; default 0.95. */
  withContext?: number;
  /** Words that make it unlikely: the confidence is quartered. */
  against?: RegExp;
}

/** Yields what a rule sees in a text, before its surroundings are looked at. */
export function* matches(rule: Rule, text: string): Generator<Match> {
  if (rule.find) {
    yield* rule.find(text);
    return;
  }
  if (!rule.pattern) return;
  rule.pattern.lastIndex = 0;
  for (const match of text.matchAll(rule.pattern)) {
    const whole = match[0];
    const value = match.groups?.['value'] ?? whole;
    const start = match.index + (value === whole ? 0 : whole.lastIndexOf(value));
    const verdict = rule.check?.(value) ?? true;
    if (verdict === false) continue;
    const found: Match = { start, end: start + value.length };
    if (typeof verdict === 'number') found.confidence = verdict;
    yield found;
  }
}
