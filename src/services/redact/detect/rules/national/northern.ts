/** Denmark, Estonia, Finland, Iceland, Latvia, Lithuania, Norway, Sweden, Ireland, United Kingdom. */
import { isDay, luhn, twoAt, weighted, weightedCheck } from '../../check-digits.ts';
import { ALONE, type NumberRow } from './number-row.ts';

const dayFirst = (digits: string) => isDay(twoAt(digits, 4), twoAt(digits, 2), twoAt(digits, 0));

/** Estonia and Lithuania: two rows of weights, the second where the first gives 10. */
export function baltic(digits: string): boolean {
  const first = weighted(digits, [1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
  const rest = first < 10 ? first : weighted(digits, [3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11;
  return (
    rest % 10 === Number(digits[10]) && isDay(twoAt(digits, 1), twoAt(digits, 3), twoAt(digits, 5))
  );
}

/** Weights that sum to zero modulo 11, check digit included. */
function danish(digits: string): boolean {
  return dayFirst(digits) && weighted(digits, [4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0;
}

/** The number of date and serial modulo 31 picks a letter. */
function finnish(value: string): boolean {
  const [date, serial] = [value.slice(0, 6), value.slice(-4, -1)];
  const letter = '0123456789ABCDEFHJKLMNPRSTUVWXY'[Number(date + serial) % 31];
  return dayFirst(date) && letter === value.at(-1);
}

/** Day + 40: for those who are not residents. Month + 40 and + 80: synthetic test numbers. */
function norwegian(digits: string): boolean {
  const [day, month] = [twoAt(digits, 0) % 40, twoAt(digits, 2) % 40];
  return (
    isDay(twoAt(digits, 4), month, day) &&
    weightedCheck([3, 7, 6, 1, 8, 9, 4, 5, 2], 11, 'completes')(digits) &&
    weightedCheck([5, 4, 3, 2, 7, 6, 5, 4, 3, 2], 11, 'completes')(digits)
  );
}

/** Day + 60: coordination numbers. */
function swedish(digits: string): boolean {
  const ten = digits.slice(-10);
  const year = digits.length === 12 ? Number(digits.slice(0, 4)) : twoAt(ten, 0);
  if (digits.length === 12 && (year < 1880 || year > 2099)) return false;
  return isDay(year, twoAt(ten, 2), twoAt(ten, 4) % 60) && luhn(ten);
}

const icelandicWeights = weightedCheck([3, 2, 7, 6, 5, 4, 3, 2], 11, 'completes');
/** The last digit is the century: 8, 9 or 0. */
const icelandic = (digits: string) =>
  /[890]$/.test(digits) && dayFirst(digits) && icelandicWeights(digits);

/** Numbers since 2017 begin with 32 and have no date. */
function latvian(digits: string): boolean {
  const sum = 1 + weighted(digits, [10, 5, 8, 4, 2, 1, 6, 3, 7, 9]);
  return ((sum % 11) % 10 === Number(digits[10]) && dayFirst(digits)) || digits.startsWith('32');
}

/** Modulo 23; a second letter counts nine times. */
export function irish(value: string): boolean {
  const second = value[8] && value[8] !== 'W' ? value.charCodeAt(8) - 64 : 0;
  const rest = (weighted(value, [8, 7, 6, 5, 4, 3, 2]) + 9 * second) % 23;
  return 'WABCDEFGHIJKLMNOPQRSTUV'[rest] === value[7];
}

const TEN_TO_TWO = [10, 9, 8, 7, 6, 5, 4, 3, 2];
const nhs = weightedCheck(TEN_TO_TWO, 11, 'completes');

function utr(digits: string): boolean {
  const rest = weighted(digits.slice(1), [6, 7, 8, 9, 10, 5, 4, 3, 2]) % 11;
  return '21987654321'[rest] === digits[0];
}

/** Two letters that are never given out, or that stand for something else. */
const isNino = (value: string) =>
  /^(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]$/.test(value);

/** Surname, decade, month (+ 50 for women), day, year, initials, check. */
const isDrivingLicence = (value: string) =>
  /^[A-Z]{1,5}9{0,4}\d(?:[05][1-9]|[16][0-2])(?:0[1-9]|[12]\d|3[01])\d[A-Z9]{2}[A-Z\d]{3}$/.test(
    value,
  );

export const NORTHERN: readonly NumberRow[] = [
  {
    ...{ country: 'DK', type: 'national_id', name: 'CPR-nummer', form: '999999-9999' },
    ...{
      check: danish,
      alone: ALONE.fair,
      languages: 'da',
      source: 'CPR-kontoret, Personnummeret i CPR',
    },
    words:
      'cpr(?:-?(?:nr|nummer|no|number))?|personnummer|cpr nr|cpr[_.]nr|personal identification',
  },
  {
    ...{ country: 'EE', type: 'national_id', name: 'isikukood', form: '99999999999' },
    ...{ check: (d) => /^[1-8]/.test(d) && baltic(d), alone: ALONE.good, languages: 'et' },
    ...{ words: 'isikukood|ik|personal code|id code', source: 'EVS 585:2007' },
  },
  {
    ...{
      country: 'FI',
      type: 'national_id',
      name: 'henkilötunnus',
      form: '999999-999*|999999@999*',
    },
    ...{
      check: finnish,
      alone: ALONE.good,
      languages: 'fi sv',
      source: 'Decree 128/2010, section 2',
    },
    words: 'henkil[öo]tunnus|hetu|personbeteckning|personal identity code',
  },
  {
    ...{ country: 'IS', type: 'national_id', name: 'kennitala', form: '999999-9999' },
    ...{
      check: icelandic,
      alone: ALONE.fair,
      languages: 'is',
      source: 'Þjóðskrá Íslands; Act 140/2019',
    },
    words: 'kennit[aö]la|kt',
  },
  {
    ...{ country: 'LV', type: 'national_id', name: 'personas kods', form: '999999-99999' },
    ...{
      check: latvian,
      alone: ALONE.fair,
      languages: 'lv',
      source: 'Fizisko personu reģistra likums',
    },
    words: 'personas kods|p\\. ?k|personal code',
  },
  {
    ...{ country: 'LT', type: 'national_id', name: 'asmens kodas', form: '99999999999' },
    ...{ check: (d) => /^[1-6]/.test(d) && baltic(d), alone: ALONE.good, languages: 'lt' },
    ...{
      words: 'asmens kodas|a\\. ?k|personal code',
      source: 'Gyventojų registro įstatymas, art. 8',
    },
  },
  {
    ...{
      country: 'NO',
      type: 'national_id',
      name: 'fødselsnummer, D-nummer',
      form: '999999 99999',
    },
    ...{
      check: norwegian,
      alone: ALONE.good,
      languages: 'no nb nn',
      source: 'Folkeregisterforskriften, § 2-2-1',
    },
    words: 'f[øo]dsels(?:nummer|nr)|person(?:nummer|nr)|d-nummer|fnr|national identity',
  },
  {
    ...{
      country: 'SE',
      type: 'national_id',
      name: 'personnummer',
      form: '999999-9999|99999999-9999',
    },
    ...{
      check: swedish,
      alone: ALONE.fair,
      languages: 'sv',
      source: 'Folkbokföringslagen (1991:481), 18 §; SKV 704',
    },
    words: 'person(?:nummer|nr)|pers\\. ?nr|samordningsnummer|personal identity',
  },
  {
    ...{ country: 'IE', type: 'national_id', name: 'PPS number', form: '9999999@|9999999@@' },
    ...{
      check: irish,
      alone: ALONE.good,
      languages: 'en ga',
      source: 'Social Welfare Consolidation Act 2005, s. 262',
    },
    words: 'pps(?:n|no)?|pps (?:no|number)|personal public service|uimhir psp',
  },
  {
    ...{
      country: 'GB',
      type: 'national_id',
      name: 'National Insurance number',
      form: '@@ 99 99 99 @',
    },
    ...{ check: isNino, alone: ALONE.strong, languages: 'en', source: 'HMRC NIM39110' },
    words: 'national insurance|nino|ni (?:no|number)|ni',
  },
  {
    ...{
      country: 'GB',
      type: 'health_plan',
      name: 'NHS number',
      form: '999 999 9999|999-999-9999',
    },
    ...{
      check: nhs,
      alone: ALONE.fair,
      languages: 'en',
      source: 'NHS Data Dictionary, NHS NUMBER',
    },
    words: 'nhs(?: (?:no|number))?',
  },
  {
    ...{ country: 'GB', type: 'tax_id', name: 'Unique Taxpayer Reference', form: '99999 99999' },
    ...{
      check: utr,
      alone: ALONE.weak,
      languages: 'en',
      source: 'HMRC, Specification for PAYE tax table routines: UTR',
    },
    words: 'utr|unique taxpayer(?: reference)?|tax reference|self[- ]assessment',
  },
  {
    ...{
      country: 'GB',
      type: 'driver_license',
      name: 'driver number',
      form: '@@@@@ 999999 @@9@@|@@@@@ 999999 @99@@|@@@@@ 999999 @@*@@|@@@@9 999999 @@*@@|@@@99 999999 @@*@@|@@@@@ 999999 @9*@@',
    },
    ...{
      check: isDrivingLicence,
      alone: ALONE.strong,
      languages: 'en',
      source: 'DVLA, driver number format',
    },
    words: "driv(?:er|ing)[’']?s? (?:licen[cs]e|number)|dvla",
  },
];
