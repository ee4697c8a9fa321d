/**
 * From texts to findings: rules, the words around each match, the caller's own terms, then one
 * resolver a part, then the whole document: a value that is removed in one place is removed
 * wherever it stands, or the output would still give it away.
 */
import { performance } from 'node:perf_hooks';
import { invalidField } from '../../../kernel/fault.ts';
import type { Finding, Options, TextPart } from '../document.ts';
import { EAGER, FRAMEWORK_IDS, FRAMEWORKS, type Framework } from '../frameworks/frameworks.ts';
import { type EntityType, isEntityType } from './entities.ts';
import { findByModel } from './model/model.ts';
import { findNames, isCountry, NAMED } from './names/names.ts';
import { propagate } from './propagate.ts';
import { type Candidate, resolve } from './resolver.ts';
import type { Rule } from './rule.ts';
import { RULES } from './rules/index.ts';
import { scan } from './scan/scan.ts';
import { compileTerms } from './terms.ts';

export interface Search {
  rules: readonly Rule[];
  /** All that is looked for. */
  types: ReadonlySet<EntityType>;
  /** Types that the tagger of names looks for. */
  names: ReadonlySet<EntityType>;
  /** How sure a finding of a type must be. */
  threshold(type: EntityType): number;
  /** Names of countries and states are left alone. */
  keepsCountries: boolean;
  language?: string;
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
    types: wanted,
    names: new Set(NAMED.filter((type) => wanted.has(type))),
    threshold: (type) => options.minConfidence ?? EAGER[type] ?? framework.threshold,
    keepsCountries: framework.keepsCountries === true && !options.entities?.length,
    language: options.language?.slice(0, 2).toLowerCase(),
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

/** As `detect`, with what the installation's own model finds, where there is one. */
export async function detectAll(parts: readonly TextPart[], search: Search): Promise<Finding[]> {
  return detect(parts, search, await findByModel(parts, search.types));
}

/**
 * Everything sensitive in these texts, in reading order, none within another. `byModel`: what else
 * was found, part by part.
 */
export function detect(
  parts: readonly TextPart[],
  search: Search,
  byModel: readonly (readonly Candidate[])[] = [],
): Finding[] {
  const found = parts.flatMap((part, index) =>
    detectInPart(part, index, search, byModel[index] ?? []),
  );
  return propagate(parts, found);
}

function detectInPart(
  part: TextPart,
  index: number,
  search: Search,
  byModel: readonly Candidate[],
): Finding[] {
  const isNamed = !part.hasNoPeople;
  const names = isNamed && search.names.size > 0 ? findNames(part) : [];
  const candidates = [
    ...scan(part, search.rules, search.language),
    ...names.filter(({ type }) => search.names.has(type)).filter(isWanted(part, search)),
    ...byModel.filter(isWanted(part, search)),
  ].filter(
    ({ type, confidence }) => confidence >= search.threshold(type) && (isNamed || !NAMES.has(type)),
  );
  return resolve(candidates).map((candidate) => ({
    ...candidate,
    part: index,
    text: part.text.slice(candidate.start, candidate.end),
  }));
}

const NAMES: ReadonlySet<EntityType> = new Set(NAMED);

function isWanted({ text }: TextPart, { keepsCountries }: Search) {
  return ({ type, start, end }: Candidate) =>
    type !== 'location' || !keepsCountries || !isCountry(text.slice(start, end));
}

/** How long something took, in whole milliseconds. */
export function stopwatch(): () => number {
  const start = performance.now();
  return () => Math.round(performance.now() - start);
}
