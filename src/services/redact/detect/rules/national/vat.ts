/**
 * VAT identification numbers with the country's letters before them: of the EU-27, Northern Ireland
 * and the United Kingdom, Norway, Switzerland. Without the letters they are only known by a word.
 */
import {
  luhn,
  mod11And10,
  mod97,
  remainder,
  twoAt,
  weighted,
  weightedCheck,
} from '../../check-digits.ts';
import type { Rule } from '../../rule.ts';
import { bulgarian, bulgarianForeigner, czechoslovak, polishTax, slovenianTax } from './eastern.ts';
import { irish } from './northern.ts';
import { wordsAround } from './number-row.ts';
import { cypriot, greek, portugueseTax } from './southern.ts';
import { dutch } from './western.ts';

/** Two rows of weights, the second where the first gives 10. */
function twice(first: readonly number[], second: readonly number[]) {
  return (d: string) => {
    const rest = weighted(d, first) % 11;
    const check = rest < 10 ? rest : (weighted(d, second) % 11) % 10;
    return check === Number(d.at(-1));
  };
}

const bulgarianCompany = twice([1, 2, 3, 4, 5, 6, 7, 8], [3, 4, 5, 6, 7, 8, 9, 10]);
const czechCompany = (d: string) =>
  (11 - (weighted(d, [8, 7, 6, 5, 4, 3, 2]) % 11)) % 10 === Number(d[7]);
const belgian = (d: string) => 97 - remainder(d.slice(0, 8), 97) === Number(d.slice(8));
const austrian = (d: string) => {
  const sum = [...d.slice(0, 7)].reduce((total, digit, i) => {
    const product = Number(digit) * (1 + (i % 2));
    return total + (product % 10) + Math.floor(product / 10);
  }, 4);
  return (10 - (sum % 10)) % 10 === Number(d[7]);
};
/** Two figures of a key over the SIREN; a key with letters is not computed. */
const french = (value: string) => {
  const siren = value.slice(2);
  if (!luhn(siren) && !siren.startsWith('356000000')) return false;
  return !/^\d\d/.test(value) || (12 + 3 * remainder(siren, 97)) % 97 === twoAt(value, 0);
};
/** CIF: letter, seven digits Luhn-wise, a digit or its letter. NIF: modulo 23. */
const spanish = (value: string) => {
  if (/^[\dXYZ]/.test(value)) {
    const digits = value.slice(0, -1).replace(/^[XYZ]/, (letter) => String('XYZ'.indexOf(letter)));
    return (
      /^\d{8}$/.test(digits) && 'TRWAGMYFPDXBNJZSQVHLCKE'[Number(digits) % 23] === value.at(-1)
    );
  }
  const digits = value.slice(1, 8);
  if (!/^\d{7}$/.test(digits)) return false;
  return [...'0123456789'].some(
    (digit, i) => luhn(digits + digit) && (value[8] === digit || value[8] === 'JABCDEFGHI'[i]),
  );
};
const british = (d: string) =>
  [0, 55].includes(weighted(d, [8, 7, 6, 5, 4, 3, 2, 10, 1]) % 97) ||
  [0, 55].includes((weighted(d, [8, 7, 6, 5, 4, 3, 2]) + twoAt(d, 7)) % 97);
const latvianCompany = (d: string) =>
  /^[4-9]/.test(d) && weighted(d, [9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1]) % 11 === 3;
const lithuanian9 = twice([1, 2, 3, 4, 5, 6, 7, 8], [3, 4, 5, 6, 7, 8, 9, 1]);
const lithuanian12 = twice([1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2], [3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4]);
const romanianCompany = (d: string) => {
  const padded = d.padStart(10, '0');
  return ((weighted(padded, [7, 5, 3, 2, 1, 7, 5, 3, 2]) * 10) % 11) % 10 === Number(d.at(-1));
};
const finnish = weightedCheck([7, 9, 10, 5, 8, 4, 2], 11, 'completes');
const norwegian = weightedCheck([3, 2, 7, 6, 5, 4, 3, 2], 11, 'completes');
const swiss = weightedCheck([5, 4, 3, 2, 7, 6, 5, 4], 11, 'completes');

interface VatRow {
  country: string;
  /** Without the letters of the country; several are parted by a bar. */
  form: string;
  check: (withoutLetters: string) => boolean;
  /** In the country's language. */
  words: string;
}

const row = (country: string, form: string, words: string, check: VatRow['check']): VatRow => ({
  ...{ country, form, words, check },
});

const EU_VAT: readonly VatRow[] = [
  row('AT', 'U 9999 9999|U 99999999', 'uid(?:-?nummer)?|ust-?id', (v) => austrian(v.slice(1))),
  row('BE', ' 9999.999.999|9999 999 999', 'btw|tva|mwst', (d) => /^[01]/.test(d) && belgian(d)),
  row('BG', ' 999999999|9999999999', 'ддс', (d) =>
    d.length === 9 ? bulgarianCompany(d) : bulgarian(d) || bulgarianForeigner(d),
  ),
  row('CY', ' 99999999@', 'φπα', cypriot),
  row('CZ', ' 99999999|9999999999', 'dič|dic', (d) =>
    d.length === 8 ? czechCompany(d) : czechoslovak(d),
  ),
  row('DE', ' 999999999|999 999 999', 'ust-?id(?:-?nr)?|umsatzsteuer', mod11And10),
  row(
    'DK',
    ' 99999999|99 99 99 99',
    'cvr|moms|se-nr',
    (d) => weighted(d, [2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0,
  ),
  row('EE', ' 999999999', 'kmkr', (d) => weighted(d, [3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10 === 0),
  row('EL', ' 999999999', 'αφμ|φπα|afm', greek),
  row('ES', ' *9999999*|*-99999999|99999999-@', 'iva|nif|cif', spanish),
  row('FI', ' 99999999', 'alv|y-tunnus|moms', finnish),
  row('FR', ' ** 999999999|** 999 999 999', 'tva', french),
  row('HR', ' 99999999999', 'pdv|oib', mod11And10),
  row(
    'HU',
    ' 99999999',
    '[áa]fa|ad[óo]sz[áa]m',
    weightedCheck([9, 7, 3, 1, 9, 7, 3], 10, 'completes'),
  ),
  row('IE', ' 9999999@|9999999@@|9*99999@', 'vat', (v) =>
    irish(/^\d[A-Z]/.test(v) ? `0${v.slice(2, 7)}${v[0]}${v[7]}` : v),
  ),
  row('IT', ' 99999999999', 'p\\.? ?iva|partita iva', luhn),
  row('LT', ' 999999999|999999999999', 'pvm', (d) =>
    d.length === 9 ? d[7] === '1' && lithuanian9(d) : d[10] === '1' && lithuanian12(d),
  ),
  row('LU', ' 99999999', 'tva|mwst', (d) => remainder(d.slice(0, 6), 89) === Number(d.slice(6))),
  row('LV', ' 99999999999', 'pvn', latvianCompany),
  row('MT', ' 99999999', 'vat', (d) => (weighted(d, [3, 4, 6, 7, 8, 9]) + twoAt(d, 6)) % 37 === 0),
  row(
    'NL',
    ' 999999999B99|999999999 B99|9999.99.999.B.99',
    'btw|omzetbelasting',
    (v) => dutch(v.slice(0, 9)) || mod97(`NL${v}`) === 1,
  ),
  row('PL', ' 9999999999|999-999-99-99', 'nip|vat', polishTax),
  row('PT', ' 999999999|999 999 999', 'nif|nipc|iva', portugueseTax),
  row('RO', ' 999999999|99999999|9999999|999999|9999999999', 'cui|cif|tva', romanianCompany),
  row(
    'SE',
    ' 999999999999|999999999901',
    'moms(?:reg)?|vat',
    (d) => luhn(d.slice(0, 10)) && d.endsWith('01'),
  ),
  row('SI', ' 99999999', 'ddv', slovenianTax),
  row('SK', ' 9999999999', 'ič dph|dph', (d) => remainder(d, 11) === 0 && /^[1-9]\d[2-9]/.test(d)),
  row('GB', ' 999999999|999 9999 99|999999999999', 'vat', british),
  row('XI', ' 999999999|999 9999 99', 'vat', british),
];

/** Those whose letters are no prefix of two, or that stand behind. */
const OTHERS: readonly Rule[] = [
  {
    ...{ type: 'vat_number', title: 'NO: organisasjonsnummer with MVA', confidence: 0.9 },
    source: 'Enhetsregisterloven; Skatteetaten',
    number: ['999 999 999 MVA', 'NO 999 999 999 MVA', 'NO 999999999'],
    check: (value) => norwegian(value.replace(/\D/g, '')),
  },
  {
    ...{ type: 'vat_number', title: 'CH, LI: UID of a company', confidence: 0.9 },
    source: 'UIDG; SR 431.03',
    number: [
      'CHE-999.999.999',
      'CHE 999999999',
      'CHE-999.999.999 MWST',
      'CHE-999.999.999 TVA',
      'CHE-999.999.999 IVA',
    ],
    check: (value) => swiss(value.replace(/\D/g, '')),
  },
  {
    ...{ type: 'vat_number', title: 'IS: VSK-númer, beside a word that says so', confidence: 0.1 },
    source: 'Ríkisskattstjóri; lög um virðisaukaskatt 50/1988',
    number: ['99999', '999999', 'IS 99999', 'IS 999999'],
    context: wordsAround('vsk(?:-?n[úu]mer|-?nr)?|virðisaukaskatt'),
    withContext: 0.8,
  },
];

function vatRules({ country, form, check, words }: VatRow): Rule[] {
  const forms = form.split('|').map((shape) => shape.trim());
  const base = {
    type: 'vat_number' as const,
    source: 'Council Directive 2006/112/EC, art. 215; VIES; national algorithm',
    context: wordsAround(`vat(?: (?:no|number|reg(?:istration)?|id))?|${words}`),
  };
  return [
    {
      ...{ ...base, title: `${country}: VAT number with the country's letters`, confidence: 0.75 },
      number: forms.map((shape) => `${country} ${shape}`),
      check: (value) => check(value.slice(country.length)),
    },
    {
      ...{ ...base, title: `${country}: VAT number without letters, beside a word that says so` },
      ...{ number: forms, confidence: 0.15, withContext: 0.8, check },
    },
  ];
}

export const VAT: readonly Rule[] = [...EU_VAT.flatMap(vatRules), ...OTHERS];
