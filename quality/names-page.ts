/**
 * docs/names.md: what the tagger of names is, and a table of how well its confidence keeps its word
 * on the half of the held-out texts that did not set it. Made, so that it cannot grow old.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { outcomes, reliability } from '../scripts/names/calibrate.ts';
import type { Example } from '../scripts/names/examples.ts';
import { half, heldOut } from '../scripts/names/make.ts';
import { KINDS, type Kind } from '../src/services/redact/detect/names/model/labels.ts';
import { shippedModel, shippedTagger } from '../src/services/redact/detect/names/shipped.ts';
import { EAGER, FRAMEWORKS } from '../src/services/redact/frameworks/frameworks.ts';
import { INTRODUCTION } from './names-introduction.ts';

export const PAGE = 'docs/names.md';
const FILE = resolve(import.meta.dirname, '..', PAGE);

export function pageInStep(page: string): boolean {
  return existsSync(FILE) && readFileSync(FILE, 'utf8') === page;
}

export function writePage(page: string): void {
  writeFileSync(FILE, page);
}

export function namesPage(): string {
  const sets = [...heldOut()].map(([name, all]) => [name, half(all, 1)] as const);
  return [INTRODUCTION, heldOutTable(sets), reliabilityTable(sets.flatMap(([, all]) => all))].join(
    '\n',
  );
}

function heldOutTable(sets: readonly (readonly [string, Example[]])[]): string {
  const lines = sets.flatMap(([name, examples]) =>
    KINDS.filter((kind) =>
      examples.some(({ names }) => names.some((one) => one.kind === kind)),
    ).map((kind) => `| ${name} | ${kind} | ${figures(examples, kind)} |`),
  );
  return `## On texts that it was not trained on
Found as surely as the framework \`pii\` asks without \`minConfidence\` (places and organisations as
above), by overlap of at least half. \`address\` are streets.

| texts | type | precision | recall | marked |
|---|---|---:|---:|---:|
${lines.join('\n')}
`;
}

function figures(examples: readonly Example[], kind: Kind): string {
  const tagger = shippedTagger();
  const raw = rawOf(kind, EAGER[kind] ?? FRAMEWORKS.pii.threshold);
  const sure = outcomes(tagger, examples, kind).filter((one) => one.raw >= raw);
  const number = KINDS.indexOf(kind);
  let [marked, found] = [0, 0];
  for (const { text, names } of examples) {
    const tagged = tagger.tag(text).filter((one) => one.kind === number && one.raw >= raw);
    for (const name of names.filter((one) => one.kind === kind)) {
      marked++;
      const shared = tagged.reduce((sum, { start, end }) => {
        return sum + Math.max(0, Math.min(end, name.end) - Math.max(start, name.start));
      }, 0);
      if (2 * shared >= name.end - name.start) found++;
    }
  }
  const right = sure.filter(({ isRight }) => isRight).length / Math.max(1, sure.length);
  return `${right.toFixed(2)} | ${(found / marked).toFixed(2)} | ${marked}`;
}

/** The tagger's own probability that stands for a confidence. */
function rawOf(kind: Kind, confidence: number): number {
  const { slope, shift } = shippedModel().header.calibration[kind];
  const logOdds = (Math.log(confidence / (1 - confidence)) - shift) / slope;
  return 1 / (1 + Math.exp(-logOdds));
}

function reliabilityTable(examples: readonly Example[]): string {
  const { calibration } = shippedModel().header;
  const lines = KINDS.flatMap((kind) =>
    reliability(outcomes(shippedTagger(), examples, kind), calibration[kind])
      .filter(({ count }) => count > 0)
      .map(
        ({ from, to, count, said, right }) =>
          `| ${kind} | ${from.toFixed(2)} to ${to.toFixed(2)} | ${count} | ${said.toFixed(2)} | ${right.toFixed(2)} |`,
      ),
  );
  return `## How well the confidence keeps its word
Of the findings with a confidence in this range, how many there were, what they said on average, and
how many were right. Measured on the other half of what was held out than the one that set it.

| type | confidence | findings | said | right |
|---|---|---:|---:|---:|
${lines.join('\n')}
`;
}
