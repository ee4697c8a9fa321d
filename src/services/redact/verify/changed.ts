/**
 * What the second scan reads again. A line of a page that stands there as it did, among the same
 * lines, has been scanned: only lines that are new are read, each with its neighbours, for words
 * around a value say what it is.
 */
import type { TextPart } from '../document.ts';

/** Lines before and behind: labels stand no further away. */
const NEIGHBOURS = 3;

export function changedParts(before: readonly TextPart[], after: readonly TextPart[]): TextPart[] {
  return after.map((part, index) => {
    const was = before[index];
    // Cells and fields know their headings by their place: they are read as a whole.
    if (!was || !part.isWrapped || part.contextAt) return part;
    return part.text === was.text ? { ...part, text: '' } : withoutKnown(part, was);
  });
}

function withoutKnown(part: TextPart, was: TextPart): TextPart {
  const known = new Set(was.text.split('\n'));
  const lines = part.text.split('\n');
  const isRead = new Uint8Array(lines.length);
  for (const [i, line] of lines.entries()) {
    if (known.has(line)) continue;
    isRead.fill(1, Math.max(0, i - NEIGHBOURS), i + NEIGHBOURS + 1);
  }
  // An empty line keeps apart what did not stand together.
  return { ...part, text: lines.map((line, i) => (isRead[i] ? line : '')).join('\n') };
}
