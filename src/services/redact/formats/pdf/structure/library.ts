/** The document as pdf-lib has it: opened, asked, written anew. */
import {
  PDFArray,
  PDFDict,
  PDFDocument,
  PDFName,
  PDFNumber,
  type PDFObject,
  PDFRef,
  PDFStream,
} from '@cantoo/pdf-lib';
import { Fault } from '../../../../../kernel/fault.ts';

/** Fault `unreadable_file` where its structure cannot be read. */
export async function loadDocument(bytes: Uint8Array): Promise<PDFDocument> {
  try {
    return await PDFDocument.load(bytes, { updateMetadata: false });
  } catch (cause) {
    throw new Fault('unreadable_file', 'The PDF has a structure that cannot be read.', { cause });
  }
}

/** Writes what can be reached from the catalog, and nothing else: no orphan stays. */
export function saveDocument(document: PDFDocument): Promise<Uint8Array> {
  const { context } = document;
  const reached = new Set<PDFObject>();
  const kept = new Set<string>();
  const queue: (PDFObject | undefined)[] = [context.trailerInfo.Root];
  while (queue.length > 0) {
    const object = queue.pop();
    if (!object || reached.has(object)) continue;
    reached.add(object);
    if (object instanceof PDFRef) {
      kept.add(object.toString());
      queue.push(context.lookup(object));
    } else if (object instanceof PDFArray) {
      for (const item of object.asArray()) queue.push(item);
    } else if (object instanceof PDFDict) {
      for (const value of object.values()) queue.push(value);
    } else if (object instanceof PDFStream) {
      for (const value of object.dict.values()) queue.push(value);
    }
  }
  for (const [ref] of context.enumerateIndirectObjects()) {
    if (!kept.has(ref.toString())) context.delete(ref);
  }
  return document.save({
    useObjectStreams: false,
    addDefaultPage: false,
    updateFieldAppearances: false,
  });
}

/** The name that stands under this key. */
export function nameOf(dict: PDFDict, key: string): string | undefined {
  const value = dict.lookup(PDFName.of(key));
  return value instanceof PDFName ? value.decodeText() : undefined;
}

export function dictOf(dict: PDFDict, key: string): PDFDict | undefined {
  const value = dict.lookup(PDFName.of(key));
  return value instanceof PDFDict ? value : undefined;
}

export function arrayOf(dict: PDFDict, key: string): PDFArray | undefined {
  const value = dict.lookup(PDFName.of(key));
  return value instanceof PDFArray ? value : undefined;
}

export function numberOf(dict: PDFDict, key: string): number | undefined {
  const value = dict.lookup(PDFName.of(key));
  return value instanceof PDFNumber ? value.asNumber() : undefined;
}

export function numbersOf(dict: PDFDict, key: string, count: number): number[] | null {
  const array = arrayOf(dict, key);
  if (array?.size() !== count) return null;
  const numbers = Array.from({ length: count }, (_, i) => array.lookup(i));
  return numbers.every((n) => n instanceof PDFNumber)
    ? numbers.map((n) => (n as PDFNumber).asNumber())
    : null;
}

export function keepOnly(dict: PDFDict, kept: readonly string[]): void {
  for (const key of dict.keys()) if (!kept.includes(key.decodeText())) dict.delete(key);
}

export function drop(dict: PDFDict, ...keys: readonly string[]): void {
  for (const key of keys) dict.delete(PDFName.of(key));
}
