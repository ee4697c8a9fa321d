/**
 * Files within a PDF: taken out of wherever they hang (the document's list, a mark on a page, a part
 * that they belong to), and put back into the one list that every reader shows (ISO 32000-1, 7.11.4).
 */
import {
  PDFArray,
  PDFDict,
  type PDFDocument,
  PDFHexString,
  PDFName,
  type PDFObject,
  PDFRawStream,
  PDFString,
} from '@cantoo/pdf-lib';
import { contentsOf, flateStream } from './flate.ts';
import { dictOf, nameOf } from './library.ts';

export interface AttachedFile {
  name: string;
  description: string;
  bytes: Uint8Array;
}

export interface Attachments {
  files: AttachedFile[];
  /** How many there are that cannot be taken out: broken, too large, too many. */
  unread: number;
}

const MOST_FILES = 100;
const MOST_BYTES = 100 * 1024 * 1024;
/** Of dictionaries within an object. */
const DEEPEST = 8;

/** Each once, in the order of the file's objects. */
export function attachmentsIn({ context }: PDFDocument): Attachments {
  const found: Attachments = { files: [], unread: 0 };
  const seen = new Set<PDFObject>();
  const objects = context.enumerateIndirectObjects();
  let left = MOST_BYTES;
  for (const [, object] of objects) {
    for (const { spec, stream } of filesIn(object)) {
      if (seen.has(stream)) continue;
      seen.add(stream);
      const bytes = found.files.length < MOST_FILES ? bytesOf(stream, left) : null;
      if (!bytes) {
        found.unread++;
        continue;
      }
      left -= bytes.length;
      found.files.push({ name: nameOfFile(spec), description: textOf(spec, 'Desc'), bytes });
    }
  }
  // Some hang nowhere.
  for (const [, object] of objects) {
    if (!(object instanceof PDFRawStream) || seen.has(object)) continue;
    if (nameOf(object.dict, 'Type') === 'EmbeddedFile') found.unread++;
  }
  return found;
}

interface FoundFile {
  spec: PDFDict;
  stream: PDFRawStream;
}

function filesIn(object: PDFObject | undefined, depth = 0): FoundFile[] {
  if (depth > DEEPEST) return [];
  if (object instanceof PDFArray) {
    return object.asArray().flatMap((item) => filesIn(item, depth + 1));
  }
  const dict = object instanceof PDFRawStream ? object.dict : object;
  if (!(dict instanceof PDFDict)) return [];
  const files = dictOf(dict, 'EF');
  // The same file for several systems, usually; where not, each counts.
  const own = (files?.keys() ?? []).flatMap((key) => {
    const stream = files?.lookup(key);
    return stream instanceof PDFRawStream ? [{ spec: dict, stream }] : [];
  });
  return [...own, ...dict.values().flatMap((value) => filesIn(value, depth + 1))];
}

function bytesOf(stream: PDFRawStream, mostBytes: number): Uint8Array | null {
  try {
    const bytes = contentsOf(stream);
    return bytes.length <= mostBytes ? bytes : null;
  } catch {
    return null;
  }
}

/** Without the folders that it once lay in. */
function nameOfFile(spec: PDFDict): string {
  const name = textOf(spec, 'UF') || textOf(spec, 'F');
  return name.replace(/^.*[/\\:]/s, '').trim();
}

function textOf(dict: PDFDict, key: string): string {
  const value = dict.lookup(PDFName.of(key));
  return value instanceof PDFString || value instanceof PDFHexString ? value.decodeText() : '';
}

/** Lists these files in the document, in this order. */
export function attachFiles(
  { context, catalog }: PDFDocument,
  files: readonly AttachedFile[],
): void {
  const list = files.flatMap(({ name, description, bytes }, i) => {
    const stream = flateStream(context, bytes);
    stream.dict.set(PDFName.of('Type'), PDFName.of('EmbeddedFile'));
    stream.dict.set(PDFName.of('Params'), context.obj({ Size: bytes.length }));
    const file = context.register(stream);
    const spec = context.obj({
      ...{ Type: 'Filespec', F: PDFHexString.fromText(name), UF: PDFHexString.fromText(name) },
      EF: { F: file, UF: file },
      ...(description === '' ? {} : { Desc: PDFHexString.fromText(description) }),
    });
    // Keys of a tree are in order.
    const key = PDFHexString.fromText(String(i + 1).padStart(4, '0'));
    return [key, context.register(spec)];
  });
  const names = dictOf(catalog, 'Names') ?? context.obj({});
  names.set(PDFName.of('EmbeddedFiles'), context.obj({ Names: list }));
  catalog.set(PDFName.of('Names'), names);
}
