/** Dates, births, ages. A date alone is nobody's; HIPAA wants each finer than a year gone. */
import { isDay } from '../check-digits.ts';
import type { Match, Rule } from '../rule.ts';
import { labelled } from './labelled.ts';
import { MONTH_NAME, MONTH_NAMES } from './months.ts';

const YEAR = '(?:1[89]|20)\\d{2}';
const SHORT_YEAR = `(?:${YEAR}|['’]?\\d{2}(?![\\d:.%]))`;
const DAY = '(?:0?[1-9]|[12]\\d|3[01])';
const ORDINAL = '(?:st|nd|rd|th|er|ère|º|ª|\\.|:a|e)?';
const TIME =
  '(?:(?:[ ]|,[ ]|T|[ ]at[ ]|[ ]um[ ])\\d{1,2}:\\d{2}(?::\\d{2}(?:[.,]\\d{1,6})?)?(?:[ ]?[AaPp]\\.?[Mm]\\b\\.?)?(?:[ ]?(?:Z|UTC|GMT|[+-]\\d{2}:?\\d{2}))?)?';
// Groups have names: as part of another pattern their numbers would be others.
const NUMERIC = `(?:${YEAR}(?<a>[-/. ])(?:0?[1-9]|1[0-2])\\k<a>${DAY}|${DAY}(?<b>[-/.]|\\. )${DAY}\\k<b>(?:${YEAR}|\\d{2}))`;
const END = '(?![\\p{L}\\d]|[-/.]\\d)';
const OF = "(?:[ ](?:of|de|d[’']|di|do|da|den|dnia)[ ]|[ .-]|\\.[ ]|[ ]|-)";

const WORDED = `${DAY}${ORDINAL}${OF}(?i:${MONTH_NAME})\\.?(?:(?:,?[ ](?:de[ ]|del[ ]|do[ ])?|[-.])${SHORT_YEAR})?`;
const MONTH_FIRST = `(?i:${MONTH_NAME})\\.?[ ]${DAY}(?:st|nd|rd|th)?(?!\\d|[.:]\\d|%)(?:(?:,[ ]?|[ ])${YEAR})?|(?i:${MONTH_NAME})\\.?,?[ ](?:de[ ]|of[ ])?${YEAR}`;
const YEAR_FIRST = `${YEAR}[-. ](?:[ ]?)(?i:${MONTH_NAME})\\.?[-. ]{1,2}${DAY}`;

/** A day that exists, in one of the orders; a number with two full stops may be a version. */
function isDate(value: string): boolean {
  const [first = '', second = '', third = ''] = value.match(/\d{1,4}/g) ?? [];
  if (/\p{L}{3}/u.test(value.replace(/\b(?:UTC|GMT)\b/, ''))) return true;
  const [a, b, c] = [Number(first), Number(second), Number(third)];
  if (first.length === 4) return isDay(a, b, c);
  // 1.2.34 is a number of a section; 1.2.2034 and 01.02.34 are dates.
  if (/^\d\.\d{1,2}\.\d{2}(?!\d)/.test(value) || /^\d{1,2}\.\d\.\d{2}(?!\d)/.test(value))
    return false;
  return isDay(c, b, a) || isDay(c, a, b);
}

/** May, March and others are words; they are months beside a number with a capital. */
function isNamed(value: string): boolean {
  return (
    !/^(?:may|mar|march|set|out|gen|mag|ago|dic|mai|maj)\b/.test(value) &&
    !/ (?:may|mar|march|set|out|gen|mag|ago)$/.test(value)
  );
}

const BIRTH_WORDS =
  /(?<!\p{L})(?:dob|d\.o\.b\.?|date of birth|born|birth|birthday|birthdate|b-day|geboren|geburtsdatum|geburtstag|geb|né|née|naissance|nacimiento|nacid[oa]|fecha de nac|nato|nata|nascita|nascimento|nascid[oa]|geboortedatum|geboren|født|fødselsdato|född|födelsedatum|syntynyt|syntymäaika|urodzon[ya]|data urodzenia|ur|narozen[aý]?|datum narození|született|születési|născut[ă]?|sünniaeg|dzimšanas|gimimo|γέννησης|γεννηθείς|роден|рождения)(?!\p{L})/iu;

/** Right before a day: what is rated, measured or shared is written with a slash, too. */
const WHEN_BEFORE =
  /(?<!\p{L})(?:on|since|until|till|by|from|through|thru|dated?|seen|visit(?:ed)?|admit(?:ted)?|admission|discharged?|appts?|appointment|surgery|dos|dob|follow[- ]?up|f\/u|notes?|started|ended|due|returned?|called|arrived|scheduled|performed|collected|drawn|dictated|transcribed|signed|reviewed)(?: on| note)?[ :(]{1,3}\|/iu;

const WEEKDAYS =
  'monday|tuesday|wednesday|thursday|friday|saturday|sunday|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|miércoles|jueves|viernes|sábado|domingo|lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica';

/** The two numbers of `3/14/2024`; a fraction, a ratio, a score stay. */
const dayAndYear = (text: string, match: Match): Match | null =>
  /[€$£¥]\s?$/.test(text.slice(Math.max(0, match.start - 2), match.start)) ? null : match;

const datePatterns: readonly Pick<
  Rule,
  'title' | 'pattern' | 'words' | 'atDigits' | 'check' | 'reach' | 'confidence'
>[] = [
  {
    title: 'in figures, with a time or without',
    atDigits: [1, 4],
    pattern: new RegExp(`(?<![\\p{L}\\d./:-]|[€$£]\\s?)${NUMERIC}${TIME}${END}`, 'uy'),
    check: isDate,
    reach: dayAndYear,
    confidence: 0.8,
  },
  {
    title: 'day first, with the name of its month in twenty languages',
    atDigits: [1, 4],
    pattern: new RegExp(
      `(?<![\\p{L}\\d./:-])(?:${WORDED}|${YEAR_FIRST})${TIME}(?![\\p{L}\\d])`,
      'uy',
    ),
    check: isNamed,
    confidence: 0.8,
  },
  {
    title: 'month first, by its name in twenty languages',
    words: MONTH_NAMES,
    pattern: new RegExp(`(?<![\\p{L}\\d])(?:${MONTH_FIRST})${TIME}(?![\\p{L}\\d])`, 'uy'),
    check: isNamed,
    confidence: 0.8,
  },
];

export const DATES: readonly Rule[] = [
  ...datePatterns.map(
    (rule): Rule => ({
      ...rule,
      type: 'date',
      title: `Date, ${rule.title}`,
      source: 'ISO 8601; CLDR; 45 CFR 164.514(b)(2)(i)(C)',
    }),
  ),
  {
    type: 'date',
    title: 'Month and day in figures, beside a word that says when (seen 7/3, f/u 12/4)',
    source: '45 CFR 164.514(b)(2)(i)(C)',
    atDigits: [1, 2],
    pattern:
      /(?<![\w/.,$€£+-])(?:0?[1-9]|1[0-2])\/(?:0?[1-9]|[12]\d|3[01])(?![\w/%]|[.,]\d|[ ](?:tabs?|tablets?|caps?|cups?|teaspoons?|tsp|doses?|inch|in\.|miles?|hours?|mg|ml|of)(?!\p{L}))/uy,
    confidence: 0.1,
    context: WHEN_BEFORE,
    withContext: 0.6,
  },
  {
    type: 'date',
    title: 'Day of the week',
    source: 'CLDR; 45 CFR 164.514(b)(2)(i)(C)',
    words: WEEKDAYS.split('|'),
    pattern: new RegExp(`(?:${WEEKDAYS})(?!\\p{L})`, 'iuy'),
    confidence: 0.5,
  },
  {
    type: 'date',
    title: 'Quoted time stamp of a machine (ISO 8601 basic, Unix with a word)',
    source: 'ISO 8601',
    atDigits: [8, 8],
    pattern: /(?<![\w.-])(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])T\d{4,6}Z?(?!\w)/y,
    confidence: 0.8,
  },
  ...datePatterns.map(
    (rule): Rule => ({
      ...rule,
      type: 'date_of_birth',
      title: `Date beside a word that says birth, ${rule.title}`,
      source: '45 CFR 164.514(b)(2)(i)(C); GDPR art. 4(1)',
      confidence: 0.1,
      context: BIRTH_WORDS,
    }),
  ),
  labelled({
    type: 'date_of_birth',
    title: 'Date of birth behind its label, as eight digits too; cell below such a heading',
    source: '45 CFR 164.514(b)(2)(i)(C); GDPR art. 4(1)',
    labels:
      'dob|d\\.o\\.b\\.?|date of birth|birth date|birthdate|birthday|geburtsdatum|date de naissance|fecha de nacimiento|data di nascita|data de nascimento|geboortedatum|f[øo]dselsdato|f[öo]delsedatum|data urodzenia|datum narozen[íi]|sz[üu]let[ée]si d[áa]tum|syntym[äa]aika',
    value: `(?:${NUMERIC}|(?:19|20)\\d{2}[01]\\d[0-3]\\d|[0-3]\\d[0-3]\\d(?:19|20)\\d{2}|${YEAR}|\\d{1,2}[ ./-]{1,2}[\\p{L}.]{3,12}[ ./,-]{1,2}\\d{2,4}|[\\p{L}.]{3,12}[ ]\\d{1,2},?[ ]\\d{4})`,
    confidence: 0.9,
  }),
  {
    type: 'age',
    title: 'Age over 89',
    source: '45 CFR 164.514(b)(2)(i)(C)',
    words: [
      'aged',
      'age',
      'ages',
      'turned',
      'turns',
      'turning',
      'alter',
      'âge',
      'edad',
      'età',
      'idade',
      'leeftijd',
    ],
    pattern:
      /(?:(?:aged?|age of|alter|[âa]g[ée]e? de|edad|età|idade|leeftijd)(?:[ ]?[:=]|[ ](?:is|of|von|de))?|turn(?:ed|s|ing))[ \t]{0,3}(?<value>9\d|1[0-2]\d)(?![\d%°]|[.,]\d|[ ](?:degrees|percent|pages))/iuy,
    confidence: 0.9,
    cell: {
      heading: /(?<!\p{L})(?:age|alter|âge|edad|età|idade)(?!\p{L})/iu,
      pattern: /^(?:9\d|1[0-2]\d)$/,
    },
  },
  {
    type: 'age',
    title: 'Age over 89 before words that say so',
    source: '45 CFR 164.514(b)(2)(i)(C)',
    atDigits: [2, 3],
    pattern:
      /(?<![\d.,-])(?:9\d|1[0-2]\d)(?=[ -]?(?:years?|yrs?\.?)[ -]?(?:old|of age)(?!\p{L})|[ -]?(?:yo|y\/o|y\.o\.)(?![\p{L}])|[ ](?:jahre alt|ans\b|años|anni|anos de idade|jaar oud|år gammal)|[ -]jährig|-year-old|(?:th|st|nd|rd)[ ]birthday)/iuy,
    confidence: 0.9,
  },
];
