/** Edits as texts: merged where they touch, and what a text is once they are made. */
import type { Edit, TextPart } from '../document.ts';
import type { SourceMap } from './source-map.ts';

/** Edits of one part in order; overlapping ones become one, with the first one's replacement. */
export function mergedEdits(edits: readonly Edit[], part: number): Edit[] {
  return merge(edits.filter((edit) => edit.part === part));
}

/** The same of every part that has some. */
export function editsByPart(edits: readonly Edit[]): Map<number, Edit[]> {
  const parts = new Map<number, Edit[]>();
  for (const edit of edits) {
    const own = parts.get(edit.part);
    if (own) own.push(edit);
    else parts.set(edit.part, [edit]);
  }
  return new Map([...parts].map(([part, own]) => [part, merge(own)]));
}

function merge(own: readonly Edit[]): Edit[] {
  const merged: Edit[] = [];
  for (const edit of own.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = merged.at(-1);
    if (last && edit.start < last.end) last.end = Math.max(last.end, edit.end);
    else merged.push({ ...edit });
  }
  return merged;
}

/** Edits as far as they truly reach: runs that go as a whole, and what goes with them. */
export function extendedEdits(maps: readonly SourceMap[], edits: readonly Edit[]): Edit[] {
  return edits.flatMap((edit) => {
    const map = maps[edit.part];
    if (!map) return [edit];
    const { stretch, followers } = map.extended(edit);
    return [
      { ...edit, ...stretch },
      ...followers.map((follower) => ({ ...edit, ...follower, replacement: '' })),
    ];
  });
}

export function editedText(text: string, edits: readonly Edit[]): string {
  const pieces: string[] = [];
  let position = 0;
  for (const { start, end, replacement } of edits) {
    pieces.push(text.slice(position, start), replacement ?? '');
    position = end;
  }
  pieces.push(text.slice(position));
  return pieces.join('');
}

/** Names the parts whose text is not what it was outside of the edits. */
export function differences(
  before: readonly TextPart[],
  edits: readonly Edit[],
  after: readonly TextPart[],
  same: (text: string) => string = (text) => text,
): string[] {
  return before.flatMap((part, index) => {
    const expected = editedText(part.text, mergedEdits(edits, index));
    return same(after[index]?.text ?? '') === same(expected)
      ? []
      : [`part ${index + 1} is not as intended`];
  });
}
