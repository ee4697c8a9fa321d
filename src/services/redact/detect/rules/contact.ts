/** Mail addresses. */
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
  // What ran into the address from behind (`example.com32`, `example.comAAAA…`) does not save it.
  const tooLong = (labels[end] ?? '').length > 63 ? [(labels[end] ?? '').slice(0, 63)] : [];
  const good = end < 0 ? labels : [...labels.slice(0, end), ...tooLong];
  const [last] = /^(?:xn--[a-z0-9-]{2,59}|\p{L}{2,63})/iu.exec(good.at(-1) ?? '') ?? [];
  return good.length >= 2 && last ? [...good.slice(0, -1), last].join('.') : null;
}

const SPELT_LOCAL =
  /(?<![\p{L}\d])(?:[a-z0-9_-]{1,40}[ ](?:dot|punto|punkt|point|underscore|dash)[ ]){0,3}[a-z0-9_.-]{1,40}[ ]$/iu;

function withLocalPart(text: string, { start, end }: Match): Match | null {
  const local = SPELT_LOCAL.exec(text.slice(Math.max(0, start - 120), start))?.[0];
  return local ? { start: start - local.length, end } : null;
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
    needs: /[[({]at[\])}]/i,
    pattern:
      /(?<![\w.+-])[\w.+-]{1,64} ?(?:\[at\]|\(at\)|\{at\}) ?[a-z0-9-]{1,63}(?:(?: ?(?:\[dot\]|\(dot\)|\{dot\}) ?|\.)[a-z0-9-]{1,63}){1,4}/gi,
    confidence: 0.9,
  },
  {
    type: 'email',
    title: 'E-mail address spelt out in words (jane dot doe at example dot org)',
    source: 'custom',
    words: ['at', 'arroba'],
    pattern:
      /(?:at|arroba)[ ](?:[a-z0-9-]{1,63}[ ](?:dot|punto|punkt|point)[ ]){1,3}(?:com|org|net|edu|gov|info|io|co|eu|de|fr|es|it|nl|uk|us|ca|au|at|ch|be|pl)(?![\p{L}\d])/iuy,
    reach: withLocalPart,
    confidence: 0.85,
  },
];
