/** Edits as texts: merged where they touch, and what a text is once they are made. */
import type { Edit, TextPart } from '../document.ts';
import type { SourceMap, Stretch } from './source-map.ts';

/** What a text says where a cover lies. */
export const COVER = '█████';

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

/** The texts as they are once these edits, merged, are made: what goes for nothing is covered. */
export function editedParts(
  parts: readonly TextPart[],
  edits: ReadonlyMap<number, readonly Edit[]>,
): TextPart[] {
  return parts.map((part, index) => {
    const own = edits.get(index)?.map((edit) => covered(edit, part.text));
    if (!own) return part;
    const { contextAt } = part;
    return {
      ...part,
      text: editedText(part.text, own),
      ...(contextAt && { contextAt: (at: number) => contextAt(sourceIndex(own, at)) }),
    };
  });
}

function covered(edit: Edit, text: string): Edit {
  // A line that ends within what goes still ends.
  const end = text.slice(edit.start, edit.end).includes('\n') ? '\n' : '';
  return { ...edit, replacement: (edit.replacement ?? COVER) + end };
}

/** Where the text before these edits has what an edited text of `editedParts` has here. */
function sourceIndex(edits: readonly Edit[], at: number): number {
  let more = 0;
  for (const { start, end, replacement } of edits) {
    if (at < start + more) break;
    const length = replacement?.length ?? 0;
    if (at < start + more + length) return start;
    more += length - (end - start);
  }
  return at - more;
}

/** What a stretch of an edited text of `editedParts` has of the text before. */
export function keptOf(text: string, edits: readonly Edit[], { start, end }: Stretch): Stretch[] {
  const kept: Stretch[] = [];
  const own = edits.map((edit) => covered(edit, text));
  let [from, more] = [0, 0];
  for (const edit of [...own, { start: text.length, end: text.length, replacement: '' }]) {
    const piece = { start: Math.max(from, start - more), end: Math.min(edit.start, end - more) };
    if (piece.end > piece.start) kept.push(piece);
    more += (edit.replacement?.length ?? 0) - (edit.end - edit.start);
    from = edit.end;
  }
  return kept;
}
