/**
 * Annotations stay what they are as far as they can: a link leads, a field can be filled in. One
 * whose appearance shows what is to go becomes part of its page and is treated like it.
 */
import {
  PDFArray,
  PDFDict,
  type PDFDocument,
  PDFName,
  type PDFObject,
  type PDFPage,
  PDFRawStream,
  PDFRef,
  PDFStream,
} from '@cantoo/pdf-lib';
import { type Matrix, type Point, transform } from '../content/matrix.ts';
import { type Box, boxAround } from '../page-text.ts';
import { contentsOf, flateStream } from './flate.ts';
import { arrayOf, dictOf, drop, nameOf, numberOf, numbersOf } from './library.ts';

/**
 * They carry sounds and worlds that nobody looks into, or files, which are listed elsewhere; what they
 * show stays, as a picture.
 */
const CARRIERS: Readonly<Record<string, string>> = {
  FileAttachment: '',
  Sound: 'sound(s)',
  Movie: 'film(s)',
  Screen: 'film(s)',
  RichMedia: 'film(s)',
  '3D': 'model(s)',
};
/** Marks of printers and of redactions that were never carried out. */
const MARKS = new Set(['Redact', 'TrapNet', 'PrinterMark']);
/** Annotation flags (ISO 32000-1, table 165): hidden, no view. */
const UNSEEN = 2 | 32;

/** Takes away what cannot be looked into and what nobody sees; says of which kind how many. */
export function cleanAnnotations(document: PDFDocument): string[] {
  const removed = new Map<string, number>();
  for (const page of document.getPages()) {
    for (const [ref, annotation] of annotationsOf(page)) {
      const kind = nameOf(annotation, 'Subtype') ?? '';
      const carried = CARRIERS[kind];
      if (carried) removed.set(carried, (removed.get(carried) ?? 0) + 1);
      const goes = carried !== undefined;
      if (goes && appearanceOf(annotation)) burn(document, page, ref, annotation);
      else if (goes || MARKS.has(kind)) removeAnnotation(document, page, ref);
      else cleanAnnotation(annotation, kind);
    }
  }
  return [...removed].map(([kind, count]) => `${count} ${kind}`);
}

function cleanAnnotation(annotation: PDFDict, kind: string): void {
  // Who wrote it and when is information about the document; the name of a field is none.
  if (kind !== 'Widget') drop(annotation, 'T', 'CreationDate');
  drop(annotation, 'M', 'NM');
  const looks = dictOf(annotation, 'AP');
  if (!looks) return;
  drop(looks, 'D', 'R');
  const isUnseen = ((numberOf(annotation, 'F') ?? 0) & UNSEEN) !== 0;
  if (isUnseen) drop(annotation, 'AP');
  const states = looks.lookup(PDFName.of('N'));
  if (!(states instanceof PDFDict)) return;
  const current = nameOf(annotation, 'AS');
  for (const [name, look] of states.entries()) {
    const stream = states.context.lookup(look);
    const isMark = stream instanceof PDFRawStream && sizeOf(stream) < MARK_BYTES;
    if (name.decodeText() !== current && !isMark) states.delete(name);
  }
}

/** A cross or a tick that is not shown now takes less; words do not stay unseen. */
const MARK_BYTES = 400;

function sizeOf(stream: PDFRawStream): number {
  try {
    return contentsOf(stream).length;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

export function annotationsOf({ node }: PDFPage): [PDFObject, PDFDict][] {
  const array = node.lookup(PDFName.of('Annots'));
  if (!(array instanceof PDFArray)) return [];
  return array.asArray().flatMap((item): [PDFObject, PDFDict][] => {
    const annotation = node.context.lookup(item);
    return annotation instanceof PDFDict ? [[item, annotation]] : [];
  });
}

/** What it shows, in the state that it is in. */
function appearanceOf(annotation: PDFDict): { ref: PDFRef; stream: PDFStream } | null {
  const looks = dictOf(annotation, 'AP');
  let look = looks?.get(PDFName.of('N'));
  let stream = looks?.lookup(PDFName.of('N'));
  if (stream instanceof PDFDict) {
    const state = PDFName.of(nameOf(annotation, 'AS') ?? 'Off');
    look = stream.get(state);
    stream = stream.lookup(state);
  }
  return look instanceof PDFRef && stream instanceof PDFStream ? { ref: look, stream } : null;
}

/** Burns in what shows something within this box; true where there was one. */
export function burnAt(
  document: PDFDocument,
  page: PDFPage,
  isMeant: (box: Box) => boolean,
): boolean {
  let isDone = false;
  for (const [ref, annotation] of annotationsOf(page)) {
    const box = rectOf(annotation);
    if (!box || !appearanceOf(annotation) || !isMeant(box)) continue;
    burn(document, page, ref, annotation);
    isDone = true;
  }
  return isDone;
}

function rectOf(annotation: PDFDict): Box | null {
  const [x1, y1, x2, y2] = numbersOf(annotation, 'Rect', 4) ?? [];
  if (x1 === undefined || y1 === undefined || x2 === undefined || y2 === undefined) return null;
  return {
    ...{ left: Math.min(x1, x2), right: Math.max(x1, x2) },
    ...{ bottom: Math.min(y1, y2), top: Math.max(y1, y2) },
  };
}

/** Paints its appearance in the page as a viewer would (ISO 32000-1, 12.5.5), and removes it. */
function burn(document: PDFDocument, page: PDFPage, ref: PDFObject, annotation: PDFDict): void {
  const look = appearanceOf(annotation);
  const rect = rectOf(annotation);
  const isUnseen = ((numberOf(annotation, 'F') ?? 0) & UNSEEN) !== 0;
  if (look && rect && !isUnseen) {
    const { context } = document;
    const { dict } = look.stream;
    dict.set(PDFName.of('Type'), PDFName.of('XObject'));
    dict.set(PDFName.of('Subtype'), PDFName.of('Form'));
    const matrix = fitting(dict, rect);
    if (matrix) {
      page.node.normalize();
      const name = page.node.newXObject('CloakNote', look.ref);
      const paint = `q ${matrix.map((n) => n.toFixed(4)).join(' ')} cm ${name.toString()} Do Q`;
      const [start, end] = ['q', `\nQ\n${paint}\n`].map((content) =>
        context.register(flateStream(context, content)),
      );
      if (start && end) page.node.wrapContentStreams(start, end);
    }
  }
  removeAnnotation(document, page, ref);
}

/** Those that are as long as the words that they are about. */
const ON_WORDS = new Set(['Link', 'Highlight', 'Underline', 'StrikeOut', 'Squiggly']);

/** Moves what lies on words whose line is laid out anew; `move` gives null where nothing moves. */
export function moveAnnotations(
  page: PDFPage,
  move: (points: readonly Point[]) => readonly Point[] | null,
): void {
  for (const [, annotation] of annotationsOf(page)) {
    if (!ON_WORDS.has(nameOf(annotation, 'Subtype') ?? '')) continue;
    const { context } = annotation;
    const quads = quadsOf(annotation);
    const rect = rectOf(annotation);
    const movedQuads = quads.map((quad) => move(quad));
    const isMoved = movedQuads.some((quad) => quad !== null);
    const corners = isMoved
      ? quads.flatMap((quad, i) => movedQuads[i] ?? quad)
      : rect && move(cornersOf(rect));
    if (!corners) continue;
    const { left, bottom, right, top } = boxAround(corners);
    annotation.set(PDFName.of('Rect'), context.obj([left, bottom, right, top].map(rounded)));
    if (isMoved) {
      const numbers = corners.flatMap(({ x, y }) => [rounded(x), rounded(y)]);
      annotation.set(PDFName.of('QuadPoints'), context.obj(numbers));
    }
    // Drawn for the length that it had; viewers draw it anew.
    drop(annotation, 'AP', 'RD');
  }
}

function rounded(points: number): number {
  return Number(points.toFixed(2));
}

function cornersOf({ left, bottom, right, top }: Box): Point[] {
  return [left, right].flatMap((x) => [bottom, top].map((y) => ({ x, y })));
}

/** Four corners each (ISO 32000-1, table 179). */
function quadsOf(annotation: PDFDict): Point[][] {
  const array = arrayOf(annotation, 'QuadPoints');
  const count = Math.min(array?.size() ?? 0, MOST_QUADS * 8);
  const numbers = count % 8 === 0 ? (numbersOf(annotation, 'QuadPoints', count) ?? []) : [];
  return Array.from({ length: numbers.length / 8 }, (_, quad) =>
    Array.from({ length: 4 }, (_, i) => ({
      x: numbers[quad * 8 + i * 2] ?? 0,
      y: numbers[quad * 8 + i * 2 + 1] ?? 0,
    })),
  );
}

/** Lines of one mark. */
const MOST_QUADS = 500;

/** The matrix that brings the box of an appearance to the place of its annotation. */
function fitting(form: PDFDict, rect: Box): Matrix | null {
  const [x1, y1, x2, y2] = numbersOf(form, 'BBox', 4) ?? [];
  if (x1 === undefined || y1 === undefined || x2 === undefined || y2 === undefined) return null;
  const own = (numbersOf(form, 'Matrix', 6) ?? [1, 0, 0, 1, 0, 0]) as unknown as Matrix;
  const corners = [x1, x2].flatMap((x) => [y1, y2].map((y) => transform(own, x, y)));
  const { left, bottom, right, top } = boxAround(corners);
  const [width, height] = [right - left, top - bottom];
  if (width === 0 || height === 0) return null;
  const [sx, sy] = [(rect.right - rect.left) / width, (rect.top - rect.bottom) / height];
  return [sx, 0, 0, sy, rect.left - left * sx, rect.bottom - bottom * sy];
}

/** Also from the form's fields; what still refers to it refers to nothing. */
export function removeAnnotation(document: PDFDocument, page: PDFPage, item: PDFObject): void {
  const { context } = document;
  const array = arrayOf(page.node, 'Annots');
  const rest = array?.asArray().filter((other) => other !== item) ?? [];
  if (rest.length > 0) page.node.set(PDFName.of('Annots'), context.obj(rest));
  else drop(page.node, 'Annots');
  const annotation = context.lookup(item);
  if (annotation instanceof PDFDict) {
    const popup = annotation.get(PDFName.of('Popup'));
    if (popup instanceof PDFRef) removePopup(document, page, popup);
  }
  if (item instanceof PDFRef) context.delete(item);
}

function removePopup(document: PDFDocument, page: PDFPage, popup: PDFRef): void {
  const item = arrayOf(page.node, 'Annots')
    ?.asArray()
    .find((other) => other.toString() === popup.toString());
  if (item) removeAnnotation(document, page, item);
}
