/**
 * `npm run quality:redact`: how well detection does on the development set, by type, and how often
 * it is wrong in prose that holds nothing personal. Fails where a figure is below its floor in
 * floors.json; `--errors=PERSON` lists what went wrong of a type.
 */
import { detect, planSearch } from '../src/services/redact/detect/detect.ts';
import { ENTITY_TYPES } from '../src/services/redact/detect/entities.ts';
import { developmentSet, type LabelledText } from './development-set.ts';
import floors from './floors.json' with { type: 'json' };
import { falseHits, prosePages } from './prose.ts';
import {
  addTo,
  emptyTally,
  type Figures,
  figuresOf,
  interval,
  overall,
  strictFiguresOf,
  type Tallies,
  tally,
} from './score.ts';

const print = (line: string) => process.stdout.write(`${line}\n`);
const shown = (value: number) => value.toFixed(3);
const search = planSearch({ entities: ENTITY_TYPES.filter((type) => type !== 'term') });

function findIn(text: string) {
  return detect([{ pageNumber: 1, text }], search);
}

function row(name: string, { precision, recall, f2 }: Figures, rest: string): void {
  print(
    `${name.padEnd(18)} ${[precision, recall, f2].map((value) => shown(value).padStart(9)).join('')}  ${rest}`,
  );
}

function report(sum: Tallies, perText: readonly Tallies[]): void {
  print(
    `${'type'.padEnd(18)} precision   recall       F2  95 % of F2     strict F2  any type  marked`,
  );
  for (const [type, one] of [...sum].toSorted((a, b) => b[1].gold - a[1].gold)) {
    const [low, high] = interval(perText, (each) => each.get(type) ?? emptyTally());
    const anyType = one.gold === 0 ? '-' : shown(one.covered / one.gold);
    const strict = shown(strictFiguresOf(one).f2);
    row(
      type,
      figuresOf(one),
      `${shown(low)}-${shown(high)}  ${strict.padStart(9)}  ${anyType.padStart(8)}  ${one.gold}`,
    );
  }
  const all = overall(sum);
  const [low, high] = interval(perText, overall);
  const strict = shown(strictFiguresOf(all).f2);
  row(
    'overall',
    figuresOf(all),
    `${shown(low)}-${shown(high)}  ${strict.padStart(9)}  ${shown(all.covered / all.gold).padStart(8)}  ${all.gold}`,
  );
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

const texts = developmentSet();
const wanted = process.argv.find((argument) => argument.startsWith('--errors='));
if (wanted) listErrors(texts, wanted.slice('--errors='.length));
const startMs = performance.now();
const perText = texts.map((labelled) => tally(labelled, findIn(labelled.text)));
const tookMs = performance.now() - startMs;
const sum: Tallies = new Map();
for (const one of perText) addTo(sum, one);
report(sum, perText);
print(`${texts.length} texts in ${Math.round(tookMs)} ms`);

const hits = falseHits('pii');
print(`\nfalse hits in ${prosePages().length} pages of prose: ${hits.length}`);
for (const hit of hits) print(`  ${hit}`);

const measured: Record<string, number> = { overall: figuresOf(overall(sum)).f2 };
for (const [type, one] of sum) measured[type] = figuresOf(one).f2;
for (const [type, floor] of Object.entries(floors.f2)) {
  const f2 = measured[type] ?? 0;
  if (f2 >= floor) continue;
  print(`BELOW ITS FLOOR: F2 of ${type} is ${shown(f2)}, floor ${shown(floor)}`);
  process.exitCode = 1;
}
if (hits.length > floors.falseHitsInProse) {
  print(`ABOVE ITS BOUND: ${hits.length} false hits in prose, at most ${floors.falseHitsInProse}`);
  process.exitCode = 1;
}
