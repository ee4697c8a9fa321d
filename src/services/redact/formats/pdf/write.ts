/**
 * Writing: in the content streams where that is understood, by PDFium where not, as a picture where
 * a scan is blackened, where the caller wants it, or where the judge has objected to all else.
 */
import type { Edit, OpenOptions } from '../../document.ts';
import { COVER, editedText, editsByPart } from '../edits.ts';
import { editBoxes } from '../image/ocr.ts';
import type { Point } from './content/matrix.ts';
import { writeContents } from './content-writer.ts';
import { PdfiumDocument } from './engine.ts';
import { lineBoxes, placeCharacters, readPageText } from './page-text.ts';
import { redactPage } from './pdfium-writer.ts';
import { wordsOfPicture } from './picture/pictures.ts';
import { type Hole, pictureOf, rasterisePage, wordsOfPage } from './picture/raster.ts';
import { pageToPixels, type Rendered } from './picture/render.ts';
import { liesOnPicture } from './picture/under.ts';
import type { ReadPdf } from './read.ts';
import { bakeForms } from './structure/bake.ts';
import { allFonts, cleanFonts } from './structure/clean-fonts.ts';
import { loadDocument, saveDocument } from './structure/library.ts';
import { wordsOf } from './structure/strings.ts';
import { sweepFields } from './structure/strip.ts';
import { widened } from './widen.ts';

export interface Writing {
  edits: readonly Edit[];
  /** Every touched page becomes a picture. */
  isStrict: boolean;
  /** Pages that no other way has cleaned: they become pictures of what they were, with boxes. */
  objected: ReadonlySet<number>;
  onProgress?: OpenOptions['onProgress'];
}

export interface WrittenPdf {
  bytes: Uint8Array;
  /** Pages that are pictures now. */
  rasterised: ReadonlySet<number>;
  /** Pages where more went than was asked for, so that the width of a gap tells nothing. */
  widened: ReadonlySet<number>;
  /** Where the others are blackened, by page: the corners, around each place. */
  covers: ReadonlyMap<number, Point[][]>;
}

export async function writePdf(read: ReadPdf, writing: Writing): Promise<WrittenPdf> {
  const { document, pages, pictures, words } = read;
  const { isStrict } = writing;
  const byPart = editsByPart(writing.edits);
  const editsOf = (part: number) => byPart.get(part) ?? [];
  const onPictures = pages.flatMap((text, page) =>
    editsOf(page).length > 0 && liesOnPicture(document, page, text, editsOf(page)) ? [page] : [],
  );
  const objected = new Set([...writing.objected, ...onPictures]);
  const library = await read.library();
  // Before anything is written: an annotation that becomes part of its page is not among them then.
  const said = wordsOf(library).slice(0, words.length);
  const { failed, fonts, covers } = writeContents(library, document, pages, (page) => {
    writing.onProgress?.({ done: page, total: pages.length });
    return objected.has(page) ? [] : editsOf(page);
  });
  for (const [i, { text, rewrite }] of said.entries()) {
    const own = editsOf(pages.length + pictures.length + i);
    const masked = own.map((edit) => ({ ...edit, replacement: edit.replacement ?? COVER }));
    if (own.length > 0) rewrite(editedText(text, masked));
  }
  sweepFields(library);
  cleanFonts(library, fonts);
  let bytes = await saveDocument(library);
  if (failed.length > 0) {
    bytes = await withCleanFonts(await writeByPdfium(bytes, failed, editsOf));
  }
  const ofPictures = pictures.flatMap(({ page }, i) =>
    editsOf(pages.length + i).length > 0 ? [page] : [],
  );
  const touched = pages.flatMap((_, page) => (editsOf(page).length > 0 ? [page] : []));
  const rasterised = new Set([...objected, ...ofPictures, ...(isStrict ? touched : [])]);
  if (rasterised.size > 0) bytes = await writePictures(read, bytes, rasterised, objected, editsOf);
  return { bytes, rasterised, widened: new Set([...failed, ...objected]), covers };
}

async function withCleanFonts(bytes: Uint8Array): Promise<Uint8Array> {
  const document = await loadDocument(bytes);
  cleanFonts(document, allFonts(document));
  return saveDocument(document);
}

async function writeByPdfium(
  bytes: Uint8Array,
  numbers: readonly number[],
  editsOf: (page: number) => Edit[],
): Promise<Uint8Array> {
  const document = await PdfiumDocument.open(await bakeForms(bytes));
  try {
    for (const page of numbers) {
      const edits = widened(document, page, readPageText(document, page), editsOf(page));
      // What it leaves is seen by the judge, and the page becomes a picture.
      redactPage(document, page, edits);
    }
    return document.save();
  } finally {
    document.close();
  }
}

/** Pages as pictures: of what was written, or, where that was objected to, of what there was. */
async function writePictures(
  { document, pages, pictures }: ReadPdf,
  bytes: Uint8Array,
  numbers: ReadonlySet<number>,
  objected: ReadonlySet<number>,
  editsOf: (part: number) => Edit[],
): Promise<Uint8Array> {
  const written = await PdfiumDocument.open(bytes);
  try {
    const target = await loadDocument(bytes);
    for (const page of numbers) {
      const source = objected.has(page) ? document : written;
      const text = objected.has(page) ? pages[page] : readPageText(written, page);
      if (!text) continue;
      const picture = pictureOf(source, page);
      source.closePage(page);
      const gone = objected.has(page) ? widened(document, page, text, editsOf(page)) : [];
      const holes = holesOf(document, page, text, gone, picture);
      const layer = wordsOfPage(source, page, text, gone);
      for (const [i, seen] of pictures.entries()) {
        if (seen.page !== page) continue;
        const own = editsOf(pages.length + i);
        for (const edit of own) {
          holes.push(
            ...editBoxes(seen.words, edit).map((box, line) => ({
              box,
              replacement: ofLine(edit.replacement, line),
            })),
          );
        }
        layer.push(...wordsOfPicture(seen, own));
      }
      await rasterisePage(target, page, picture, holes, layer);
    }
    cleanFonts(target, allFonts(target));
    return await saveDocument(target);
  } finally {
    written.close();
  }
}

function holesOf(
  document: PdfiumDocument,
  page: number,
  text: ReturnType<typeof readPageText>,
  edits: readonly Edit[],
  picture: Rendered,
): Hole[] {
  const places = placeCharacters(document, page, text, edits);
  return edits.flatMap(({ replacement }, i) =>
    lineBoxes(places[i] ?? [], 'loose').map((box, line) => ({
      box: pageToPixels(picture, box),
      replacement: ofLine(replacement, line),
    })),
  );
}

/** A stand-in stands once, on the first line of its value. */
function ofLine(replacement: string | null, line: number): string | null {
  return replacement === null || line === 0 ? replacement : '';
}
