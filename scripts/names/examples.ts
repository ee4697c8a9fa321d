/** What the tagger learns from: a text and the names in it. */
import type { Kind } from '../../src/services/redact/detect/names/model/labels.ts';

export interface Name {
  kind: Kind;
  start: number;
  end: number;
}

export interface Example {
  text: string;
  names: Name[];
  /** Read without the lists of known names, so that the tagger learns to do without them. */
  unlisted?: boolean;
  /** Read as if some of its ordinary words were unknown; which, is drawn from this number. */
  unheard?: number;
}

/** Numbers that are the same in every run (Marsaglia's xorshift, 32 bits). */
export class Dice {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 1;
  }

  /** From 0 to below 1. */
  roll(): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x;
    return (x >>> 0) / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.roll() * limit);
  }

  chance(probability: number): boolean {
    return this.roll() < probability;
  }

  pick<T>(from: readonly T[]): T {
    const one = from[this.below(from.length)];
    if (one === undefined) throw new Error('Nothing to pick from');
    return one;
  }

  shuffle<T>(list: T[]): T[] {
    for (let i = list.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [list[i], list[j]] = [list[j] as T, list[i] as T];
    }
    return list;
  }
}
