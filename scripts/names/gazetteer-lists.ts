/** Which words go into the tagger's gazetteer, from the lists and from the corpora. */
import { baseHash } from '../../src/services/redact/detect/names/reading/characters.ts';
import {
  COMPANY,
  COUNTRY,
  FREQUENT,
  GIVEN,
  ORDINARY,
  PARTICLE,
  PLACE,
  SURNAME,
} from '../../src/services/redact/detect/names/reading/gazetteer.ts';
import type { Example } from './examples.ts';
import {
  common,
  countries,
  cultures,
  foreignCountries,
  marks,
  ordinary,
  states,
  words,
} from './lists.ts';
import { templates } from './sentences.ts';

const FOREIGN_FILES = ['foreign-prose.txt', 'languages.txt'];

/** Lists of words/marks.txt that are no names by themselves, though they have capitals. */
const CAPITALISED = [
  'months',
  'weekdays',
  'foreign months',
  'foreign weekdays',
  'acronyms',
  'drugs',
  'streets behind the name',
];

const PARTICLES =
  'van von der den de del della di da du la le les bin ibn al el abu ben zu zum zur ter ten dos das do y e af av of and the & und et i te op in san st st. los las lo auf aan am an';

export interface Lists {
  hashes: Int32Array;
  lists: Uint8Array;
}

export function gazetteerLists(corpora: readonly Example[]): Lists {
  const known = new Map<number, number>();
  const add = (text: string, list: number) => {
    for (const part of text.split(/[\s\-'’,.&()/]+/)) {
      if (part.length < 2 && list !== PARTICLE) continue;
      const hash = baseHash(part);
      known.set(hash, (known.get(hash) ?? 0) | list);
    }
  };
  // Texas City does not make Texas a town.
  const whole = new Set([...countries(), ...states()]);
  const addCity = (name: string) => {
    if (!name.includes(' ')) add(name, PLACE);
    else for (const part of name.split(' ')) if (!whole.has(part)) add(part, PLACE);
  };
  for (const { given, surnames, cities } of cultures()) {
    for (const name of given) add(name, GIVEN);
    for (const name of surnames) add(name, SURNAME);
    for (const name of cities) addCity(name);
  }
  for (const name of words('given')) add(name, GIVEN);
  for (const name of words('cities')) addCity(name);
  for (const name of [...countries(), ...foreignCountries(), ...states(), ...words('regions')]) {
    add(name, COUNTRY);
  }
  for (const list of ['company forms', 'lines of business']) {
    for (const name of marks()[list] ?? []) add(name, COMPANY);
  }
  for (const particle of PARTICLES.split(' ')) add(particle, PARTICLE);
  addOrdinary(corpora, known);
  for (const word of foreignWords()) add(word, ORDINARY);
  for (const list of CAPITALISED) for (const word of marks()[list] ?? []) add(word, ORDINARY);
  for (const word of vocabulary()) add(word, ORDINARY);
  // Of names of several words those that are no other's: the Bank of America is not America.
  for (const name of words('companies')) {
    for (const part of name.split(' ')) {
      const lists = known.get(baseHash(part)) ?? 0;
      if (part === name || (lists & (ORDINARY | PLACE | COUNTRY | GIVEN)) === 0) add(part, COMPANY);
    }
  }
  const sorted = [...known].toSorted((a, b) => a[0] - b[0]);
  return {
    hashes: Int32Array.from(sorted, ([hash]) => hash),
    lists: Uint8Array.from(sorted, ([, list]) => list),
  };
}

/** Ordinary English words with their regular endings. */
function vocabulary(): string[] {
  const { nouns, verbs, others } = common();
  return [
    ...[...nouns, ...ordinary('noun'), ...words('business')].flatMap((word) => [
      word,
      ...nounForms(word),
    ]),
    ...[...verbs, ...ordinary('verb')].flatMap((word) => [word, ...verbForms(word)]),
    ...[...others, ...ordinary('adjective'), ...ordinary('adverb')].flatMap((word) => [
      word,
      `${word}ly`,
    ]),
  ];
}

/** Words of the templates of other languages, outside of what is filled in. */
function foreignWords(): string[] {
  const foreign = templates().filter(({ file }) => FOREIGN_FILES.includes(file));
  return foreign.flatMap(({ text }) => text.replace(/\{\w+\}/g, ' ').match(/\p{L}+/gu) ?? []);
}

function nounForms(word: string): string[] {
  if (/[^aeiou]y$/.test(word)) return [`${word.slice(0, -1)}ies`];
  return [/(?:s|x|z|ch|sh)$/.test(word) ? `${word}es` : `${word}s`];
}

function verbForms(word: string): string[] {
  if (/[^aeiou]y$/.test(word)) {
    const stem = word.slice(0, -1);
    return [`${stem}ies`, `${stem}ied`, `${word}ing`, `${stem}ier`];
  }
  const stem = word.endsWith('e') ? word.slice(0, -1) : word;
  const double = /^[^aeiou]{1,3}[aeiou][bdgklmnprt]$/.test(word) ? stem + stem.slice(-1) : stem;
  return [
    ...nounForms(word),
    `${stem}ed`,
    `${double}ed`,
    `${stem}ing`,
    `${double}ing`,
    `${double}er`,
    `${stem}er`,
    `${double}ers`,
  ];
}

/** Words that the corpora have in small letters outside of names. */
function addOrdinary(corpora: readonly Example[], known: Map<number, number>): void {
  const counts = new Map<string, [outside: number, inside: number]>();
  for (const { text, names } of corpora) {
    for (const match of text.matchAll(/\p{L}[\p{L}'’-]*/gu)) {
      const word = match[0];
      const isInside = names.some(({ start, end }) => start <= match.index && match.index < end);
      if (word !== word.toLowerCase() && !isInside) continue;
      const count = counts.get(word.toLowerCase()) ?? [0, 0];
      count[isInside ? 1 : 0]++;
      counts.set(word.toLowerCase(), count);
    }
  }
  for (const [word, [outside, inside]] of counts) {
    if (outside < 2 || inside > outside) continue;
    const hash = baseHash(word);
    const list = outside >= 12 && inside * 10 < outside ? ORDINARY | FREQUENT : ORDINARY;
    known.set(hash, (known.get(hash) ?? 0) | list);
  }
}
