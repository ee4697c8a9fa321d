/**
 * Weights by feature: a table of rows of bytes, a byte a label. A feature's key says in which rows
 * it can be, and sixteen bits of it are kept beside the row, so that features that were never
 * trained weigh nothing.
 */
import { WEIGHTED } from './labels.ts';

const ROWS = 1 << 19;
/** Rows that are tried for a feature, one behind the other. */
const TRIES = 6;

export class WeightTable {
  /** Sixteen bits of the key; 0 in free rows. */
  private readonly marks: Uint16Array;
  readonly weights: Int8Array;

  constructor(marks = new Uint16Array(ROWS), weights = new Int8Array(ROWS * WEIGHTED)) {
    this.marks = marks;
    this.weights = weights;
  }

  static read(bytes: Uint8Array): WeightTable {
    if (bytes.length !== ROWS * (2 + WEIGHTED)) throw new Error('The weights have the wrong size');
    const marks = new Uint16Array(bytes.slice(0, ROWS * 2).buffer);
    return new WeightTable(marks, new Int8Array(bytes.slice(ROWS * 2).buffer));
  }

  bytes(): Buffer {
    return Buffer.concat([Buffer.from(this.marks.buffer), Buffer.from(this.weights.buffer)]);
  }

  /** Where the weights of a key begin; -1 where it has none. */
  find(key: number): number {
    const mark = markOf(key);
    const first = rowOf(key);
    for (let i = 0; i < TRIES; i++) {
      const row = (first + i) & (ROWS - 1);
      const there = this.marks[row];
      if (there === mark) return row * WEIGHTED;
      if (there === 0) return -1;
    }
    return -1;
  }

  /** Keeps a row of weights; false where all places for it are taken. */
  add(key: number, weights: ArrayLike<number>): boolean {
    const first = rowOf(key);
    for (let i = 0; i < TRIES; i++) {
      const row = (first + i) & (ROWS - 1);
      if (this.marks[row] !== 0) continue;
      this.marks[row] = markOf(key);
      this.weights.set(weights, row * WEIGHTED);
      return true;
    }
    return false;
  }
}

function rowOf(key: number): number {
  return key & (ROWS - 1);
}

function markOf(key: number): number {
  return (Math.imul(key, 0x2c1b3c6d) >>> 16) | 1;
}
