/**
 * Cuts a text into words, numbers and marks, in one pass and without making a string: all that the
 * features need is counted and hashed on the way, into arrays that are used again for each text.
 */
import {
  BASE_OF,
  BREAK,
  CASELESS,
  CLASS_OF,
  DIGIT,
  HASH_START,
  hashStep,
  isLetterClass,
  LINE_END,
  LOWER,
  LOWER_OF,
  SPACE,
  UPPER,
} from './characters.ts';
import { COMPANY, type Gazetteer, ORDINARY } from './gazetteer.ts';

/** What a token is. */
export const WORD = 0;
export const NUMBER = 1;
export const MARK = 2;
/** A mail address, a web address, a handle: never part of a name. */
export const OPAQUE = 3;

/** How a word is written. */
export const NO_CASE = 0;
export const SMALL = 1;
export const TITLE = 2;
export const CAPITALS = 3;
export const INITIAL = 4;
export const MIXED = 5;
export const FOREIGN = 6;

/** What lies before a token. */
export const GLUED = 0;
export const SPACED = 1;
export const NEW_LINE = 2;
export const NEW_BLOCK = 3;

export const MOST_TOKENS = 1 << 15;

const APOSTROPHE = 0x27;
const CURLY = 0x2019;
const HYPHEN = 0x2d;
const AT = 0x40;
const UNDERSCORE = 0x5f;
const COLON = 0x3a;
const DOT = 0x2e;

export class Tokens {
  count = 0;
  readonly start = new Int32Array(MOST_TOKENS);
  readonly end = new Int32Array(MOST_TOKENS);
  readonly kind = new Uint8Array(MOST_TOKENS);
  readonly form = new Uint8Array(MOST_TOKENS);
  readonly gap = new Uint8Array(MOST_TOKENS);
  /** 1 where a digit comes first. */
  readonly leads = new Uint8Array(MOST_TOKENS);
  /** Hash of the word in small letters. */
  readonly word = new Int32Array(MOST_TOKENS);
  readonly suffix = new Int32Array(MOST_TOKENS);
  readonly shape = new Int32Array(MOST_TOKENS);
  /** Lists of the gazetteer that have the word or a part of it. */
  readonly lists = new Uint8Array(MOST_TOKENS);

  /** Of a word in no list: whether it begins and ends with ordinary words, as Carfax does. */
  readonly parts = new Uint8Array(MOST_TOKENS);

  private text = '';
  private readonly gazetteer: Gazetteer;

  constructor(gazetteer: Gazetteer) {
    this.gazetteer = gazetteer;
  }

  /** Reads the text from `from` to at most `to`; says where it stopped. */
  read(text: string, from: number, to: number): number {
    this.text = text;
    this.count = 0;
    let gap = NEW_BLOCK;
    let lineEnds = 0;
    let at = from;
    while (at < to && this.count < MOST_TOKENS - 1) {
      const kind = CLASS_OF[text.charCodeAt(at)] ?? 0;
      if (kind === SPACE) {
        if (gap === GLUED) gap = SPACED;
        at++;
      } else if (kind === LINE_END || kind === BREAK) {
        if (kind === BREAK || (++lineEnds > 1 && isBlankBefore(text, at))) gap = NEW_BLOCK;
        else if (gap < NEW_LINE) gap = NEW_LINE;
        at++;
      } else {
        at = this.token(at, to, kind, gap);
        gap = GLUED;
        lineEnds = 0;
      }
    }
    this.text = '';
    return at;
  }

  private token(at: number, to: number, kind: number, gap: number): number {
    const text = this.text;
    const i = this.count++;
    this.start[i] = at;
    this.gap[i] = gap;
    this.lists[i] = 0;
    this.form[i] = NO_CASE;
    this.suffix[i] = 0;
    this.parts[i] = 0;
    this.leads[i] = kind === DIGIT ? 1 : 0;
    if (kind === DIGIT || isLetterClass(kind)) {
      const end = this.wordFrom(i, at, to);
      return this.opaqueFrom(i, end, to);
    }
    const unit = text.charCodeAt(at);
    if (unit === AT && isLetterClass(CLASS_OF[text.charCodeAt(at + 1)] ?? 0)) {
      return this.makeOpaque(i, at + 1, to);
    }
    let end = at + 1;
    // Of a line of dots or dashes one token is enough; emoji are one as a whole.
    while (end < to && isSameMark(unit, text.charCodeAt(end))) end++;
    this.kind[i] = MARK;
    this.word[i] = hashStep(HASH_START, unit);
    this.shape[i] = this.word[i] ?? 0;
    this.end[i] = end;
    return end;
  }

  private wordFrom(i: number, at: number, to: number): number {
    const text = this.text;
    let [hash, base, partBase, shape] = [HASH_START, HASH_START, HASH_START, HASH_START];
    let [uppers, lowers, digits, others, lists, last, underscores] = [0, 0, 0, 0, 0, -1, 0];
    const first = CLASS_OF[text.charCodeAt(at)] ?? 0;
    let end = at;
    for (; end < to; end++) {
      const unit = text.charCodeAt(end);
      const kind = CLASS_OF[unit] ?? 0;
      if (kind === UPPER) uppers++;
      else if (kind === LOWER) lowers++;
      else if (kind === DIGIT) digits++;
      else if (kind === CASELESS) others++;
      else if (unit === UNDERSCORE) underscores++;
      else if (!this.joinsAt(end, to)) break;
      const isJoint = kind < DIGIT;
      const small = LOWER_OF[unit] ?? unit;
      hash = hashStep(hash, small);
      const bare = BASE_OF[unit] ?? unit;
      base = hashStep(base, bare);
      if (isJoint) {
        lists |= this.gazetteer.lists(partBase);
        partBase = HASH_START;
      } else partBase = hashStep(partBase, bare);
      // Runs of the same kind count once: Jean-Luc is Xx-Xx.
      const mark = isJoint ? unit : kind;
      if (mark !== last) shape = hashStep(shape, mark);
      last = mark;
    }
    this.end[i] = end;
    this.word[i] = hash;
    this.shape[i] = shape;
    this.lists[i] =
      this.gazetteer.lists(base) | (partBase === base ? 0 : lists | this.gazetteer.lists(partBase));
    this.suffix[i] = suffixHash(text, Math.max(at, end - 3), end);
    this.parts[i] = this.lists[i] === 0 && end - at > 4 ? this.partsOf(at, end) : 0;
    this.kind[i] = uppers + lowers + others > 0 ? WORD : NUMBER;
    if (digits > 0) this.form[i] = MIXED;
    else this.form[i] = formOf(first, uppers, lowers, others);
    // Names of variables, labels of stand-ins such as PERSON_1.
    if (underscores > 0) this.kind[i] = OPAQUE;
    if (this.kind[i] !== WORD) this.form[i] = NO_CASE;
    return end;
  }

  /** Two bits: an ordinary word of three letters or more is the beginning, and the rest is one. */
  private partsOf(at: number, end: number): number {
    let hash = HASH_START;
    let parts = 0;
    for (let cut = at; cut < end - 1 && cut < at + 12; cut++) {
      hash = hashStep(hash, BASE_OF[this.text.charCodeAt(cut)] ?? 0);
      if (cut < at + 2 || (this.gazetteer.lists(hash) & ORDINARY) === 0) continue;
      parts |= 1;
      let rest = HASH_START;
      for (let i = cut + 1; i < end; i++)
        rest = hashStep(rest, BASE_OF[this.text.charCodeAt(i)] ?? 0);
      const lists = end - cut > 3 ? this.gazetteer.lists(rest) : 0;
      if ((lists & (ORDINARY | COMPANY)) !== 0) return 3;
    }
    return parts;
  }

  /** A hyphen or apostrophe between letters, but not the apostrophe of a possessive. */
  private joinsAt(at: number, to: number): boolean {
    const text = this.text;
    const unit = text.charCodeAt(at);
    if (unit !== APOSTROPHE && unit !== CURLY && unit !== HYPHEN) return false;
    if (at + 1 >= to || !isLetterClass(CLASS_OF[text.charCodeAt(at + 1)] ?? 0)) return false;
    if (!isLetterClass(CLASS_OF[text.charCodeAt(at - 1)] ?? 0)) return false;
    if (unit === HYPHEN) return true;
    const next = LOWER_OF[text.charCodeAt(at + 1)];
    const afterNext = at + 2 < to ? (CLASS_OF[text.charCodeAt(at + 2)] ?? 0) : 0;
    return next !== 0x73 || isLetterClass(afterNext);
  }

  /** Takes a word that turns out to begin or continue an address together with what belongs to it. */
  private opaqueFrom(i: number, end: number, to: number): number {
    const text = this.text;
    const next = text.charCodeAt(end);
    const isMail =
      next === AT && end + 1 < to && (CLASS_OF[text.charCodeAt(end + 1)] ?? 0) >= DIGIT;
    const isUrl =
      next === COLON && (text.startsWith('://', end) || text.startsWith('mailto', this.start[i]));
    const isSite =
      next === DOT &&
      end - (this.start[i] ?? 0) === 3 &&
      /^www\.\w/i.test(text.slice(end - 3, end + 2));
    if (!isMail && !isUrl && !isSite) return end;
    let first = i;
    while (
      isMail &&
      first > 0 &&
      this.gap[first] === GLUED &&
      isLocalPart(text.charCodeAt((this.start[first] ?? 1) - 1))
    ) {
      first--;
    }
    this.count = first + 1;
    return this.makeOpaque(first, end, to);
  }

  private makeOpaque(i: number, from: number, to: number): number {
    const text = this.text;
    let end = from;
    while (end < to && !isOpaqueEnd(text.charCodeAt(end))) end++;
    while (end > from && isTrailing(text.charCodeAt(end - 1))) end--;
    this.kind[i] = OPAQUE;
    this.form[i] = NO_CASE;
    this.lists[i] = 0;
    this.suffix[i] = 0;
    this.word[i] = OPAQUE_HASH;
    this.shape[i] = OPAQUE_HASH;
    this.end[i] = end;
    return end;
  }
}

const OPAQUE_HASH = hashStep(HASH_START, 0xfffd);

function formOf(first: number, uppers: number, lowers: number, others: number): number {
  if (uppers === 0) return lowers > 0 ? SMALL : others > 0 ? FOREIGN : NO_CASE;
  if (lowers === 0) return uppers === 1 ? INITIAL : CAPITALS;
  return first === UPPER ? (uppers === 1 ? TITLE : MIXED) : MIXED;
}

/** Hash of the last letters, in small ones. */
export function suffixHash(text: string, from: number, to: number): number {
  let hash = HASH_START;
  for (let at = from; at < to; at++) hash = hashStep(hash, LOWER_OF[text.charCodeAt(at)] ?? 0);
  return hash;
}

function isBlankBefore(text: string, at: number): boolean {
  let before = at - 1;
  // A pair of carriage return and line feed is one end of a line.
  if (text.charCodeAt(at) === 0x0a && text.charCodeAt(before) === 0x0d) before--;
  while (before >= 0 && CLASS_OF[text.charCodeAt(before)] === SPACE) before--;
  return before < 0 || CLASS_OF[text.charCodeAt(before)] === LINE_END;
}

function isSameMark(unit: number, next: number): boolean {
  return next === unit || (unit >= 0xd800 && unit < 0xe000 && next >= 0xd800 && next < 0xe000);
}

function isLocalPart(unit: number): boolean {
  return unit === DOT || unit === HYPHEN || unit === 0x2b || unit === 0x5f || CLASS_OF[unit] !== 0;
}

function isOpaqueEnd(unit: number): boolean {
  const kind = CLASS_OF[unit] ?? 0;
  return (
    kind === SPACE ||
    kind === LINE_END ||
    kind === BREAK ||
    '<>"()[]{},;|'.includes(String.fromCharCode(unit))
  );
}

function isTrailing(unit: number): boolean {
  return unit === DOT || unit === 0x21 || unit === 0x3f || unit === 0x3a || unit === APOSTROPHE;
}
