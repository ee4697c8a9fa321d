/** United States, Canada, Australia, India, Brazil. */
import { base36, luhn, verhoeff, weighted, weightedCheck } from '../../check-digits.ts';
import { ALONE, type NumberRow } from './number-row.ts';

/** SSA: area not 000, 666 or 9xx, group not 00, serial not 0000. ITIN: IRS publication 1915. */
export function isSsn(digits: string): boolean {
  const group = Number(digits.slice(3, 5));
  if (digits.slice(5) === '0000' || group === 0) return false;
  if (digits.startsWith('9')) return group >= 50;
  return !/^(?:000|666)/.test(digits);
}

/** IRS: campus and Internet prefixes in use. */
const isEin = (d: string) => !/^(?:0[0789]|1[789]|2[89]|49|69|70|7[89]|89|9[67])/.test(d);

const isTfn = (d: string) => weighted(d, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 === 0;

/** One is taken from the first digit before the weights. */
const isAbn = (d: string) =>
  (weighted(d, [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]) - 10) % 89 === 0 && !d.startsWith('0');

const isMedicare = (d: string) =>
  /^[2-6]/.test(d) && weightedCheck([1, 3, 7, 9, 1, 3, 7, 9], 10, 'is')(d);

/** Fourth letter: what kind of person it is. */
const isIndianPan = (value: string) => /^[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]$/.test(value);

/** GSTN: factor 1, 2, 1, 2 … over base 36, quotient and remainder added. */
function isGstin(value: string): boolean {
  let sum = 0;
  for (let i = 0; i < 14; i++) {
    const product = base36(value[i]) * (1 + (i % 2));
    sum += Math.floor(product / 36) + (product % 36);
  }
  const state = Number(value.slice(0, 2));
  return (36 - (sum % 36)) % 36 === base36(value[14]) && state >= 1 && state <= 38;
}

/** Two digits, each 11 minus the weighted sum modulo 11; 10 and 11 are 0. */
function brazilian(d: string, first: readonly number[], second: readonly number[]): boolean {
  const digit = (weights: readonly number[]) => {
    const rest = weighted(d, weights) % 11;
    return rest < 2 ? 0 : 11 - rest;
  };
  return digit(first) === Number(d.at(-2)) && digit(second) === Number(d.at(-1));
}

const isCpf = (d: string) =>
  brazilian(d, [10, 9, 8, 7, 6, 5, 4, 3, 2], [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
const isCnpj = (d: string) =>
  brazilian(d, [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2], [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]);

const isPis = (d: string) =>
  weightedCheck([3, 2, 9, 8, 7, 6, 5, 4, 3, 2], 11, 'completes, 10 as 0')(d);

/** Driving licence: a first digit of 10 takes two from the second. */
function isCnh(d: string): boolean {
  const first = weighted(d, [9, 8, 7, 6, 5, 4, 3, 2, 1]) % 11;
  const second = (weighted(d, [1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11) - (first === 10 ? 2 : 0);
  const last = second < 0 ? second + 11 : second > 9 ? 0 : second;
  return (first > 9 ? 0 : first) === Number(d[9]) && last === Number(d[10]);
}

/** Ten digits, a Luhn number, and two letters of the version. */
const isOntarioHealth = (value: string) => luhn(value.slice(0, 10)) && !value.startsWith('0');

export const OVERSEAS: readonly NumberRow[] = [
  {
    ...{ country: 'US', type: 'ssn', name: 'Social Security Number or ITIN', form: '999999999' },
    ...{
      check: isSsn,
      alone: ALONE.weak,
      languages: '',
      source: 'SSA POMS RM 10201.035; IRS publication 1915',
    },
    words:
      'ssns?|social security|soc sec|social|s\\.s\\.n|ss ?#|ss (?:no|num|number)|itin|tin|taxpayer|seguro social',
  },
  {
    ...{
      country: 'US',
      type: 'tax_id',
      name: 'Employer Identification Number',
      form: '99-9999999',
    },
    ...{ check: isEin, alone: ALONE.weak, languages: '', source: 'IRS publication 1635' },
    words:
      'ein|fein|employer id(?:entification)?(?: (?:no|number))?|federal tax(?: id)?|tax id(?:entification)?|taxpayer|tin',
  },
  {
    ...{
      country: 'CA',
      type: 'national_id',
      name: 'Social Insurance Number',
      form: '999-999-999|999 999 999',
    },
    ...{
      check: (d) => luhn(d) && !d.startsWith('8'),
      alone: ALONE.weak,
      languages: '',
      source: 'Employment Insurance Act, s. 138; Service Canada',
    },
    words: 'sin|social insurance|nas|assurance sociale',
  },
  {
    ...{
      country: 'CA',
      type: 'health_plan',
      name: 'Ontario health card',
      form: '9999-999-999|9999-999-999-@@|9999-999-999@@',
    },
    ...{
      check: isOntarioHealth,
      alone: ALONE.weak,
      languages: '',
      source: 'Ontario Ministry of Health, Health Card Validation',
    },
    words: 'ohip|health (?:card|number)|hcn|carte sant[ée]',
  },
  {
    ...{ country: 'AU', type: 'tax_id', name: 'Tax File Number', form: '999 999 999|999-999-999' },
    ...{
      check: isTfn,
      alone: ALONE.weak,
      languages: '',
      source: 'Taxation Administration Act 1953, Part VA; ATO',
    },
    words: 'tfn|tax file(?: (?:no|number))?',
  },
  {
    ...{
      country: 'AU',
      type: 'tax_id',
      name: 'Australian Business Number',
      form: '99 999 999 999',
    },
    ...{
      check: isAbn,
      alone: ALONE.fair,
      languages: '',
      source: 'A New Tax System (Australian Business Number) Act 1999; ABR',
    },
    words: 'abn|australian business(?: number)?',
  },
  {
    ...{
      country: 'AU',
      type: 'health_plan',
      name: 'Medicare card',
      form: '9999 99999 9|9999 99999 9 9|9999 99999 9/9',
    },
    ...{
      check: isMedicare,
      alone: ALONE.weak,
      languages: '',
      source: 'Services Australia, Medicare card number check digit',
    },
    words: 'medicare(?: (?:card|no|number))?',
  },
  {
    ...{
      country: 'IN',
      type: 'national_id',
      name: 'Aadhaar',
      form: '9999 9999 9999|9999-9999-9999',
    },
    ...{
      check: (d) => /^[2-9]/.test(d) && verhoeff(d),
      alone: ALONE.fair,
      languages: 'hi',
      source: 'Aadhaar Act 2016; UIDAI',
    },
    words: 'aadhaar|aadhar|adhaar|uidai|uid|आधार',
  },
  {
    ...{ country: 'IN', type: 'tax_id', name: 'Permanent Account Number', form: '@@@@@9999@' },
    ...{
      check: isIndianPan,
      alone: ALONE.good,
      languages: 'hi',
      source: 'Income-tax Act 1961, s. 139A; Rule 114',
    },
    words: 'pan(?: (?:card|no|number))?|permanent account|income tax',
  },
  {
    ...{ country: 'IN', type: 'tax_id', name: 'GSTIN', form: '99@@@@@9999@***' },
    ...{ check: isGstin, alone: ALONE.strong, languages: 'hi', source: 'CGST Rules 2017, rule 10' },
    words: 'gstin?|gst (?:no|number)',
  },
  {
    ...{ country: 'BR', type: 'tax_id', name: 'CPF', form: '999.999.999-99' },
    ...{
      check: isCpf,
      alone: ALONE.good,
      languages: 'pt',
      source: 'Decreto-Lei 401/1968; Receita Federal',
    },
    words: 'cpf|cadastro de pessoas? f[íi]sicas?',
  },
  {
    ...{ country: 'BR', type: 'tax_id', name: 'CNPJ', form: '99.999.999/9999-99' },
    ...{
      check: isCnpj,
      alone: ALONE.good,
      languages: 'pt',
      source: 'Instrução Normativa RFB 2119/2022',
    },
    words: 'cnpj',
  },
  {
    ...{ country: 'BR', type: 'national_id', name: 'PIS/PASEP, NIT', form: '999.99999.99-9' },
    ...{
      check: isPis,
      alone: ALONE.weak,
      languages: 'pt',
      source: 'Caixa Econômica Federal; Lei Complementar 7/1970',
    },
    words: 'pis(?:/pasep)?|pasep|nit|nis',
  },
  {
    ...{ country: 'BR', type: 'driver_license', name: 'CNH', form: '99999999999' },
    ...{
      check: isCnh,
      alone: ALONE.weak,
      languages: 'pt',
      source: 'Código de Trânsito Brasileiro, art. 159; Contran',
    },
    words: 'cnh|carteira (?:nacional )?de (?:habilita[çc][ãa]o|motorista)',
  },
];
