/**
 * What is read again of a text that has changed. A line that stands there as it did, among the same
 * lines, has been scanned: only lines that are new are read, each with its neighbours, for words
 * around a value say what it is.
 */
import { detectAll, type Search } from '../detect/detect.ts';
import type { Finding, TextPart } from '../document.ts';

export interface Reading {
  search: Search;
  /** Lines before and behind that are read with a new one. */
  neighbours: number;
  /** What of a line counts; default: all of it. */
  same?: (line: string) => string;
}

/** What is found in the lines of these texts that were not in those before, in its place. */
export async function detectChanged(
  before: readonly TextPart[],
  after: readonly TextPart[],
  reading: Reading,
): Promise<Finding[]> {
  const changed = after.map((part, index) => changedIn(part, before[index], reading));
  const found = await detectAll(
    changed.map(({ part }) => part),
    reading.search,
  );
  return found.map((finding) => {
    const at = (index: number) => placeOf(changed[finding.part]?.pieces ?? [], index);
    return { ...finding, start: at(finding.start), end: at(finding.end - 1) + 1 };
  });
}

/** Lines that are read, one after another: where they begin there, and where they stand. */
interface Piece {
  start: number;
  source: number;
}

interface Changed {
  part: TextPart;
  pieces: Piece[];
}

const WHOLE: Piece[] = [{ start: 0, source: 0 }];
/** Keeps apart what did not stand together: a sign that no value holds. */
const APART = '\u001e\n';

function changedIn(
  part: TextPart,
  was: TextPart | undefined,
  { neighbours, same = (line) => line }: Reading,
): Changed {
  if (part.text === was?.text) return { part: { ...part, text: '' }, pieces: WHOLE };
  // Cells and fields know their headings by their place: they are read as a whole.
  if (!was || !part.isWrapped || part.contextAt) return { part, pieces: WHOLE };
  const known = new Set(was.text.split('\n').map(same));
  const lines = part.text.split('\n');
  const isRead = new Uint8Array(lines.length);
  for (const [i, line] of lines.entries()) {
    if (!known.has(same(line))) isRead.fill(1, Math.max(0, i - neighbours), i + neighbours + 1);
  }
  const pieces: Piece[] = [];
  let [text, source] = ['', 0];
  for (const [i, line] of lines.entries()) {
    if (isRead[i]) {
      if (!isRead[i - 1]) {
        if (text !== '') text += APART;
        pieces.push({ start: text.length, source });
      }
      text += `${line}\n`;
    }
    source += line.length + 1;
  }
  return { part: { ...part, text }, pieces };
}

function placeOf(pieces: readonly Piece[], index: number): number {
  const piece = pieces.findLast(({ start }) => start <= index);
  return piece ? piece.source + index - piece.start : index;
}
