/**
 * Where a page may show words that its text does not have: pictures, shapes with outlines as letters
 * have them, shapes filled with patterns, letters that do not say what they are. Only there it is
 * read.
 */
import {
  type Calls,
  callsOf,
  heapOf,
  type Pdfium,
  type PdfiumDocument,
  withMemory,
} from '../engine.ts';
import { type Box, type PageText, union } from '../page-text.ts';
import { type FontTrust, TEXT } from './font-trust.ts';

/** FPDF_PAGEOBJ_*. */
const PATH = 2;
const IMAGE = 3;
const FORM = 5;
/** Share of the page below which a picture is an ornament. */
const SMALL_SHARE = 0.0015;
/** Points: letters are between these. */
const LEAST_LETTER = 3;
const MOST_LETTER = 80;
/** Lines and curves: most letters have as many, a frame, a bar or a cover has not; */
const LETTER_SEGMENTS = 6;
/** three letters have these. */
const WORD_SEGMENTS = 60;
/** Hostile pages have millions of objects. */
const MOST_OBJECTS = 20_000;
const DEEPEST = 6;
/** Share of the letters of a page that say nothing, beyond which it is read as a picture. */
const ODD_SHARE = 0.02;

interface Search {
  pdfium: Pdfium;
  calls: Calls;
  pictures: Box[];
  outlines: Box[];
  segments: number;
  left: number;
  /** Any shape may be filled with a pattern: PDFium does not say with which. */
  hasPatterns: boolean;
  trust: FontTrust;
  /** Some of its text is in fonts that are not believed. */
  isDoubted: boolean;
}

export interface Area {
  box: Box;
  /** Units of the page's text whose letters may be others than it says. */
  doubtful: ReadonlySet<number>;
}

/** What the pages of a file are read by. */
export interface Reading {
  hasPatterns: boolean;
  trust: FontTrust;
}

/** Null where the text of the page is all that it shows. */
export function areaToRead(
  document: PdfiumDocument,
  index: number,
  text: PageText,
  { hasPatterns, trust }: Reading,
): Area | null {
  const { pdfium } = document;
  return document.withTextPage(index, (textPage, page) => {
    const none = { pictures: [], outlines: [], segments: 0, isDoubted: false };
    const calls = callsOf(pdfium);
    const search: Search = { pdfium, calls, ...none, left: MOST_OBJECTS, hasPatterns, trust };
    const count = calls.FPDFPage_CountObjects(page);
    for (let i = 0; i < count && search.left > 0; i++) {
      look(search, calls.FPDFPage_GetObject(page, i), null, 0);
    }
    const doubtful = search.isDoubted ? trust.doubtfulIn(text, textPage) : new Set<number>();
    const whole = wholeOf(pdfium, page);
    if (isOdd(text) || doubtful.size > 0) return { box: whole, doubtful };
    const area = sizeOf(whole);
    const large = search.pictures.filter((box) => sizeOf(box) >= area * SMALL_SHARE);
    const lettered = search.segments >= WORD_SEGMENTS ? search.outlines : [];
    const [first, ...rest] = [...large, ...lettered];
    return first ? { box: rest.reduce<Box>(union, first), doubtful } : null;
  });
}

/** True where its text does not say what it shows. */
function isOdd({ text, odd }: PageText): boolean {
  return odd > 2 && odd > 2 + text.replace(/\s/g, '').length * ODD_SHARE;
}

/** What stands within a form is where the form is, as far as this goes. */
function look(search: Search, object: number, form: Box | null, depth: number): void {
  if (search.left-- <= 0) return;
  const { pdfium, calls } = search;
  const type = calls.FPDFPageObj_GetType(object);
  if (type === IMAGE) {
    const box = form ?? boundsOf(pdfium, object);
    if (box) search.pictures.push(box);
  } else if (type === TEXT) search.isDoubted ||= search.trust.doubts(object);
  else if (type === PATH) lookAtPath(search, object, form);
  else if (type === FORM && depth < DEEPEST) {
    const box = form ?? boundsOf(pdfium, object);
    const count = calls.FPDFFormObj_CountObjects(object);
    for (let i = 0; i < count && search.left > 0; i++) {
      look(search, calls.FPDFFormObj_GetObject(object, i), box, depth + 1);
    }
  }
}

function lookAtPath(search: Search, path: number, form: Box | null): void {
  const { pdfium } = search;
  const [isFilled, isStroked] = withMemory(pdfium, 16, (memory) => {
    if (!callsOf(pdfium).FPDFPath_GetDrawMode(path, memory, memory + 4)) return [false, false];
    const [fill, stroke] = new Int32Array(heapOf(pdfium).buffer, memory, 2);
    return [fill !== 0, stroke !== 0];
  });
  if (!isFilled && !isStroked) return;
  const own = boundsOf(pdfium, path);
  if (!own) return;
  if (isFilled && search.hasPatterns) search.pictures.push(form ?? own);
  if (isFilled && clipSegments(pdfium, path) >= WORD_SEGMENTS) search.pictures.push(form ?? own);
  const segments = pdfium.FPDFPath_CountSegments(path);
  const height = Math.min(own.top - own.bottom, own.right - own.left);
  if (segments < LETTER_SEGMENTS || height < LEAST_LETTER || height > MOST_LETTER) return;
  search.segments += segments;
  search.outlines.push(form ?? own);
}

/** Words may be a hole that something is painted through. */
function clipSegments(pdfium: Pdfium, object: number): number {
  const clip = pdfium.FPDFPageObj_GetClipPath(object);
  const count = clip === 0 ? 0 : Math.min(pdfium.FPDFClipPath_CountPaths(clip), WORD_SEGMENTS);
  let segments = 0;
  for (let i = 0; i < count; i++) segments += pdfium.FPDFClipPath_CountPathSegments(clip, i);
  return segments;
}

function boundsOf(pdfium: Pdfium, object: number): Box | null {
  return withMemory(pdfium, 16, (memory) => {
    const places = [memory, memory + 4, memory + 8, memory + 12] as const;
    if (!callsOf(pdfium).FPDFPageObj_GetBounds(object, ...places)) return null;
    const [left = 0, bottom = 0, right = 0, top = 0] = new Float32Array(
      heapOf(pdfium).buffer,
      memory,
      4,
    );
    return { left, bottom, right, top };
  });
}

function wholeOf(pdfium: Pdfium, page: number): Box {
  return withMemory(pdfium, 16, (memory) => {
    pdfium.FPDF_GetPageBoundingBox(page, memory);
    const [left = 0, top = 0, right = 0, bottom = 0] = new Float32Array(
      heapOf(pdfium).buffer,
      memory,
      4,
    );
    return { left, bottom, right, top };
  });
}

function sizeOf({ left, bottom, right, top }: Box): number {
  return Math.max(0, right - left) * Math.max(0, top - bottom);
}
