/** What lies over other things of a page, and the pictures that are under it. */
import type { PdfiumDocument } from '../formats/pdf/engine.ts';
import type { Box } from '../formats/pdf/page-text.ts';
import { overlap } from './characters.ts';
import type { HiddenText, Page } from './hidden-text.ts';
import { isPlain, showsMarks, toneOf } from './ink.ts';
import { isOpaqueShape, notesOn, type Objects, render, without } from './page-objects.ts';

/** Something opaque that lies over what was painted before it. */
export interface Cover {
  box: Box;
  order: number;
  kind: 'path' | 'image' | 'note';
}

export function coversOf(document: PdfiumDocument, page: number, { all }: Objects): Cover[] {
  const painted = all.flatMap(({ kind, pointer, box, order }): Cover[] => {
    if (!box || (kind !== 'image' && kind !== 'path')) return [];
    const isCover = kind === 'image' || isOpaqueShape(document.pdfium, pointer);
    return isCover ? [{ box, order, kind }] : [];
  });
  const notes = notesOn(document, page).map(
    (box, i): Cover => ({ box, order: all.length + i, kind: 'note' }),
  );
  return [...painted, ...notes].slice(0, MOST_COVERS);
}

/** The first thing painted over the middle of a box, as an index; -1 where there is none. */
export function coverOf(covers: readonly Cover[], order: number, box: Box): number {
  const [x, y] = [(box.left + box.right) / 2, (box.bottom + box.top) / 2];
  return covers.findIndex(
    (cover) =>
      cover.order > order &&
      x > cover.box.left &&
      x < cover.box.right &&
      y > cover.box.bottom &&
      y < cover.box.top,
  );
}

/** Points: smaller shapes are rules and dots. */
const LEAST_SIDE = 4;
/** More on a page are a drawing, and only tell why something cannot be seen. */
const MOST_COVERS = 3000;

/** Places where a picture shows something under a box, and the page shows the box only. */
export function picturesUnderBoxes(seen: Page): HiddenText[] {
  const { document, page, objects, size, whole, covers, area } = seen;
  const images = objects.all.filter(({ kind, box }) => kind === 'image' && box !== null);
  const boxes = covers.filter(
    ({ kind, box, order }) =>
      kind !== 'image' &&
      Math.min(box.right - box.left, box.top - box.bottom) >= LEAST_SIDE &&
      images.some((image) => image.order < order && image.box && overlap(image.box, box) > 0.9),
  );
  if (boxes.length === 0) return [];
  const rest = objects.all.filter(({ kind }) => kind !== 'image');
  const pictures = without(document, rest, () => render(document, page, size, false));
  return boxes.flatMap(({ box, order }): HiddenText[] => {
    const place = area(inset(box));
    if (!isPlain(toneOf(place, whole)) || !showsMarks(toneOf(place, pictures))) return [];
    return [{ reason: 'picture', text: '', box, cover: order, isOnTop: false }];
  });
}

/** Without the edge, where a smoothed line is neither the box nor the picture. */
function inset({ left, bottom, right, top }: Box): Box {
  const by = Math.min(1, (right - left) / 8, (top - bottom) / 8);
  return { left: left + by, bottom: bottom + by, right: right - by, top: top - by };
}
