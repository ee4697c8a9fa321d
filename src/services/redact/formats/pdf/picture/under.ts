/**
 * Text that lies on a picture which shows the same, as in scans with their text laid over them: what
 * is cut from the text can still be seen in the pixels, so the page has to become a picture itself.
 */
import { hasImages, objectsOf, without } from '../../../inspect/page-objects.ts';
import type { PdfiumDocument } from '../engine.ts';
import { lineBoxes, type PageEdit, type PageText, placeCharacters } from '../page-text.ts';
import { type PixelBox, pageToPixels, type Rendered, renderPage } from './render.ts';

const DPI = 72;
/** Of 255: a picture that differs less under a box shows nothing there. */
const PLAIN = 40;

/** True where a picture shows something in the places of these edits. */
export function liesOnPicture(
  document: PdfiumDocument,
  index: number,
  text: PageText,
  edits: readonly PageEdit[],
): boolean {
  if (!document.withOpenPage(index, (page) => hasImages(document, page))) return false;
  const { all } = document.withOpenPage(index, (page) => objectsOf(document, page));
  const rest = all.filter(({ kind }) => kind !== 'image');
  const pictures = without(document, rest, () => renderPage(document, index, DPI));
  document.closePage(index);
  return placeCharacters(document, index, text, edits)
    .flatMap((places) => lineBoxes(places, 'loose'))
    .some((box) => showsSomething(pictures, pageToPixels(pictures, box)));
}

function showsSomething({ data, width, height }: Rendered, box: PixelBox): boolean {
  let [least, most] = [255, 0];
  for (let y = Math.max(0, Math.floor(box.top)); y < Math.min(height, box.bottom); y++) {
    for (let x = Math.max(0, Math.floor(box.left)); x < Math.min(width, box.right); x++) {
      const value = data[(y * width + x) * 3 + 1] ?? 0;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
  }
  return most - least > PLAIN;
}
