/**
 * Finding until nothing is left to find. What goes changes what is around the rest, so the texts are
 * read again as they will be, with marks where something went: what shows only then goes as well,
 * before anything is written.
 */
import { detectAll, type Search } from './detect/detect.ts';
import { propagate } from './detect/propagate.ts';
import type { Edit, Finding, OpenDocument, TextPart } from './document.ts';
import { editedParts, editsByPart, keptOf } from './formats/edits.ts';
import type { Stretch } from './formats/source-map.ts';
import { detectChanged } from './verify/changed.ts';

export interface Wanted {
  search: Search;
  /** True for what may stay: a stand-in. */
  stays(text: string, place: Stretch): boolean;
  editOf(finding: Finding): Edit;
}

export interface Found {
  /** In reading order. */
  findings: Finding[];
  /** What takes them out, in all the places where they stand. */
  edits: Edit[];
}

/** Everything that is to go from this document. Each reading has less to read: it ends. */
export async function findAll(
  {
    parts,
    spread = (edits) => [...edits],
    distinct = (findings) => findings,
  }: Pick<OpenDocument, 'parts' | 'spread' | 'distinct'>,
  { search, stays, editOf }: Wanted,
): Promise<Found> {
  const isNew = (part: TextPart | undefined, place: Stretch) => !stays(part?.text ?? '', place);
  const first = distinct(await detectAll(parts, search));
  const findings = first.filter((one) => isNew(parts[one.part], one));
  let scanned = parts;
  for (let fresh = findings; ; findings.push(...fresh)) {
    const own = findings.map(editOf);
    const edits = spread(own);
    if (fresh.length === 0) {
      findings.sort((a, b) => a.part - b.part || a.start - b.start);
      return { findings, edits };
    }
    const all = editsByPart([...own, ...edits]);
    const left = editedParts(parts, all);
    const seen = await detectChanged(scanned, left, { search, neighbours: 0 });
    scanned = left;
    // What is a value in one line is one in those that were not read again.
    fresh = (seen.length > 0 ? propagate(left, seen) : [])
      .filter((one) => isNew(left[one.part], one))
      .flatMap((one) => inSource(one, parts[one.part]?.text ?? '', all.get(one.part) ?? []));
  }
}

/** A finding of the edited text, as those pieces of it that were there before. */
function inSource(finding: Finding, source: string, edits: readonly Edit[]): Finding[] {
  return keptOf(source, edits, finding).flatMap(({ start, end }) => {
    const text = source.slice(start, end);
    return /[\p{L}\p{N}]/u.test(text) ? [{ ...finding, start, end, text }] : [];
  });
}
