/** `npm run check`: every check that needs no database. All of them run; any failure fails. */
import { spawnSync } from 'node:child_process';

const CHECKS: [name: string, command: string, ...args: string[]][] = [
  ['format and lint', 'biome', 'check', '--error-on-warnings', '.'],
  ['types', 'tsc', '--noEmit', '-p', '.'],
  [
    'boundaries',
    'depcruise',
    '--config',
    '.dependency-cruiser.cjs',
    'src',
    'bench',
    'fuzz',
    'quality',
    'test',
    'scripts',
  ],
  ['dead code', 'knip'],
  ['generated pages', 'node', 'scripts/docs.ts', '--check'],
  ['house rules', 'vitest', 'run', '--config', 'scripts/house/vitest.config.ts'],
];

let failed = 0;
for (const [name, command, ...args] of CHECKS) {
  const startedAtMs = performance.now();
  const { status, stdout, stderr } = spawnSync(`node_modules/.bin/${command}`, args, {
    encoding: 'utf8',
  });
  const tookS = ((performance.now() - startedAtMs) / 1000).toFixed(1);
  process.stdout.write(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${tookS} s)\n`);
  if (status === 0) continue;
  failed++;
  process.stdout.write(`${stdout}${stderr}\n`);
}
process.exitCode = failed === 0 ? 0 : 1;
