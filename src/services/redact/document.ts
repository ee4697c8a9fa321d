/**
 * The words that all rooms of Redact share: what a document is once it is open, what is found in it
 * and what is to be done to it. Offsets are UTF-16 units in the text of one part.
 */
import type { EntityType } from './detect/entities.ts';
import type { FrameworkId } from './frameworks/frameworks.ts';

/** A piece of a document with a text of its own: a page, a sheet, the notes of a slide. */
export interface TextPart {
  /** From 1; parts of one page share it. */
  pageNumber: number;
  /** Name of the part where a page number does not say enough, e.g. `comments` or a sheet's name. */
  part?: string;
  text: string;
  /** Lines end where the paper ends: a value may go on in the next. */
  isWrapped?: boolean;
  /** Names in it are of things, such as typefaces. */
  hasNoPeople?: boolean;
  /** Words that lie elsewhere but say what stands here: the heading of a column, a field's name. */
  contextAt?(index: number): string;
}

/** Something sensitive that was found. Never leaves the process with its `text`. */
export interface Finding {
  type: EntityType;
  /** 0 to 1. */
  confidence: number;
  /** Index into the document's parts. */
  part: number;
  start: number;
  end: number;
  text: string;
}

export interface Location {
  startIndex: number;
  endIndex: number;
  pageNumber: number;
  /** In points, from the page's lower left corner. */
  bbox?: { x: number; y: number; width: number; height: number };
  part?: string;
  cell?: string;
}

/** What shall stand in place of a stretch of text; null takes it away. */
export interface Edit {
  part: number;
  start: number;
  end: number;
  replacement: string | null;
}

export type Place = Pick<Location, 'bbox' | 'cell'>;

/** A document, read. Holds memory outside of the heap in some kinds: `close` it. */
export interface OpenDocument {
  parts: TextPart[];
  /** What is billed: pages, sheets, slides, images, or 3,000 characters of plain text. */
  pageCount: number;
  /** Where a stretch lies, for kinds that have places. */
  locate?(part: number, start: number, end: number): Place;
  /** Findings without those that a second reading of the same letters has only found again. */
  distinct?(findings: Finding[]): Finding[];
  /** These edits, and those that come with them where a text stands in several places. */
  spread?(edits: readonly Edit[]): Edit[];
  write(edits: readonly Edit[], onProgress?: OpenOptions['onProgress']): Promise<Uint8Array>;
  /** The same by a way that spares less, after an objection; absent where there is none. */
  writeAgain?(edits: readonly Edit[]): Promise<Uint8Array>;
  /** What judging has compared beside the text, for the certificate. */
  compared?: readonly string[];
  /** What writing takes out whole, without anybody looking into it: `2 attachment(s)`. */
  removed?: readonly string[];
  close(): void;
}

/** The output as a reader sees it that shares no code with the writer. */
export interface Reread {
  /** As `open` would read them: scanned again. */
  parts: TextPart[];
  /** The same by another route: searched. */
  texts: string[];
  /** Everything that the file holds, decompressed: searched byte by byte. */
  streams: Uint8Array[];
  /** What was looked at, for the certificate, */
  examined: string[];
  /** and what was not: `3 pictures`. */
  notExamined: string[];
  /** Lets go of what is held outside of the heap. */
  close?(): void;
}

export interface OpenOptions {
  password?: string;
  /** Where something goes, nothing but pixels stays of the page. */
  strict?: boolean;
  /** How many documents it lies within. */
  depth?: number;
  onProgress?: (progress: Progress) => void;
}

export interface Format {
  kind: string;
  mediaType: string;
  /** Of the file that is given out, without the dot. */
  extension: string;
  /** What stands where something was taken away; null where the format covers the place itself. */
  mark: string | null;
  open(bytes: Uint8Array, options: OpenOptions): Promise<OpenDocument>;
  reread(bytes: Uint8Array, options?: Pick<OpenOptions, 'onProgress'>): Promise<Reread>;
  /**
   * Compares the output with what was meant, by position: says what was left behind and what was
   * touched that should not have been. Empty where all is well.
   */
  judge(before: OpenDocument, edits: readonly Edit[], after: Reread): string[];
  /** Pages, where that is cheaper than opening. */
  countPages?(bytes: Uint8Array, options: OpenOptions): Promise<number>;
}

export interface Progress {
  /** Steps done, of how many: a page is one, or several. */
  done: number;
  total: number;
}

export const METHODS = ['redact', 'anonymize'] as const;
export type Method = (typeof METHODS)[number];
export const STYLES = ['label', 'realistic'] as const;
export type Style = (typeof STYLES)[number];

export interface Options {
  framework?: FrameworkId;
  method?: Method;
  /** How stand-ins look; only for `anonymize`. */
  style?: Style;
  /** 0 to 1; default: the framework's own thresholds. */
  minConfidence?: number;
  /** Look for these types only. */
  entities?: readonly string[];
  /** Types that stay. */
  exclude?: readonly string[];
  /** Words of the caller's own: as they are, or `/pattern/`. */
  terms?: readonly string[];
  /** Language of the document, ISO 639-1. */
  language?: string;
  /** Of an encrypted document. */
  password?: string;
  /** PDF: every page from which something goes becomes a picture, with a text of what stays. */
  strict?: boolean;
  onProgress?: (progress: Progress) => void;
}
