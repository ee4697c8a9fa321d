/**
 * What is read again of a text that has changed. A line that stands there as it did, among the same
 * lines, has been scanned: only lines that are new are read, each with its neighbours, for words
 * around a value say what it is.
 */
import type { TextPart } from '../document.ts';

export interface Reading {
  /** Lines before and behind that are read with a new one. */
  neighbours: number;
  /** What of a line counts; default: all of it. */
  same?: (line: string) => string;
}

export function changedParts(
  before: readonly TextPart[],
  after: readonly TextPart[],
  reading: Reading,
): TextPart[] {
  return after.map((part, index) => {
    const was = before[index];
    if (!was) return part;
    if (part.text === was.text) return { ...part, text: '' };
    // Cells and fields know their headings by their place: they are read as a whole.
    return part.isWrapped && !part.contextAt ? withoutKnown(part, was, reading) : part;
  });
}

function withoutKnown(
  part: TextPart,
  was: TextPart,
  { neighbours, same = (line) => line }: Reading,
): TextPart {
  const known = new Set(was.text.split('\n').map(same));
  const lines = part.text.split('\n');
  const isRead = new Uint8Array(lines.length);
  for (const [i, line] of lines.entries()) {
    if (!known.has(same(line))) isRead.fill(1, Math.max(0, i - neighbours), i + neighbours + 1);
  }
  // Blank lines keep apart what did not stand together, and everything in its place.
  const shown = lines.map((line, i) => (isRead[i] ? line : ' '.repeat(line.length)));
  return { ...part, text: shown.join('\n') };
}
