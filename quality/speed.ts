/** Characters a second a core of detection, as figures: nothing depends on them. */
import { detect, planSearch } from '../src/services/redact/detect/detect.ts';
import { ENTITY_TYPES } from '../src/services/redact/detect/entities.ts';
import { findNames, NAMED } from '../src/services/redact/detect/names/names.ts';
import { developmentSet } from './development-set.ts';
import { prosePages } from './prose.ts';

const ROUNDS = 3;

export interface Speed {
  what: string;
  charactersPerS: number;
}

export function speeds(): Speed[] {
  const samples = {
    prose: prosePages().join('\n').repeat(20),
    'dense personal data': developmentSet()
      .map(({ text }) => text)
      .join('\n\n')
      .repeat(3),
  };
  const all = ENTITY_TYPES.filter((type) => type !== 'term');
  const unnamed = all.filter((type) => !NAMED.includes(type));
  const ways: Record<string, (text: string) => unknown> = {
    'tagger alone': (text) => findNames({ pageNumber: 1, text }),
    'all but the tagger': (text) =>
      detect([{ pageNumber: 1, text }], planSearch({ entities: unnamed })),
    everything: (text) => detect([{ pageNumber: 1, text }], planSearch({ entities: all })),
  };
  return Object.entries(samples).flatMap(([sample, text]) =>
    Object.entries(ways).map(([way, work]) => ({
      what: `${sample}, ${way}`,
      charactersPerS: text.length / fastestS(() => work(text)),
    })),
  );
}

/** Of the processor's time, whoever else is at work. */
function fastestS(work: () => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1e6);
  }
  return best;
}
