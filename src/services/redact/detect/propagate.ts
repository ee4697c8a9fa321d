/**
 * What is removed once is removed everywhere, or the output would still give it away: a value that
 * was found beside a word that gave it away may stand elsewhere without one, and a person whose
 * whole name was found is also meant by the surname. One walk over the text, whatever the number of
 * values: each place is looked up by its first characters.
 */
import type { Finding, TextPart } from '../document.ts';
import { NAMED } from './names/names.ts';
import { Persons } from './names/persons.ts';
import { resolve } from './resolver.ts';

/** Shorter ones would hit chance: a security code is three digits of any number. */
const SHORTEST = 6;

/** Words that were tagged less surely than this are put to the vote of their other places. */
const SURE = 0.8;

export function propagate(parts: readonly TextPart[], found: readonly Finding[]): Finding[] {
  const readings = parts.map(({ text }) => new Reading(text));
  const kept = withoutOutvoted(readings, found);
  const all = [...kept, ...mentions(parts, personsIn(kept))];
  const repeats = new Repeats(all);
  if (repeats.isEmpty) return resolveByPart(parts, all);
  return resolveByPart(parts, [
    ...all,
    ...readings.flatMap((reading, i) => [...repeats.in(reading, i)]),
  ]);
}

function resolveByPart(parts: readonly TextPart[], found: readonly Finding[]): Finding[] {
  const byPart: Finding[][] = parts.map(() => []);
  for (const finding of found) byPart[finding.part]?.push(finding);
  return byPart.flatMap((findings) => resolve(findings));
}

type Place = Pick<Finding, 'start' | 'end'>;

/** Where found values stand in another text. */
export function repeatsOf(text: string, found: readonly Finding[]): Place[] {
  return [...new Repeats(found).in(new Reading(text), 0)];
}

/** Where persons whose whole names were found are meant in another text. */
export function mentionsOf(text: string, found: readonly Finding[]): Place[] {
  const persons = personsIn(found);
  const words = [...text.matchAll(/\p{L}{4,64}/gu)].filter(([word]) => persons.isMailName(word));
  return [
    ...persons.mentions(text),
    ...words.map(({ 0: word, index }) => ({ start: index, end: index + word.length })),
  ];
}

function personsIn(found: readonly Finding[]): Persons {
  const persons = new Persons();
  for (const { type, text, confidence } of found)
    if (type === 'name') persons.add(text, confidence);
  return persons;
}

function* mentions(parts: readonly TextPart[], persons: Persons): Generator<Finding> {
  for (const [part, { text }] of parts.entries()) {
    for (const { start, end, confidence } of persons.mentions(text)) {
      yield { type: 'name', confidence, part, start, end, text: text.slice(start, end) };
    }
  }
}

/**
 * Words are either taken everywhere or nowhere. Where the tagger saw a name in them less than surely,
 * and not in most of the places where they stand, they are words of this document.
 */
function withoutOutvoted(readings: readonly Reading[], found: readonly Finding[]): Finding[] {
  const doubtful = found.filter(isDoubtful);
  if (doubtful.length === 0) return [...found];
  const votes = new Map<string, number>();
  for (const { text } of found) votes.set(folded(text), (votes.get(folded(text)) ?? 0) + 1);
  const places = new Map<string, number>();
  const repeats = new Repeats(doubtful);
  for (const [i, reading] of readings.entries()) {
    for (const { text } of repeats.in(reading, i)) {
      places.set(folded(text), (places.get(folded(text)) ?? 0) + 1);
    }
  }
  const sure = new Set(found.filter((one) => !isDoubtful(one)).map(({ text }) => folded(text)));
  return found.filter((finding) => {
    const key = folded(finding.text);
    if (!isDoubtful(finding) || sure.has(key)) return true;
    return 2 * (votes.get(key) ?? 0) >= (places.get(key) ?? 0);
  });
}

function isDoubtful({ type, text, confidence }: Finding): boolean {
  return NAMED.includes(type) && confidence < SURE && !/[^\p{L}\p{M} ]/u.test(text);
}

/** Values with the same beginning. However many they are, they have few lengths. */
interface Family {
  byValue: Map<string, Finding>;
  lengths: Set<number>;
}

/** Beginnings of three characters, as bits of this many: most places are passed by at a glance. */
const GLANCES = 1 << 12;

class Repeats {
  private readonly byHead = new Map<string, Family>();
  private readonly glances = new Uint8Array(GLANCES);

  constructor(findings: readonly Finding[]) {
    for (const finding of findings) this.add(finding);
  }

  get isEmpty(): boolean {
    return this.byHead.size === 0;
  }

  private add(finding: Finding): void {
    const value = folded(finding.text).trim();
    if (value.length < SHORTEST) return;
    const head = value.slice(0, SHORTEST);
    const family = this.byHead.get(head) ?? { byValue: new Map(), lengths: new Set() };
    if (!family.byValue.has(value)) family.byValue.set(value, finding);
    family.lengths.add(value.length);
    this.byHead.set(head, family);
    this.glances[glance(value, 0)] = 1;
  }

  *in({ text, low, placeOf }: Reading, part: number): Generator<Finding> {
    if (this.isEmpty) return;
    const last = low.length - SHORTEST;
    let before = 0;
    for (let at = 0; at <= last; at++) {
      const own = kindOf(low.charCodeAt(at));
      const isWithin = own === before && own !== 0;
      before = own;
      if (isWithin || this.glances[glance(low, at)] === 0) continue;
      const family = this.byHead.get(low.slice(at, at + SHORTEST));
      for (const length of family?.lengths ?? []) {
        const finding = family?.byValue.get(low.slice(at, at + length));
        if (!finding) continue;
        const [start, end] = [placeOf(at), placeOf(at + length - 1) + 1];
        if (!standsAlone(text, start, end)) continue;
        yield { ...finding, part, start, end, text: text.slice(start, end) };
      }
    }
  }
}

function glance(text: string, at: number): number {
  const [a, b, c] = [text.charCodeAt(at), text.charCodeAt(at + 1), text.charCodeAt(at + 2)];
  return (a ^ (b << 3) ^ (c << 6)) & (GLANCES - 1);
}

/** 1 a plain letter, 2 a digit: no value begins between two of a kind. */
function kindOf(code: number): number {
  if (code >= 97) return code <= 122 ? 1 : 0;
  if (code >= 65) return code <= 90 ? 1 : 0;
  return code >= 48 && code <= 57 ? 2 : 0;
}

/** A text in small letters with single spaces, and where each of its characters comes from. */
class Reading {
  readonly text: string;
  private spaced: { low: string; places: number[] | null } | undefined;

  constructor(text: string) {
    this.text = text;
  }

  get low(): string {
    this.spaced ??= spaced(this.text);
    return this.spaced.low;
  }

  readonly placeOf = (at: number): number => {
    const places = this.spaced?.places;
    return places ? (places[at] ?? this.text.length) : at;
  };
}

/** Small letters, single spaces. */
function folded(text: string): string {
  return spaced(text).low;
}

function spaced(text: string): { low: string; places: number[] | null } {
  const same = text.toLowerCase();
  // A capital I with a dot becomes two: then places would shift, and case counts.
  const low = (same.length === text.length ? same : text).replace(/[^\S ]/g, ' ');
  if (!low.includes('  ')) return { low, places: null };
  const places: number[] = [];
  for (let i = 0; i < low.length; i++) if (low[i] !== ' ' || low[i - 1] !== ' ') places.push(i);
  return { low: low.replace(/ {2,}/g, ' '), places };
}

/** Not a stretch of a longer word or number. */
function standsAlone(text: string, start: number, end: number): boolean {
  return (
    !joins(text[start - 1] ?? '', text[start] ?? '') && !joins(text[end - 1] ?? '', text[end] ?? '')
  );
}

function joins(a: string, b: string): boolean {
  return (/\d/.test(a) && /\d/.test(b)) || (/\p{L}/u.test(a) && /\p{L}/u.test(b));
}
