/**
 * What the rules see in a text, each weighed by the words around it. Rules that can begin anywhere
 * walk over the text one by one; all others are found in three walks together.
 */
import type { TextPart } from '../../document.ts';
import { joinedLines } from '../line-joins.ts';
import type { Candidate } from '../resolver.ts';
import type { Match, Rule } from '../rule.ts';
import { cellsIn, LONGEST_HEADING, withinCell } from './cells.ts';
import { indexNumbers, type NumberIndex, numbersIn } from './numbers.ts';
import { checked, type Emit, indexPlaces, type PlaceIndex, placesIn } from './places.ts';
import { indexStretches, type StretchIndex, stretchesIn } from './stretches.ts';

/** Characters before and behind a match in which words count. */
const CONTEXT_BEFORE = 60;
const CONTEXT_BEHIND = 24;
/** How much surer a rule is in a document of its own language. */
const AT_HOME = 1.3;

interface Program {
  anywhere: readonly Rule[];
  places: PlaceIndex;
  stretches: StretchIndex;
  numbers: NumberIndex;
  cells: readonly Rule[];
}

const programs = new WeakMap<readonly Rule[], Program>();

function compile(rules: readonly Rule[]): Program {
  const known = programs.get(rules);
  if (known) return known;
  const program = {
    anywhere: rules.filter(
      ({ pattern, find, words, atDigits, unbroken }) =>
        find || (pattern && !words && !atDigits && !unbroken),
    ),
    places: indexPlaces(rules),
    stretches: indexStretches(rules),
    numbers: indexNumbers(rules),
    cells: rules.filter(({ cell }) => cell),
  };
  programs.set(rules, program);
  return program;
}

/**
 * Everything in a part that one of the rules takes for its own, with a confidence; overlaps stay.
 * @param language ISO 639-1, of the document: its own kinds of numbers are likelier there
 */
export function scan(part: TextPart, rules: readonly Rule[], language?: string): Candidate[] {
  const program = compile(rules);
  const candidates: Candidate[] = [];
  const add = (rule: Rule, match: Match) => {
    const { start, end, confidence } = withinCell(part, match);
    candidates.push({
      type: rule.type,
      confidence: weigh(rule, { start, end, confidence }, part, language),
      ...{ start, end },
    });
  };
  run(part.text, program, language, add);
  if (part.contextAt) {
    for (const { rule, match } of cellsIn(part, program.cells, language)) add(rule, match);
  }
  const joined = part.isWrapped ? joinedLines(part.text) : null;
  if (joined) {
    run(joined.text, program, language, (rule, match) => {
      const place = joined.place(match);
      if (place) add(rule, place);
    });
  }
  return candidates;
}

/** What rules find in a bare text, before its surroundings are looked at. */
export function matches(rules: readonly Rule[], text: string): Match[] {
  const found: Match[] = [];
  run(text, compile(rules), undefined, (_, match) => found.push(match));
  return found;
}

function run(text: string, program: Program, language: string | undefined, emit: Emit): void {
  for (const rule of program.anywhere) {
    if (rule.find) for (const match of rule.find(text)) emit(rule, match);
    if (!rule.pattern || rule.needs?.test(text) === false) continue;
    rule.pattern.lastIndex = 0;
    for (const found of text.matchAll(rule.pattern)) {
      const match = checked(rule, found, text, language);
      if (match) emit(rule, match);
    }
  }
  placesIn(text, program.places, language, emit);
  stretchesIn(text, program.stretches, language, emit);
  numbersIn(text, program.numbers, language, emit);
}

function weigh(
  rule: Rule,
  { start, end, confidence }: Match,
  part: TextPart,
  language: string | undefined,
): number {
  let base = confidence ?? rule.confidence;
  if (!rule.against && !rule.context && !rule.languages) return base;
  const before = part.text.slice(Math.max(0, start - CONTEXT_BEFORE), start);
  if (rule.against?.test(before)) return base / 4;
  if (language && rule.languages?.includes(language)) base = Math.min(0.95, base * AT_HOME);
  const better = rule.withContext ?? 0.95;
  if (!rule.context || base >= better) return base;
  const near = `${(part.contextAt?.(start) ?? '').slice(0, LONGEST_HEADING)} ${before} | ${part.text.slice(end, end + CONTEXT_BEHIND)}`;
  return rule.context.test(near) ? better : base;
}
