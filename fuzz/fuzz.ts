/** Gives damaged files to the workers, as the server does, and says what must not happen. */
import { Fault } from '../src/kernel/fault.ts';
import type { WorkPool } from '../src/services/redact/work/pool.ts';
import { mutate, randomFrom } from './mutate.ts';
import { SECRET, type Seed } from './seeds.ts';

export interface Outcome {
  /** How often: `redacted`, or the code of a fault. */
  counts: Record<string, number>;
  /** What must not happen, each with the numbers that make it again. */
  wrongs: string[];
}

export interface FuzzOptions {
  /** Files of this kind. */
  seeds: readonly Seed[];
  count: number;
  /** The same number makes the same files. */
  seed: number;
  /** Later is a hang. */
  timeoutMs: number;
  /** How many are given to the workers at once. */
  atOnce?: number;
  /** Hears how many are done. */
  onDone?: (count: number) => void;
}

/** What a damaged file may meet. A verification that fails is right: nothing was given out. */
const EXPECTED = new Set([
  ...['unreadable_file', 'unsupported_file_type', 'verification_failed', 'payload_too_large'],
]);

export async function fuzz(pool: WorkPool, options: FuzzOptions): Promise<Outcome> {
  const { seeds, count, seed, atOnce = 2 } = options;
  const outcome: Outcome = { counts: {}, wrongs: [] };
  let next = 0;
  let done = 0;
  const walk = async () => {
    for (let number = next++; number < count; number = next++) {
      const random = randomFrom(seed * 1_000_003 + number);
      const one = seeds[number % seeds.length] as Seed;
      const bytes = mutate(one.bytes, random);
      const { kind, wrong } = await judge(pool, { fileName: one.fileName, bytes }, options);
      outcome.counts[kind] = (outcome.counts[kind] ?? 0) + 1;
      options.onDone?.(++done);
      if (wrong) outcome.wrongs.push(`${one.fileName}, seed ${seed}, number ${number}: ${wrong}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, walk));
  return outcome;
}

async function judge(
  pool: WorkPool,
  { bytes, fileName }: Seed,
  { timeoutMs }: FuzzOptions,
): Promise<{ kind: string; wrong?: string }> {
  try {
    const { bytes: output } = await pool.redact({ bytes, fileName, options: {} }, { timeoutMs });
    const isThere = Buffer.from(output).includes(SECRET);
    return { kind: 'redacted', ...(isThere ? { wrong: 'the secret is in the output' } : {}) };
  } catch (error) {
    if (!(error instanceof Fault)) return { kind: 'error', wrong: String(error) };
    const { code, message, internal = '' } = error;
    const said = `${message} ${internal}`;
    if (said.includes(SECRET) || /jane|doe@/i.test(said)) {
      return { kind: code, wrong: `the error quotes the document: ${said}` };
    }
    if (/took too long/.test(message)) return { kind: code, wrong: 'it did not end' };
    if (/the worker ended/.test(internal)) return { kind: code, wrong: internal };
    return EXPECTED.has(code) ? { kind: code } : { kind: code, wrong: said };
  }
}
