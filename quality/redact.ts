/**
 * `npm run quality:redact`: how well detection does on the development set, by type, how often it is
 * wrong in prose that holds nothing personal, how fast it is, and how well its confidence keeps its
 * word. Fails where a figure is below its floor in floors.json or docs/names.md is out of step.
 * `--errors=PERSON` lists what went wrong of a type; `--write` writes docs/names.md.
 */
import type { LabelledText } from './development-set.ts';
import { belowFloors, findIn, type Measured, measure } from './measure.ts';
import { namesPage, PAGE, pageInStep, writePage } from './names-page.ts';
import { prosePages } from './prose.ts';
import {
  emptyTally,
  type Figures,
  figuresOf,
  interval,
  overall,
  strictFiguresOf,
  type Tally,
  tally,
} from './score.ts';
import { speeds } from './speed.ts';

const print = (line: string) => process.stdout.write(`${line}\n`);
const shown = (value: number) => value.toFixed(3);

function row(name: string, one: Tally, [low, high]: [number, number]): void {
  const { precision, recall, f2 }: Figures = figuresOf(one);
  const figures = [precision, recall, f2].map((value) => shown(value).padStart(9)).join('');
  const strict = shown(strictFiguresOf(one).f2).padStart(9);
  const anyType = (one.gold === 0 ? '-' : shown(one.covered / one.gold)).padStart(8);
  print(
    `${name.padEnd(18)} ${figures}  ${shown(low)}-${shown(high)}  ${strict}  ${anyType}  ${one.gold}`,
  );
}

function report({ sum, perText, texts, falseHits }: Measured): void {
  print(
    `${'type'.padEnd(18)} precision   recall       F2  95 % of F2     strict F2  any type  marked`,
  );
  for (const [type, one] of [...sum].toSorted((a, b) => b[1].gold - a[1].gold)) {
    row(
      type,
      one,
      interval(perText, (each) => each.get(type) ?? emptyTally()),
    );
  }
  row('overall', overall(sum), interval(perText, overall));
  print(`${texts.length} texts; matched by overlap, strict with the same ends (score.ts)`);
  print(`\nfalse hits in ${prosePages().length} pages of prose: ${falseHits.length}`);
  for (const hit of falseHits) print(`  ${hit}`);
}

/** Marked spans that were not found, and findings that nothing marks, of one type. */
function listErrors(texts: readonly LabelledText[], type: string): void {
  for (const labelled of texts) {
    const findings = findIn(labelled.text);
    const own = tally(labelled, findings).get(type);
    if (!own || (own.found === own.gold && own.right === own.findings)) continue;
    const marked = labelled.spans
      .filter((span) => span.type === type)
      .map(({ start, end }) => labelled.text.slice(start, end));
    print(JSON.stringify(labelled.text));
    print(`  marked ${marked.join(' | ')}`);
    print(`  found  ${findings.map(({ type: is, text }) => `${is}: ${text}`).join(' | ')}`);
  }
}

const measured = measure();
const wanted = process.argv.find((argument) => argument.startsWith('--errors='));
if (wanted) listErrors(measured.texts, wanted.slice('--errors='.length));
report(measured);
for (const { what, charactersPerS } of speeds()) {
  print(`${what.padEnd(34)} ${(charactersPerS / 1e6).toFixed(2)} million characters/s a core`);
}
const complaints = belowFloors(measured);
const page = namesPage();
if (process.argv.includes('--write')) writePage(page);
else if (!pageInStep(page)) complaints.push(`${PAGE} is out of step: run with --write`);
for (const complaint of complaints) print(`BELOW ITS FLOOR: ${complaint}`);
if (complaints.length > 0) process.exitCode = 1;
