/**
 * `npm run fuzz:redact`: 2,000 damaged files of every kind through redaction. No crash, no hang, nothing
 * of the document in an error, the secret in no output.
 * `npm run fuzz:redact -- pdf 500 7`: 500 of this kind, from this seed.
 */
import { createPool } from '../src/services/redact/work/pool.ts';
import { fuzz } from './fuzz.ts';
import { seedsByKind } from './seeds.ts';

const [wanted, count = '2000', seed = '1'] = process.argv.slice(2);
const pool = createPool(2);
let wrongs = 0;
for (const [kind, seeds] of Object.entries(await seedsByKind())) {
  if (wanted && wanted !== kind) continue;
  const startedAtMs = performance.now();
  // Pictures take a second each, and more on a busy machine: whoever waits sees that it moves.
  const onDone = (done: number) => {
    if (done % 100 === 0) process.stderr.write(`${kind} ${done}/${count}\n`);
  };
  const options = { seeds, count: Number(count), seed: Number(seed), timeoutMs: 60_000, onDone };
  const outcome = await fuzz(pool, options);
  const tookS = ((performance.now() - startedAtMs) / 1000).toFixed(0);
  process.stdout.write(`${kind.padEnd(5)} ${JSON.stringify(outcome.counts)} ${tookS} s\n`);
  for (const wrong of outcome.wrongs) process.stdout.write(`  WRONG ${wrong}\n`);
  wrongs += outcome.wrongs.length;
}
await pool.close();
process.exitCode = wrongs === 0 ? 0 : 1;
