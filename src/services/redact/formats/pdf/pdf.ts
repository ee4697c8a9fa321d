/**
 * PDF. Its pages are read by PDFium, the words beside them (bookmarks, links, fields, tags) as they
 * stand in its structure; so what is found is exactly what can be removed. The output is read again
 * as a new file, its raw streams and strings without any library, its pages compared with what was
 * meant and, in part, with what they looked like.
 */
import type {
  Edit,
  Finding,
  Format,
  OpenDocument,
  OpenOptions,
  Place,
  Reread,
} from '../../document.ts';
import { COVER, editedText, editsByPart } from '../edits.ts';
import type { Holder } from './attached.ts';
import { PdfiumDocument } from './engine.ts';
import { compareRenders, drawSample, type Sample } from './judge/compare.ts';
import { type Intended, judgePages, type Objection } from './judge/judge.ts';
import { editsOfPage, type OrderedText } from './order.ts';
import { type Box, lineBoxes, type PageText, placeCharacters, union } from './page-text.ts';
import { placeInPicture, showsIn } from './picture/pictures.ts';
import { boundedPageCount, type ReadPdf, readPdf, rereadPdf } from './read.ts';
import { rawStreams, rawStrings } from './streams.ts';
import { type WrittenPdf, writePdf } from './write.ts';

interface OpenPdf extends OpenDocument, Holder {
  read: ReadPdf;
  /** The last output: how its pages were written. */
  written: Omit<WrittenPdf, 'bytes'>;
  /** Of its pages, those that are looked at. */
  sample: Sample;
  /** Pages that the judge has objected to. */
  objected: Set<number>;
}

interface RereadPdf
  extends Reread,
    Pick<ReadPdf, 'document' | 'pages' | 'pictures' | 'words' | 'attachments'> {}

export const pdf: Format = {
  kind: 'pdf',
  mediaType: 'application/pdf',
  extension: 'pdf',
  mark: null,
  open: openPdf,
  reread: openAgain,
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
  const read = await readPdf(bytes, options);
  const { document, pages, pictures, parts, removed, attachments } = read;
  const objected = new Set<number>();
  const isStrict = options.strict ?? false;
  const write = async (edits: readonly Edit[], onProgress?: OpenOptions['onProgress']) => {
    const writing = { edits, isStrict, objected, onProgress };
    const { bytes: output, ...written } = await writePdf(read, writing);
    open.written = written;
    open.sample = drawSample(read, intendedOf(open, edits));
    // Verifying opens as many pages again.
    document.closePages();
    return output;
  };
  const open: OpenPdf = {
    ...{ read, attachments, parts, pageCount: pages.length, removed, objected, write },
    written: { rasterised: new Set(), widened: new Set(), covers: new Map() },
    sample: { touched: 0, lines: new Map() },
    locate(part, start, end) {
      const again = secondReading(read, part);
      if (again) {
        const [first] = editsOfPage(again, { part, start, end, replacement: null });
        return first
          ? placeOf(document, first.part, pages[first.part], first.start, first.end)
          : {};
      }
      const seen = pictures[part - pages.length];
      if (seen) return placeInPicture(seen, start, end);
      return placeOf(document, part, pages[part], start, end);
    },
    async writeAgain(edits) {
      if (objected.size === 0) for (const page of touchedPages(read, edits)) objected.add(page);
      return write(edits);
    },
    distinct: (findings) => withoutFoundAgain(read, findings),
    // What was found in a second reading goes from the page itself.
    spread: (edits) => edits.flatMap((edit) => inPage(read, edit)),
    close: () => document.close(),
  };
  return open;
}

function inPage(read: ReadPdf, edit: Edit): Edit[] {
  const again = secondReading(read, edit.part);
  return again ? editsOfPage(again, edit) : [edit];
}

function secondReading({ ordered, parts }: ReadPdf, part: number): OrderedText | undefined {
  return ordered[part - (parts.length - ordered.length)];
}

function withoutFoundAgain(read: ReadPdf, findings: Finding[]): Finding[] {
  if (read.ordered.length === 0) return findings;
  const known = new Map<number, Finding[]>();
  for (const finding of findings) {
    if (finding.part >= read.pages.length) continue;
    known.set(finding.part, [...(known.get(finding.part) ?? []), finding]);
  }
  return findings.filter((finding) => {
    const again = secondReading(read, finding.part);
    if (!again) return true;
    const { start, end, part } = finding;
    return !editsOfPage(again, { part, start, end, replacement: null }).every((piece) =>
      known.get(piece.part)?.some((one) => one.start <= piece.start && one.end >= piece.end),
    );
  });
}

function touchedPages({ pages, pictures }: ReadPdf, edits: readonly Edit[]): number[] {
  return [...new Set(edits.map(({ part }) => part))].flatMap((part) => {
    if (part < pages.length) return [part];
    const picture = pictures[part - pages.length];
    return picture ? [picture.page] : [];
  });
}

async function openAgain(bytes: Uint8Array, options: OpenOptions = {}): Promise<RereadPdf> {
  const read = await rereadPdf(bytes, options);
  const texts = [...read.parts.map(({ text }) => text), rawStrings(bytes)];
  const examined = [
    ...['page text', 'words read in pictures', 'raw streams and strings'],
    ...(read.words.length > 0 ? ['bookmarks, links, notes, fields, tags'] : []),
  ];
  return {
    ...{ ...read, texts, streams: [...rawStreams(bytes)], examined, notExamined: [] },
    close: () => read.document.close(),
  };
}

function judge(before: OpenPdf, edits: readonly Edit[], after: RereadPdf): string[] {
  const intended = intendedOf(before, edits);
  const { touched, lines } = before.sample;
  const { size } = intended.rasterised;
  before.compared = [
    `looks of ${lines.size} of ${touched} touched page(s)`,
    ...(size > 0 ? [`${size} page(s) as pictures`] : []),
  ];
  const objections: Objection[] = [
    ...judgePages(intended, after.pages),
    ...judgePictures(before, intended, after),
    ...compareRenders(before.read, intended, before.sample, after),
    ...judgeWords(before, edits, after),
  ];
  for (const { page } of objections) if (page !== undefined) before.objected.add(page);
  return objections.map(({ text }) => text);
}

function intendedOf({ read, written }: OpenPdf, edits: readonly Edit[]): Intended {
  const { pages, pictures } = read;
  const byPart = editsByPart(edits);
  const seen = new Map<number, { text: string; edits: readonly Edit[] }[]>();
  for (const [i, { page, words }] of pictures.entries()) {
    const own = { text: words.text, edits: byPart.get(pages.length + i) ?? [] };
    seen.set(page, [...(seen.get(page) ?? []), own]);
  }
  return { ...written, pages, seen, editsOf: (page) => byPart.get(page) ?? [] };
}

/** What was blackened must not be read in its place. */
function judgePictures({ read }: OpenPdf, { seen }: Intended, after: RereadPdf): Objection[] {
  return read.pictures.flatMap((picture) => {
    const { page } = picture;
    const own = (seen.get(page) ?? []).flatMap(({ edits }) => edits);
    const again = after.pictures.find((other) => other.page === page);
    return own.length > 0 && showsIn(picture, own, again)
      ? [{ page, text: `page ${page + 1} still shows a word in a box` }]
      : [];
  });
}

/** Beside the pages there is nothing that was not there, or was not meant. */
function judgeWords({ read }: OpenPdf, edits: readonly Edit[], after: RereadPdf): Objection[] {
  const byPart = editsByPart(edits);
  const first = read.pages.length + read.pictures.length;
  const expected = new Set(
    read.words.map(({ text }, i) => {
      const own = byPart.get(first + i) ?? [];
      return editedText(
        text,
        own.map((edit) => ({ ...edit, replacement: edit.replacement ?? COVER })),
      );
    }),
  );
  const strange = after.words.filter(({ text }) => !expected.has(text));
  return strange.length > 0 ? [{ text: `${strange.length} string(s) are not as intended` }] : [];
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
