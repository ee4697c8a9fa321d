/**
 * Weights by feature: a table of rows of bytes, a byte a label. A feature's key says in which rows
 * it can be, and sixteen bits of it are kept beside the row, so that features that were never
 * trained weigh nothing.
 */
import { WEIGHTED } from './labels.ts';

/** Rows lie in sections of 2^17: five of them keep the file below eight megabytes. */
const SECTION_BITS = 17;
const SECTIONS = 5;
const ROWS = SECTIONS << SECTION_BITS;
const WITHIN = (1 << SECTION_BITS) - 1;
/** Rows that are tried for a feature, one behind the other. */
const TRIES = 6;

export class WeightTable {
  /** Sixteen bits of the key; 0 in free rows. */
  private readonly marks: Uint16Array;
  private readonly weights: Int8Array;
  /** The same weights, four in a number, the first in its lowest byte. */
  readonly quads: Int32Array;

  constructor(marks = new Uint16Array(ROWS), weights = new Int8Array(ROWS * WEIGHTED)) {
    this.marks = marks;
    this.weights = weights;
    this.quads = new Int32Array(weights.buffer, weights.byteOffset, weights.length >> 2);
  }

  static read(bytes: Uint8Array): WeightTable {
    if (bytes.length !== ROWS * (2 + WEIGHTED)) throw new Error('The weights have the wrong size');
    const marks = new Uint16Array(bytes.slice(0, ROWS * 2).buffer);
    return new WeightTable(marks, new Int8Array(bytes.slice(ROWS * 2).buffer));
  }

  bytes(): Buffer {
    return Buffer.concat([Buffer.from(this.marks.buffer), Buffer.from(this.weights.buffer)]);
  }

  /** Number of the row of a key, two quads each; -1 where it has none. */
  rowOf(key: number): number {
    const { marks } = this;
    const mark = markOf(key);
    const section = sectionOf(key);
    for (let i = 0; i < TRIES; i++) {
      const row = section | ((key + i) & WITHIN);
      const there = marks[row];
      if (there === mark) return row;
      if (there === 0) return -1;
    }
    return -1;
  }

  /** Keeps a row of weights; false where all places for it are taken. */
  add(key: number, weights: ArrayLike<number>): boolean {
    const section = sectionOf(key);
    for (let i = 0; i < TRIES; i++) {
      const row = section | ((key + i) & WITHIN);
      if (this.marks[row] !== 0) continue;
      this.marks[row] = markOf(key);
      this.weights.set(weights, row * WEIGHTED);
      return true;
    }
    return false;
  }
}

function sectionOf(key: number): number {
  return ((key >>> SECTION_BITS) % SECTIONS) << SECTION_BITS;
}

function markOf(key: number): number {
  return (Math.imul(key, 0x2c1b3c6d) >>> 16) | 1;
}
