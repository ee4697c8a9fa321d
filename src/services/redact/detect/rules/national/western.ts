/** Austria, Belgium, France, Germany, Liechtenstein and Switzerland, Luxembourg, Netherlands. */
import {
  base36,
  isDay,
  luhn,
  mod11And10,
  remainder,
  twoAt,
  verhoeff,
  weighted,
  weightedCheck,
} from '../../check-digits.ts';
import { ALONE, type NumberRow } from './number-row.ts';

/** The fourth digit checks those around it; then the date of birth (months 13 to 15: unknown). */
function austrianInsurance(d: string): boolean {
  const sum = weighted(d, [3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11;
  const month = twoAt(d, 6);
  return (
    sum === Number(d[3]) && d[0] !== '0' && isDay(twoAt(d, 8), month > 12 ? 1 : month, twoAt(d, 4))
  );
}

/** 97 minus the first nine digits modulo 97; a 2 stands before them for the born since 2000. */
function belgian(d: string): boolean {
  const [first, check] = [d.slice(0, 9), Number(d.slice(9))];
  const month = twoAt(d, 2) % 20;
  if (month > 12 || twoAt(d, 4) > 31) return false;
  return 97 - remainder(first, 97) === check || 97 - remainder(`2${first}`, 97) === check;
}

/** 97 minus the number modulo 97; Corsica's 2A and 2B count as 19 and 18. */
function french(value: string): boolean {
  const digits = value.replace('2A', '19').replace('2B', '18');
  if (!/^[1-8]\d{4}/.test(digits) || !/^\d{15}$/.test(digits)) return false;
  const month = twoAt(digits, 3);
  if (month === 0 || (month > 12 && month < 20) || (month > 42 && month < 50)) return false;
  return 97 - remainder(digits.slice(0, 13), 97) === Number(digits.slice(13));
}

const frenchTax = (d: string) =>
  /^[0-3]/.test(d) && remainder(d.slice(0, 10), 511) === Number(d.slice(10));

/** One digit stands twice or three times among the first ten, all others once at most. */
function germanTax(d: string): boolean {
  const counts = new Map<string, number>();
  for (const digit of d.slice(0, 10)) counts.set(digit, (counts.get(digit) ?? 0) + 1);
  const repeated = [...counts.values()].filter((count) => count > 1);
  return d[0] !== '0' && repeated.length === 1 && (repeated[0] ?? 0) <= 3 && mod11And10(d);
}

/** Area, date of birth, first letter of the name at birth, serial, check. */
function germanPension(value: string): boolean {
  const digits =
    value.slice(0, 8) + String(value.charCodeAt(8) - 64).padStart(2, '0') + value.slice(9);
  const day = twoAt(digits, 2) % 50;
  const weights = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1];
  return (
    isDay(twoAt(digits, 6), twoAt(digits, 4), day) &&
    crossSum(digits, weights) % 10 === Number(value[11])
  );
}

/** The letter as two digits, then 1, 2, 1, 2 …, sums of the digits. */
function germanHealth(value: string): boolean {
  const digits = String(value.charCodeAt(0) - 64).padStart(2, '0') + value.slice(1);
  return crossSum(digits, [1, 2, 1, 2, 1, 2, 1, 2, 1, 2]) % 10 === Number(value[9]);
}

function crossSum(digits: string, weights: readonly number[]): number {
  return weights.reduce((sum, weight, i) => {
    const product = weight * (digits.charCodeAt(i) - 48);
    return sum + (product % 10) + Math.floor(product / 10);
  }, 0);
}

/** ICAO Doc 9303-3: 7, 3, 1 over digits and letters. */
export function icao(text: string): number {
  const weights = [7, 3, 1];
  let sum = 0;
  for (let i = 0; i < text.length; i++) {
    sum += text[i] === '<' ? 0 : base36(text[i]) * (weights[i % 3] as number);
  }
  return sum % 10;
}

const germanCard = (value: string) =>
  /^[CFGHJKLMNPRTVWXYZ][CFGHJKLMNPRTVWXYZ\d]{8}\d$/.test(value) &&
  /\d{2}/.test(value) &&
  icao(value.slice(0, 9)) === Number(value[9]);

/** EAN-13 with Switzerland's prefix 756; Liechtenstein has its numbers from the same register. */
const swissInsurance = (d: string) =>
  d.startsWith('756') && weightedCheck([1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3], 10, 'completes')(d);

/** Date of birth, serial, then a Luhn and a Verhoeff digit over the first eleven. */
function luxembourg(d: string): boolean {
  const eleven = d.slice(0, 11);
  const year = Number(d.slice(0, 4));
  if (year < 1880 || year > 2099 || !isDay(year, twoAt(d, 4), twoAt(d, 6))) return false;
  return luhn(eleven + d[11]) && verhoeff(eleven + d[12]);
}

export function dutch(d: string): boolean {
  return weighted(d, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0 && !d.startsWith('000');
}

export const WESTERN: readonly NumberRow[] = [
  {
    ...{
      country: 'AT',
      type: 'national_id',
      name: 'Sozialversicherungsnummer',
      form: '9999 999999|9999 99 99 99',
    },
    ...{
      check: austrianInsurance,
      alone: ALONE.fair,
      languages: 'de',
      source: 'ASVG § 31; Dachverband der Sozialversicherungsträger',
    },
    words: 'sozialversicherungs(?:nummer|nr)|sv-?(?:nummer|nr)|vsnr|svnr|versicherungsnummer',
  },
  {
    ...{ country: 'AT', type: 'tax_id', name: 'Abgabenkontonummer', form: '99-999/9999' },
    ...{ check: luhn, alone: ALONE.weak, languages: 'de', source: 'BMF; EU TIN portal' },
    words: 'steuer(?:nummer|nr)|abgabenkonto(?:nummer)?|st\\.?-?nr|tin',
  },
  {
    ...{
      country: 'BE',
      type: 'national_id',
      name: 'Rijksregisternummer, numéro national',
      form: '99.99.99-999.99|999999-999-99|999999 99999|999999 999 99',
    },
    ...{
      check: belgian,
      alone: ALONE.good,
      languages: 'nl fr de',
      source: 'Royal Decree of 3 April 1984',
    },
    words:
      'rijksregister(?:nummer|nr)?|num[ée]ro (?:de registre )?national|registre national|insz|niss|bis-?nummer|rr-?nr|national (?:number|register)|nn',
  },
  {
    ...{
      country: 'FR',
      type: 'national_id',
      name: 'numéro de sécurité sociale (NIR)',
      form: '9 99 99 99 999 999 99|9 99 99 9@ 999 999 99',
    },
    ...{
      check: french,
      alone: ALONE.strong,
      languages: 'fr',
      source: 'Code de la sécurité sociale, art. R115-1; INSEE',
    },
    words:
      'nir|s[ée]curit[ée] sociale|num[ée]ro de s[ée]cu|n° ?s[ée]cu|insee|num[ée]ro ss|carte vitale',
  },
  {
    ...{
      country: 'FR',
      type: 'tax_id',
      name: 'numéro fiscal de référence (SPI)',
      form: '99 99 999 999 999',
    },
    ...{ check: frenchTax, alone: ALONE.fair, languages: 'fr', source: 'DGFiP; EU TIN portal' },
    words:
      'num[ée]ro fiscal|n[°º] ?fiscal|r[ée]f[ée]rence fiscale|spi|identifiant fiscal|imp[ôo]ts?|tin',
  },
  {
    ...{
      country: 'DE',
      type: 'tax_id',
      name: 'steuerliche Identifikationsnummer',
      form: '99 999 999 999',
    },
    ...{ check: germanTax, alone: ALONE.fair, languages: 'de', source: 'AO § 139b; BZSt' },
    words:
      'steuer-?(?:id|identifikationsnummer|nummer|nr)|steuerliche identifikationsnummer|identifikationsnummer|id-?nr|idnr|tax id|tin',
  },
  {
    ...{
      country: 'DE',
      type: 'national_id',
      name: 'Rentenversicherungsnummer',
      form: '99 999999 @ 999|99 99 99 99 @ 999',
    },
    ...{
      check: germanPension,
      alone: ALONE.strong,
      languages: 'de',
      source: 'SGB VI § 147; VKVV § 2',
    },
    words:
      '(?:renten|sozial)versicherungs(?:nummer|nr)|rv-?(?:nummer|nr)|sv-?(?:nummer|nr)|rvnr|svnr|versicherungsnummer',
  },
  {
    ...{
      country: 'DE',
      type: 'health_plan',
      name: 'Krankenversichertennummer',
      form: '@999999999',
    },
    ...{
      check: germanHealth,
      alone: ALONE.fair,
      languages: 'de',
      source: 'SGB V § 290; GKV-Spitzenverband',
    },
    words:
      'krankenversicher(?:ten|ungs)?-?(?:nummer|nr)?|versicherten-?(?:nummer|nr)|kvnr|krankenkasse|gesundheitskarte|egk|mitgliedsnummer',
  },
  {
    ...{
      country: 'DE',
      type: 'national_id',
      name: 'Seriennummer von Personalausweis und Pass',
      form: '**********',
    },
    ...{
      check: germanCard,
      alone: ALONE.fair,
      languages: 'de',
      source: 'PAuswV Anhang; ICAO Doc 9303-3',
    },
    words:
      '(?:personal)?ausweis(?:nummer|nr|-nr)?|perso|seriennummer|identity card|id card|reisepass',
  },
  {
    ...{
      country: 'CH, LI',
      type: 'national_id',
      name: 'AHV-Nummer, numéro AVS',
      form: '999.9999.9999.99',
    },
    ...{
      check: swissInsurance,
      alone: ALONE.strong,
      languages: 'de fr it',
      source: 'AHVG art. 50c; AHVV art. 133',
    },
    words: 'ahv(?:-?(?:nummer|nr))?|avs|oasi|sozialversicherungsnummer',
  },
  {
    ...{
      country: 'LU',
      type: 'national_id',
      name: 'matricule',
      form: '9999 9999 99999|99999999 99999|9999 99 99 999 99',
    },
    ...{
      check: luxembourg,
      alone: ALONE.strong,
      languages: 'lb fr de',
      source: 'Loi du 19 juin 2013 relative à l’identification des personnes physiques',
    },
    words: "matricule|num[ée]ro d[’']identification|identifikationsnummer|cns",
  },
  {
    ...{
      country: 'NL',
      type: 'national_id',
      name: 'burgerservicenummer',
      form: '999999999|9999 99 999|9999.99.999|999.999.999',
    },
    ...{
      check: dutch,
      alone: ALONE.weak,
      languages: 'nl',
      source: 'Wet algemene bepalingen burgerservicenummer',
    },
    words:
      'bsn(?:-?nummer)?|burgerservice(?:nummer|nr)?|sofi-?(?:nummer|nr)|citizen service number',
  },
];
