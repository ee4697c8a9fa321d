/**
 * A page made a picture of itself: nothing is left of it but pixels, the boxes among them, and an
 * invisible text of what stays. For scans, for strict mode, and for what no other way removes.
 */
import { type PDFDocument, PDFName } from '@cantoo/pdf-lib';
import sharp from 'sharp';
import type { PdfiumDocument } from '../engine.ts';
import { type Box, type PageText, placeCharacters, union } from '../page-text.ts';
import { annotationsOf, removeAnnotation } from '../structure/annotations.ts';
import { flateStream } from '../structure/flate.ts';
import { drop } from '../structure/library.ts';
import { fill, type PixelBox, pixelsToPage, type Rendered, renderPage } from './render.ts';
import { type LayerWord, layerContent, layerFont } from './text-layer.ts';

/** Print of six points stays readable. */
const DPI = 200;
const BLACK = 0;
const PALE = 232;

/** A place in the picture that goes; null leaves it black. */
export interface Hole {
  box: PixelBox;
  replacement: string | null;
}

/** What a page shows, at the resolution in which it is kept. */
export function pictureOf(document: PdfiumDocument, page: number): Rendered {
  return renderPage(document, page, DPI);
}

/** Makes page `index` of the target the picture, with the holes filled and these words behind it. */
export async function rasterisePage(
  target: PDFDocument,
  index: number,
  picture: Rendered,
  holes: readonly Hole[],
  words: readonly LayerWord[],
): Promise<void> {
  for (const { box, replacement } of holes) fill(picture, box, replacement === null ? BLACK : PALE);
  const { data, width, height, toPage } = picture;
  const jpeg = await sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 88, chromaSubsampling: '4:4:4' })
    .toBuffer();
  const { context } = target;
  const page = target.getPage(index);
  const image = context.stream(jpeg, {
    ...{ Type: 'XObject', Subtype: 'Image', Width: width, Height: height },
    ...{ ColorSpace: 'DeviceRGB', BitsPerComponent: 8, Filter: 'DCTDecode' },
  });
  const matrix = toPage.map((n) => Number(n.toFixed(4))).join(' ');
  const content = `q ${matrix} cm /CloakPage Do Q\n${layerContent(words, 'CloakText')}${labelsOf(picture, holes)}`;
  const font = {
    Type: 'Font',
    Subtype: 'Type1',
    BaseFont: 'Helvetica',
    Encoding: 'WinAnsiEncoding',
  };
  drop(page.node, 'Group', 'StructParents');
  // What an annotation shows is in the picture by now; links and the like lead on.
  for (const [item, annotation] of annotationsOf(page)) {
    if (annotation.has(PDFName.of('AP'))) removeAnnotation(target, page, item);
  }
  page.node.set(
    PDFName.of('Resources'),
    context.obj({
      XObject: { CloakPage: context.register(image) },
      Font: {
        ...(words.length > 0 ? { CloakText: layerFont(context, words) } : {}),
        ...(holes.some(({ replacement }) => replacement) ? { CloakLabel: font } : {}),
      },
    }),
  );
  page.node.set(PDFName.of('Contents'), context.register(flateStream(context, content)));
}

function labelsOf(picture: Rendered, holes: readonly Hole[]): string {
  return holes
    .flatMap(({ box, replacement }) => {
      if (!replacement) return [];
      const { left, bottom, right, top } = pixelsToPage(picture, box);
      const text = replacement.replace(/[^\x20-\x7e\xa0-\xff]/g, '?');
      const size = Math.min((top - bottom) * 0.75, (right - left) / (text.length * 0.56));
      const at = [size, 0, 0, size, left + 0.5, bottom + (top - bottom) * 0.25];
      const hex = Buffer.from(text, 'latin1').toString('hex');
      return `q BT 0 g /CloakLabel 1 Tf ${at.map((n) => n.toFixed(3)).join(' ')} Tm <${hex}> Tj ET Q`;
    })
    .join('\n');
}

/** The words of a page's text, as far as they do not touch what goes. */
export function wordsOfPage(
  document: PdfiumDocument,
  index: number,
  page: PageText,
  gone: readonly { start: number; end: number }[],
): LayerWord[] {
  const all = { start: 0, end: page.text.length };
  const [places = []] = placeCharacters(document, index, page, [all]);
  const boxes = places.map((place) => place?.loose ?? null);
  return wordsIn(page.text, boxes, gone);
}

/** A text cut into its words, each with the box around its characters. */
export function wordsIn(
  text: string,
  boxes: readonly (Box | null)[],
  gone: readonly { start: number; end: number }[],
): LayerWord[] {
  const isGone = new Uint8Array(text.length);
  for (const { start, end } of gone) isGone.fill(1, start, end);
  return [...text.matchAll(/\S+/g)].flatMap(({ 0: word, index }) => {
    const pieces: LayerWord[] = [];
    let isOpen = false;
    for (let i = index; i < index + word.length; i++) {
      const box = boxes[i];
      if (isGone[i] || !box) {
        isOpen = false;
        continue;
      }
      const last = pieces.at(-1);
      if (isOpen && last) {
        last.text += text[i];
        last.box = union(last.box, box);
      } else pieces.push({ text: text[i] ?? '', box });
      isOpen = true;
    }
    return pieces;
  });
}
