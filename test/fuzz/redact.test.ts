/** A sample of `npm run fuzz:redact`: damaged files of every kind. */
import { afterAll, expect, test } from 'vitest';
import { fuzz } from '../../fuzz/fuzz.ts';
import { SECRET, seedsByKind } from '../../fuzz/seeds.ts';
import { createPool } from '../../src/services/redact/work/pool.ts';

const pool = createPool(2);
afterAll(() => pool.close());

const seeds = await seedsByKind();
/** Reading words in pictures takes its time. */
const SLOW = new Set(['png', 'jpg', 'webp']);

test.each(Object.keys(seeds))(
  'every seed is whole: %s holds the secret, and its output does not',
  async (kind) => {
    for (const { bytes, fileName } of seeds[kind] ?? []) {
      const { bytes: output, items } = await pool.redact({ bytes, fileName, options: {} });
      expect(items.map(({ type }) => type)).toContain('email');
      expect(Buffer.from(output).includes(SECRET)).toBe(false);
    }
  },
);

test.each(Object.keys(seeds))(
  'damaged %s files end in an output or in a fault that says nothing of them',
  async (kind) => {
    const count = SLOW.has(kind) ? 12 : 60;
    const options = { seeds: seeds[kind] ?? [], count, seed: 4, timeoutMs: 60_000 };
    const { counts, wrongs } = await fuzz(pool, options);
    expect(wrongs).toEqual([]);
    expect(Object.values(counts).reduce((sum, n) => sum + n, 0)).toBe(count);
  },
  240_000,
);
