/**
 * Pictures in an office file: their words are read, what must go is blackened, and all are encoded
 * anew, so that nothing beside the pixels (EXIF, GPS, thumbnails) comes along. One that cannot be
 * looked into (a drawing of EMF or SVG, a film, a damaged file) is taken out.
 */
import { Fault } from '../../../../kernel/fault.ts';
import type { Edit, OpenDocument } from '../../document.ts';
import { comparePictures, pictureKindOf } from '../image/image.ts';
import { unpack, type ZipEntry } from './zip.ts';

/** A document within the document. */
export interface Inner {
  name: string;
  document: OpenDocument;
  /** Where its parts begin among all. */
  from: number;
}

export interface Pictures {
  read: Inner[];
  /** Names of those that are taken out. */
  unread: string[];
}

const PICTURE =
  /(?:^|\/)media\/|\.(?:png|jpe?g|jpe|jfif|webp|gif|tiff?|bmp|dib|ico|emf|wmf|emz|wmz|svg|wdp|jxr|eps|pct|avif|heic)$/i;

/** One white pixel, PNG: what stands where a picture was taken out. */
export const BLANK = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAADElEQVQI12P4//8/AAX+Av7czFnnAAAAAElFTkSuQmCC',
  'base64',
);

export function isPicture(name: string): boolean {
  return PICTURE.test(name);
}

/** `from`: how many parts there are before. */
export async function openPictures(entries: readonly ZipEntry[], from: number): Promise<Pictures> {
  const pictures: Pictures = { read: [], unread: [] };
  let next = from;
  for (const entry of entries) {
    const document = await openPicture(unpack(entry));
    if (!document) {
      pictures.unread.push(entry.name);
      continue;
    }
    pictures.read.push({ name: entry.name, document, from: next });
    next += document.parts.length;
  }
  return pictures;
}

async function openPicture(bytes: Uint8Array): Promise<OpenDocument | null> {
  try {
    return (await pictureKindOf(bytes)?.open(bytes, {})) ?? null;
  } catch (error) {
    if (error instanceof Fault) return null;
    throw error;
  }
}

/** The edits of this one, in its own counting. What goes from a picture is blackened. */
export function editsWithin(
  { document, from }: Inner,
  edits: readonly Edit[],
  mark: string | null,
): Edit[] {
  return edits
    .filter(({ part }) => part >= from && part < from + document.parts.length)
    .map((edit) => ({
      ...edit,
      part: edit.part - from,
      replacement: edit.replacement === mark ? null : edit.replacement,
    }));
}

/** Compares what was blackened with what is, picture by picture. */
export function judgePictures(
  before: readonly Inner[],
  edits: readonly Edit[],
  after: readonly Inner[],
  mark: string,
): string[] {
  const byName = new Map(after.map((inner) => [inner.name, inner.document]));
  return before.flatMap((inner) => {
    const again = byName.get(inner.name);
    if (!again) return ['a picture cannot be read any more'];
    return comparePictures(inner.document, editsWithin(inner, edits, mark), again);
  });
}
