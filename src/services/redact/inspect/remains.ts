/**
 * What a PDF carries beside its pages. It accuses nobody, but whoever gives a file away should know
 * of it: who wrote it, what is attached, what its scripts and fields say.
 */
import type { PdfiumDocument } from '../formats/pdf/engine.ts';
import { rawStreams } from '../formats/pdf/streams.ts';

export interface Remain {
  what:
    | 'information'
    | 'xmp'
    | 'attachments'
    | 'scripts'
    | 'comments'
    | 'fields'
    | 'xfa'
    | 'revisions';
  count: number;
  /** Names of entries, where they say something; never their values. */
  names: string[];
}

/** Entries of the document information dictionary (ISO 32000-1, 14.3.3). */
const INFORMATION = ['Title', 'Author', 'Subject', 'Keywords', 'Creator', 'Producer'];
/** FPDF_ANNOT_*: links, pop-ups and fields are no comments. */
const NO_COMMENT = new Set([2, 16, 20]);
const FIELD = 20;

export function remainsOf(
  document: PdfiumDocument,
  bytes: Uint8Array,
  kinds: readonly number[],
  revisions: number,
): Remain[] {
  const { pdfium, pointer } = document;
  const information = INFORMATION.filter(
    (name) => pdfium.FPDF_GetMetaText(pointer, name, 0, 0) > 2,
  );
  const xmp = [...rawStreams(bytes)]
    .slice(1)
    .filter((stream) => Buffer.from(stream.subarray(0, 2000)).includes('<x:xmpmeta')).length;
  const all: Remain[] = [
    { what: 'information', count: information.length, names: information },
    { what: 'xmp', count: xmp, names: [] },
    { what: 'attachments', count: pdfium.FPDFDoc_GetAttachmentCount(pointer), names: [] },
    { what: 'scripts', count: pdfium.FPDFDoc_GetJavaScriptActionCount(pointer), names: [] },
    { what: 'comments', count: kinds.filter((kind) => !NO_COMMENT.has(kind)).length, names: [] },
    { what: 'fields', count: kinds.filter((kind) => kind === FIELD).length, names: [] },
    { what: 'xfa', count: pdfium.FPDF_GetXFAPacketCount(pointer), names: [] },
    { what: 'revisions', count: revisions, names: [] },
  ];
  return all.filter(({ count }) => count > 0);
}

/** FPDF_ANNOT_REDACT: a place that was marked and never redacted. */
const REDACT = 28;
const MOST_NOTES = 5000;

/** Kinds of the annotations of a page, and the places that were marked only. */
export function notesOf({ pdfium }: PdfiumDocument, page: number) {
  const count = Math.min(pdfium.FPDFPage_GetAnnotCount(page), MOST_NOTES);
  const kinds = Array.from({ length: count }, (_, i) => {
    const note = pdfium.FPDFPage_GetAnnot(page, i);
    if (note === 0) return 0;
    const kind = pdfium.FPDFAnnot_GetSubtype(note);
    pdfium.FPDFPage_CloseAnnot(note);
    return kind;
  });
  return { kinds, marked: kinds.flatMap((kind, i) => (kind === REDACT ? [i] : [])) };
}
