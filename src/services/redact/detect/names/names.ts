/**
 * The tagger's findings as candidates: with a confidence that says how often such a finding is
 * right, cut to the name itself, and streets grown to whole addresses.
 */
import type { TextPart } from '../../document.ts';
import type { EntityType } from '../entities.ts';
import type { Candidate } from '../resolver.ts';
import { joinAddresses } from './addresses.ts';
import { calibrated } from './model/calibration.ts';
import { KINDS, type Kind } from './model/labels.ts';
import { COUNTRY, PLACE } from './reading/gazetteer.ts';
import { listsOf, shippedModel, shippedTagger } from './shipped.ts';
import type { Tagged } from './tagger.ts';

/** Types that the tagger knows. */
export const NAMED: readonly EntityType[] = KINDS;

/** Parts of office files that say how things look: their capitals are fonts and styles. */
const LOOKS = /^(?:theme|styles|stylesWithEffects|fontTable|numbering|settings)\d* attributes$/i;

/** `IBAN GB82…`: more digits than a name has are a number's, whose rule knows it better. */
const NUMBER = /\d{5}/;

/** A single word in small letters is seldom a name where it is not more surely one. */
const LONE = 0.6;
const LESS = 0.8;

function isLone(text: string): boolean {
  return /^\p{Ll}{1,64}$/u.test(text);
}

/** Names in a part, sure or not, of all kinds. */
export function findNames({ text, part }: TextPart): Candidate[] {
  if (part && LOOKS.test(part)) return [];
  const { calibration } = shippedModel().header;
  const found = shippedTagger().tag(text);
  const candidates = found.flatMap((one) => {
    const type = KINDS[one.kind] as Kind;
    if (type !== 'address' && NUMBER.test(text.slice(one.start, one.end))) return [];
    const confidence = calibrated(calibration[type], one.raw);
    return trimmed(text, one).map(({ start, end }) => {
      const isUnsure = type === 'name' && confidence < LONE && isLone(text.slice(start, end));
      return { type, start, end, confidence: isUnsure ? confidence * LESS : confidence };
    });
  });
  return joinAddresses(text, oneName(text, candidates));
}

/** A country or a state, and no town of that name that is known. */
export function isCountry(text: string): boolean {
  const words = text.match(/\p{L}+/gu) ?? [];
  const last = listsOf(words.at(-1) ?? '');
  return (last & PLACE) === 0 && words.every((word) => (listsOf(word) & COUNTRY) !== 0);
}

/** Two names of people with nothing but a space between are one. */
function oneName(text: string, candidates: readonly Candidate[]): Candidate[] {
  const result: Candidate[] = [];
  for (const one of candidates) {
    const last = result.at(-1);
    const isSame = one.type === 'name' && last?.type === 'name';
    if (last && isSame && one.start - last.end === 1 && text[last.end] === ' ') {
      last.end = one.end;
      last.confidence = Math.max(last.confidence, one.confidence);
    } else result.push({ ...one });
  }
  return result;
}

/** Marks at the ends are not part of a name, but the dot of an initial or of `Inc.` is. */
function trimmed(text: string, found: Tagged): Tagged[] {
  let { start, end } = found;
  while (start < end && !/[\p{L}\p{N}]/u.test(text[start] ?? '')) start++;
  while (end > start && !/[\p{L}\p{N}.)]/u.test(text[end - 1] ?? '')) end--;
  return end > start ? [{ ...found, start, end }] : [];
}
