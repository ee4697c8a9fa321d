/**
 * Earlier revisions: a PDF that was changed by appending still holds what it was before. Each is
 * opened as the whole file that it once was, and its words are compared with those of today.
 */
import { PdfiumDocument } from '../formats/pdf/engine.ts';
import { readPageText } from '../formats/pdf/page-text.ts';

export interface LostWords {
  page: number;
  text: string;
}

const END = '%%EOF';
const MOST_REVISIONS = 12;
const MOST_PAGES = 500;
const MOST_WORDS = 40;

/** How often the file was changed by appending, and what the earlier ones say that it does not. */
export async function earlierRevisions(
  bytes: Uint8Array,
  current: PdfiumDocument,
): Promise<{ count: number; lost: LostWords[]; isWhole: boolean }> {
  const ends = endsOf(bytes);
  const earlier = ends.slice(0, -1).slice(-MOST_REVISIONS);
  if (earlier.length === 0) return { count: 0, lost: [], isWhole: true };
  const now = new Set([...pageWords(current)].flatMap(({ words }) => words));
  const lost = new Map<string, LostWords>();
  for (const end of earlier) {
    for (const { page, words } of await wordsUntil(bytes, end)) {
      const gone = [...new Set(words)].filter((word) => !now.has(word)).slice(0, MOST_WORDS);
      if (gone.length > 0) lost.set(`${page}`, { page, text: gone.join(' ') });
    }
  }
  return {
    count: ends.length - 1,
    lost: [...lost.values()],
    isWhole: ends.length <= MOST_REVISIONS,
  };
}

function endsOf(bytes: Uint8Array): number[] {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ends: number[] = [];
  for (let at = file.indexOf(END); at >= 0; at = file.indexOf(END, at + END.length)) {
    ends.push(at + END.length);
  }
  return ends;
}

async function wordsUntil(bytes: Uint8Array, end: number) {
  try {
    const document = await PdfiumDocument.open(bytes.subarray(0, end));
    try {
      return [...pageWords(document)];
    } finally {
      document.close();
    }
  } catch {
    // The first part of a file made for the web ends so, too, and is no document by itself.
    return [];
  }
}

function* pageWords(document: PdfiumDocument): Generator<{ page: number; words: string[] }> {
  for (let page = 0; page < Math.min(document.pageCount, MOST_PAGES); page++) {
    const { text } = readPageText(document, page);
    yield { page, words: text.match(/[\p{L}\p{N}][\p{L}\p{N}.@'-]*/gu) ?? [] };
  }
}
