/**
 * `npm run bench`: every bench file, one after the other. Each prints ratios against a floor or a
 * peer that it takes in the same run, because this says more than times on a shared machine.
 * `npm run bench -- redirect` runs those whose name contains the word.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname;
const wanted = process.argv[2] ?? '';
const files = readdirSync(here)
  .filter((file) => file.endsWith('.ts') && file !== 'run.ts' && file.includes(wanted))
  .sort();

for (const file of files) {
  process.stdout.write(`\n# ${file.replace('.ts', '')}\n`);
  const { status } = spawnSync(process.execPath, [join(here, file)], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
