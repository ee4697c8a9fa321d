/**
 * PDF. Opening makes the annotations part of the pages, takes off everything that is not the pages,
 * and reads their text; so what is found is exactly what can be removed. The output is read again by
 * PDFium as a new file, and its raw streams without any library.
 */
import type { PDFDocument } from '@cantoo/pdf-lib';
import { Fault } from '../../../../kernel/fault.ts';
import type {
  Edit,
  Format,
  OpenDocument,
  OpenOptions,
  Place,
  Reread,
  TextPart,
} from '../../document.ts';
import { mergedEdits } from '../edits.ts';
import { writeContents } from './content-writer.ts';
import { PdfiumDocument } from './engine.ts';
import { judgePages } from './judge.ts';
import {
  type Box,
  lineBoxes,
  type PageText,
  placeCharacters,
  readPageText,
  union,
} from './page-text.ts';
import { redactPage } from './pdfium-writer.ts';
import { rawStreams } from './streams.ts';
import { bakeForms, hasAnnotations, loadDocument, saveDocument, stripDocument } from './strip.ts';

/** Beyond, a synchronous reading would hold a worker for minutes. */
const MOST_PAGES = 5000;

interface OpenPdf extends OpenDocument {
  pages: PageText[];
}

interface RereadPdf extends Reread {
  pages: PageText[];
}

export const pdf: Format = {
  kind: 'pdf',
  mediaType: 'application/pdf',
  extension: 'pdf',
  mark: null,
  open: openPdf,
  reread: rereadPdf,
  judge: (before, edits, after) =>
    judgePages((before as OpenPdf).pages, edits, (after as RereadPdf).pages),
  async countPages(bytes, { password }) {
    const document = await PdfiumDocument.open(bytes, password);
    try {
      return boundedPageCount(document);
    } finally {
      document.close();
    }
  },
};

async function openPdf(bytes: Uint8Array, options: OpenOptions): Promise<OpenPdf> {
  const prepared = await prepare(bytes, options.password);
  const stripped = await saveDocument(prepared);
  const document = await PdfiumDocument.open(stripped);
  try {
    const pages = readPages(document, options);
    for (const [page, text] of pages.entries()) refusePicture(document, page, text);
    return {
      pages,
      parts: partsOf(pages),
      pageCount: pages.length,
      locate: (part, start, end) => placeOf(document, part, pages[part], start, end),
      write: (edits) => writePages(prepared, document, pages, edits),
      close: () => document.close(),
    };
  } catch (error) {
    document.close();
    throw error;
  }
}

async function rereadPdf(bytes: Uint8Array): Promise<RereadPdf> {
  const document = await PdfiumDocument.open(bytes);
  try {
    const pages = readPages(document, {});
    const parts = partsOf(pages);
    const texts = parts.map(({ text }) => text);
    const examined = ['page text', 'raw streams'];
    const count = pages.filter((_, page) => hasImage(document, page)).length;
    const notExamined = count === 0 ? [] : [`pictures on ${count} page(s)`];
    return { pages, parts, texts, streams: [...rawStreams(bytes)], examined, notExamined };
  } finally {
    document.close();
  }
}

function partsOf(pages: readonly PageText[]): TextPart[] {
  return pages.map(({ text }, index) => ({ pageNumber: index + 1, text, isWrapped: true }));
}

function readPages(document: PdfiumDocument, { onProgress }: OpenOptions): PageText[] {
  const total = boundedPageCount(document);
  return Array.from({ length: total }, (_, page) => {
    const text = readPageText(document, page);
    onProgress?.({ done: page + 1, total });
    return text;
  });
}

function boundedPageCount({ pageCount }: PdfiumDocument): number {
  if (pageCount === 0) throw new Fault('unreadable_file', 'The PDF has no pages.');
  if (pageCount > MOST_PAGES) {
    throw new Fault('unreadable_file', `The PDF has more than ${MOST_PAGES} pages.`);
  }
  return pageCount;
}

/** Fewer letters than this on a page with a picture: the text is in the picture. */
const FEW_LETTERS = 20;
/** FPDF_PAGEOBJ_IMAGE. */
const IMAGE = 3;

/** Fault `unsupported_file_type`: what stands in pictures is not read, so nothing can be promised. */
function refusePicture(document: PdfiumDocument, index: number, { text }: PageText): void {
  if (text.slice(0, 1000).replace(/\s/g, '').length >= FEW_LETTERS) return;
  if (!hasImage(document, index)) return;
  throw new Fault(
    'unsupported_file_type',
    `Page ${index + 1} is a picture without text. Reading pictures is not supported yet.`,
  );
}

function hasImage(document: PdfiumDocument, index: number): boolean {
  const { pdfium } = document;
  return document.withPage(index, (page) => {
    const count = pdfium.FPDFPage_CountObjects(page);
    for (let i = 0; i < count; i++) {
      if (pdfium.FPDFPageObj_GetType(pdfium.FPDFPage_GetObject(page, i)) === IMAGE) return true;
    }
    return false;
  });
}

/**
 * PDFium first writes the document anew, so that both libraries speak of the same objects. Then
 * annotations become part of their pages, and all that is not pages goes.
 */
async function prepare(bytes: Uint8Array, password?: string): Promise<PDFDocument> {
  const document = await PdfiumDocument.open(bytes, password);
  try {
    const total = boundedPageCount(document);
    const whole = await loadDocument(document.save());
    if (!hasAnnotations(whole)) return stripDocument(whole);
    for (let page = 0; page < total; page++) {
      document.withPage(page, (pointer) => document.pdfium.FPDFPage_Flatten(pointer, 0));
    }
    return stripDocument(await loadDocument(document.save()));
  } finally {
    document.close();
  }
}

/** In the content streams; pages that this cannot do go to PDFium. */
async function writePages(
  prepared: PDFDocument,
  document: PdfiumDocument,
  pages: readonly PageText[],
  edits: readonly Edit[],
): Promise<Uint8Array> {
  const editsOf = (page: number) => mergedEdits(edits, page);
  const failed = writeContents(prepared, document, pages, editsOf);
  const written = await saveDocument(prepared);
  if (failed.length === 0) return written;
  return writeByPdfium(await bakeForms(written), failed, editsOf);
}

async function writeByPdfium(
  bytes: Uint8Array,
  numbers: readonly number[],
  editsOf: (page: number) => Edit[],
): Promise<Uint8Array> {
  const document = await PdfiumDocument.open(bytes);
  try {
    for (const page of numbers) {
      if (redactPage(document, page, editsOf(page))) continue;
      throw new Fault('verification_failed', 'The text under a box could not be removed.', {
        internal: `page ${page + 1} still holds text after three passes`,
      });
    }
    return document.save();
  } finally {
    document.close();
  }
}

function placeOf(
  document: PdfiumDocument,
  page: number,
  text: PageText | undefined,
  start: number,
  end: number,
): Place {
  const [places = []] = text ? placeCharacters(document, page, text, [{ start, end }]) : [];
  const [first, ...rest] = lineBoxes(places, 'loose');
  if (!first) return {};
  const { left, bottom, right, top } = rest.reduce<Box>(union, first);
  return {
    bbox: {
      x: round(left),
      y: round(bottom),
      width: round(right - left),
      height: round(top - bottom),
    },
  };
}

function round(points: number): number {
  return Math.round(points * 100) / 100;
}
