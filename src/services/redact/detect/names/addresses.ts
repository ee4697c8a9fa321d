/**
 * A street that the tagger found is most of an address: the numbers before and behind it, the unit,
 * the code, the town and the country that stand right beside it belong to it.
 */
import type { Candidate } from '../resolver.ts';
import { ORDINARY } from './reading/gazetteer.ts';
import { listsOf } from './shipped.ts';

/** What may stand between two pieces of one address. */
const GLUE = /^[ \t]{0,3}(?:,[ \t]{0,3})?(?:\r?\n[ \t]{0,3})?(?:,[ \t]{0,3})?$/;

const NUMBER_BEFORE = /(?<![\p{L}\p{N}.,/-])\d{1,6}[A-Za-z]?(?:[-/]\d{1,4}[A-Za-z]?)?,?[ ]{1,2}$/u;
const UNIT =
  '(?:(?:Apt|Apartment|Suite|Ste|Unit|Floor|Flat|Room|Box|P\\.? ?O\\.? Box)\\.?[ ]{1,2}|#[ ]?)[A-Z]?\\d{0,6}[A-Za-z]?';
const CODE =
  '(?:[A-Z]{1,2}-)?\\d{1,6}(?:-\\d{3,4})?(?:[ ]\\d{2,3}|[ ][A-Z]{2})?|[A-Z]{1,2}\\d[A-Z\\d]?[ ]?\\d[A-Z]{2}|[A-Z]{2}';
const PIECE_BEHIND = new RegExp(
  `^[ \\t]{0,3}(?:,[ \\t]{0,3})?(?:\\r?\\n[ \\t]{0,3})?(?:,[ \\t]{0,3})?(?:${UNIT}|${CODE})(?![\\p{L}\\p{N}]|[ ./-]{0,2}[\\d(])`,
  'u',
);
const REACH = 40;

/**
 * The candidates with streets grown over what belongs to them, and their towns swallowed. A street
 * without any number is a place, but not yet somebody's address.
 */
export function joinAddresses(text: string, candidates: readonly Candidate[]): Candidate[] {
  const result: Candidate[] = [];
  const sorted = candidates.toSorted((a, b) => a.start - b.start);
  for (let i = 0; i < sorted.length; i++) {
    const one = sorted[i];
    if (!one) continue;
    const [grown, swallowed] = one.type === 'address' ? grow(text, sorted, i) : [one, 0];
    if (one.type === 'address' && isBareWord(text.slice(one.start, one.end))) continue;
    if (one.type !== 'address' || /\d/.test(text.slice(grown.start, grown.end))) {
      result.push(grown);
      i += swallowed;
    } else result.push({ ...one, type: 'location' });
  }
  return result;
}

/** The address that a street belongs to, and how many of the next candidates are part of it. */
function grow(
  text: string,
  sorted: readonly Candidate[],
  index: number,
): [address: Candidate, swallowed: number] {
  const street = sorted[index] as Candidate;
  const before = text.slice(Math.max(0, street.start - 12), street.start);
  let [end, swallowed] = [street.end, 0];
  for (;;) {
    const next = sorted[index + swallowed + 1];
    const piece = PIECE_BEHIND.exec(text.slice(end, end + REACH))?.[0];
    if (next && isPlace(next) && next.start >= end && GLUE.test(text.slice(end, next.start))) {
      end = next.end;
      swallowed++;
    } else if (piece) end += piece.length;
    else break;
  }
  const start = street.start - (NUMBER_BEFORE.exec(before)?.[0].length ?? 0);
  return [{ ...street, start, end }, swallowed];
}

/** `Boulevard` alone is no street. */
function isBareWord(text: string): boolean {
  return !/\P{L}/u.test(text) && (listsOf(text) & ORDINARY) !== 0;
}

function isPlace({ type }: Candidate): boolean {
  return type === 'location' || type === 'address';
}
