/**
 * PDF. Opening makes the annotations part of the pages, takes off everything that is not the pages,
 * and reads their text with boxes; so what is found is exactly what can be removed. The output is
 * read again by PDFium as a new file, and its raw streams without any library.
 */
import { Fault } from '../../../../kernel/fault.ts';
import type { Edit, Format, OpenDocument, OpenOptions, Place } from '../../document.ts';
import { mergedEdits } from '../edits.ts';
import { PdfiumDocument } from './engine.ts';
import { type Box, lineBoxes, type PageText, readPageText, union } from './page-text.ts';
import { holdsText, redactPage } from './pdfium-writer.ts';
import { rawStreams } from './streams.ts';
import { stripDocument } from './strip.ts';

/** Beyond, a synchronous reading would hold a worker for minutes. */
const MOST_PAGES = 5000;

interface OpenPdf extends OpenDocument {
  pages: PageText[];
}

export const pdf: Format = {
  kind: 'pdf',
  mediaType: 'application/pdf',
  extension: 'pdf',
  mark: null,
  open: openPdf,
  async reread(bytes) {
    const document = await PdfiumDocument.open(bytes);
    try {
      const texts = Array.from(
        { length: document.pageCount },
        (_, page) => readPageText(document, page).text,
      );
      return { texts, streams: [...rawStreams(bytes)], examined: ['page text', 'raw streams'] };
    } finally {
      document.close();
    }
  },
  judge(before, edits, after) {
    const [was, is] = [(before as OpenPdf).pages, (after as OpenPdf).pages];
    if (was.length !== is.length) return ['the number of pages has changed'];
    return was.flatMap((page, index) => {
      const gone = mergedEdits(edits, index).filter(({ replacement }) => replacement === null);
      const left = gone.some(({ start, end }) =>
        lineBoxes(page, start, end, 'tight').some((box) => holdsText(is[index] ?? page, box)),
      );
      return left ? [`page ${index + 1} still has text under a box`] : [];
    });
  },
};

async function openPdf(bytes: Uint8Array, options: OpenOptions): Promise<OpenPdf> {
  const document = await PdfiumDocument.open(await flattened(bytes, options.password));
  const pages: PageText[] = [];
  try {
    for (let page = 0; page < document.pageCount; page++) {
      pages.push(readPageText(document, page));
      options.onProgress?.({ done: page + 1, total: document.pageCount });
    }
  } catch (error) {
    document.close();
    throw error;
  }
  return {
    pages,
    parts: pages.map(({ text }, index) => ({ pageNumber: index + 1, text })),
    pageCount: pages.length,
    locate: (part, start, end) => placeOf(pages[part], start, end),
    async write(edits) {
      writePages(document, pages, edits);
      return document.save();
    },
    close: () => document.close(),
  };
}

async function flattened(bytes: Uint8Array, password?: string): Promise<Uint8Array> {
  const document = await PdfiumDocument.open(bytes, password);
  try {
    const { pdfium, pageCount } = document;
    if (pageCount === 0) throw new Fault('unreadable_file', 'The PDF has no pages.');
    if (pageCount > MOST_PAGES) {
      throw new Fault('unreadable_file', `The PDF has more than ${MOST_PAGES} pages.`);
    }
    for (let page = 0; page < pageCount; page++) {
      document.withPage(page, (pointer) => pdfium.FPDFPage_Flatten(pointer, 0));
    }
    return await stripDocument(document.save());
  } finally {
    document.close();
  }
}

function writePages(document: PdfiumDocument, pages: PageText[], edits: readonly Edit[]): void {
  for (const [index, page] of pages.entries()) {
    const own = mergedEdits(edits, index);
    if (own.length > 0 && !redactPage(document, index, page, own)) {
      throw new Fault('verification_failed', 'The text under a box could not be removed.', {
        internal: `page ${index + 1} still holds text after three passes`,
      });
    }
  }
}

function placeOf(page: PageText | undefined, start: number, end: number): Place {
  const lines = page ? lineBoxes(page, start, end, 'loose') : [];
  const [first, ...rest] = lines;
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
