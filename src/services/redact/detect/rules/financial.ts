/** Cards, accounts, wallets. */
import { isCardNumber } from '../card-issuers.ts';
import { mod97, weighted } from '../check-digits.ts';
import type { Match, Rule } from '../rule.ts';

const CARD_WORDS =
  /\b(?:card|credit|debit|visa|master|amex|discover|diners|jcb|maestro|pan|cc|karte|kreditkarte|carte|tarjeta|cartão|carta)\b/i;
const ACCOUNT_WORDS =
  /\b(?:account|acct|a\/c|bank|iban|konto|kontonummer|compte|cuenta|conta|rekening|sort code|routing|aba|transit)\b/i;

/** Digits with at most one separator between them; a line break counts as one. */
const DIGIT_RUN = /(?<![\d.])\d(?:[ \-.\u00a0\n]?\d){11,60}/g;

/**
 * Cards in runs of digits. A run may hold more than the card (an expiry, a security code behind
 * it), so every stretch is tried that begins and ends where a group of digits does.
 */
function* cards(text: string): Generator<Match> {
  for (const run of text.matchAll(DIGIT_RUN)) {
    const groups = [...run[0].matchAll(/\d{1,61}/g)];
    let from = 0;
    while (from < groups.length) {
      const to = endOfCard(groups, from);
      const [first, last] = [groups[from], groups[to ?? from]];
      if (to !== null && first && last) {
        const end = run.index + last.index + last[0].length;
        if (!continues(text, end)) yield { start: run.index + first.index, end };
      }
      from = (to ?? from) + 1;
    }
  }
}

function endOfCard(groups: RegExpExecArray[], from: number): number | null {
  let digits = '';
  let best: number | null = null;
  for (let to = from; to < groups.length && digits.length < 19; to++) {
    digits += groups[to]?.[0] ?? '';
    if (isCardNumber(digits) && isGrouped(groups.slice(from, to + 1))) best = to;
  }
  return best;
}

/** Cards are written in one piece or in groups of three to seven digits, not digit by digit. */
function isGrouped(groups: RegExpExecArray[]): boolean {
  return groups.length === 1 || groups.every((group) => group[0].length >= 2);
}

/** A decimal fraction goes on behind the point. */
function continues(text: string, end: number): boolean {
  return /^\.?\d/.test(text.slice(end, end + 2));
}

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

export const FINANCIAL: readonly Rule[] = [
  {
    type: 'credit_card',
    title: 'Payment card number: issuer ranges, 12 to 19 digits, Luhn',
    source: 'ISO/IEC 7812-1; issuers’ published ranges',
    find: cards,
    confidence: 0.9,
    context: CARD_WORDS,
    withContext: 0.99,
  },
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
    confidence: 0.2,
    context: /\b(?:bic|swift|bank identifier)\b/i,
    withContext: 0.9,
  },
  {
    type: 'bank_account',
    title: 'US bank routing number (ABA) with its check digit, beside a word that says so',
    source: 'ANSI X9.100-160; American Bankers Association',
    pattern: /(?<![\d-])\d{9}(?![\d-])/g,
    check: (value) =>
      /^(?:0\d|1[0-2]|2[1-9]|3[0-2]|6[1-9]|7[0-2]|80)/.test(value) &&
      weighted(value, [3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10 === 0,
    confidence: 0.2,
    context: /\b(?:routing|aba|rtn|transit)\b/i,
    withContext: 0.9,
  },
  {
    type: 'bank_account',
    title: 'UK sort code, beside a word that says so',
    source: 'Pay.UK, Vocalink modulus checking',
    pattern: /(?<![\d-])\d{2}-\d{2}-\d{2}(?![\d-])/g,
    confidence: 0.1,
    context: /\bsort[ -]?code\b/i,
    withContext: 0.9,
  },
  {
    type: 'bank_account',
    title: 'Account number of 6 to 17 digits, beside a word that says so',
    source: 'NACHA field width; national account lengths',
    pattern:
      /\b(?:bank[ \t]{1,3}account|account|acct|a\/c|konto|compte|cuenta|conta|rekening)(?:[ \t]{0,3}(?:number|nummer|num|no|nr|n°|#))?\.?[ \t]{0,3}[:#]?[ \t\n]{0,3}(?<value>\d(?:[ -]?\d){5,16})(?![\w])/gi,
    confidence: 0.75,
    context: ACCOUNT_WORDS,
    withContext: 0.85,
  },
  {
    type: 'crypto_address',
    title: 'Bitcoin (Base58 or Bech32), Ethereum address',
    source: 'BIP 13, BIP 173, EIP-55',
    pattern:
      /(?<![A-Za-z0-9])(?:[13][1-9A-HJ-NP-Za-km-z]{25,34}|bc1[02-9ac-hj-np-z]{11,71}|0x[0-9a-fA-F]{40})(?![A-Za-z0-9])/g,
    check: (value) => !/^\d{1,40}$/.test(value),
    confidence: 0.85,
    context: /\b(?:btc|bitcoin|eth|ethereum|wallet|crypto)\b/i,
  },
  {
    type: 'card_security_code',
    title: 'Card verification value, behind a word that says so',
    source: 'PCI DSS v4.0.1, 3.3.1.2',
    pattern:
      /\b(?:cvv2?|cvc2?|cav2|csc|cid|card verification (?:value|code|number)|security code)[ \t]{0,3}(?:number|code|no\.?)?[ \t]{0,3}[:=#]?[ \t\n]{0,3}(?:is[ \t]{1,2})?(?<value>\d{3,4})(?!\d)/gi,
    confidence: 0.95,
  },
  {
    type: 'card_expiry',
    title: 'Expiry date of a card, behind a word that says so',
    source: 'PCI DSS v4.0.1, table 3',
    pattern:
      /\b(?:exp(?:iry|ires|iration)?(?:[ \t]{1,3}date)?|valid (?:thru|through|until|to)|good thru)\.?[ \t]{0,3}[:=#]?[ \t\n]{0,3}(?<value>(?:0[1-9]|1[0-2])[ \t]?[/-][ \t]?(?:20)?\d{2})(?!\d)/gi,
    confidence: 0.9,
  },
  {
    type: 'card_track',
    title: 'Magnetic stripe data, track 1 or 2',
    source: 'ISO/IEC 7813',
    pattern: /%B\d{12,19}\^[^^\n]{2,26}\^\d{4}[^?\n]{0,60}\?|;\d{12,19}=\d{4}[^?\n]{0,40}\?/g,
    confidence: 0.99,
  },
  {
    type: 'card_pin',
    title: 'PIN, behind a word that says so',
    source: 'PCI DSS v4.0.1, 3.3.1.3',
    pattern:
      /\b(?:pin(?:[ \t]{1,3}(?:code|number|no\.?))?)[ \t]{0,3}(?:[:=#]|is)[ \t\n]{0,3}(?<value>\d{4,12})(?!\d)/gi,
    confidence: 0.9,
  },
  {
    type: 'cardholder_name',
    title: 'Name on a card, behind a word that says so',
    source: 'PCI DSS v4.0.1, table 3',
    pattern:
      /\b(?:card[ -]?holder(?:['’]s)?(?:[ \t]{1,3}name)?|name on (?:the )?card)[ \t]{0,3}[:=][ \t\n]{0,3}(?<value>\p{Lu}[\p{L}.'’-]{0,25}(?:[ \t]\p{Lu}[\p{L}.'’-]{0,25}){1,3})/gu,
    confidence: 0.9,
  },
];
