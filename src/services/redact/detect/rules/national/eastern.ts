/** Bulgaria, Croatia, Czechia, Hungary, Poland, Romania, Slovakia, Slovenia. */
import {
  base36,
  isDay,
  mod11And10,
  remainder,
  twoAt,
  weighted,
  weightedCheck,
} from '../../check-digits.ts';
import { ALONE, type NumberRow } from './number-row.ts';

/** Months + 20 for the 19th century, + 40 for the 21st. */
export const bulgarian = (d: string) =>
  isDay(twoAt(d, 0), twoAt(d, 2) % 20, twoAt(d, 4)) &&
  weightedCheck([2, 4, 8, 5, 10, 9, 7, 3, 6], 11, 'is, 10 as 0')(d);

/** Foreigners in Bulgaria. */
export const bulgarianForeigner = weightedCheck([21, 19, 17, 13, 11, 9, 7, 3, 1], 10, 'is');

/** Women's months + 50, + 20 where a day's numbers ran out. The whole is a multiple of 11. */
export function czechoslovak(d: string): boolean {
  const month = twoAt(d, 2) % 50;
  if (!isDay(twoAt(d, 0), month > 20 ? month - 20 : month, twoAt(d, 4))) return false;
  return (
    remainder(d.slice(0, 9), 11) % 10 === Number(d[9]) && (remainder(d, 11) === 0 || d[9] === '0')
  );
}

/** Weights go up for who was born before 1997, down for all others. */
function hungarianPerson(d: string): boolean {
  const weights = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  if (!/^[1-8]/.test(d) || !isDay(twoAt(d, 1), twoAt(d, 3), twoAt(d, 5))) return false;
  const isOld = /^[1256]/.test(d) && twoAt(d, 1) < 97;
  return weighted(d, isOld ? weights : weights.toReversed()) % 11 === Number(d[10]);
}

const hungarianTax = (d: string) =>
  d.startsWith('8') && weightedCheck([1, 2, 3, 4, 5, 6, 7, 8, 9], 11, 'is')(d);

/** Months + 80, + 20, + 40, + 60 for the 19th and the 21st to 23rd century. */
const pesel = (d: string) =>
  isDay(twoAt(d, 0), twoAt(d, 2) % 20, twoAt(d, 4)) &&
  weightedCheck([1, 3, 7, 9, 1, 3, 7, 9, 1, 3], 10, 'completes')(d);

export const polishTax = weightedCheck([6, 5, 7, 2, 3, 4, 5, 6, 7], 11, 'is');

function polishCard(value: string): boolean {
  const weights = [7, 3, 1, 9, 7, 3, 1, 7, 3];
  return weights.reduce((sum, weight, i) => sum + weight * base36(value[i]), 0) % 10 === 0;
}

function romanian(d: string): boolean {
  const rest = weighted(d, [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
  return (
    /^[1-9]/.test(d) &&
    isDay(twoAt(d, 1), twoAt(d, 3), twoAt(d, 5)) &&
    (rest === 10 ? 1 : rest) === Number(d[12])
  );
}

/** Yugoslavia's number of the citizen, still in use: day, month, last three figures of the year. */
function emso(d: string): boolean {
  const year = Number(d.slice(4, 7)) + (d[4] === '9' ? 1000 : 2000);
  return (
    isDay(year, twoAt(d, 2), twoAt(d, 0)) &&
    weightedCheck([7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2], 11, 'completes')(d)
  );
}

export const slovenianTax = (d: string) =>
  !d.startsWith('0') && weightedCheck([8, 7, 6, 5, 4, 3, 2], 11, 'completes, 10 as 0')(d);

export const EASTERN: readonly NumberRow[] = [
  {
    ...{ country: 'BG', type: 'national_id', name: 'ЕГН', form: '9999999999' },
    ...{
      check: bulgarian,
      alone: ALONE.fair,
      languages: 'bg',
      source: 'Закон за гражданската регистрация, art. 11; GRAO',
    },
    words: 'е\\.?г\\.?н\\.?|egn|единен граждански номер',
  },
  {
    ...{ country: 'BG', type: 'national_id', name: 'ЛНЧ (foreigners)', form: '9999999999' },
    ...{
      check: bulgarianForeigner,
      alone: ALONE.weak,
      languages: 'bg',
      source: 'Закон за чужденците в Република България',
    },
    words: 'лнч|lnch|личен номер',
  },
  {
    ...{ country: 'HR', type: 'national_id', name: 'OIB', form: '99999999999' },
    ...{
      check: mod11And10,
      alone: ALONE.weak,
      languages: 'hr',
      source: 'Zakon o osobnom identifikacijskom broju',
    },
    words: 'oib|osobni identifikacijski broj',
  },
  {
    ...{ country: 'CZ, SK', type: 'national_id', name: 'rodné číslo', form: '999999/9999' },
    ...{
      check: czechoslovak,
      alone: ALONE.fair,
      languages: 'cs sk',
      source: 'Zákon 133/2000 Sb., § 13; zákon 301/1995 Z. z.',
    },
    words: 'rodn[ée] [čc][íi]slo|r\\. ?[čc]|rč|birth number',
  },
  {
    ...{
      country: 'CZ, SK',
      type: 'national_id',
      name: 'rodné číslo till 1953',
      form: '999999/999',
    },
    // Nine digits have no check digit: the date, and three figures that are not all zeros.
    check: (d) =>
      isDay(twoAt(d, 0), twoAt(d, 2) % 50, twoAt(d, 4)) && twoAt(d, 0) < 54 && !d.endsWith('000'),
    ...{ alone: ALONE.weak, languages: 'cs sk', source: 'Zákon 133/2000 Sb., § 13' },
    words: 'rodn[ée] [čc][íi]slo|r\\. ?[čc]|rč|birth number',
  },
  {
    ...{ country: 'HU', type: 'national_id', name: 'személyi azonosító', form: '9-999999-9999' },
    ...{
      check: hungarianPerson,
      alone: ALONE.good,
      languages: 'hu',
      source: '1996. évi XX. törvény',
    },
    words: 'szem[ée]lyi (?:azonos[íi]t[óo]|sz[áa]m)(?: jel)?',
  },
  {
    ...{ country: 'HU', type: 'tax_id', name: 'adóazonosító jel', form: '9999999999' },
    ...{ check: hungarianTax, alone: ALONE.weak, languages: 'hu', source: '2017. évi CL. törvény' },
    words: 'ad[óo]azonos[íi]t[óo](?: jel)?|ad[óo]sz[áa]m|tin',
  },
  {
    ...{ country: 'HU', type: 'health_plan', name: 'TAJ-szám', form: '999 999 999|999-999-999' },
    check: weightedCheck([3, 7, 3, 7, 3, 7, 3, 7], 10, 'is'),
    ...{ alone: ALONE.weak, languages: 'hu', source: '1996. évi XX. törvény' },
    words: 'taj(?:-?sz[áa]m)?|t[áa]rsadalombiztos[íi]t[áa]si',
  },
  {
    ...{ country: 'PL', type: 'national_id', name: 'PESEL', form: '99999999999' },
    ...{
      check: pesel,
      alone: ALONE.good,
      languages: 'pl',
      source: 'Ustawa o ewidencji ludności, art. 15',
    },
    words: 'pesel',
  },
  {
    ...{
      country: 'PL',
      type: 'tax_id',
      name: 'NIP',
      form: '999-999-99-99|999-99-99-999|9999999999',
    },
    ...{
      check: polishTax,
      alone: ALONE.weak,
      languages: 'pl',
      source: 'Ustawa o zasadach ewidencji i identyfikacji podatników',
    },
    words: 'nip|identyfikacji podatkowej',
  },
  {
    ...{ country: 'PL', type: 'national_id', name: 'dowód osobisty', form: '@@@ 999999' },
    ...{
      check: polishCard,
      alone: ALONE.fair,
      languages: 'pl',
      source: 'Ustawa o dowodach osobistych',
    },
    words: 'dow[óo]d(?:u)? osobist(?:y|ego)|seria i numer|id card|identity card',
  },
  {
    ...{ country: 'RO', type: 'national_id', name: 'CNP', form: '9999999999999' },
    ...{
      check: romanian,
      alone: ALONE.good,
      languages: 'ro',
      source: 'Legea 105/1996; OUG 97/2005',
    },
    words: 'cnp|cod(?:ul)? numeric personal',
  },
  {
    ...{ country: 'SI', type: 'national_id', name: 'EMŠO', form: '9999999999999' },
    ...{
      check: emso,
      alone: ALONE.good,
      languages: 'sl hr sr bs mk',
      source: 'Zakon o centralnem registru prebivalstva',
    },
    words: 'em[šs]o|jmbg|mati[čc]na [šs]tevilka',
  },
  {
    ...{ country: 'SI', type: 'tax_id', name: 'davčna številka', form: '99999999' },
    ...{
      check: slovenianTax,
      alone: ALONE.weak,
      languages: 'sl',
      source: 'Zakon o davčni službi; EU TIN portal',
    },
    words: 'dav[čc]na(?: [šs]tevilka)?|id za ddv|tin',
  },
];
