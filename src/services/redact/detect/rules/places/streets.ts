/** Streets by the words that languages have for them: behind the name, before it, or at its end. */
import type { Match, Rule } from '../../rule.ts';
import { firstWords } from '../first-words.ts';
import { tailOf } from './tail.ts';
import { BEFORE, BEHIND, CAPITAL_WORD } from './vocabulary.ts';

const ORDINAL = '\\d{1,3}(?:st|nd|rd|th|º|ª)';
const WORD = `(?:${CAPITAL_WORD}|${ORDINAL})`;
const SMALL =
  "(?:(?:de|du|des|d['’]|la|le|les|l['’]|del|della|dell['’]|dei|degli|da|do|dos|das|di|el|los|las|y|e|van|von|der|den|i|och)[ ]?){1,3}";
const NUMBER = '\\d{1,5}[A-Za-z]?(?:[-/]\\d{1,4}[A-Za-z]?)?';
const DIRECTION = '(?:[ ](?:[NSEW][EW]?|North|South|East|West)\\b)?';

/** With a capital or in capitals; the commonest in small letters too. */
const AS_WRITTEN = BEHIND.split('|')
  .flatMap((word) => {
    const title = (word[0] ?? '').toUpperCase() + word.slice(1);
    return /^(?:street|avenue|road|boulevard|lane|drive|utca|út|útja|tér|tere|körút|u\\\.|tänav|tn|maantee|mnt|iela|gatvė|g\\\.|ulica|cesta|sokak|caddesi)$/.test(
      word,
    )
      ? [word, title, word.toUpperCase()]
      : [title, word.toUpperCase()];
  })
  .toSorted((a, b) => b.length - a.length)
  .join('|');

const YEAR = /^(?:19|20)\d\d$/;
const IN_TIME = /\b(?:in|since|by|during|until|of|for|from|to|and|year|im|seit|en|nel|em)[ ]$/i;

/** What makes a street of `2010 Elm …` though 2010 may be a year. */
const PLAIN_STREET = /(?:street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr)\.?$/i;

/** A year before a street's name is none of its numbers: `in 2024 Wall Street …`. */
function withTail(text: string, match: Match): Match | null {
  const tail = tailOf(text, match.end);
  const value = text.slice(match.start, match.end);
  const [number = ''] = /\d{1,5}/.exec(value) ?? [];
  const before = text.slice(Math.max(0, match.start - 12), match.start);
  const isPlain = IN_TIME.test(before) || value.endsWith(number) || !PLAIN_STREET.test(value);
  if (YEAR.test(number) && !tail.isSure && isPlain) return null; // In English, by way of: `2 via e-mail`.
  if (/^\d{1,5} via /.test(value) && !tail.isSure) return null;
  return { ...match, end: tail.end };
}

/** Where the name could be any words, the rest of the address must be there too. */
function withSureTail(text: string, match: Match): Match | null {
  const tail = tailOf(text, match.end);
  return tail.isSure ? { ...match, end: tail.end } : null;
}

const SURE_ENDINGS =
  /(?:stra(?:ß|ss)e|str\.|gasse|allee|chaussee|straat|laan|gracht|plein|steenweg|kade|dijk|singel|dreef|straatweg|gatan|gade|vägen|väg|vej|vejen|veien|vegen|gränd|gränden|stræde|stien|gata|vegur|stígur|stræti|braut|hraun|katu|kuja|polku|ntie|väylä|nranta|maantee|utca|weg|platz|plads|plass|torget|torvet|damm|ufer|landstr(?:aße)?)$/iu;
const MAYBE_ENDINGS =
  /(?:ring|steig|pfad|graben|markt|berg|kamp|hof|winkel|zeile|baan|lei|pad|wal|bakken|backen|brinken|tún|gerði|rinne|kaari|stieg|stigen|út|anger|garten|heide|wiese|feld|bogen|tor)$/iu;
const OWN_WORDS =
  /^(?:utca|u\.|út|útja|tér|tere|körút|krt\.|köz|tänav|tn|maantee|mnt|puiestee|pst|iela|gatve|gatvė|g\.|prospektas|pr\.|cesta|ulica|trg|sokak|sok\.|caddesi|cad\.|náměstí|nám\.|třída|nábřeží|strasse|straße|str\.|gate|gt\.|vei|väg|gata|vej|gade|straat|laan|plein|weg|platz|allee|gasse|ring|promenade|markt)$/iu;
/** Ends as a street's name does, and is none. */
const NO_STREET =
  /^(?:norweg|away|unweg|hinweg|inwieweg|vorweg|anyway|segway|broadway|subway|runway|gateway|pathway|railway|motorway|highway)$/iu;

/** Words before a house number, from the end of the slice. */
const NAME_BEFORE = new RegExp(
  `(?<![\\p{L}\\d])(?:\\d{1,4}[A-Za-z]?,?[ ])?(?<name>(?:${CAPITAL_WORD}[ ]){0,3}[\\p{L}][\\p{L}.'’-]{1,30}),?[ ](?:(?:nr|no|n°|č)\\.?[ ])?$`,
  'u',
);
const HOUSE =
  /(?<=[\p{L}.º°],?[ ])\d{1,4}[ ]?[a-zA-Z]?(?:[-/]\d{1,4}[a-zA-Z]?)?(?![\p{L}\d]|[.,]\d)\.?/uy;
const LOOK_BACK = 80;
const ENDINGS = [SURE_ENDINGS, MAYBE_ENDINGS, new RegExp(OWN_WORDS.source.slice(1), 'iu')];

/** One of the two words before (the nearer may be `nr.`) ends as a name must. */
function mayBeStreet(slice: string): boolean {
  const words = slice.split(' ').slice(-3, -1);
  return words.some((word) => ENDINGS.some((ending) => ending.test(word.replace(/,$/, ''))));
}

/** House numbers behind a name that ends as streets' names do. */
function behindName(text: string, { start, end }: Match): Match | null {
  const slice = text.slice(Math.max(0, start - LOOK_BACK), start);
  if (!mayBeStreet(slice)) return null;
  const lead = NAME_BEFORE.exec(slice);
  const name = lead?.groups?.['name'] ?? '';
  const words = name.split(' ');
  const last = words.at(-1) ?? '';
  if (!lead || NO_STREET.test(last)) return null;
  const tail = tailOf(text, end);
  const from = start - lead[0].length;
  const isOwn = OWN_WORDS.test(last) && words.length > 1;
  const isSure = SURE_ENDINGS.test(last) && /^\p{Lu}/u.test(name) && last.length > 5;
  if (isOwn || isSure) {
    const isYear = YEAR.test(text.slice(start, start + 4)) && !tail.isSure;
    return isYear ? null : { start: from, end: tail.end, confidence: 0.8 };
  }
  const isMaybe = MAYBE_ENDINGS.test(last) && /^\p{Lu}/u.test(last) && tail.isSure;
  return isMaybe ? { start: from, end: tail.end, confidence: 0.65 } : null;
}

/** Those that are words of their own in other languages too need a capital. */
const NAMED_BEFORE = BEFORE.split('|')
  .filter((word) => !/^(?:r\\\.|route|square|villa|passage|cours|place)/.test(word))
  .flatMap((word) => [word, (word[0] ?? '').toUpperCase() + word.slice(1), word.toUpperCase()])
  .filter(
    (word) =>
      !/^(?:via|largo|diagonal|strada|borgo|place|avenue|boulevard|plaza|camino|ronda|corso|carrera|contrada|salita|alameda|plac)$/.test(
        word,
      ),
  )
  .toSorted((a, b) => b.length - a.length)
  .join('|');

export const STREETS: readonly Rule[] = [
  {
    type: 'address',
    title:
      'House number and street whose word stands behind its name (Street, Road …), with what follows',
    source: 'USPS Publication 28; Royal Mail; Canada Post; UPU S42',
    atDigits: [1, 6],
    pattern: new RegExp(
      `(?<![\\p{L}\\p{N}.,-])(?:\\d{1,4}[ ])?\\d{1,6}[A-Za-z]?(?:-\\d{1,4})?,?[ ](?:[NSEW]\\.?[EW]?\\.?[ ])?${WORD}(?:[ ](?:of[ ](?:the[ ])?)?${WORD}){0,4}?[ ](?:${AS_WRITTEN})(?![\\p{L}])\\.?${DIRECTION}`,
      'uy',
    ),
    reach: withTail,
    confidence: 0.85,
  },
  {
    type: 'address',
    title:
      'House number and street whose word stands before its name (rue, via, calle, ul. …), with what follows',
    source: 'NF Z 10-011; Poste Italiane; Correos; CTT; UPU S42',
    atDigits: [1, 5],
    pattern: new RegExp(
      `(?<![\\p{L}\\p{N}.,-])${NUMBER}(?:[ ](?:bis|ter|quater))?,?[ ](?:(?i:rue|via|calle|rua|ul\\.|ulica|avenida|avda\\.|carrer|c/)[ ]?(?:${SMALL})?[\\p{L}.'’-]{2,25}|(?i:${BEFORE})[ ](?:${SMALL})?${CAPITAL_WORD})(?:[ ](?:${SMALL})?${CAPITAL_WORD}){0,4}(?:[ ]\\d{1,4}\\b)?`,
      'uy',
    ),
    reach: withTail,
    confidence: 0.8,
  },
  {
    type: 'address',
    title: 'Street whose word stands before its name, and house number, with what follows',
    source: 'Poste Italiane; Correos; CTT; Poczta Polska; UPU S42',
    words: firstWords(NAMED_BEFORE, 'p|v|c|λ'),
    pattern: new RegExp(
      `(?<![\\p{L}\\p{N}-])(?:${NAMED_BEFORE})[ ]?(?:${SMALL})?${CAPITAL_WORD}(?:[ ](?:${SMALL})?${CAPITAL_WORD}){0,4},?[ ](?:n\\.?[º°]?[ ]?|nr\\.?[ ]|č\\.[ ]?)?\\d{1,5}\\b(?:[ ]?[/-][ ]?\\d{1,4})?(?![.,]\\d|%)`,
      'uy',
    ),
    reach: withTail,
    confidence: 0.75,
  },
  {
    type: 'address',
    title: 'Street with a preposition (Am, Im, Auf der …) and house number, with code and town',
    source: 'DIN 5008',
    words: ['am', 'an', 'auf', 'im', 'in', 'zum', 'zur', 'unter', 'vor', 'hinter'],
    digitWithin: 110,
    pattern: new RegExp(
      `(?:Am|An de[rnm]|Auf de[rm]|Im|In der|Zum|Zur|Unter de[rn]|Vor dem|Hinter de[rm])[ ]${CAPITAL_WORD}(?:[ ]${CAPITAL_WORD}){0,2}[ ]\\d{1,4}[ ]?[a-z]?\\b`,
      'uy',
    ),
    reach: withSureTail,
    confidence: 0.75,
  },
  {
    type: 'address',
    title:
      'House number behind a name that ends as streets’ names do (-straße, -gatan, -straat, utca …)',
    source: 'DIN 5008; NEN 5825; PostNord; UPU S42',
    atDigits: [1, 4],
    pattern: HOUSE,
    reach: behindName,
    confidence: 0.8,
  },
];
