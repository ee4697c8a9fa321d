/** Account data as PCI DSS names it: card number, expiry, security code, track, PIN, cardholder. */
import { isCardNumber } from '../card-issuers.ts';
import type { Match, Rule } from '../rule.ts';
import { labelled } from './labelled.ts';

const CARD_WORDS =
  /(?<!\p{L})(?:cards?|credit|debit|visa|master(?:card)?|amex|american express|discover|diners|jcb|maestro|unionpay|pan|cc|kreditkarte|karte|kartennummer|carte|tarjeta|cartão|carta|betaalkaart|kort|karta)(?!\p{L})/iu;

interface Group {
  start: number;
  end: number;
  digits: string;
  /** Signs between it and the group before: 0 where too much or something else stands there. */
  gap: number;
}

const BETWEEN = /^[ \-.\u00a0\u2010-\u2013\r\n]{1,3}$/;

/** All groups of digits, with what parts each from the one before. */
function groupsIn(text: string): Group[] {
  const groups: Group[] = [];
  let before = -1;
  for (const { 0: digits, index } of text.matchAll(/\d{1,400}/g)) {
    const between = before < 0 || index - before > 3 ? '' : text.slice(before, index);
    const gap = BETWEEN.test(between) ? between.length : 0;
    groups.push({ start: index, end: index + digits.length, digits, gap });
    before = index + digits.length;
  }
  return groups;
}

/**
 * Cards among groups of digits. Beside a card there may be more (an expiry, a security code, the next
 * card), so every stretch is tried that begins and ends where a group does.
 */
function* cards(text: string): Generator<Match> {
  const groups = groupsIn(text);
  for (let from = 0; from < groups.length; from++) {
    const to = endOfCard(groups, from);
    const [first, last] = [groups[from], groups[to ?? from]];
    if (to === null || !first || !last) continue;
    if (/^\.\d/.test(text.slice(last.end, last.end + 2))) continue;
    yield { start: first.start, end: last.end };
    from = to;
  }
}

/** The longest card that begins with this group. */
function endOfCard(groups: readonly Group[], from: number): number | null {
  let digits = '';
  let best: number | null = null;
  for (let to = from; to < groups.length; to++) {
    const group = groups[to] as Group;
    if (to > from && group.gap === 0) break;
    digits += group.digits;
    if (digits.length > 19) break;
    if (isCardNumber(digits) && isGrouped(groups.slice(from, to + 1))) best = to;
  }
  return best;
}

/**
 * Cards are written in one piece or in groups, not digit by digit; with more than one sign between
 * the groups only as they are printed, in fours or four, six and five.
 */
function isGrouped(groups: readonly Group[]): boolean {
  if (groups.length === 1) return true;
  const lengths = groups.map(({ digits }) => digits.length);
  if (groups.slice(1).some(({ gap }) => gap > 1)) {
    return /^(?:4,4,4,4(?:,[1-3])?|4,6,[45])$/.test(lengths.join());
  }
  return lengths.every((length) => length >= 2);
}

/** Track 2 has the number, `=`, expiry and service code; its number must be a card's. */
const isTrack = (value: string): boolean | number =>
  isCardNumber(/\d{12,19}/.exec(value)?.[0] ?? '') ? 0.99 : 0.8;

const MONTH = '(?:0?[1-9]|1[0-2])';

export const CARDS: readonly Rule[] = [
  {
    type: 'credit_card',
    title: 'Payment card number: issuer ranges, 12 to 19 digits, Luhn',
    source: 'ISO/IEC 7812-1; issuers’ published ranges',
    find: cards,
    confidence: 0.9,
    context: CARD_WORDS,
    withContext: 0.99,
  },
  labelled({
    type: 'credit_card',
    title: 'Card number shown in part (first six, last four) behind its label',
    source: 'PCI DSS v4.0.1, 3.4.1',
    labels: 'credit card|debit card|card|pan|kreditkarte|carte bancaire|carte|tarjeta',
    value: '\\d{0,6}(?:[ -]?[x*•#]{2,8}){1,4}[ -]?\\d{4}',
    confidence: 0.6,
  }),
  labelled({
    type: 'card_security_code',
    title: 'Card verification value behind its label',
    source: 'PCI DSS v4.0.1, 3.3.1.2',
    labels:
      'cvv ?2?|cvc ?2?|cvn|cav2|csc|cid(?= ?[:=#])|card verification(?: value| code)?|security code|sicherheitscode|prüfziffer|pr[üu]fnummer|kartenprüfnummer|cryptogramme(?: visuel)?|c[óo]digo de seguran[çc]a|c[óo]digo de seguridad|codice di sicurezza|veiligheidscode|digits on (?:the |its )?(?:back|reverse)',
    value: '\\d{3,4}',
    confidence: 0.95,
  }),
  labelled({
    type: 'card_expiry',
    title: 'Expiry date of a card behind its label',
    source: 'PCI DSS v4.0.1, table 3',
    labels:
      "exp\\.?|expiry|expires|expiration|exp\\.? date|expiry date|expiration date|valid (?:thru|through|until|to)|good thru|g[üu]ltig bis|ablaufdatum|date d[’']expiration|expire|vencimiento|caduca|caducidad|validade|scadenza|vervaldatum|geldig tot",
    value: `(?:${MONTH}[ \\t]?[/.-][ \\t]?(?:20)?\\d{2}|20\\d{2}[/-](?:0[1-9]|1[0-2])|(?:0[1-9]|1[0-2])\\d{2}|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\\.?[ /-](?:20)?\\d{2})(?![/.-]\\d)`,
    confidence: 0.9,
  }),
  {
    type: 'card_expiry',
    title: 'Month and year beside a word that says card',
    source: 'PCI DSS v4.0.1, table 3',
    atDigits: [2, 2],
    pattern: /(?<![\w/.-])(?:0[1-9]|1[0-2])[/-](?:20)?[2-4]\d(?![\w/.-])/y,
    confidence: 0.1,
    context:
      /(?<!\p{L})(?:cards?|visa|mastercard|amex|cvv|cvc|exp|expir\p{L}{1,8}|karte|carte|tarjeta)(?!\p{L})|\d{4}[ -]\d{4}[ -]\d{4}|\d{15,16}/iu,
    withContext: 0.75,
  },
  {
    type: 'card_track',
    title: 'Magnetic stripe data, track 1 or 2',
    source: 'ISO/IEC 7813',
    pattern:
      /%?B\d{12,19}\^[^^\n]{2,26}\^\d{4}[^?\n]{0,60}(?:\?|$)|;?\d{12,19}[=D]\d{7}[\dF=]{0,30}\??|;\d{12,19}=\d{4}[^?\n]{0,40}\?/g,
    check: (value) => (/^[;%]/.test(value) || isTrack(value) === 0.99) && isTrack(value),
    confidence: 0.99,
  },
  labelled({
    type: 'card_pin',
    title: 'PIN behind its label',
    source: 'PCI DSS v4.0.1, 3.3.1.3',
    labels: 'pin|card pin|geheimzahl|code pin|c[óo]digo pin|pin block|pincode',
    needsLink: true,
    value: '(?:\\d{4,6}|\\d{7,12}|[0-9A-F]{16})',
    confidence: 0.9,
  }),
  {
    type: 'card_security_code',
    title: 'Card verification value behind CID, beside a word that says card',
    source: 'PCI DSS v4.0.1, 3.3.1.2',
    words: ['cid'],
    pattern: /CID[ ](?<value>\d{3,4})(?!\d)/iuy,
    confidence: 0.2,
    context: CARD_WORDS,
    withContext: 0.85,
  },
  {
    type: 'card_pin',
    title: 'PIN where somebody gives it (PIN is …, PIN 0000)',
    source: 'PCI DSS v4.0.1, 3.3.1.3',
    words: ['pin'],
    pattern:
      /(?:[Pp]in|PIN)(?:[ ](?:is|ist|est|es|è)|(?=[ ]\d{4}(?!\d)))[ ](?<value>\d{4,12})(?!\d|[.,]\d)/uy,
    confidence: 0.9,
  },
  {
    type: 'cardholder_name',
    title: 'Name on a card behind its label; cell below such a heading',
    source: 'PCI DSS v4.0.1, table 3',
    words: ['card', 'cardholder', 'name', 'holder', 'karteninhaber', 'titulaire', 'titular'],
    pattern:
      /(?:[Nn]ame on (?:the |my |your |his |her )?[Cc]ard(?=[ \t]{1,3}\p{Lu})|(?:[Cc]ard[ _-]?[Hh]older(?:['’]s)?(?:[ _-]{0,2}[Nn]ame)?|(?:CARD ?)?HOLDER(?: NAME)?|[Hh]older|[Nn]ame on (?:the )?[Cc]ard|[Kk]arteninhaber(?:in)?|[Tt]itulaire(?: de la carte)?|[Tt]itular(?: de la tarjeta)?)[ \t]{0,3}[:=])[ \t\n]{0,3}(?<value>\p{Lu}[\p{L}.'’-]{0,25}(?:[ \t]\p{Lu}[\p{L}.'’-]{0,25}){1,3})/uy,
    confidence: 0.9,
    cell: {
      heading: /(?<!\p{L})(?:card ?holder(?: name)?|name on card|karteninhaber)(?!\p{L})/iu,
      pattern: /^\p{L}[\p{L}.'’ -]{2,60}$/u,
    },
  },
  {
    type: 'cardholder_name',
    title: 'Name behind that word, beside one that says card (NAME=JANE DOE)',
    source: 'PCI DSS v4.0.1, table 3',
    words: ['name'],
    pattern:
      /(?:NAME|[Nn]ame)[:=][ ]?(?<value>\p{Lu}[\p{L}'’-]{1,25}(?:[ +]\p{Lu}[\p{L}.'’-]{0,25}){1,3})/uy,
    confidence: 0.2,
    context: CARD_WORDS,
    withContext: 0.8,
  },
];
