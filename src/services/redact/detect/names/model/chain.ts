/**
 * A linear-chain conditional random field over a run of tokens (Lafferty, McCallum and Pereira,
 * 2001): the best sequence of labels, and how probable each label is at each token. Before and
 * behind the run stands a token that is outside of names.
 */
import { isInside, LABELS, mayFollow, OUTSIDE } from './labels.ts';

export const LONGEST_RUN = 192;

export class Chain {
  length = 0;
  /** Scores of labels by token; that of `outside` is 0. */
  readonly scores = new Float64Array(LONGEST_RUN * LABELS);
  /** After `spread`: probabilities of labels by token. */
  readonly marginals = new Float64Array(LONGEST_RUN * LABELS);
  /** After `decode`: the best label of each token. */
  readonly best = new Uint8Array(LONGEST_RUN);

  private readonly moves: Float64Array;
  private readonly factors = new Float64Array(LABELS * LABELS);
  private readonly weights = new Float64Array(LONGEST_RUN * LABELS);
  private readonly forward = new Float64Array(LONGEST_RUN * LABELS);
  private readonly backward = new Float64Array(LONGEST_RUN * LABELS);
  private readonly reached = new Float64Array(LONGEST_RUN * LABELS);
  private readonly from = new Uint8Array(LONGEST_RUN * LABELS);

  /** `moves` are scores of label to label, row by row; `movesChanged` after changing them. */
  constructor(moves: Float64Array) {
    this.moves = moves;
    this.movesChanged();
  }

  movesChanged(): void {
    for (let a = 0; a < LABELS; a++) {
      for (let b = 0; b < LABELS; b++) {
        const at = a * LABELS + b;
        this.factors[at] = mayFollow(a, b) ? Math.exp(this.moves[at] ?? 0) : 0;
      }
    }
  }

  /**
   * Where no label of no token scores more than this, nothing is a name, whatever the rest: the most
   * that the steps into a name and out of it can add is not enough.
   */
  hopeless(bias: number): number {
    let most = 0;
    for (const move of this.moves) most = Math.max(most, move - (this.moves[0] ?? 0));
    return -bias - 2 * most - 1e-6;
  }

  /** Viterbi's algorithm; `bias` is added to every label but `outside`: more is found with more. */
  decode(bias: number): void {
    const { length, scores, reached, from, moves } = this;
    for (let b = 0; b < LABELS; b++) {
      const start = mayFollow(OUTSIDE, b) ? (moves[b] ?? 0) : Number.NEGATIVE_INFINITY;
      reached[b] = start + (scores[b] ?? 0) + (b === OUTSIDE ? 0 : bias);
      from[b] = OUTSIDE;
    }
    for (let t = 1; t < length; t++) {
      const past = (t - 1) * LABELS;
      for (let b = 0; b < LABELS; b++) {
        // Inside of a name comes only behind its own beginning or inside.
        const inside = isInside(b);
        let top = Number.NEGATIVE_INFINITY;
        let source = 0;
        for (let a = inside ? b - 1 : 0; a < (inside ? b + 1 : LABELS); a++) {
          const score = (reached[past + a] ?? 0) + (moves[a * LABELS + b] ?? 0);
          if (score > top) {
            top = score;
            source = a;
          }
        }
        const at = t * LABELS + b;
        reached[at] = top + (scores[at] ?? 0) + (b === OUTSIDE ? 0 : bias);
        from[at] = source;
      }
    }
    let label = 0;
    let top = Number.NEGATIVE_INFINITY;
    for (let a = 0; a < LABELS; a++) {
      const score = (reached[(length - 1) * LABELS + a] ?? 0) + (moves[a * LABELS] ?? 0);
      if (score > top) [top, label] = [score, a];
    }
    for (let t = length - 1; t >= 0; t--) {
      this.best[t] = label;
      label = from[t * LABELS + label] ?? 0;
    }
  }

  /** Forward and backward sums, scaled at each token; fills `marginals`. */
  spread(): void {
    const { length, forward, backward, factors, marginals } = this;
    this.raise();
    for (let t = 0; t < length; t++) {
      let sum = 0;
      for (let b = 0; b < LABELS; b++) {
        let into = 0;
        if (t === 0) into = factors[b] ?? 0;
        else {
          const past = (t - 1) * LABELS;
          for (let a = 0; a < LABELS; a++)
            into += (forward[past + a] ?? 0) * (factors[a * LABELS + b] ?? 0);
        }
        into *= this.weights[t * LABELS + b] ?? 0;
        forward[t * LABELS + b] = into;
        sum += into;
      }
      for (let b = 0; b < LABELS; b++)
        forward[t * LABELS + b] = (forward[t * LABELS + b] ?? 0) / sum;
    }
    for (let t = length - 1; t >= 0; t--) {
      let [sum, total] = [0, 0];
      for (let a = 0; a < LABELS; a++) {
        const out = this.outOf(t, a);
        backward[t * LABELS + a] = out;
        sum += out;
      }
      for (let a = 0; a < LABELS; a++) {
        const at = t * LABELS + a;
        backward[at] = (backward[at] ?? 0) / sum;
        marginals[at] = (forward[at] ?? 0) * (backward[at] ?? 0);
        total += marginals[at] ?? 0;
      }
      for (let a = 0; a < LABELS; a++)
        marginals[t * LABELS + a] = (marginals[t * LABELS + a] ?? 0) / total;
    }
  }

  private outOf(t: number, a: number): number {
    if (t === this.length - 1) return this.factors[a * LABELS] ?? 0;
    let sum = 0;
    const future = (t + 1) * LABELS;
    for (let b = 0; b < LABELS; b++) {
      sum +=
        (this.factors[a * LABELS + b] ?? 0) *
        (this.weights[future + b] ?? 0) *
        (this.backward[future + b] ?? 0);
    }
    return sum;
  }

  /** Powers of the scores, the highest of a token made 1. */
  private raise(): void {
    for (let t = 0; t < this.length; t++) {
      let top = Number.NEGATIVE_INFINITY;
      for (let a = 0; a < LABELS; a++) top = Math.max(top, this.scores[t * LABELS + a] ?? 0);
      for (let a = 0; a < LABELS; a++) {
        this.weights[t * LABELS + a] = Math.exp((this.scores[t * LABELS + a] ?? 0) - top);
      }
    }
  }

  /** After `spread`: how probable each step from token `t` to the next is, added to `sums`. */
  addMoves(t: number, sums: Float64Array, sign: number): void {
    const { forward, factors, weights, backward } = this;
    let total = 0;
    const steps = new Float64Array(LABELS * LABELS);
    for (let a = 0; a < LABELS; a++) {
      for (let b = 0; b < LABELS; b++) {
        const [past, at] = [t * LABELS + a, (t + 1) * LABELS + b];
        const step =
          (forward[past] ?? 0) *
          (factors[a * LABELS + b] ?? 0) *
          (weights[at] ?? 0) *
          (backward[at] ?? 0);
        steps[a * LABELS + b] = step;
        total += step;
      }
    }
    for (let i = 0; i < steps.length; i++)
      sums[i] = (sums[i] ?? 0) + (sign * (steps[i] ?? 0)) / total;
  }
}
