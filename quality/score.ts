/**
 * Counts what was found of what is marked. Two rules of matching:
 *
 * - by overlap (the one that floors are about): a marked span is found where findings of accepted
 *   types cover at least half of its letters and digits; a finding is right where at least half of
 *   its letters and digits lie within spans of a type that accepts it;
 * - strict: a finding with the same ends, spaces and marks at the ends aside, and an accepted type.
 */
import type { EntityType } from '../src/services/redact/detect/entities.ts';
import { ACCEPTED, type LabelledText } from './development-set.ts';

export interface Found {
  type: EntityType;
  start: number;
  end: number;
}

export interface Tally {
  gold: number;
  /** Of the marked ones: found by overlap, strictly, and under any type at all. */
  found: number;
  exact: number;
  covered: number;
  findings: number;
  right: number;
  rightExact: number;
}

export type Tallies = Map<string, Tally>;

/** The type of the set that a finding is counted under where it is wrong. */
const HOME = new Map<EntityType, string>();
for (const [type, accepted] of Object.entries(ACCEPTED)) {
  const [first] = accepted;
  if (first) HOME.set(first, type);
}

export function emptyTally(): Tally {
  return { gold: 0, found: 0, exact: 0, covered: 0, findings: 0, right: 0, rightExact: 0 };
}

/** Tallies of one text by type of the set; findings of types the set lacks stand under `other`. */
export function tally({ text, spans }: LabelledText, findings: readonly Found[]): Tallies {
  const tallies: Tallies = new Map();
  const of = (type: string) => {
    const known = tallies.get(type) ?? emptyTally();
    tallies.set(type, known);
    return known;
  };
  for (const span of spans) {
    const accepted = ACCEPTED[span.type];
    if (!accepted) continue;
    const own = of(span.type);
    const matching = findings.filter(({ type }) => accepted.includes(type));
    own.gold++;
    if (share(text, span, matching) >= 0.5) own.found++;
    if (share(text, span, findings) >= 0.5) own.covered++;
    if (matching.some((finding) => isSame(text, span, finding))) own.exact++;
  }
  for (const finding of findings) {
    const accepting = spans.filter(({ type }) => ACCEPTED[type]?.includes(finding.type));
    const ignored = spans.filter(({ type }) => type === 'IGNORED');
    const isRight = share(text, finding, accepting) >= 0.5;
    if (!isRight && share(text, finding, ignored) >= 0.5) continue;
    const nearest = accepting.find((span) => span.start < finding.end && finding.start < span.end);
    const own = of((isRight && nearest?.type) || (HOME.get(finding.type) ?? 'other'));
    own.findings++;
    if (isRight) own.right++;
    if (accepting.some((span) => isSame(text, span, finding))) own.rightExact++;
  }
  return tallies;
}

/** How much of a stretch's letters and digits the others cover. */
function share(
  text: string,
  { start, end }: { start: number; end: number },
  others: readonly { start: number; end: number }[],
): number {
  let [all, covered] = [0, 0];
  for (let at = start; at < end; at++) {
    if (!/[\p{L}\p{N}]/u.test(text[at] ?? '')) continue;
    all++;
    if (others.some((other) => other.start <= at && at < other.end)) covered++;
  }
  return all === 0 ? 0 : covered / all;
}

function isSame(
  text: string,
  a: { start: number; end: number },
  b: { start: number; end: number },
): boolean {
  const [from, to] = [Math.min(a.start, b.start), Math.max(a.end, b.end)];
  const ends = [
    text.slice(from, Math.max(a.start, b.start)),
    text.slice(Math.min(a.end, b.end), to),
  ];
  return a.start < b.end && b.start < a.end && ends.every((end) => !/[\p{L}\p{N}]/u.test(end));
}

/** Adds one text's tallies to a sum. */
export function addTo(sum: Tallies, tallies: Tallies): void {
  for (const [type, one] of tallies) {
    const total = sum.get(type) ?? emptyTally();
    for (const key of Object.keys(one) as (keyof Tally)[]) total[key] += one[key];
    sum.set(type, total);
  }
}

export interface Figures {
  precision: number;
  recall: number;
  f2: number;
}

export function figuresOf({ gold, found, findings, right }: Tally): Figures {
  return figures(ratio(right, findings), ratio(found, gold));
}

export function strictFiguresOf({ gold, exact, findings, rightExact }: Tally): Figures {
  return figures(ratio(rightExact, findings), ratio(exact, gold));
}

/** F with recall counted twice as high: 5PR / (4P + R). */
function figures(precision: number, recall: number): Figures {
  const f2 = precision + recall === 0 ? 0 : (5 * precision * recall) / (4 * precision + recall);
  return { precision, recall, f2 };
}

function ratio(part: number, all: number): number {
  return all === 0 ? 0 : part / all;
}

/** All types in one. */
export function overall(tallies: Tallies): Tally {
  const sum: Tallies = new Map();
  for (const one of tallies.values()) addTo(sum, new Map([['all', one]]));
  return sum.get('all') ?? emptyTally();
}

/**
 * The middle 95 % of F2 over texts drawn again with replacement (Efron, 1979). Same draws in every
 * run.
 */
export function interval(
  perText: readonly Tallies[],
  pick: (sum: Tallies) => Tally,
): [number, number] {
  const draws: number[] = [];
  let state = 1;
  for (let round = 0; round < 300; round++) {
    const sum = emptyTally();
    for (let i = 0; i < perText.length; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      const drawn = perText[Math.floor((state / 2 ** 32) * perText.length)];
      const one = drawn && pick(drawn);
      if (!one) continue;
      for (const key of Object.keys(one) as (keyof Tally)[]) sum[key] += one[key];
    }
    draws.push(figuresOf(sum).f2);
  }
  draws.sort((a, b) => a - b);
  return [draws[7] ?? 0, draws[292] ?? 0];
}
