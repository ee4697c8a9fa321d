/**
 * The words of a text in one walk, each with the hash of its small letters without accents, so that
 * whoever looks for a few words makes no string of all the others.
 */
import { BASE_OF, CASELESS, CLASS_OF, HASH_START, hashStep, isLetterClass } from './characters.ts';

/** Letters, and two letters or more behind a hyphen or an apostrophe: `'s` is no part of a word. */
export const WORD = /\p{L}[\p{L}\p{M}]*(?:['’-]\p{L}[\p{L}\p{M}]+)*/gu;
const WORD_HERE = new RegExp(WORD.source, 'uy');

const APOSTROPHE = 0x27;
const CURLY = 0x2019;
const HYPHEN = 0x2d;

export class Words {
  start = 0;
  end = 0;
  /** Hash of the word, as `baseHash` has it. */
  hash = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Goes on to the next word; false where there is none. */
  next(): boolean {
    const { text } = this;
    for (let at = this.end; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (!isLetter(unit) && !isSurrogate(unit)) continue;
      if (this.walk(at) || this.match(at)) return true;
    }
    this.end = text.length;
    return false;
  }

  /** Letters with case, by table; false where only the pattern can tell. */
  private walk(start: number): boolean {
    const { text } = this;
    let [hash, at] = [HASH_START, start];
    for (; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (CLASS_OF[unit] === CASELESS || isSurrogate(unit)) return false;
      if (!isLetter(unit) && !this.joins(unit, at)) break;
      hash = step(hash, unit);
    }
    [this.start, this.end, this.hash] = [start, at, hash];
    return true;
  }

  /** A hyphen or apostrophe before two letters; half a letter is one, and the pattern's business. */
  private joins(unit: number, at: number): boolean {
    if (unit !== HYPHEN && !isApostrophe(unit)) return false;
    const [next, afterNext] = [this.text.charCodeAt(at + 1), this.text.charCodeAt(at + 2)];
    return (isLetter(next) || isSurrogate(next)) && (isLetter(afterNext) || isSurrogate(afterNext));
  }

  private match(start: number): boolean {
    WORD_HERE.lastIndex = start;
    if (!WORD_HERE.test(this.text)) return false;
    let hash = HASH_START;
    for (let at = start; at < WORD_HERE.lastIndex; at++) {
      hash = step(hash, this.text.charCodeAt(at));
    }
    [this.start, this.end, this.hash] = [start, WORD_HERE.lastIndex, hash];
    return true;
  }
}

function step(hash: number, unit: number): number {
  return hashStep(hash, BASE_OF[unit] ?? 0);
}

function isLetter(unit: number): boolean {
  return isLetterClass(CLASS_OF[unit] ?? 0);
}

function isApostrophe(unit: number): boolean {
  return unit === APOSTROPHE || unit === CURLY;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xe000;
}
