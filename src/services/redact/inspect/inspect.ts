/**
 * Judges somebody else's redaction: what a document still holds of what it hides. Nothing is changed
 * and nothing is judged by its words: only whether what is in the file can be seen on its pages.
 */
import { Fault } from '../../../kernel/fault.ts';
import type { OpenOptions } from '../document.ts';
import { PdfiumDocument, withMemory } from '../formats/pdf/engine.ts';
import type { Box } from '../formats/pdf/page-text.ts';
import { recognise } from '../formats/recognise.ts';
import { type HiddenText, hiddenTextOf, REASONS, withoutLabels } from './hidden-text.ts';
import { notesOf, type Remain, remainsOf } from './remains.ts';
import { earlierRevisions } from './revisions.ts';

export interface HiddenPlace {
  page: number;
  reason: keyof typeof REASONS;
  /** The reason in words. */
  why: string;
  /** What is hidden; empty for a part of a picture. */
  text: string;
  /** In points, from the page's lower left corner; absent for an earlier revision. */
  bbox?: { x: number; y: number; width: number; height: number };
}

export interface Inspection {
  mediaType: string;
  pageCount: number;
  /** Empty where the document shows all that it holds. */
  places: HiddenPlace[];
  /** What is in the file beside its pages. */
  remains: Remain[];
  /** What nobody has looked into. */
  notExamined: string[];
}

const MOST_PAGES = 5000;

/**
 * What a PDF holds and does not show.
 * Faults: `unsupported_file_type` for another kind of file, `unreadable_file`.
 */
export async function inspectDocument(
  bytes: Uint8Array,
  fileName: string,
  { password, onProgress }: OpenOptions = {},
): Promise<Inspection> {
  const { kind, mediaType } = recognise(bytes, fileName);
  if (kind !== 'pdf') {
    throw new Fault('unsupported_file_type', 'Only PDF can be inspected so far.');
  }
  const document = await PdfiumDocument.open(bytes, password);
  try {
    const { pageCount } = document;
    if (pageCount === 0 || pageCount > MOST_PAGES) {
      throw new Fault('unreadable_file', `The PDF has no pages, or more than ${MOST_PAGES}.`);
    }
    const pages = Array.from({ length: pageCount }, (_, index) => {
      const page = document.withPage(index, (pointer) => inspectPage(document, pointer, index));
      onProgress?.({ done: index + 1, total: pageCount });
      return page;
    });
    const revisions = await earlierRevisions(bytes, document);
    const hidden = withoutLabels(pages.flatMap((page) => page.hidden));
    const kinds = pages.flatMap((page) => page.kinds);
    const cut = pages.flatMap(({ isWhole }, i) => (isWhole ? [] : [`objects of page ${i + 1}`]));
    return {
      ...{ mediaType, pageCount },
      places: [
        ...hidden.map(placeOf),
        ...revisions.lost.map(({ page, text }) => ({
          ...{ page: page + 1, reason: 'revision' as const, why: REASONS.revision, text },
        })),
      ],
      remains: remainsOf(document, bytes, kinds, revisions.count),
      notExamined: [...cut, ...(revisions.isWhole ? [] : ['the oldest revisions']), ...BLIND],
    };
  } finally {
    document.close();
  }
}

/** What this way of looking cannot see, in any document. */
const BLIND = ['contents of attachments', 'text in patterns', 'words within pictures'];

interface Found extends HiddenText {
  page: number;
}

function inspectPage(document: PdfiumDocument, pointer: number, page: number) {
  const { kinds, marked } = notesOf(document, pointer);
  const unapplied = marked.map((note) => markedText(document, pointer, note));
  const { hidden, isWhole } = hiddenTextOf(document, pointer);
  const found = [...hidden, ...unapplied].map((one): Found => ({ ...one, page }));
  return { hidden: found, kinds, isWhole };
}

/** What lies under a mark for redaction that was never carried out. */
function markedText({ pdfium }: PdfiumDocument, page: number, index: number): HiddenText {
  const note = pdfium.FPDFPage_GetAnnot(page, index);
  const textPage = pdfium.FPDFText_LoadPage(page);
  try {
    return withMemory(pdfium, 4096, (memory) => {
      pdfium.FPDFAnnot_GetRect(note, memory);
      const at = (offset: number) => pdfium.pdfium.getValue(memory + offset, 'float');
      const [left, top, right, bottom] = [at(0), at(4), at(8), at(12)];
      const box: Box = { left, top: Math.max(top, bottom), right, bottom: Math.min(top, bottom) };
      const places = [box.left, box.top, box.right, box.bottom] as const;
      const length = pdfium.FPDFText_GetBoundedText(textPage, ...places, memory, 2000);
      const text = length > 0 ? pdfium.pdfium.UTF16ToString(memory).trim() : '';
      return { reason: 'unapplied', text, box, cover: index, isOnTop: false };
    });
  } finally {
    pdfium.FPDFText_ClosePage(textPage);
    pdfium.FPDFPage_CloseAnnot(note);
  }
}

function placeOf({ page, reason, text, box }: Found): HiddenPlace {
  const { left, bottom, right, top } = box;
  return {
    ...{ page: page + 1, reason, why: REASONS[reason], text },
    bbox: {
      ...{ x: round(left), y: round(bottom) },
      ...{ width: round(right - left), height: round(top - bottom) },
    },
  };
}

function round(points: number): number {
  return Math.round(points * 100) / 100;
}
