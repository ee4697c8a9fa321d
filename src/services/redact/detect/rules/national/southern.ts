/** Cyprus, Greece, Italy, Malta, Portugal, Spain. */
import {
  base36,
  isDay,
  luhn,
  remainder,
  twoAt,
  weighted,
  weightedCheck,
} from '../../check-digits.ts';
import { ALONE, type NumberRow } from './number-row.ts';

const ODD = [
  1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
];
/** Characters in odd places count by a table, those in even places as they are: modulo 26, a letter. */
function oddEven(value: string): boolean {
  let sum = 0;
  for (let i = 0; i < value.length - 1; i++) {
    const number = base36(value[i]);
    const ordinal = number > 9 ? number - 10 : number;
    sum += i % 2 === 0 ? (ODD[ordinal] as number) : ordinal;
  }
  return sum % 26 === value.charCodeAt(value.length - 1) - 65;
}

/** Cyprus uses the odd places' table of Italy's code over eight digits. */
export const cypriot = (value: string) => oddEven(value) && !value.startsWith('12');

/** Digits of the date may be letters where two persons would have the same code (omocodia). */
const CODICE = /^[A-Z]{6}[\dLMNP-V]{2}[ABCDEHLMPRST][\dLMNP-V]{2}[A-Z][\dLMNP-V]{3}[A-Z]$/;
const italian = (value: string) => CODICE.test(value) && oddEven(value);

export function greek(d: string): boolean {
  return (weighted(d, [256, 128, 64, 32, 16, 8, 4, 2]) % 11) % 10 === Number(d[8]);
}

const amka = (d: string) => isDay(twoAt(d, 4), twoAt(d, 2), twoAt(d, 0)) && luhn(d);

const LETTERS = 'TRWAGMYFPDXBNJZSQVHLCKE';
/** The number modulo 23 picks the letter; X, Y, Z at the head are 0, 1, 2. */
function spanish(value: string): boolean {
  const digits = value.slice(0, -1).replace(/^[XYZ]/, (letter) => String('XYZ'.indexOf(letter)));
  return /^\d{8}$/.test(digits) && LETTERS[Number(digits) % 23] === value.at(-1);
}

const spanishInsurance = (d: string) => {
  const serial = d[2] === '0' ? d.slice(0, 2) + d.slice(3, 10) : d.slice(0, 10);
  return remainder(serial, 97) === Number(d.slice(10)) && twoAt(d, 0) >= 1 && twoAt(d, 0) <= 66;
};

export const portugueseTax = (d: string) =>
  /^[1235689]/.test(d) && weightedCheck([9, 8, 7, 6, 5, 4, 3, 2], 11, 'completes, 10 as 0')(d);

const portugueseInsurance = (d: string) =>
  /^[12]/.test(d) && 9 - (weighted(d, [29, 23, 19, 17, 13, 11, 7, 5, 3, 2]) % 10) === Number(d[10]);

/** Luhn from the right over digits and letters as 10 to 35. */
function citizenCard(value: string): boolean {
  let sum = 0;
  for (let i = 0; i < value.length; i++) {
    let number = base36(value[i]);
    if (i % 2 === 0) number = number * 2 > 9 ? number * 2 - 9 : number * 2;
    sum += number;
  }
  return sum % 10 === 0;
}

export const SOUTHERN: readonly NumberRow[] = [
  {
    ...{ country: 'CY', type: 'tax_id', name: 'αριθμός φορολογικής ταυτότητας', form: '99999999@' },
    ...{
      check: cypriot,
      alone: ALONE.fair,
      languages: 'el tr',
      source: 'Tax Department of Cyprus; EU TIN portal',
    },
    words: 'αφτ|φορολογικ(?:ής|ή) ταυτότητας|tic|tin|tax identification(?: code)?',
  },
  {
    ...{ country: 'GR', type: 'tax_id', name: 'ΑΦΜ', form: '999999999' },
    ...{
      check: greek,
      alone: ALONE.weak,
      languages: 'el',
      source: 'Law 1642/1986; ΑΑΔΕ; EU TIN portal',
    },
    words: 'α\\.?φ\\.?μ\\.?|afm|αριθμός φορολογικού μητρώου|tin',
  },
  {
    ...{ country: 'GR', type: 'national_id', name: 'ΑΜΚΑ', form: '99999999999|999999 99999' },
    ...{ check: amka, alone: ALONE.fair, languages: 'el', source: 'Law 3655/2008, art. 153' },
    words: 'α\\.?μ\\.?κ\\.?α\\.?|amka|κοινωνικής ασφάλισης',
  },
  {
    ...{
      country: 'IT',
      type: 'tax_id',
      name: 'codice fiscale',
      form: '@@@ @@@ ***** ****@|@@@@@@ ***** ****@',
    },
    ...{
      check: italian,
      alone: ALONE.strong,
      languages: 'it',
      source: 'D.M. 23 dicembre 1976 n. 13813',
    },
    words: 'codice fiscale|cod\\. ?fisc|c\\. ?f|cf|tessera sanitaria',
  },
  {
    ...{ country: 'MT', type: 'national_id', name: 'karta tal-identità', form: '9999999@|999999@' },
    check: (value) => /[MGAPLHBZ]$/.test(value),
    ...{ alone: ALONE.weak, languages: 'mt en' },
    source: 'Identity Card and other Identity Documents Act, Cap. 258',
    words: 'karta tal-identit[àa]|id ?card|identity card|numru tal-identit[àa]',
  },
  {
    ...{
      country: 'PT',
      type: 'tax_id',
      name: 'número de identificação fiscal',
      form: '999 999 999|999999999',
    },
    ...{ check: portugueseTax, alone: ALONE.weak, languages: 'pt', source: 'Decreto-Lei 14/2013' },
    words: 'nif|contribuinte|identifica[çc][ãa]o fiscal|n[º°] ?fiscal',
  },
  {
    ...{
      country: 'PT',
      type: 'national_id',
      name: 'número de identificação de segurança social',
      form: '99999999999|999 999 999 99',
    },
    ...{
      check: portugueseInsurance,
      alone: ALONE.weak,
      languages: 'pt',
      source: 'Segurança Social; Portaria 42/2001',
    },
    words: 'niss|seguran[çc]a social',
  },
  {
    ...{
      country: 'PT',
      type: 'national_id',
      name: 'cartão de cidadão',
      form: '99999999 9 @@9|99999999 9@@9|99999999 9 **9',
    },
    ...{
      check: citizenCard,
      alone: ALONE.good,
      languages: 'pt',
      source: 'Lei 7/2007; AMA, validação do número de documento',
    },
    words: 'cart[ãa]o d[eo] cidad[ãa]o|cc|bilhete de identidade|bi',
  },
  {
    ...{
      country: 'ES',
      type: 'national_id',
      name: 'DNI, NIE',
      form: '99999999-@|99.999.999-@|@-9999999-@|@-9.999.999-@',
    },
    ...{
      check: spanish,
      alone: ALONE.good,
      languages: 'es ca gl eu',
      source: 'Real Decreto 1553/2005, Orden INT/2058/2008',
    },
    words: 'd\\.?n\\.?i\\.?|n\\.?i\\.?e\\.?|n\\.?i\\.?f\\.?|documento nacional|identidad',
  },
  {
    ...{
      country: 'ES',
      type: 'national_id',
      name: 'número de la Seguridad Social',
      form: '99/99999999/99|99 9999999999|999999999999|99 99999999 99',
    },
    ...{
      check: spanishInsurance,
      alone: ALONE.fair,
      languages: 'es ca gl eu',
      source: 'Real Decreto 84/1996, art. 21',
    },
    words: 'seguridad social|n\\.?u\\.?s\\.?s\\.?|naf|afiliaci[óo]n|n[º°] ?ss',
  },
];
