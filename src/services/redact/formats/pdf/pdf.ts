/**
 * PDF. Opening makes the annotations part of the pages, takes off everything that is not the pages,
 * and reads their text with boxes; so what is found is exactly what can be removed. The output is
 * read again by PDFium as a new file, and its raw streams without any library.
 */
import { Fault } from '../../../../kernel/fault.ts';
import type { Edit, Format, OpenDocument, OpenOptions, Place } from '../../document.ts';
import { mergedEdits } from '../edits.ts';
import { writeContents } from './content-writer.ts';
import { PdfiumDocument } from './engine.ts';
import { judgePages } from './judge.ts';
import { type Box, lineBoxes, type PageText, readPageText, union } from './page-text.ts';
import { redactPage } from './pdfium-writer.ts';
import { rawStreams } from './streams.ts';
import { bakeForms, loadDocument, saveDocument, stripDocument } from './strip.ts';

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
  judge: (before, edits, after) =>
    judgePages((before as OpenPdf).pages, edits, (after as OpenPdf).pages),
};

async function openPdf(bytes: Uint8Array, options: OpenOptions): Promise<OpenPdf> {
  const stripped = await flattened(bytes, options.password);
  const pages = await readPages(stripped, options);
  return {
    pages,
    parts: pages.map(({ text }, index) => ({ pageNumber: index + 1, text, isWrapped: true })),
    pageCount: pages.length,
    locate: (part, start, end) => placeOf(pages[part], start, end),
    write: (edits) => writePages(stripped, pages, edits),
    close() {},
  };
}

async function readPages(bytes: Uint8Array, { onProgress }: OpenOptions): Promise<PageText[]> {
  const document = await PdfiumDocument.open(bytes);
  try {
    const total = document.pageCount;
    return Array.from({ length: total }, (_, page) => {
      const text = readPageText(document, page);
      refusePicture(document, page, text);
      onProgress?.({ done: page + 1, total });
      return text;
    });
  } finally {
    document.close();
  }
}

/** Fewer letters than this on a page with a picture: the text is in the picture. */
const FEW_LETTERS = 20;
/** FPDF_PAGEOBJ_IMAGE. */
const IMAGE = 3;

/** Fault `unsupported_file_type`: what stands in pictures is not read, so nothing can be promised. */
function refusePicture(document: PdfiumDocument, index: number, { text }: PageText): void {
  if (text.replace(/\s/g, '').length >= FEW_LETTERS) return;
  const { pdfium } = document;
  const hasImage = document.withPage(index, (page) => {
    const count = pdfium.FPDFPage_CountObjects(page);
    for (let i = 0; i < count; i++) {
      if (pdfium.FPDFPageObj_GetType(pdfium.FPDFPage_GetObject(page, i)) === IMAGE) return true;
    }
    return false;
  });
  if (!hasImage) return;
  throw new Fault(
    'unsupported_file_type',
    `Page ${index + 1} is a picture without text. Reading pictures is not supported yet.`,
  );
}

/** Annotations become part of their pages; all that is not pages goes. */
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

/** In the content streams; pages that this cannot do go to PDFium. */
async function writePages(
  stripped: Uint8Array,
  pages: readonly PageText[],
  edits: readonly Edit[],
): Promise<Uint8Array> {
  const document = await loadDocument(stripped);
  const editsOf = (page: number) => mergedEdits(edits, page);
  const failed = writeContents(document, pages, editsOf);
  const written = await saveDocument(document);
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
      if (redactPage(document, page, readPageText(document, page), editsOf(page))) continue;
      throw new Fault('verification_failed', 'The text under a box could not be removed.', {
        internal: `page ${page + 1} still holds text after three passes`,
      });
    }
    return document.save();
  } finally {
    document.close();
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
