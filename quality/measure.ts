/** One measuring of the product's detector, and what of it is below its floor. */
import { detect, planSearch } from '../src/services/redact/detect/detect.ts';
import { ENTITY_TYPES } from '../src/services/redact/detect/entities.ts';
import type { Finding } from '../src/services/redact/document.ts';
import { developmentSet, type LabelledText } from './development-set.ts';
import floors from './floors.json' with { type: 'json' };
import { falseHits } from './prose.ts';
import { addTo, figuresOf, overall, type Tallies, tally } from './score.ts';

export interface Measured {
  texts: LabelledText[];
  perText: Tallies[];
  sum: Tallies;
  /** What was found in prose that holds nothing personal, under the default framework. */
  falseHits: string[];
}

const search = planSearch({ entities: ENTITY_TYPES.filter((type) => type !== 'term') });

/** All types that there are, under the default threshold. */
export function findIn(text: string): Finding[] {
  return detect([{ pageNumber: 1, text }], search);
}

export function measure(): Measured {
  const texts = developmentSet();
  const perText = texts.map((labelled) => tally(labelled, findIn(labelled.text)));
  const sum: Tallies = new Map();
  for (const one of perText) addTo(sum, one);
  return { texts, perText, sum, falseHits: falseHits('pii') };
}

/** A sentence for each figure that is worse than floors.json allows. */
export function belowFloors({ sum, falseHits }: Measured): string[] {
  const f2: Record<string, number> = { overall: figuresOf(overall(sum)).f2 };
  for (const [type, one] of sum) f2[type] = figuresOf(one).f2;
  const below = Object.entries(floors.f2)
    .filter(([type, floor]) => (f2[type] ?? 0) < floor)
    .map(([type, floor]) => `F2 of ${type} is ${(f2[type] ?? 0).toFixed(3)}, its floor ${floor}`);
  if (falseHits.length > floors.falseHitsInProse) {
    const most = floors.falseHitsInProse;
    below.push(`${falseHits.length} false hits in prose, at most ${most}: ${falseHits.join('; ')}`);
  }
  return below;
}
