/** The document as pdf-lib has it: opened, asked, written anew. */
import {
  PDFArray,
  PDFDict,
  PDFDocument,
  PDFName,
  PDFNumber,
  type PDFObject,
  PDFPageLeaf,
  PDFPageTree,
  PDFRef,
  PDFStream,
} from '@cantoo/pdf-lib';
import { Fault } from '../../../../../kernel/fault.ts';

/** Fault `unreadable_file` where its structure cannot be read. */
export async function loadDocument(bytes: Uint8Array): Promise<PDFDocument> {
  try {
    const document = await PDFDocument.load(bytes, { updateMetadata: false });
    namePages(document);
    return document;
  } catch (cause) {
    throw new Fault('unreadable_file', 'The PDF has a structure that cannot be read.', { cause });
  }
}

/** Levels of a tree of pages. */
const DEEPEST = 50;

/** What stands among the pages is one, whatever it calls itself: viewers show it. */
function namePages({ catalog, context }: PDFDocument): void {
  const seen = new Set<PDFDict>();
  const walk = (tree: PDFDict, depth: number): void => {
    if (seen.has(tree) || depth > DEEPEST) return;
    seen.add(tree);
    for (const ref of arrayOf(tree, 'Kids')?.asArray() ?? []) {
      const kid = context.lookup(ref);
      if (!(ref instanceof PDFRef) || !(kid instanceof PDFDict)) continue;
      const isTree = kid.has(PDFName.of('Kids'));
      const isNamed = isTree ? kid instanceof PDFPageTree : kid instanceof PDFPageLeaf;
      const page = isNamed
        ? kid
        : (isTree ? PDFPageTree : PDFPageLeaf).fromMapWithContext(kid.asMap(), context);
      if (!isNamed) {
        page.set(PDFName.of('Type'), PDFName.of(isTree ? 'Pages' : 'Page'));
        context.assign(ref, page);
      }
      if (isTree) walk(page, depth + 1);
    }
  };
  const pages = dictOf(catalog, 'Pages');
  if (pages) walk(pages, 0);
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
