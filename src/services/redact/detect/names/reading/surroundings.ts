/**
 * What a token's line, paragraph and document say of it: whether everything there is in capitals,
 * small letters or Title Case, whether a sentence begins, whether the same word also occurs in small
 * letters. And which tokens can be part of a name at all: the rest are never scored.
 */
import { baseHash } from './characters.ts';
import { FREQUENT, NAMING, ORDINARY, PARTICLE } from './gazetteer.ts';
import {
  CAPITALS,
  FOREIGN,
  GLUED,
  INITIAL,
  MARK,
  MIXED,
  MOST_TOKENS,
  NEW_BLOCK,
  NEW_LINE,
  NUMBER,
  SMALL,
  TITLE,
  type Tokens,
  WORD,
} from './tokens.ts';

/** How a stretch is written. */
const PLAIN = 0;
const ALL_SMALL = 1;
const ALL_CAPITALS = 2;
const MOSTLY_TITLE = 3;

const ENDS = new Set('.?!:;•*>'.split('').map((mark) => mark.charCodeAt(0)));

/** Behind these an unknown word in small letters may be a name. */
const INTRODUCING = new Set(
  'is am im dear hi hey hello mr mrs ms miss dr prof named called under by'
    .split(' ')
    .map(baseHash),
);

export class Surroundings {
  readonly open = new Uint8Array(MOST_TOKENS);
  readonly lineCase = new Uint8Array(MOST_TOKENS);
  readonly blockCase = new Uint8Array(MOST_TOKENS);
  /** 0 within a sentence, 1 behind its end, 2 at the beginning of a line, 3 of a block. */
  readonly starts = new Uint8Array(MOST_TOKENS);
  readonly firstOfLine = new Int32Array(MOST_TOKENS);
  /** What the lines above and below begin with and how long they are, as hashes; 0 for none. */
  readonly lineAbove = new Int32Array(MOST_TOKENS);
  readonly lineBelow = new Int32Array(MOST_TOKENS);
  /** Number of the line in its block, up to 4. */
  readonly lineNumber = new Uint8Array(MOST_TOKENS);
  /** Words in the line, up to 7. */
  readonly lineLength = new Uint8Array(MOST_TOKENS);
  /** 1 where the word stands in small letters somewhere in this stretch of text. */
  readonly alsoSmall = new Uint8Array(MOST_TOKENS);

  private readonly smallWords = new Int32Array(1 << 15);

  read(text: string, tokens: Tokens): void {
    this.collectSmall(tokens);
    this.stretches(tokens, NEW_BLOCK, this.blockCase);
    this.stretches(tokens, NEW_LINE, this.lineCase);
    this.neighbours(tokens);
    for (let i = 0; i < tokens.count; i++) {
      this.starts[i] = startOf(text, tokens, i);
      this.alsoSmall[i] = this.isSmallElsewhere(tokens.word[i] ?? 0) ? 1 : 0;
      this.open[i] = this.opens(tokens, i) ? 1 : 0;
    }
    this.openJoints(text, tokens);
  }

  private collectSmall(tokens: Tokens): void {
    this.smallWords.fill(0);
    const mask = this.smallWords.length - 1;
    // Never more than three quarters full, or a look-up would not end.
    let room = (mask * 3) >> 2;
    for (let i = 0; i < tokens.count && room > 0; i++) {
      if (tokens.form[i] !== SMALL) continue;
      const word = tokens.word[i] || 1;
      let at = (word ^ (word >>> 15)) & mask;
      while (this.smallWords[at] !== 0 && this.smallWords[at] !== word) at = (at + 1) & mask;
      if (this.smallWords[at] === 0) room--;
      this.smallWords[at] = word;
    }
  }

  private isSmallElsewhere(hash: number): boolean {
    const mask = this.smallWords.length - 1;
    const word = hash || 1;
    let at = (word ^ (word >>> 15)) & mask;
    while (this.smallWords[at] !== 0) {
      if (this.smallWords[at] === word) return true;
      at = (at + 1) & mask;
    }
    return false;
  }

  /** Cuts at gaps of at least this size and notes how each stretch is written. */
  private stretches(tokens: Tokens, gap: number, into: Uint8Array): void {
    let from = 0;
    for (let i = 1; i <= tokens.count; i++) {
      if (i < tokens.count && (tokens.gap[i] ?? 0) < gap) continue;
      const way = casing(tokens, from, i);
      into.fill(way, from, i);
      if (gap === NEW_LINE) this.line(tokens, from, i);
      from = i;
    }
  }

  private line(tokens: Tokens, from: number, to: number): void {
    let first = from;
    while (first < to && tokens.kind[first] !== WORD) first++;
    this.firstOfLine.fill(first < to ? (tokens.word[first] ?? 0) : 0, from, to);
    this.lineLength.fill(Math.min(7, (to - from) >> 1), from, to);
  }

  /** Lines of a block know what the one above and the one below look like. */
  private neighbours(tokens: Tokens): void {
    let [from, above, number] = [0, 0, 0];
    let previous = -1;
    for (let i = 1; i <= tokens.count; i++) {
      const gap = i < tokens.count ? (tokens.gap[i] ?? 0) : NEW_BLOCK;
      if (gap < NEW_LINE) continue;
      const look = lookOf(tokens, from, i);
      this.lineAbove.fill(above, from, i);
      this.lineNumber.fill(Math.min(4, number), from, i);
      if (previous >= 0) this.lineBelow.fill(look, previous, from);
      [previous, above, number, from] = [from, look, number + 1, i];
      if (gap === NEW_BLOCK) {
        this.lineBelow.fill(0, previous, from);
        [previous, above, number] = [-1, 0, 0];
      }
    }
  }

  /** Words that can be a name by themselves. */
  private opens(tokens: Tokens, i: number): boolean {
    if (tokens.kind[i] !== WORD) return false;
    const form = tokens.form[i] ?? 0;
    const lists = tokens.lists[i] ?? 0;
    if (form === SMALL) {
      if (this.blockCase[i] === ALL_SMALL) return (lists & FREQUENT) === 0;
      if ((lists & ORDINARY) !== 0) return false;
      return (lists & NAMING) !== 0 || (i > 0 && INTRODUCING.has(tokens.word[i - 1] ?? 0));
    }
    if (form === CAPITALS && isKnownWord(lists)) {
      // An acronym or a heading's word; in a line of capitals it may begin a company's name.
      const length = (tokens.end[i] ?? 0) - (tokens.start[i] ?? 0);
      return this.lineCase[i] === ALL_CAPITALS && length > 5;
    }
    return form !== MIXED || !startsWithDigit(tokens, i);
  }

  /** Small words and marks between two words that can be names: van, of, &, the dot of an initial. */
  private openJoints(text: string, tokens: Tokens): void {
    for (let i = 1; i < tokens.count; i++) {
      if (this.open[i] === 1 || this.open[i - 1] === 0) continue;
      if (tokens.kind[i] === MARK) {
        const mark = text.charCodeAt(tokens.start[i] ?? 0);
        const length = (tokens.end[i - 1] ?? 0) - (tokens.start[i - 1] ?? 0);
        const isDot = mark === 0x2e && tokens.gap[i] === GLUED && length <= 4;
        const isJoint =
          (mark === 0x26 ||
            mark === 0x2d ||
            mark === 0x2f ||
            mark === 0x2c ||
            mark === 0x27 ||
            mark === 0x2019) &&
          this.isNameAt(tokens, i + 1);
        if (isDot || isJoint) this.open[i] = 1;
      } else if (tokens.kind[i] === WORD && ((tokens.lists[i] ?? 0) & PARTICLE) !== 0) {
        if (this.isNameAt(tokens, i + 1) || this.isNameAt(tokens, i + 2)) this.open[i] = 1;
      }
    }
  }

  private isNameAt(tokens: Tokens, i: number): boolean {
    return (
      i < tokens.count &&
      ((this.open[i] ?? 0) === 1 || ((tokens.lists[i] ?? 0) & PARTICLE) !== 0) &&
      tokens.gap[i] !== NEW_BLOCK
    );
  }
}

function startsWithDigit(tokens: Tokens, i: number): boolean {
  return tokens.leads[i] === 1;
}

/** How a line begins, whether it has a number, and whether it is short. */
function lookOf(tokens: Tokens, from: number, to: number): number {
  let hasNumber = 0;
  for (let i = from; i < to && i < from + 8; i++) if (tokens.kind[i] === NUMBER) hasNumber = 1;
  const first = ((tokens.kind[from] ?? 0) << 11) | ((tokens.form[from] ?? 0) << 8);
  const lists = (tokens.lists[from] ?? 0) & (NAMING | ORDINARY);
  return ((first | lists) << 4) | (Math.min(3, (to - from) >> 1) << 2) | (hasNumber << 1) | 1;
}

/** An ordinary word, and in no list of names. */
function isKnownWord(lists: number): boolean {
  return (lists & ORDINARY) !== 0 && (lists & NAMING) === 0;
}

function casing(tokens: Tokens, from: number, to: number): number {
  let [small, title, capitals, foreign] = [0, 0, 0, 0];
  for (let i = from; i < to; i++) {
    const form = tokens.form[i];
    if (form === SMALL) small++;
    else if (form === TITLE || (form === MIXED && tokens.leads[i] === 0)) title++;
    else if (form === CAPITALS) capitals++;
    else if (form === INITIAL) title += 0.5;
    else if (form === FOREIGN) foreign++;
  }
  if (title + capitals === 0) return small > 0 || foreign > 0 ? ALL_SMALL : PLAIN;
  if (small === 0 && capitals > title * 2) return ALL_CAPITALS;
  return small + title > 2 && title > small ? MOSTLY_TITLE : PLAIN;
}

function startOf(text: string, tokens: Tokens, i: number): number {
  const gap = tokens.gap[i] ?? 0;
  if (gap === NEW_BLOCK) return 3;
  if (gap === NEW_LINE) return 2;
  if (i === 0) return 3;
  if (tokens.kind[i - 1] !== MARK) return 0;
  return ENDS.has(text.charCodeAt(tokens.start[i - 1] ?? 0)) ? 1 : 0;
}
