/** Character references of HTML and XML, as far as text in them can hide letters. */

/** The longest name is `CounterClockwiseContourIntegral`; digits need at most seven. */
export const ENTITY = /&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?/;

/** What can stand in an address, a number or a name. Others cannot hide anything that is looked for. */
const NAMED: Readonly<Record<string, string>> = {
  ...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0', commat: '@' },
  ...{ period: '.', comma: ',', colon: ':', semi: ';', num: '#', plus: '+', lowbar: '_' },
  ...{ hyphen: '\u2010', dash: '\u2010', ndash: '–', mdash: '—', shy: '\u00ad', sol: '/' },
  ...{ lpar: '(', rpar: ')', lsqb: '[', rsqb: ']', equals: '=', ast: '*', percnt: '%', excl: '!' },
  ...{ quest: '?', dollar: '$', euro: '€', pound: '£', Tab: '\t', NewLine: '\n', ensp: '\u2002' },
  ...{ emsp: '\u2003', thinsp: '\u2009', zwj: '\u200d', zwnj: '\u200c', lsquo: '‘', rsquo: '’' },
  ...{ ldquo: '“', rdquo: '”', bull: '•', hellip: '…', middot: '·', szlig: 'ß', AElig: 'Æ' },
  ...{ aelig: 'æ', OElig: 'Œ', oelig: 'œ', Oslash: 'Ø', oslash: 'ø', ETH: 'Ð', eth: 'ð' },
  ...{ THORN: 'Þ', thorn: 'þ', inodot: 'ı', Lstrok: 'Ł', lstrok: 'ł' },
};

const MARKS: Readonly<Record<string, string>> = {
  ...{ grave: '\u0300', acute: '\u0301', circ: '\u0302', tilde: '\u0303', uml: '\u0308' },
  ...{ ring: '\u030a', cedil: '\u0327', caron: '\u030c', breve: '\u0306', ogon: '\u0328' },
};

/** The characters that a reference stands for, or null where it is none that we know. */
export function namedEntity(reference: string): string | null {
  const name = reference.replace(/^&|;$/g, '');
  if (name.startsWith('#')) {
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : null;
  }
  if (Object.hasOwn(NAMED, name)) return NAMED[name] ?? null;
  const accented = /^([A-Za-z])([a-z]{3,5})$/.exec(name);
  const mark = accented && MARKS[accented[2] ?? ''];
  return mark ? `${accented[1]}${mark}`.normalize('NFC') : null;
}

export function decodeEntities(text: string): string {
  return text.replace(new RegExp(ENTITY, 'g'), (reference) => namedEntity(reference) ?? reference);
}

export function encodeEntities(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
