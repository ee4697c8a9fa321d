/** Telephone and fax numbers: international, North American, national ones of some thirty countries. */
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { digitsOf } from '../check-digits.ts';
import type { Match, Rule } from '../rule.ts';
import { labelled } from './labelled.ts';

const SURE_WORDS =
  'tel|telephone|telefon|telefono|teléfono|téléphone|telefoon|telefone|telem[óo]vel|fone|tél|tlf|puh|puhelin|phone|phones|mobile|mobil|mob|móvil|portable|handy|gsm|cell|cel|cellphone|celular|komórka|fax|call|called|calls|calling|dial|sms|whatsapp|hotline|helpline|pager|anrufen|rufnummer|durchwahl|τηλ|тел';
const SIGNS = '[☎📞✆📱]';
const SURE_CONTEXT = new RegExp(`(?<!\\p{L})(?:${SURE_WORDS})(?!\\p{L})|${SIGNS}`, 'iu');
/** Words that also stand beside other numbers: enough for digits that are grouped as telephones are. */
const PHONE_WORDS = new RegExp(
  `(?<!\\p{L})(?:${SURE_WORDS}|text|contact|ring|reach|ext|office|home|work|answering|answered)(?!\\p{L})|${SIGNS}`,
  'iu',
);

const EXTENSION = '(?:[ ,;]{0,2}(?:x|ext\\.?|extension|#)[ .:]{0,2}\\d{1,6})?';
const WITHOUT_EXTENSION = /[ ,;]{0,2}(?:x|ext\.?|extension|#)[ .:]{0,2}\d{1,6}$/i;

/** NANP: area code and exchange begin with 2 to 9. */
function isNanp(value: string): boolean {
  return /^1?[2-9]\d{2}[2-9]\d{6}$/.test(digitsOf(value.replace(WITHOUT_EXTENSION, '')));
}

function international(value: string): number {
  const main = value.replace(WITHOUT_EXTENSION, '');
  const normal = main.trim().replace(/^00/, '+').replace(/\(0\)/, '');
  const phone = parsePhoneNumberFromString(normal);
  if (phone?.isValid()) return 0.95;
  return phone?.isPossible() ? 0.75 : digitsOf(normal).length >= 8 ? 0.45 : 0;
}

/** Groups behind the number belong to something else: as many are left as make the surest number. */
function surest(text: string, match: Match): Match | null {
  let end = match.end;
  let best: Match | null = null;
  for (let tries = 0; tries < 5; tries++) {
    const confidence = international(text.slice(match.start, end));
    if (confidence > (best?.confidence ?? 0)) best = { start: match.start, end, confidence };
    if (confidence >= 0.95) break;
    const shorter = /[ ().\-/\u00a0\u2011]{1,3}\d{1,8}$/.exec(text.slice(match.start, end));
    if (!shorter || shorter.index < 6) break;
    end = match.start + shorter.index;
  }
  return best;
}

const NATIONAL_COUNTRIES = [
  ...([
    'GB',
    'DE',
    'FR',
    'ES',
    'IT',
    'NL',
    'BE',
    'AT',
    'CH',
    'IE',
    'AU',
    'IN',
    'BR',
    'SE',
    'PL',
  ] as const),
  ...([
    'DK',
    'NO',
    'FI',
    'PT',
    'CZ',
    'ZA',
    'NZ',
    'IL',
    'JP',
    'GR',
    'HU',
    'RO',
    'BG',
    'HR',
    'SK',
  ] as const),
];
type Country = (typeof NATIONAL_COUNTRIES)[number];

/** Where a document of a language is likely to come from: its numbers are tried first. */
const REGIONS: Readonly<Record<string, readonly Country[]>> = {
  ...{
    de: ['DE', 'AT', 'CH'],
    fr: ['FR', 'BE', 'CH'],
    es: ['ES'],
    it: ['IT', 'CH'],
    nl: ['NL', 'BE'],
  },
  ...{
    pt: ['PT', 'BR'],
    sv: ['SE', 'FI'],
    da: ['DK'],
    nb: ['NO'],
    no: ['NO'],
    fi: ['FI'],
    pl: ['PL'],
  },
  ...{
    cs: ['CZ'],
    sk: ['SK'],
    el: ['GR'],
    hu: ['HU'],
    ro: ['RO'],
    bg: ['BG'],
    hr: ['HR'],
    ja: ['JP'],
    he: ['IL'],
  },
};

/** Three groups of which two can be day and month, or more than one slash. */
function isDateLike(value: string): boolean {
  const groups = value.match(/\d{1,14}/g) ?? [];
  if ((value.match(/\//g)?.length ?? 0) > 1) return true;
  if (groups.length !== 3 || groups.some((group) => group.length > 4)) return false;
  const [a = 0, b = 0, c = 0] = groups.map(Number);
  if (groups[0]?.length === 4) return b <= 12 && c <= 31;
  const isLong = groups[0]?.length === 3 || groups[1]?.length === 3 || groups[2]?.length === 3;
  return !isLong && ((a <= 31 && b <= 12) || (a <= 12 && b <= 31));
}

/** A national number as one of many countries would dial it. */
function national(value: string, language?: string): boolean | number {
  const digits = digitsOf(value.replace(WITHOUT_EXTENSION, ''));
  if (digits.length < 6 || digits.length > 14 || /^(\d)\1*$/.test(digits)) return false;
  if (isDateLike(value)) return false;
  const homes = REGIONS[language ?? ''] ?? [];
  const fits = (country: Country) => parsePhoneNumberFromString(value, country)?.isValid() === true;
  const isWritten = digits.startsWith('0') || /[ ()./-]/.test(value) || digits.length <= 9;
  if (digits.length >= 8 && isWritten && homes.some(fits)) return 0.7;
  if (!(digits.startsWith('0') && /[ ()./-]/.test(value))) return 0.2;
  return NATIONAL_COUNTRIES.some(fits) ? 0.65 : 0.3;
}

/** Takes a bracket before the first digit along; one that closes without it stays. */
const withBracket = (text: string, match: Match): Match => {
  const value = text.slice(match.start, match.end);
  if (value.endsWith(')') && !value.includes('(')) return { ...match, end: match.end - 1 };
  const opens = text[match.start - 1] === '(' && text.slice(match.start, match.end).includes(')');
  return opens ? { ...match, start: match.start - 1 } : match;
};

export const PHONES: readonly Rule[] = [
  {
    type: 'phone',
    title: 'International telephone number',
    source: 'ITU-T E.164; libphonenumber',
    pattern: new RegExp(
      `(?<![\\w+.])(?:\\+|(?<!\\d[ -])00(?=[1-9]))[ ]?\\(?\\d(?:[ ().\\-/\\u00a0\\u2011]{0,3}\\d){6,16}${EXTENSION}(?!\\w|-\\d)`,
      'gi',
    ),
    reach: surest,
    confidence: 0.75,
    context: PHONE_WORDS,
  },
  {
    type: 'phone',
    title: 'North American telephone number',
    source: 'NANPA, ATIS-0300115',
    atDigits: [1, 3],
    pattern: new RegExp(
      `(?:(?<![\\w+.-]|[\\w+.-]\\()|(?<=(?<!\\w)[TPFMOC]-))(?:(?:001|1)[ .\\-]{1,2}\\(?)?(?:\\d{3}\\)[ .\\-]{0,2}|\\d{3}[ .\\-\\u00a0\\u2011])\\d{3}[ .\\-\\u00a0\\u2011\\n]\\d{4}${EXTENSION}(?!\\w|-\\d)`,
      'iy',
    ),
    check: (value) => (isNanp(value.replace(/^00/, '')) ? 0.85 : 0.35),
    reach: withBracket,
    confidence: 0.85,
    context: PHONE_WORDS,
  },
  {
    type: 'phone',
    title: 'Ten digits, beside a word that says telephone',
    source: 'NANPA',
    atDigits: [10, 11],
    pattern: new RegExp(`(?<![\\w.+-])1?\\d{10}${EXTENSION}(?!\\w|-\\d)`, 'iy'),
    check: isNanp,
    confidence: 0.3,
    context: PHONE_WORDS,
    withContext: 0.85,
  },
  {
    type: 'phone',
    title: 'Seven-digit local number, beside a word that says telephone',
    source: 'NANPA',
    atDigits: [3, 3],
    pattern: /(?<![\w.+-])[2-9]\d{2}[-.\u2011 ]\d{4}(?!\w|-\d|[ ]\d)/y,
    check: (value) => (/[ ]/.test(value) ? 0.2 : 0.4),
    confidence: 0.4,
    context: PHONE_WORDS,
    withContext: 0.85,
  },
  {
    type: 'phone',
    title: 'National number as dialled in some thirty countries; of the document’s language first',
    source: 'libphonenumber',
    atDigits: [1, 14],
    pattern: new RegExp(
      `(?<![\\w+.,/-]|\\d{2}[ ]|[\\w+.,/-]\\()(?:\\d{1,6}\\)?(?:[ .\\-/\\u00a0]{1,3}\\(?\\d{2,9}\\)?){1,5}${EXTENSION})(?!\\w|-\\d)`,
      'iy',
    ),
    check: national,
    reach: withBracket,
    confidence: 0.3,
    context: PHONE_WORDS,
    withContext: 0.8,
  },
  {
    type: 'phone',
    title: 'Eight to twelve digits in one, beside a word that says telephone',
    source: 'libphonenumber',
    atDigits: [8, 12],
    pattern: new RegExp(`(?<![\\w+.,/-])\\d{8,12}${EXTENSION}(?!\\w|-\\d)`, 'iy'),
    check: (value, language) => !/0{5}$/.test(value) && national(value, language),
    confidence: 0.3,
    context: SURE_CONTEXT,
    withContext: 0.8,
  },
  labelled({
    type: 'phone',
    title: 'Number behind a label that says telephone or fax; cell below such a heading',
    source: 'ITU-T E.123',
    labels:
      'phones?|telephone|tel\\.?|fax|mobile|cell|cellphone|pager|telefon|t[ée]l[ée]phone|t[ée]l\\.?|tel[ée]fono|telefoon|telefone|handy|mobil|portable|m[óo]vil|celular|rufnummer|tlf\\.?|puhelin|puh\\.?|gsm|komórkowy|whatsapp',
    value:
      '\\+?\\(?\\d(?:[ ().\\-/\\u00a0]{0,3}\\d){5,15}(?:[ ,;]{0,2}(?:x|ext\\.?)[ .:]{0,2}\\d{1,6})?',
    confidence: 0.85,
  }),
];
