/**
 * A hash of everything that the weights are made from: the data, the word lists and templates, and
 * the code that reads and learns. Where it differs from the one in the weights, these are of
 * yesterday: run `npm run train:names`.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CORPORA, DATA } from './corpora.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const NAMES = 'src/services/redact/detect/names';
/** Of the tagger what shapes the weights; what is done with its findings does not. */
const CODE = [
  'tagger.ts',
  ...['characters', 'gazetteer', 'surroundings', 'tokens'].map((name) => `reading/${name}.ts`),
  ...['chain', 'features', 'labels', 'scorer', 'weight-table'].map((name) => `model/${name}.ts`),
];

export function fingerprint(): string {
  const hash = createHash('sha256');
  const own = readdirSync(resolve(ROOT, 'scripts/names'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:ts|txt)$/.test(name) && !name.endsWith('.test.ts'))
    .map((name) => `scripts/names/${name}`);
  const code = CODE.map((name) => `${NAMES}/${name}`);
  const faker = JSON.parse(
    readFileSync(resolve(ROOT, 'node_modules/@faker-js/faker/package.json'), 'utf8'),
  );
  hash.update(`faker ${faker.version}\n`);
  for (const path of [...own, ...code].toSorted()) {
    hash.update(`${path}\n`).update(readFileSync(resolve(ROOT, path)));
  }
  for (const path of Object.values(CORPORA).flat().toSorted()) {
    hash.update(`${path}\n`).update(readFileSync(resolve(DATA, path)));
  }
  return hash.digest('hex');
}
