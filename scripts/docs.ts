/** Writes what is made from tables: docs/configuration.md, docs/cli.md, docs/entities.md. `--check` only says whether it is in step. */
import { readFileSync, writeFileSync } from 'node:fs';
import { cliPage } from './pages/cli.ts';
import { configurationPage } from './pages/configuration.ts';
import { entitiesPage } from './pages/entities.ts';

const PAGES: Record<string, () => string> = {
  'docs/cli.md': cliPage,
  'docs/configuration.md': configurationPage,
  'docs/entities.md': entitiesPage,
};

const check = process.argv.includes('--check');
for (const [path, make] of Object.entries(PAGES)) {
  const made = make();
  if (!check) writeFileSync(path, made);
  else if (readFileSync(path, 'utf8') !== made) {
    process.stderr.write(`${path} is out of step: run "npm run docs"\n`);
    process.exitCode = 1;
  }
}
