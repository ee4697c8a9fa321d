/**
 * The words that sentences are made up from: names by country from @faker-js/faker, and the lists in
 * words/. Sorted, so that they do not depend on the order in which anybody keeps them.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { allLocales } from '@faker-js/faker';

/** Names as one country has them. */
export interface Culture {
  id: string;
  given: string[];
  surnames: string[];
  cities: string[];
  streets: string[];
  /** How often sentences take it, beside others. */
  share: number;
}

const WORDS = resolve(import.meta.dirname, 'words');

/** Locales with names in Latin letters, or met in mail in their own; how much of each. */
const SHARES: Readonly<Record<string, number>> = {
  ...{ en: 30, en_GB: 4, en_IN: 5, en_AU: 2, en_ZA: 2, en_NG: 2, en_GH: 1, en_CA: 1, de: 6, fr: 5 },
  ...{ es: 5, es_MX: 3, it: 5, nl: 4, nl_BE: 1, pt_BR: 2, pt_PT: 3, pl: 4, cs_CZ: 3, sk: 2, hu: 3 },
  ...{ da: 3, sv: 3, nb_NO: 3, fi: 3, ro: 3, hr: 3, sr_RS_latin: 2, sl_SI: 2, tr: 3, vi: 2, lv: 1 },
  ...{ id_ID: 2, de_AT: 1, de_CH: 1, fr_BE: 2, fr_CH: 1, fr_SN: 1, af_ZA: 1, zu_ZA: 1, yo_NG: 1 },
  ...{ az: 1, uz_UZ_latin: 1, eo: 0, ru: 1, uk: 0.5, el: 1, ro_MD: 1, ku_kmr_latin: 0.5, en_HK: 1 },
};

type Tree = Record<string, Record<string, unknown> | undefined>;

export function words(file: string): string[] {
  const text = readFileSync(resolve(WORDS, `${file}.txt`), 'utf8');
  return entries(
    text
      .split('\n')
      .filter((line) => !line.startsWith('#'))
      .join(', '),
  );
}

/** The lists of words/marks.txt by their headings. */
export function marks(): Record<string, string[]> {
  const lists: Record<string, string[]> = {};
  let heading = '';
  for (const line of readFileSync(resolve(WORDS, 'marks.txt'), 'utf8').split('\n')) {
    if (line.startsWith('# ')) heading = line.slice(2);
    else if (line !== '') lists[heading] = line.split(', ');
  }
  return lists;
}

/** The words of words/common.txt by what they are. */
export function common(): { nouns: string[]; verbs: string[]; others: string[] } {
  const text = readFileSync(resolve(WORDS, 'common.txt'), 'utf8');
  const [nouns = [], verbs = [], others = []] = text
    .split(/^# .*$/m)
    .slice(1)
    .map((section) => entries(section.replaceAll('\n', ', ')));
  return { nouns, verbs, others };
}

function entries(line: string): string[] {
  return sorted(line.split(',').map((entry) => entry.trim()));
}

function sorted(list: readonly string[]): string[] {
  const clean = list.filter((entry) => entry.length > 1 && !/[{}\d]/.test(entry));
  return [...new Set(clean)].toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** All texts in a list, or in an object of lists, as faker keeps them. */
function texts(from: unknown): string[] {
  if (typeof from === 'string') return [from];
  if (Array.isArray(from)) return from.flatMap(texts);
  return from && typeof from === 'object' ? Object.values(from).flatMap(texts) : [];
}

function of(locale: string, room: string, list: string): string[] {
  const tree = (allLocales as unknown as Record<string, Tree>)[locale];
  return sorted(texts(tree?.[room]?.[list]));
}

export function cultures(): Culture[] {
  return Object.entries(SHARES).map(([id, share]) => {
    const own = {
      given: of(id, 'person', 'first_name'),
      surnames: of(id, 'person', 'last_name'),
      cities: of(id, 'location', 'city_name'),
      streets: of(id, 'location', 'street_name'),
    };
    const fallback = id.startsWith('fr') ? 'fr' : 'en';
    return {
      id,
      share,
      given: own.given.length > 0 ? own.given : of(fallback, 'person', 'first_name'),
      surnames: own.surnames.length > 0 ? own.surnames : of(fallback, 'person', 'last_name'),
      cities: own.cities,
      streets: own.streets,
    };
  });
}

export function countries(): string[] {
  return of('en', 'location', 'country');
}

/** Countries in their own and their neighbours' languages. */
export function foreignCountries(): string[] {
  return sorted(
    ['de', 'fr', 'es', 'it', 'nl', 'pt_PT', 'pl', 'sv'].flatMap((id) =>
      of(id, 'location', 'country'),
    ),
  );
}

export function states(): string[] {
  return sorted(
    ['en', 'en_CA', 'en_AU', 'en_IN', 'de', 'it'].flatMap((id) => of(id, 'location', 'state')),
  );
}

/** Ordinary English words by their part of speech. */
export function ordinary(part: 'noun' | 'verb' | 'adjective' | 'adverb'): string[] {
  return of('en', 'word', part);
}

export function jobs(): string[] {
  const [areas, types] = [of('en', 'person', 'job_area'), of('en', 'person', 'job_type')];
  return sorted(
    areas.flatMap((area, i) => [
      `${area} ${types[i % types.length]}`,
      `${types[(i * 7) % types.length]}`,
    ]),
  );
}
