/** A sample of `npm run fuzz:redact`: damaged files of every kind. */
import { afterAll, expect, test } from 'vitest';
import { fuzz } from '../../fuzz/fuzz.ts';
import { mutate, randomFrom } from '../../fuzz/mutate.ts';
import { SECRET, seedsByKind } from '../../fuzz/seeds.ts';
import { Fault } from '../../src/kernel/fault.ts';
import { createPool, type Work, type WorkPool } from '../../src/services/redact/work/pool.ts';

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

/** A redaction with a fault of its own, in place of ours. */
const planted = (redact: (work: Work) => Promise<unknown>): WorkPool => ({
  ...pool,
  redact: redact as WorkPool['redact'],
});
const said = (code: 'unreadable_file' | 'internal', message: string, internal?: string) => () =>
  Promise.reject(new Fault(code, message, { internal }));

test.each<[string, (work: Work) => Promise<unknown>, RegExp]>([
  ['leaves the secret', async ({ bytes }) => ({ bytes }), /the secret is in the output/],
  ['quotes it', said('unreadable_file', `bad: ${SECRET}`), /quotes the document/],
  ['quotes it in the log', said('unreadable_file', 'bad', 'at "Jane"'), /quotes the document/],
  ['throws what is no fault', () => Promise.reject(new TypeError('x of undefined')), /TypeError/],
  ['ends its worker', said('unreadable_file', 'x', 'the worker ended: SIGSEGV'), /SIGSEGV/],
  ['does not end', said('unreadable_file', 'The file took too long to process'), /did not end/],
  ['is an internal error', said('internal', 'oh'), /oh/],
])(
  'a redaction that %s is found, with the numbers that make the file again',
  async (_, redact, what) => {
    const options = { seeds: seeds['txt'] ?? [], count: 6, seed: 3, timeoutMs: 1000 };
    const { wrongs } = await fuzz(planted(redact), options);
    expect(wrongs.length).toBeGreaterThan(0);
    for (const wrong of wrongs) {
      expect(wrong).toMatch(what);
      expect(wrong).toMatch(/^[ab]\.txt, seed 3, number \d: /);
    }
  },
);

test('a seed makes the same files again, another one others', () => {
  for (const [one] of Object.values(seeds)) {
    const bytes = one?.bytes ?? Buffer.alloc(0);
    const made = (seed: number) => mutate(bytes, randomFrom(seed));
    expect(made(5)).toEqual(made(5));
    expect([6, 7, 8].some((seed) => !made(seed).equals(made(5)))).toBe(true);
  }
});
