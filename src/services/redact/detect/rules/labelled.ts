/**
 * Rules for values without a check of their own: they are known by the label before them
 * (`Passport no.: C01X00T47`, `patient_id=4711`) or by the heading of their column.
 */
import type { Rule } from '../rule.ts';
import { firstWords } from './first-words.ts';

interface Labelled {
  type: Rule['type'];
  title: string;
  source: string;
  /** Alternatives of a pattern, in small letters; a space also matches `_`, `-` or nothing. */
  labels: string;
  /** The value, as a pattern. */
  value: string;
  /** Must a sign or a word such as `number` stand between, or the value look like a code? Default: no. */
  needsLink?: boolean;
  /** Values are told apart by capitals. */
  isExact?: boolean;
  check?: Rule['check'];
  confidence: number;
  against?: RegExp;
}

/** `Number`, `Nr.`, `ID`: with or without a colon, in many languages. */
const NOUN =
  '(?:numbers?|nummer|numero|número|numéro|numer|nbr|num|nro|no|nr|n[°º.]|nº|#|ids?|code|identifier|identification|serial|kod|código|číslo|szám|numeris|αριθμός)';
const LINK = `(?:['’]?s)?(?:[ \\t_-]{0,2}${NOUN}\\.?(?![\\p{L}]))`;
/** A sign or a verb, at most two (`is:`), then spaces, one line end, quotes. */
const SIGN = `(?:[ ]?\\([^()\\n]{1,24}\\))?["']?(?:[ \\t]{0,3}(?:(?:is|was|are|ist|lautet|est|es|è|é|jest|er|är|on|of)(?=[ \\t:])|[:=#–]|=>|->)){0,2}[ \\t]{0,12}(?:\\n[ \\t]{0,4})?["'#]{0,2}`;

/**
 * Right behind a label that needs a link otherwise: five digits and letters (`policy HO3-99281-7`), or
 * eight digits. Days, years and standards are of other things.
 */
const CODE =
  '(?=(?:[A-Z./-]{0,8}\\d){5}[A-Z\\d./-]{0,20})(?=[\\d./-]{0,20}[A-Z]|\\d{8})(?!\\d{1,2}(?:st|nd|rd|th|[-./]\\d{1,2}[-./]\\d{2,4}(?!\\d))|\\d{4}[-./]\\d{1,2}[-./]|(?:ISO|IEC|EN|DIN|RFC|CVE|NIST)[-\\d])';

/** At least four digits: what distinguishes a number from a word in capitals. */
export const hasDigits =
  (least: number) =>
  (value: string): boolean =>
    (value.match(/\d/g)?.length ?? 0) >= least;

/** Letters and digits, with signs between; at least one digit. */
export const REFERENCE =
  '(?=[A-Z\\d./-]{0,12}\\d)[A-Z\\d](?:[A-Z\\d]|[./-](?=[A-Z\\d])){2,22}(?:[ ](?!(?:19|20)\\d\\d(?!\\d))\\d{4,6}(?![.,]?\\d|[ ][\\p{L}\\d]))?';

export function labelled(rule: Labelled): Rule {
  const { type, title, source, labels, value, needsLink, isExact, check, confidence, against } =
    rule;
  const label = labels.replace(/ (?![?:\]])/g, '[ \\t_-]{0,2}');
  const link = needsLink
    ? `(?:${LINK}{1,2}${SIGN}|(?=[ \\t]{0,3}[:=#])${SIGN}|[ \\t]{1,3}${CODE})`
    : `${LINK}{0,2}${SIGN}`;
  const anyCase = (source: string) => (isExact ? `(?i:${source})` : source);
  return {
    ...{ type, title, source, check, confidence, against },
    words: firstWords(labels),
    pattern: new RegExp(
      `(?<![@#])${anyCase(`(?:${label})(?![\\p{L}])${link}`)}(?<value>${value})(?![\\p{L}\\d])`,
      isExact ? 'uy' : 'iuy',
    ),
    cell: {
      heading: new RegExp(`(?<![\\p{L}])(?:${label})(?:${LINK}){0,2}[ ]{0,2}(?:$|[:(])`, 'iu'),
      pattern: new RegExp(`^(?:${value})$`, isExact ? 'u' : 'iu'),
    },
  };
}
