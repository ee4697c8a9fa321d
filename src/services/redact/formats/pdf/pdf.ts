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
import {
  blackenPage,
  type PagePicture,
  placeInPicture,
  readPictures,
  showsIn,
} from './pictures.ts';
import { rawStreams } from './streams.ts';
import { bakeForms, hasAnnotations, loadDocument, saveDocument, stripDocument } from './strip.ts';

/** Beyond, a synchronous reading would hold a worker for minutes. */
const MOST_PAGES = 5000;

/** Pages come first among the parts, then the pictures. */
interface OpenPdf extends OpenDocument {
  pages: PageText[];
  pictures: PagePicture[];
}

interface RereadPdf extends Reread {
  pages: PageText[];
  pictures: PagePicture[];
}

export const pdf: Format = {
  kind: 'pdf',
  mediaType: 'application/pdf',
  extension: 'pdf',
  mark: null,
  open: openPdf,
  reread: rereadPdf,
  judge: (before, edits, after) => judge(before as OpenPdf, edits, after as RereadPdf),
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
    const pictures = await readPictures(document, pages);
    const picture = (part: number) => pictures[part - pages.length];
    return {
      ...{ pages, pictures, parts: partsOf(pages, pictures), pageCount: pages.length },
      locate(part, start, end) {
        const seen = picture(part);
        if (seen) return placeInPicture(seen, start, end);
        return placeOf(document, part, pages[part], start, end);
      },
      write: (edits) => writePages(prepared, document, { pages, pictures }, edits),
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
    const pictures = await readPictures(document, pages);
    const parts = partsOf(pages, pictures);
    const texts = parts.map(({ text }) => text);
    const examined = ['page text', 'words read in pictures', 'raw streams'];
    const streams = [...rawStreams(bytes)];
    return { pages, pictures, parts, texts, streams, examined, notExamined: [] };
  } finally {
    document.close();
  }
}

function partsOf(pages: readonly PageText[], pictures: readonly PagePicture[]): TextPart[] {
  return [
    ...pages.map(({ text }, index) => ({ pageNumber: index + 1, text, isWrapped: true })),
    ...pictures.map(({ page, words }) => ({
      ...{ pageNumber: page + 1, part: 'picture', text: words.text, isWrapped: true },
    })),
  ];
}

/** Pages that became pictures have no text any more; what was blackened must not be read there. */
function judge(before: OpenPdf, edits: readonly Edit[], after: RereadPdf): string[] {
  const blackened = before.pictures.flatMap((picture, index) => {
    const own = mergedEdits(edits, before.pages.length + index);
    return own.length > 0 ? [{ picture, own }] : [];
  });
  const numbers = new Set(blackened.map(({ picture }) => picture.page));
  const shown = blackened.flatMap(({ picture, own }) => {
    const again = after.pictures.find(({ page }) => page === picture.page);
    return showsIn(picture, own, again)
      ? [`page ${picture.page + 1} still shows a word in a box`]
      : [];
  });
  return [...shown, ...judgePages(before.pages, edits, after.pages, numbers)];
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

/** In the content streams; pages that this cannot do go to PDFium, those with pictures last. */
async function writePages(
  prepared: PDFDocument,
  document: PdfiumDocument,
  { pages, pictures }: Pick<OpenPdf, 'pages' | 'pictures'>,
  edits: readonly Edit[],
): Promise<Uint8Array> {
  const editsOf = (page: number) => mergedEdits(edits, page);
  const failed = writeContents(prepared, document, pages, editsOf);
  let written = await saveDocument(prepared);
  if (failed.length > 0) written = await writeByPdfium(await bakeForms(written), failed, editsOf);
  const touched = pictures
    .map((picture, index) => ({ picture, own: editsOf(pages.length + index) }))
    .filter(({ own }) => own.length > 0);
  if (touched.length === 0) return written;
  const source = await PdfiumDocument.open(written);
  try {
    const target = await loadDocument(written);
    for (const { picture, own } of touched) await blackenPage(target, source, picture, own);
    return await saveDocument(target);
  } finally {
    source.close();
  }
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
