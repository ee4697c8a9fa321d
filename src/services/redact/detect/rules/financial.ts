/** Accounts at banks. */
import { mod97, weighted, weightedCheck } from '../check-digits.ts';
import type { Match, Rule } from '../rule.ts';
import { hasDigits, labelled } from './labelled.ts';
import { wordsAround } from './national/number-row.ts';

/** ISO 13616 registry: how long the account numbers of a country are. */
const IBAN_LENGTHS: Readonly<Record<string, number>> = Object.fromEntries(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 ' +
    'DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 ' +
    'IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 ' +
    'MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 ' +
    'SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

const IBAN_START = /(?<![A-Za-z0-9])[A-Za-z]{2}[ -]?\d{2}(?=[ \-\u00a0\n]?[A-Za-z0-9])/g;

/** The country says the length, so words behind the number are never taken with it. */
function* ibans(text: string): Generator<Match> {
  for (const start of text.matchAll(IBAN_START)) {
    const length = IBAN_LENGTHS[start[0].slice(0, 2).toUpperCase()];
    if (length === undefined) continue;
    let end = start.index;
    let compact = '';
    while (compact.length < length && end < text.length && end - start.index < 64) {
      const character = text[end] ?? '';
      if (/[A-Za-z0-9]/.test(character)) compact += character.toUpperCase();
      else if (!/[ \-.\u00a0\n]/.test(character)) break;
      end++;
    }
    if (compact.length < length || /^[A-Za-z0-9]/.test(text.slice(end, end + 1))) continue;
    if (mod97(compact.slice(4) + compact.slice(0, 4)) === 1) yield { start: start.index, end };
  }
}

const COUNTRIES =
  'A[DEFGILMOQRSTUWZ]|B[ABDEFGHIJLMNORSTWYZ]|C[ACDFGHIKLMNORUVWXYZ]|D[EJKMOZ]|E[CEGHRST]|F[IJKMOR]|G[ABDEFGHILMNPQRSTUWY]|H[KMNRTU]|I[DELMNOQRST]|J[EMOP]|K[EGHIMNPRWYZ]|L[ABCIKRSTUVY]|M[ACDEFGHKLMNOPQRSTUVWXYZ]|N[ACEFGILOPRUZ]|OM|P[AEFGHKLMNRSTWY]|QA|R[EOSUW]|S[ABCDEGHIJKLMNORSTVXYZ]|T[CDFGHJKLMNORTVWZ]|U[AGMSYZ]|V[ACEGINU]|W[FS]|XK|Y[ET]|Z[AMW]';

/** 3, 7, 1 and the first two digits of a Federal Reserve district. */
const isRouting = (value: string) =>
  /^(?:0\d|1[0-2]|2[1-9]|3[0-2]|6[1-9]|7[0-2]|80)/.test(value) &&
  weighted(value, [3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10 === 0;

/** One digit over bank and branch, one over the account. */
function isSpanishAccount(value: string): boolean {
  const weights = [1, 2, 4, 8, 5, 10, 9, 7, 3, 6];
  const digit = (part: string) => {
    const rest = 11 - (weighted(part, weights) % 11);
    return rest === 11 ? 0 : rest === 10 ? 1 : rest;
  };
  return (
    digit(`00${value.slice(0, 8)}`) === Number(value[8]) &&
    digit(value.slice(10)) === Number(value[9])
  );
}

const isNorwegianAccount = weightedCheck([5, 4, 3, 2, 7, 6, 5, 4, 3, 2], 11, 'completes');
const isPolishAccount = (value: string) =>
  value.length === 26 && mod97(`${value.slice(2)}PL${value.slice(0, 2)}`) === 1;

export const FINANCIAL: readonly Rule[] = [
  {
    type: 'iban',
    title: 'IBAN: length of the country, MOD 97-10',
    source: 'ISO 13616',
    find: ibans,
    confidence: 0.98,
  },
  {
    type: 'bic',
    title: 'BIC of a bank, beside a word that says so',
    source: 'ISO 9362',
    pattern: new RegExp(`\\b[A-Z]{4}(?:${COUNTRIES})[A-Z0-9]{2}(?:[A-Z0-9]{3})?\\b`, 'g'),
    check: (value) => (/\d/.test(value) ? 0.3 : 0.2),
    confidence: 0.2,
    context: /(?<!\p{L})(?:bic|swift|bank identifier|iban)(?!\p{L})/iu,
    withContext: 0.9,
  },
  {
    type: 'bank_account',
    title: 'US bank routing number (ABA) with its check digit, beside a word that says so',
    source: 'ANSI X9.100-160; American Bankers Association',
    number: ['999999999', '9999-9999-9'],
    check: isRouting,
    confidence: 0.2,
    context: wordsAround('routing|aba|rtn|transit|bank|wire|ach'),
    withContext: 0.9,
  },
  {
    type: 'bank_account',
    title: 'UK sort code, beside a word that says so',
    source: 'Pay.UK, Vocalink modulus checking',
    number: ['99-99-99'],
    confidence: 0.1,
    context: wordsAround('sort ?code|s/c'),
    withContext: 0.9,
  },
  {
    type: 'bank_account',
    title: 'Spanish account (CCC) with its two check digits',
    source: 'Banco de España, Circular; Norma AEB 43',
    number: ['9999-9999-99-9999999999'],
    check: isSpanishAccount,
    confidence: 0.6,
    context: wordsAround('ccc|cuenta'),
  },
  {
    type: 'bank_account',
    title: 'Norwegian account (eleven digits) and Polish account (NRB) with their check digits',
    source: 'Finans Norge, Systemspesifikasjon; NBP, NRB',
    number: ['9999.99.99999', '99 9999 9999 9999 9999 9999 9999'],
    check: (value) =>
      value.length === 11 ? isNorwegianAccount(value) && 0.3 : isPolishAccount(value) && 0.9,
    confidence: 0.3,
    context: wordsAround('konto(?:nummer|nr)?|rachun(?:ek|ku)|account'),
    withContext: 0.9,
  },
  labelled({
    type: 'bank_account',
    title: 'Account number of 6 to 17 digits behind its label, in fourteen languages',
    source: 'NACHA field width; national account lengths',
    labels:
      'bank account|account|acct|a/c|checking account|savings account|konto(?:nummer)?|bankkonto|kontoverbindung|compte(?: bancaire)?|rib|cuenta(?: bancaria)?|ccc|conto(?: corrente)?|conta(?: corrente| bancária)?|bankrekening|rekening(?:nummer)?|kontonummer|bankkonto|tilinumero|rachunek|számlaszám|číslo účtu|cont bancar|bsb|ifsc|bank code|blz|bankleitzahl|routing',
    value: '(?:[A-Z]{4}0[A-Z0-9]{6}|\\d(?:[ -]?\\d){5,16})',
    check: hasDigits(6),
    confidence: 0.75,
  }),
];
