/**
 * A rule finds one type of data: a form, then a check of what the form cannot say (check digits,
 * ranges), then the words around. A rule without a check digit stands or falls with them.
 *
 * Rules are many, so most say where they may begin (`words`, `atDigits`, `unbroken`, `number`): such
 * places are found in one walk for all rules together. Patterns are bounded everywhere ({1,64}, never +) and
 * alternatives begin differently, so that no text makes them slow: `patterns.test.ts` tries.
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
  /**
   * Flag `g`: looked for everywhere. Flag `y`: tried only where `words`, `atDigits` or `unbroken` say.
   * The group `value`, where there is one, is what is removed.
   */
  pattern?: RegExp;
  /** First words (small letters) behind which the pattern can hold. */
  words?: readonly string[];
  /** The pattern begins with digits that follow none: as many as this, at least and at most. */
  atDigits?: readonly [least: number, most: number];
  /**
   * The match holds no white space, and at least so many characters; what holds it, one of each of
   * these: a small letter, a capital, a digit (`aA1`), a sign. The pattern (flag `y`) is tried there.
   */
  unbroken?: { least: number; holds: string };
  /** Characters from the first word on, within which the pattern asks for a digit. */
  digitWithin?: number;
  /** A text without this holds no match of the pattern. */
  needs?: RegExp;
  /** For what a pattern would be slow or wrong at. */
  find?(text: string): Iterable<Match>;
  /**
   * How a number is written: `9` a digit, `@` a letter, `*` either, other letters themselves; space
   * and signs may stand there or not, as any of ` -./`. The check gets it without them, in capitals.
   */
  number?: readonly string[];
  /** What a cell holds below such a heading; the pattern is of the whole cell. */
  cell?: { heading: RegExp; pattern: RegExp };
  /** Where what was matched truly begins and ends, by what is around; null refuses. */
  reach?(text: string, match: Match): Match | null;
  /** False refuses; a number is the confidence. Gets the matched text and the document's language. */
  check?(value: string, language?: string): boolean | number;
  /** Confidence with nothing known of the surroundings. */
  confidence: number;
  /** Words that make it likelier, tried on the text around. */
  context?: RegExp;
  /** Confidence where such a word is near; default 0.95. */
  withContext?: number;
  /** Words that make it unlikely: the confidence is quartered. */
  against?: RegExp;
  /** Languages (ISO 639-1) of the documents in which it is likelier by three tenths. */
  languages?: readonly string[];
}
