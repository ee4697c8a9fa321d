/**
 * Choices that a key and a value make together: whoever has the key makes the same ones again,
 * whoever has not learns nothing of the value from them (HMAC-SHA-256, RFC 2104, as a stream).
 */
import { createHmac } from 'node:crypto';

export class Draw {
  private block = Buffer.alloc(0);
  private used = 0;
  private counter = 0;
  private readonly key: Uint8Array;
  private readonly seed: string;

  constructor(key: Uint8Array, seed: string) {
    this.key = key;
    this.seed = seed;
  }

  /** A number from 0 to `count` - 1; `count` up to 65,536. */
  below(count: number): number {
    // What goes beyond the last whole round is thrown away, so that no number is likelier.
    const rounds = Math.floor(65_536 / count) * count;
    for (;;) {
      const number = this.byte() * 256 + this.byte();
      if (number < rounds) return number % count;
    }
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T;
  }

  digits(count: number): string {
    return Array.from({ length: count }, () => this.below(10)).join('');
  }

  private byte(): number {
    if (this.used === this.block.length) {
      const input = `${this.counter++}\u0000${this.seed}`;
      this.block = createHmac('sha256', this.key).update(input).digest();
      this.used = 0;
    }
    return this.block[this.used++] as number;
  }
}
