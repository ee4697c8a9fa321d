/**
 * What the attacker looks for: two people, one of a short name and one of a long one, and every way
 * in which a piece of them could still be written. Own code, not the product's search: a way that
 * both forgot would be missed twice, so this one also knows escapes of XML, PDF, URLs and mails.
 */
import type { Options } from '../../../../src/services/redact/index.ts';

export interface Person {
  name: string;
  mail: string;
}

export const SHORT: Person = { name: 'Bo Li', mail: 'bo@li.org' };
export const LONG: Person = {
  name: 'Bartholomew Featherstonehaugh',
  mail: 'bartholomew.featherstonehaugh@example.org',
};

/** Only the two are looked for: what else a tagger sees in a sample is not what is tested here. */
export function optionsFor({ name }: Person, more: Options = {}): Options {
  return { entities: ['email'], terms: [name], ...more };
}

/** The person, and each word of a name that is long enough to be told from chance. */
function piecesOf({ name, mail }: Person): string[] {
  const words = `${name} ${mail}`.split(/[\s@.]+/).filter((word) => word.length > 7);
  return [...new Set([name, mail, ...words])];
}

/** Shorter rows of bytes stand somewhere in anything compressed. */
const SHORTEST_BYTES = 5;

const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();
const each = (text: string, write: (code: number) => string) =>
  [...text].map((letter) => write(letter.charCodeAt(0))).join('');
const hexOf = (code: number) => code.toString(16).padStart(2, '0');

function base64Of(bytes: Buffer): string[] {
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    return encoded.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6));
  });
}

/** All rows of bytes that would give the person away, with the name of the way of writing. */
export function needlesOf(person: Person): { way: string; bytes: Buffer }[] {
  const needles: { way: string; bytes: Buffer }[] = [];
  const add = (way: string, bytes: Buffer | string) => {
    const row = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    if (row.length >= SHORTEST_BYTES) needles.push({ way, bytes: row });
  };
  for (const piece of piecesOf(person)) {
    const forms = new Set([piece, piece.toLowerCase(), piece.toUpperCase()]);
    forms.add([...piece].reverse().join(''));
    if (piece.length > 8) forms.add(piece.replace(/[\s.@-]/g, ''));
    for (const form of forms) {
      add('plain', form);
      add('UTF-16LE', Buffer.from(form, 'utf16le'));
      add('UTF-16BE', utf16be(form));
      add('hexadecimal', Buffer.from(form).toString('hex'));
      add('hexadecimal', Buffer.from(form).toString('hex').toUpperCase());
      add('hexadecimal UTF-16', utf16be(form).toString('hex'));
      for (const text of base64Of(Buffer.from(form))) if (text.length > 7) add('base64', text);
      add(
        'octal',
        each(form, (code) => `\\${code.toString(8).padStart(3, '0')}`),
      );
      add(
        'percent',
        each(form, (code) => `%${hexOf(code)}`),
      );
      add('percent', form.replace('@', '%40').replace(' ', '%20'));
      add(
        'references',
        each(form, (code) => `&#${code};`),
      );
      add(
        'references',
        each(form, (code) => `&#x${hexOf(code)};`),
      );
      add('references', form.replace('@', '&#64;').replace(' ', '&#160;'));
    }
  }
  return needles;
}

const squeeze = (text: string) => text.normalize('NFKC').replace(/\s+/g, '');

/** The pieces that a text shows, whatever its spaces and capitals. */
export function shownIn(text: string, person: Person): string[] {
  const squeezed = squeeze(text).toLowerCase();
  return piecesOf(person).filter((piece) => squeezed.includes(squeeze(piece).toLowerCase()));
}

/** Letters in a row of a long word that no neighbour has: enough for somebody who guesses. */
const TELLING = 6;

/** What tells of the person in words that a machine read from pixels, and may have misread. */
export function toldBy(text: string, person: Person): string | null {
  const squeezed = squeeze(text).toLowerCase();
  for (const piece of piecesOf(person).map((one) => squeeze(one).toLowerCase())) {
    const length = Math.min(TELLING, piece.length);
    for (let at = 0; at + length <= piece.length; at++) {
      const part = piece.slice(at, at + length);
      if (squeezed.includes(part) && !'@example.org'.includes(part)) return part;
    }
  }
  return null;
}

/** A text without white space and without the person. */
export function without(text: string, person: Person, mark = ''): string {
  const squeezed = squeeze(text);
  const literal = (value: string) => squeeze(value).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return squeezed.replace(
    new RegExp(`${literal(person.mail)}|${literal(person.name)}`, 'gi'),
    mark,
  );
}
