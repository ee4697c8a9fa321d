/**
 * `npm run train:names`: trains the tagger of names from ../shared/data/ner and from made-up
 * sentences, calibrates it on half of what was held out, and writes
 * src/services/redact/detect/names/weights.bin. The same input gives the same bytes.
 * `npm run quality:redact -- --write` brings docs/names.md in step.
 */
import { writeFileSync } from 'node:fs';
import { WEIGHTS_FILE } from '../src/services/redact/detect/names/model/model.ts';
import { fingerprint } from './names/fingerprint.ts';
import { makeWeights, WHOLE } from './names/make.ts';

const log = (line: string) => process.stderr.write(`${line}\n`);
const weights = makeWeights(WHOLE, fingerprint(), log);
writeFileSync(WEIGHTS_FILE, weights);
log(`${weights.length} bytes written`);
