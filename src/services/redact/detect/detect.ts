/**
 * From texts to findings: rules, the words around each match, the caller's own terms, then one
 * resolver a part, then the whole document: a value that is removed in one place is removed
 * wherever it stands, or the output would still give it away.
 */
import { performance } from 'node:perf_hooks';
import { invalidField } from '../../../kernel/fault.ts';
import type { Finding, Options, TextPart } from '../document.ts';
import { FRAMEWORK_IDS, FRAMEWORKS, type Framework } from '../frameworks/frameworks.ts';
import { type EntityType, isEntityType } from './entities.ts';
import { lineJoins } from './line-joins.ts';
import { propagate } from './propagate.ts';
import { type Candidate, resolve } from './resolver.ts';
import { type Match, matches, type Rule } from './rule.ts';
import { RULES } from './rules/index.ts';
import { compileTerms } from './terms.ts';

/** Characters before and behind a match in which words count. */
const CONTEXT_BEFORE = 60;
const CONTEXT_BEHIND = 24;

export interface Search {
  rules: readonly Rule[];
  threshold: number;
}

/** What these options ask for. Fault `invalid_request` for a term that is no pattern. */
export function planSearch(options: Options): Search {
  const framework = frameworkOf(options.framework ?? 'pii');
  const wanted = new Set<EntityType>(
    options.entities?.length ? knownTypes('entities', options.entities) : framework.types,
  );
  for (const type of knownTypes('exclude', options.exclude ?? [])) wanted.delete(type);
  const rules = RULES.filter(({ type }) => wanted.has(type));
  return {
    rules: [...rules, ...compileTerms(options.terms ?? [])],
    threshold: options.minConfidence ?? framework.threshold,
  };
}

function frameworkOf(id: string): Framework {
  const known = FRAMEWORK_IDS.find((name) => name === id);
  if (known) return FRAMEWORKS[known];
  const names = FRAMEWORK_IDS.join(', ');
  throw invalidField('framework', `The framework field must be one of: ${names}`);
}

function knownTypes(field: string, names: readonly string[]): EntityType[] {
  return names.map((name) => {
    if (isEntityType(name)) return name;
    throw invalidField(field, `The ${field} field has a type that is not known here`);
  });
}

/** Everything sensitive in these texts, in reading order, none within another. */
export function detect(parts: readonly TextPart[], search: Search): Finding[] {
  const found = parts.flatMap((part, index) => detectInPart(part, index, search));
  return propagate(parts, found);
}

function detectInPart(part: TextPart, index: number, { rules, threshold }: Search): Finding[] {
  const candidates: Candidate[] = [];
  for (const rule of rules) {
    for (const match of matches(rule, part.text)) {
      const confidence = weigh(rule, match, part);
      if (confidence < threshold) continue;
      candidates.push({ type: rule.type, confidence, start: match.start, end: match.end });
    }
  }
  if (part.isWrapped) {
    for (const join of lineJoins(part.text)) {
      for (const rule of rules) {
        for (const match of matches(rule, join.text)) {
          const { start, end } = join.place(match);
          const confidence = weigh(rule, { ...match, start, end }, part);
          if (!join.spans(match) || confidence < threshold) continue;
          candidates.push({ type: rule.type, confidence, start, end });
        }
      }
    }
  }
  return resolve(candidates).map((candidate) => ({
    ...candidate,
    part: index,
    text: part.text.slice(candidate.start, candidate.end),
  }));
}

function weigh(rule: Rule, { start, end, confidence }: Match, part: TextPart): number {
  const base = confidence ?? rule.confidence;
  const before = part.text.slice(Math.max(0, start - CONTEXT_BEFORE), start);
  if (rule.against?.test(before)) return base / 4;
  const better = rule.withContext ?? 0.95;
  if (!rule.context || base >= better) return base;
  const near = `${part.contextAt?.(start) ?? ''} ${before} | ${part.text.slice(end, end + CONTEXT_BEHIND)}`;
  return rule.context.test(near) ? better : base;
}

/** How long something took, in whole milliseconds. */
export function stopwatch(): () => number {
  const start = performance.now();
  return () => Math.round(performance.now() - start);
}
