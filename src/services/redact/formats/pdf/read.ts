/**
 * Opening: the document as it is read, found in and rewritten. PDFium first writes it anew, so that
 * both libraries speak of the same objects; what goes whatever it says is gone before anything is
 * read. Annotations are painted into the pages that are read, and stay what they are in those that
 * are written.
 */
import type { PDFDocument } from '@cantoo/pdf-lib';
import { Fault } from '../../../../kernel/fault.ts';
import type { OpenOptions, TextPart } from '../../document.ts';
import { columnTexts } from './columns.ts';
import { PdfiumDocument } from './engine.ts';
import { type OrderedText, orderedTexts } from './order.ts';
import { type PageText, readPageText } from './page-text.ts';
import { FontTrust } from './picture/font-trust.ts';
import { type PagePicture, readPictures } from './picture/pictures.ts';
import { fontClaims, hasPatterns, isPlain } from './streams.ts';
import { type Attachments, attachmentsIn } from './structure/attachments.ts';
import { loadDocument, saveDocument } from './structure/library.ts';
import { type Words, wordsOf } from './structure/strings.ts';
import { stripDocument } from './structure/strip.ts';

/** Beyond, a synchronous reading would hold a worker for minutes. */
const MOST_PAGES = 5000;

const NO_FILES: Attachments = { files: [], unread: 0 };

/** Pages come first among the parts, then the pictures, then the words beside the pages. */
export interface ReadPdf {
  document: PdfiumDocument;
  pages: PageText[];
  pictures: PagePicture[];
  words: Pick<Words, 'part' | 'page' | 'text'>[];
  /** Second readings of pages: their parts come last. */
  ordered: OrderedText[];
  parts: TextPart[];
  /** The document to be rewritten, anew for each try. */
  library(): Promise<PDFDocument>;
  /** Files in it, as they were. */
  attachments: Attachments;
  /** What went without anybody looking into it. */
  removed: string[];
}

/** A file that somebody sent. The caller closes its document. */
export async function readPdf(bytes: Uint8Array, options: OpenOptions): Promise<ReadPdf> {
  const source = await PdfiumDocument.open(bytes, options.password);
  let document: PdfiumDocument | null = source;
  try {
    boundedPageCount(source);
    const normal = source.save();
    if (isPlain(normal)) {
      const library = async () => {
        const whole = await loadSame(normal, source);
        stripDocument(whole);
        return whole;
      };
      const read = await readOpen(source, normal, [], options);
      return { ...read, library, attachments: NO_FILES, removed: [] };
    }
    const whole = await loadSame(normal, source);
    source.close();
    document = null;
    const attachments = attachmentsIn(whole);
    const removed = stripDocument(whole);
    const words = wordsOf(whole);
    const stripped = await saveDocument(whole);
    document = await PdfiumDocument.open(stripped);
    flatten(document);
    const read = await readOpen(document, stripped, words, options);
    return { ...read, library: () => loadDocument(stripped), attachments, removed };
  } catch (error) {
    document?.close();
    throw error;
  }
}

/** With as many pages as PDFium sees: an edit of one would go into another. */
async function loadSame(bytes: Uint8Array, { pageCount }: PdfiumDocument): Promise<PDFDocument> {
  const whole = await loadDocument(bytes);
  if (whole.getPageCount() === pageCount) return whole;
  throw new Fault('unreadable_file', 'The PDF has pages that cannot be read.');
}

/** A file that we wrote: nothing is taken from it. The caller closes its document. */
export async function rereadPdf(
  bytes: Uint8Array,
  { onProgress }: OpenOptions = {},
): Promise<Omit<ReadPdf, 'library' | 'removed'>> {
  const document = await PdfiumDocument.open(bytes);
  try {
    const library = isPlain(bytes) ? null : await loadDocument(bytes);
    const attachments = library ? attachmentsIn(library) : NO_FILES;
    if (library) flatten(document);
    const words = library ? wordsOf(library) : [];
    return { ...(await readOpen(document, bytes, words, { onProgress })), attachments };
  } catch (error) {
    document.close();
    throw error;
  }
}

async function readOpen(
  document: PdfiumDocument,
  bytes: Uint8Array,
  all: readonly Words[],
  options: OpenOptions,
): Promise<Omit<ReadPdf, 'library' | 'removed' | 'attachments'>> {
  const step = stepper(boundedPageCount(document), options);
  const pages = readPages(document, step);
  const trust = new FontTrust(document, fontClaims(bytes), pages);
  const reading = { hasPatterns: hasPatterns(bytes), trust };
  const pictures = await readPictures(document, pages, reading, step);
  trust.close();
  const words = all.map(({ part, page, text }) => ({ part, page, text }));
  const ordered = [...orderedTexts(document, pages), ...columnTexts(document, pages)];
  const parts = [...partsOf(pages, pictures, words), ...ordered.map(partOf)];
  return { document, pages, pictures, words, ordered, parts };
}

/** Paints annotations into their pages, in memory. */
function flatten(document: PdfiumDocument): void {
  const { pdfium } = document;
  for (let index = 0; index < document.pageCount; index++) {
    document.withPage(index, (page) => {
      if (pdfium.FPDFPage_GetAnnotCount(page) > 0) pdfium.FPDFPage_Flatten(page, 0);
    });
  }
}

/** A page is done in two steps: its text is read, and what it shows beside that. */
function stepper(pages: number, { onProgress }: OpenOptions): () => void {
  let done = 0;
  return () => onProgress?.({ done: ++done, total: 2 * pages });
}

function readPages(document: PdfiumDocument, step: () => void): PageText[] {
  return Array.from({ length: document.pageCount }, (_, page) => {
    const text = readPageText(document, page);
    step();
    return text;
  });
}

export function boundedPageCount({ pageCount }: PdfiumDocument): number {
  if (pageCount === 0) throw new Fault('unreadable_file', 'The PDF has no pages.');
  if (pageCount > MOST_PAGES) {
    throw new Fault('unreadable_file', `The PDF has more than ${MOST_PAGES} pages.`);
  }
  return pageCount;
}

function partOf({ page, text }: OrderedText): TextPart {
  return { pageNumber: page + 1, part: 'reading order', text, isWrapped: true };
}

function partsOf(
  pages: readonly PageText[],
  pictures: readonly PagePicture[],
  words: ReadPdf['words'],
): TextPart[] {
  return [
    ...pages.map(({ text }, index) => ({ pageNumber: index + 1, text, isWrapped: true })),
    ...pictures.map(({ page, words: { text } }) => ({
      ...{ pageNumber: page + 1, part: 'picture', text, isWrapped: true },
    })),
    ...words.map(({ page, part, text }) => ({ pageNumber: page + 1, part, text })),
  ];
}
