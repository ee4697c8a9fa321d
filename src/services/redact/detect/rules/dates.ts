/** Dates, births, ages. A date alone is nobody's; HIPAA wants each finer than a year gone. */
import type { Rule } from '../rule.ts';

const MONTHS =
  'jan(?:uary|uar|vier)?|feb(?:ruary|ruar)?|f[ée]vr(?:ier)?|mar(?:ch|s|zo|zec)?|märz|apr(?:il)?|avr(?:il)?|may|mai|mayo|maj|jun[ei]?|juin|junio|jul[iy]?|juillet|julio|aug(?:ust)?|ao[uû]t|agosto|sept?(?:ember|embre)?|o[ck]t(?:ober|obre|ubre)?|nov(?:ember|embre|iembre)?|de[cz](?:ember|embre|iembre)?|d[ée]c(?:embre)?|enero|febrero|abril|septiembre|diciembre';
const YEAR = '(?:1[89]|20)\\d{2}';
const DAY = '(?:0?[1-9]|[12]\\d|3[01])';
const MONTH = '(?:0?[1-9]|1[0-2])';

const NUMERIC = `(?:${YEAR}([-/.])${MONTH}\\1${DAY}|${DAY}([-/.])${DAY}\\2(?:${YEAR}|\\d{2}))`;
const WORDED = `(?:${DAY}(?:st|nd|rd|th)?\\.?[ -](?:of |de )?(?:${MONTHS})\\.?,?(?:[ -](?:de )?${YEAR})?|(?:${MONTHS})\\.?[ -]${DAY}(?:st|nd|rd|th)?(?!\\d)(?:,? ${YEAR})?|(?:${MONTHS})\\.? ${YEAR})`;

const BIRTH_WORDS =
  /\b(?:dob|d\.o\.b|born|birth|birthday|birthdate|geboren|geburtsdatum|geb|né|née|naissance|nacimiento|nato|nata|nascita)\b/i;

function isDate(value: string): boolean {
  const numbers = value.match(/\d{1,4}/g)?.map(Number) ?? [];
  if (!/^[\d./-]{6,10}$/.test(value)) return true;
  const small = numbers.filter((number) => number <= 31);
  return small.some((number) => number >= 1 && number <= 12);
}

export const DATES: readonly Rule[] = [
  {
    type: 'date',
    title: 'Date in figures',
    source: 'ISO 8601; CLDR short forms; 45 CFR 164.514(b)(2)(i)(C)',
    pattern: new RegExp(`(?<![\\w./-])${NUMERIC}(?![\\w-]|[./]\\d)(?:T[\\d:.]{4,15}Z?)?`, 'g'),
    check: isDate,
    confidence: 0.8,
  },
  {
    type: 'date',
    title: 'Date with the name of its month (English, German, French, Spanish)',
    source: 'CLDR; 45 CFR 164.514(b)(2)(i)(C)',
    pattern: new RegExp(`(?<![\\p{L}\\d])${WORDED}(?![\\p{L}\\d])`, 'giu'),
    confidence: 0.8,
  },
  {
    type: 'date_of_birth',
    title: 'Date beside a word that says birth',
    source: '45 CFR 164.514(b)(2)(i)(C); GDPR art. 4(1)',
    pattern: new RegExp(`(?<![\\w./-])(?:${NUMERIC}|${WORDED})(?![\\w-]|[./]\\d)`, 'giu'),
    check: isDate,
    confidence: 0.1,
    context: BIRTH_WORDS,
  },
  {
    type: 'age',
    title: 'Age over 89',
    source: '45 CFR 164.514(b)(2)(i)(C)',
    pattern:
      /\b(?:aged?|age of|age:)[ \t]{0,3}(?:is )?(?<value>9\d|1[0-2]\d)(?!\d|\.\d|%)|(?<![\d.])(?<age>9\d|1[0-2]\d)(?=[ -](?:years?|yrs?)[ -]old\b|[ -]?(?:yo|y\/o)\b)/gi,
    confidence: 0.9,
  },
];
