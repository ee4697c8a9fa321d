/**
 * Scores of all labels at a token: the sums of its features' weights. What the word alone says is the
 * same wherever it stands, so it is kept: texts are made of few words. Weights are whole numbers,
 * whose sums do not depend on their order.
 */
import type { Surroundings } from '../reading/surroundings.ts';
import type { Tokens } from '../reading/tokens.ts';
import { AROUND, FEATURES, OWN, writeAround, writeOwn } from './features.ts';
import { LABELS, WEIGHTED } from './labels.ts';
import type { WeightTable } from './weight-table.ts';

/** Words whose sums are kept: a power of two. */
const KEPT = 1 << 12;
/** Numbers that tell one way to write a word from all others. */
const MARKS = 5;

export class Scorer {
  private readonly table: WeightTable;
  private readonly scale: number;
  private readonly keys = new Int32Array(FEATURES);
  private readonly sums = new Int32Array(WEIGHTED);
  private readonly marks = new Int32Array(KEPT * MARKS);
  private readonly isKept = new Uint8Array(KEPT);
  private readonly kept = new Int32Array(KEPT * WEIGHTED);

  constructor(table: WeightTable, scale: number) {
    this.table = table;
    this.scale = scale;
  }

  /** Writes the scores of token `i` to `scores` from `at` on; gives the highest of a name's labels. */
  score(
    text: string,
    tokens: Tokens,
    around: Surroundings,
    i: number,
    scores: Float64Array,
    at: number,
  ): number {
    const { sums, keys } = this;
    this.addOwn(text, tokens, i);
    writeAround(tokens, around, i, keys, 0);
    this.add(AROUND);
    let most = Number.NEGATIVE_INFINITY;
    scores[at] = 0;
    for (let l = 0; l < LABELS - 1; l++) {
      const score = (sums[l] ?? 0) * this.scale;
      scores[at + 1 + l] = score;
      if (score > most) most = score;
    }
    return most;
  }

  /** Begins the sums with what the word itself says. */
  private addOwn(text: string, tokens: Tokens, i: number): void {
    const { sums, marks, kept } = this;
    const word = tokens.word[i] ?? 0;
    const shape = tokens.shape[i] ?? 0;
    const suffix = tokens.suffix[i] ?? 0;
    const length = (tokens.end[i] ?? 0) - (tokens.start[i] ?? 0);
    const lists = ((tokens.lists[i] ?? 0) << 16) | ((tokens.parts[i] ?? 0) << 8);
    const written = lists | (tokens.form[i] ?? 0);
    const mixed = word ^ Math.imul(shape ^ written, 0x9e3779b1);
    const slot = (mixed ^ (mixed >>> 15)) & (KEPT - 1);
    const at = slot * MARKS;
    const isSame =
      this.isKept[slot] === 1 &&
      marks[at] === word &&
      marks[at + 1] === shape &&
      marks[at + 2] === suffix &&
      marks[at + 3] === length &&
      marks[at + 4] === written;
    if (isSame) {
      for (let l = 0; l < WEIGHTED; l++) sums[l] = kept[slot * WEIGHTED + l] ?? 0;
      return;
    }
    sums.fill(0);
    writeOwn(text, tokens, i, this.keys, 0);
    this.add(OWN);
    this.isKept[slot] = 1;
    marks[at] = word;
    marks[at + 1] = shape;
    marks[at + 2] = suffix;
    marks[at + 3] = length;
    marks[at + 4] = written;
    kept.set(sums, slot * WEIGHTED);
  }

  private add(features: readonly number[]): void {
    const { keys, table } = this;
    const { quads } = table;
    // Two weights a number, each in sixteen bits of its own and 128 too high, are summed at once.
    let count = 0;
    let ac = 0;
    let bd = 0;
    let eg = 0;
    let fh = 0;
    for (let n = 0; n < features.length; n++) {
      const row = table.rowOf(keys[features[n] as number] as number);
      if (row < 0) continue;
      const low = (quads[2 * row] as number) ^ 0x80808080;
      const high = (quads[2 * row + 1] as number) ^ 0x80808080;
      ac = (ac + (low & 0xff00ff)) | 0;
      bd = (bd + ((low >>> 8) & 0xff00ff)) | 0;
      eg = (eg + (high & 0xff00ff)) | 0;
      fh = (fh + ((high >>> 8) & 0xff00ff)) | 0;
      count += 128;
    }
    this.spread(0, ac, bd, count);
    this.spread(4, eg, fh, count);
  }

  private spread(at: number, even: number, odd: number, excess: number): void {
    const { sums } = this;
    sums[at] = (sums[at] as number) + (even & 0xffff) - excess;
    sums[at + 1] = (sums[at + 1] as number) + (odd & 0xffff) - excess;
    sums[at + 2] = (sums[at + 2] as number) + (even >>> 16) - excess;
    sums[at + 3] = (sums[at + 3] as number) + (odd >>> 16) - excess;
  }
}
