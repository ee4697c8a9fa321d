/** Mail addresses and telephone numbers. */
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { digitsOf } from '../check-digits.ts';
import type { Match, Rule } from '../rule.ts';

const LOCAL = /[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]/u;
const DOMAIN = /^[\p{L}\p{N}](?:[\p{L}\p{N}.-]{0,250}[\p{L}\p{N}])?/u;

/** Expands to both sides of each `@`: linear however the text is built. */
function* emails(text: string): Generator<Match> {
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    let start = at;
    while (start > 0 && at - start < 64 && LOCAL.test(text[start - 1] ?? '')) start--;
    while (start < at && /[.'!#$%&*/=?^`{|}~-]/.test(text[start] ?? '')) start++;
    if (start === at || text[at - 1] === '.') continue;
    const domain = DOMAIN.exec(text.slice(at + 1, at + 254))?.[0] ?? '';
    const whole = wholeDomain(domain);
    if (whole) yield { start, end: at + 1 + whole.length };
  }
}

/** What of it is a host name with a top-level domain: a full stop at the end of a sentence is not. */
function wholeDomain(text: string): string | null {
  const labels = text.split('.');
  const end = labels.findIndex(
    (label) => !/^[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?$/u.test(label),
  );
  const good = end < 0 ? labels : labels.slice(0, end);
  const last = good.at(-1) ?? '';
  return good.length >= 2 && /^(?:\p{L}{2,63}|xn--[a-z0-9-]{2,59})$/iu.test(last)
    ? good.join('.')
    : null;
}

const PHONE_WORDS =
  /(?:\b|_)(?:tel|telephone|telefon|telefono|teléfono|téléphone|telefoon|phone|phones|mobile|mobil|móvil|portable|handy|cell|cellphone|celular|fax|call|calling|dial|sms|text|whatsapp|contact|ring|hotline|pager|reach|ext|office|answering|answered)\b|[☎📞✆]/iu;

const EXTENSION = '(?:[ ,;]{0,2}(?:x|ext\\.?|extension|#)[ .:]{0,2}\\d{1,6})?';

/** NANP: area code and exchange begin with 2 to 9. */
function isNanp(value: string): boolean {
  const digits = digitsOf(value.replace(/(?:x|ext\.?|extension|#)[ .:]{0,2}\d{1,6}$/i, ''));
  return /^1?[2-9]\d{2}[2-9]\d{6}$/.test(digits);
}

function international(value: string): boolean | number {
  const main = value.replace(/[ ,;]{0,2}(?:x|ext\.?|extension|#)[ .:]{0,2}\d{1,6}$/i, '');
  const normal = main.trim().replace(/^00/, '+').replace(/\(0\)/, '');
  const phone = parsePhoneNumberFromString(normal);
  if (phone?.isValid()) return 0.95;
  return phone?.isPossible() ? 0.75 : digitsOf(normal).length >= 8 ? 0.45 : false;
}

const NATIONAL_COUNTRIES = [
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
  'DK',
  'NO',
  'FI',
  'PT',
  'CZ',
  'ZA',
  'NZ',
  'IL',
  'JP',
] as const;

/** A national number as one of many countries would dial it. */
function national(value: string): boolean | number {
  const digits = digitsOf(value);
  if (digits.length < 7 || digits.length > 14 || /^(\d)\1*$/.test(digits)) return false;
  if (/^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}$|^\d{4}[./-]\d{1,2}[./-]\d{1,2}$/.test(value)) return false;
  const isTrunk = digits.startsWith('0') && /[ ()./-]/.test(value);
  if (!isTrunk) return 0.2;
  const isValid = NATIONAL_COUNTRIES.some((country) =>
    parsePhoneNumberFromString(value, country)?.isValid(),
  );
  return isValid ? 0.65 : 0.3;
}

export const CONTACT: readonly Rule[] = [
  {
    type: 'email',
    title: 'E-mail address, international ones included',
    source: 'RFC 5321, RFC 6531',
    find: emails,
    confidence: 0.98,
  },
  {
    type: 'email',
    title: 'E-mail address spelt with [at] and [dot]',
    source: 'custom',
    pattern:
      /(?<![\w.+-])[\w.+-]{1,64} ?(?:\[at\]|\(at\)|\{at\}) ?[a-z0-9-]{1,63}(?:(?: ?(?:\[dot\]|\(dot\)|\{dot\}) ?|\.)[a-z0-9-]{1,63}){1,4}/gi,
    confidence: 0.9,
  },
  {
    type: 'phone',
    title: 'International telephone number',
    source: 'ITU-T E.164; libphonenumber',
    pattern: new RegExp(
      `(?<![\\w+.])(?:\\+|(?<!\\d[ -])00(?=[1-9]))[ ]?\\(?\\d(?:[ ().\\-/\\u00a0\\u2011]{0,3}\\d){6,16}${EXTENSION}(?!\\w|-\\d)`,
      'gi',
    ),
    check: international,
    confidence: 0.75,
    context: PHONE_WORDS,
  },
  {
    type: 'phone',
    title: 'North American telephone number',
    source: 'NANPA, ATIS-0300115',
    pattern: new RegExp(
      `(?<![\\w.+-])(?:(?:001|1)[ .\\-]{1,2})?(?:\\(\\d{3}\\)[ .\\-]{0,2}|\\d{3}[ .\\-\\u00a0\\u2011])\\d{3}[ .\\-\\u00a0\\u2011\\n]\\d{4}${EXTENSION}(?!\\w|-\\d)`,
      'gi',
    ),
    check: (value) => (isNanp(value.replace(/^00/, '')) ? 0.85 : 0.35),
    confidence: 0.85,
    context: PHONE_WORDS,
  },
  {
    type: 'phone',
    title: 'Ten digits, beside a word that says telephone',
    source: 'NANPA',
    pattern: new RegExp(`(?<![\\w.+-])1?\\d{10}${EXTENSION}(?!\\w|-\\d)`, 'gi'),
    check: isNanp,
    confidence: 0.3,
    context: PHONE_WORDS,
    withContext: 0.85,
  },
  {
    type: 'phone',
    title: 'Seven-digit local number, beside a word that says telephone',
    source: 'NANPA',
    pattern: /(?<![\w.+-])[2-9]\d{2}[-.\u2011]\d{4}(?!\w|-\d)/g,
    confidence: 0.4,
    context: PHONE_WORDS,
    withContext: 0.85,
  },
  {
    type: 'phone',
    title: 'National number as dialled in some thirty countries',
    source: 'libphonenumber',
    pattern: new RegExp(
      `(?<![\\w+.,/-])\\(?\\d{1,6}\\)?(?:[ .\\-/\\u00a0]{1,3}\\(?\\d{2,9}\\)?){1,5}${EXTENSION}(?!\\w|-\\d)|(?<![\\w+.,/-])0\\d{8,11}(?!\\w|-\\d)`,
      'gi',
    ),
    check: national,
    confidence: 0.3,
    context: PHONE_WORDS,
    withContext: 0.8,
  },
];
