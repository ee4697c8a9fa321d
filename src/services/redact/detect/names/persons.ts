/**
 * Who was found once by a whole name is known: the surname alone, the given name with an initial,
 * initials, `Doe, Jane`, and the local part of a mail address are the same person. Possessives and
 * other casing need no care: words are compared in small letters without accents.
 */
import { BASE_OF, baseHash, CLASS_OF, UPPER } from './reading/characters.ts';
import { COUNTRY, ORDINARY, PLACE } from './reading/gazetteer.ts';
import { WORD, Words } from './reading/words.ts';
import { listsOf } from './shipped.ts';

/** A whole name, in its words, small and without accents. */
interface Person {
  given: string;
  surname: string;
  /** Words between them, and of compound names. */
  others: readonly string[];
  confidence: number;
}

export interface Mention {
  start: number;
  end: number;
  confidence: number;
}

/** How a word that is also an ordinary one must be written to be the name: `Field`, not `field`. */
const CAPITAL = /^\p{Lu}/u;
const INITIALS = /(?<![\p{L}.])(\p{Lu})\. ?(\p{Lu})\.(?! ?\p{L})/uy;
const TITLES = new Set(['mr', 'mrs', 'ms', 'dr', 'jr', 'sr', 'ii', 'iii', 'prof', 'md', 'phd']);
const PARTICLES = new Set(
  'van von der den de del della di da du la le bin ibn al el zu ter ten dos das'.split(' '),
);
/** Initials that mean something else. */
const NO_INITIALS = new Set([
  'am',
  'pm',
  'us',
  'uk',
  'eu',
  'ps',
  'ie',
  'eg',
  'bc',
  'ad',
  'un',
  'dc',
]);

/** In small letters without accents; as long as the text. */
export function plain(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text.toLowerCase();
  const units = new Uint16Array(text.length);
  for (let i = 0; i < text.length; i++) units[i] = BASE_OF[text.charCodeAt(i)] ?? 0;
  let result = '';
  // In pieces: a call can take only so many arguments.
  for (let at = 0; at < units.length; at += 8192) {
    result += String.fromCharCode(...units.subarray(at, at + 8192));
  }
  return result;
}

export class Persons {
  private readonly bySurname = new Map<string, Person>();
  private readonly byGiven = new Map<string, Person>();
  private readonly byInitials = new Map<string, Person>();
  private readonly byLocalPart = new Map<string, Person>();
  /** Of all surnames and given names. */
  private readonly hashes = new Set<number>();

  get isEmpty(): boolean {
    return this.bySurname.size === 0;
  }

  /** Learns a name, if it is a whole one. `Doe, Jane` is one, too. */
  add(text: string, confidence: number): void {
    const turned = text.replace(/^([^,]{2,40}), ([^,]{1,40})$/, '$2 $1');
    const words = [...turned.matchAll(WORD)].map((match) => plain(match[0]));
    const parts = words.filter((word) => !TITLES.has(word) && !PARTICLES.has(word));
    const [given, surname] = [parts[0], parts.at(-1)];
    if (parts.length < 2 || parts.length > 5 || !given || !surname || surname.length < 3) return;
    const person = { given, surname, others: parts.slice(1, -1), confidence };
    this.keep(this.bySurname, surname, person);
    this.hashes.add(baseHash(surname));
    if (given.length < 2) return;
    this.keep(this.byGiven, given, person);
    this.hashes.add(baseHash(given));
    this.keep(this.byInitials, given.charAt(0) + surname.charAt(0), person);
    for (const local of localParts(given, surname)) this.keep(this.byLocalPart, local, person);
  }

  private keep(map: Map<string, Person>, key: string, person: Person): void {
    const known = map.get(key);
    if (!known || known.confidence < person.confidence) map.set(key, person);
  }

  /** True for `janedoe` and its like. */
  isMailName(word: string): boolean {
    return this.byLocalPart.has(plain(word));
  }

  /** Everywhere in a text that one of them is meant. */
  *mentions(text: string): Generator<Mention> {
    if (this.isEmpty) return;
    const isCapitals = !/\p{Ll}/u.test(text.slice(0, 2000));
    const words = new Words(text);
    while (words.next()) {
      if (!this.hashes.has(words.hash)) continue;
      const written = text.slice(words.start, words.end);
      const mention = this.mentionAt(text, written, words.start, isCapitals);
      if (mention) yield mention;
    }
    yield* this.initials(text);
    yield* this.mail(text);
  }

  private mentionAt(
    text: string,
    written: string,
    at: number,
    isCapitals: boolean,
  ): Mention | null {
    const word = plain(written);
    const person = this.bySurname.get(word) ?? this.byGiven.get(word);
    if (!person) return null;
    const isSurname = this.bySurname.has(word);
    const whole = isSurname && CAPITAL.test(written) ? beginningOf(text, at, person) : null;
    if (whole === null && !isMeant(text, written, word, at, isSurname, isCapitals)) return null;
    const { confidence } = person;
    let [start, end] = [whole ?? at, at + written.length];
    if (whole !== null) return { start, end, confidence };
    const letter = (isSurname ? person.given : person.surname).charAt(0);
    if (isSurname) {
      const before = /(?<!\p{L})(?:(\p{Lu})\.?[ ]?){1,2}$/u.exec(
        text.slice(Math.max(0, at - 8), at),
      );
      if (before && plain(before[0].trim()).startsWith(letter)) start = at - before[0].length;
      const behind = /^, (\p{Lu})\b\.?/u.exec(text.slice(end, end + 6));
      if (behind && plain(behind[1] ?? '') === letter) end += behind[0].length;
    } else {
      const behind = /^ (\p{Lu})(?:\.|(?![\p{L}'’]))/u.exec(text.slice(end, end + 4));
      if (behind && plain(behind[1] ?? '') === letter) end += behind[0].length;
    }
    return { start, end, confidence };
  }

  /** `J. D.` and `J.D.` */
  private *initials(text: string): Generator<Mention> {
    if (this.byInitials.size === 0) return;
    let from = 0;
    for (let dot = text.indexOf('.', 1); dot >= 0; dot = text.indexOf('.', dot + 1)) {
      const at = dot - 1;
      // Half a letter is none: capitals beyond the first plane are no initials.
      if (at < from || CLASS_OF[text.charCodeAt(at)] !== UPPER) continue;
      INITIALS.lastIndex = at;
      const match = INITIALS.exec(text);
      if (!match) continue;
      from = at + match[0].length;
      const key = plain((match[1] ?? '') + (match[2] ?? ''));
      const person = NO_INITIALS.has(key) ? undefined : this.byInitials.get(key);
      if (!person) continue;
      const { confidence } = person;
      yield { start: at, end: from, confidence };
    }
  }

  /** The local part of a mail address that is made of the name. */
  private *mail(text: string): Generator<Mention> {
    for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
      const local = /[\p{L}\p{N}._-]{2,64}$/u.exec(text.slice(Math.max(0, at - 64), at))?.[0] ?? '';
      const person = this.byLocalPart.get(plain(local).replace(/[^\p{L}]/gu, ''));
      if (person) yield { start: at - local.length, end: at, confidence: person.confidence };
    }
  }
}

/** Where the given name begins that stands before a surname, with an initial between or without. */
function beginningOf(text: string, at: number, { given }: Person): number | null {
  const before = text.slice(Math.max(0, at - 48), at);
  const match = /(?<![\p{L}\p{N}])(\p{Lu}[\p{L}'’-]{1,30})[ ](?:\p{Lu}\.?[ ]){0,2}$/u.exec(before);
  return match && plain(match[1] ?? '') === given ? at - match[0].length : null;
}

/** A word that is also an ordinary one, or a place, is the name only where it is written like one. */
function isMeant(
  text: string,
  written: string,
  word: string,
  at: number,
  isSurname: boolean,
  isCapitals: boolean,
): boolean {
  if (word.length < 3) return false;
  const lists = listsOf(word);
  const isOrdinary = (lists & ORDINARY) !== 0 || (!isSurname && (lists & (PLACE | COUNTRY)) !== 0);
  if (!isOrdinary) return CAPITAL.test(written) || word.length > 4;
  if (!CAPITAL.test(written) || isCapitals || written === written.toUpperCase()) return false;
  return /[\p{L}\p{N},]['’]?[ ]$/u.test(text.slice(Math.max(0, at - 3), at));
}

/** Ways to make a mail address of a name, without the marks between. */
function localParts(given: string, surname: string): string[] {
  const [first, last] = [given, surname].map((word) => word.replace(/[^\p{L}]/gu, ''));
  if (!first || !last) return [];
  const [g, s] = [first.charAt(0), last.charAt(0)];
  return [first + last, last + first, g + last, last + g, first + s, last];
}
