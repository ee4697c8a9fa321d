/**
 * Words that a PDF says beside its pages: titles of bookmarks, addresses of links, values and names
 * of fields, remarks, alternative texts of tags, names of layers and places. Each is read like a part
 * of the document, and rewritten where it stands.
 */
import {
  PDFArray,
  PDFDict,
  type PDFDocument,
  PDFHexString,
  PDFName,
  type PDFObject,
  type PDFPage,
  PDFRef,
  PDFStream,
  PDFString,
} from '@cantoo/pdf-lib';
import { annotationsOf, removeAnnotation } from './annotations.ts';
import { arrayOf, dictOf, nameOf } from './library.ts';

export interface Words {
  /** What kind of thing says it: `bookmark`, `link`, `note`, `field`, `tag`, `layer`, `document`. */
  part: string;
  /** From 0. */
  page: number;
  text: string;
  /** Says something else in its place. */
  rewrite(text: string): void;
}

/** Fonts, contents and looks say nothing to a reader; pages and parents are somewhere else. */
const NOT_FOLLOWED = new Set([
  ...['P', 'Parent', 'Pg', 'Popup', 'IRT', 'AP', 'Resources', 'DR', 'Contents', 'ColorSpace', 'CS'],
  ...['Prev', 'Last', 'ParentTree', 'DestOutputProfile', 'Obj', 'Page', 'Dest', 'D', 'Limits'],
]);
/** Technical words: appearance strings, languages, times, how a colour profile is called. */
const NOT_READ = new Set([
  'DA',
  'DS',
  'Lang',
  'M',
  'CreationDate',
  'ModDate',
  'ID',
  'RegistryName',
]);
/** More are a hostile file. */
const MOST_WORDS = 200_000;

/** All of them, in a fixed order. */
export function wordsOf(document: PDFDocument): Words[] {
  const { catalog } = document;
  const reader = new Reader();
  const pages = document.getPages();
  for (const [page, node] of pages.entries()) {
    for (const [item, annotation] of annotationsOf(node)) {
      reader.readAnnotation(document, node, page, item, annotation);
    }
  }
  const form = dictOf(catalog, 'AcroForm');
  if (form) reader.read(form, 'field', 0);
  const trees = [
    ...(['Outlines', 'StructTreeRoot', 'OCProperties', 'PageLabels', 'OutputIntents'] as const),
  ];
  const parts = ['bookmark', 'tag', 'layer', 'document', 'document'];
  for (const [i, key] of trees.entries()) {
    reader.read(catalog.lookup(PDFName.of(key)), parts[i] ?? 'document', 0);
  }
  reader.readPlaces(catalog);
  return reader.words;
}

class Reader {
  readonly words: Words[] = [];
  private readonly seen = new Set<PDFObject>();

  readAnnotation(
    document: PDFDocument,
    node: PDFPage,
    page: number,
    item: PDFObject,
    annotation: PDFDict,
  ): void {
    const kind = nameOf(annotation, 'Subtype');
    const part = kind === 'Link' ? 'link' : kind === 'Widget' ? 'field' : 'note';
    const action = dictOf(annotation, 'A');
    const address = action?.lookup(PDFName.of('URI'));
    if (action && isText(address) && !this.seen.has(action)) {
      this.seen.add(action);
      // An address with a hole leads nowhere: the link goes.
      const rewrite = () => removeAnnotation(document, node, item);
      this.add({ part: 'link', page, text: unescaped(address.decodeText()), rewrite });
    }
    this.read(annotation, part, page);
  }

  /** Everything below, without recursion: bookmarks are a list of any length. */
  read(root: PDFObject | undefined, part: string, page: number): void {
    const stack: (PDFObject | undefined)[] = [root];
    while (stack.length > 0) {
      const given = stack.pop();
      const object = given instanceof PDFRef ? undefined : given;
      if (!object || this.seen.has(object)) continue;
      if (object instanceof PDFDict || object instanceof PDFArray) this.seen.add(object);
      if (object instanceof PDFDict) stack.push(...this.readDict(object, part, page).reverse());
      else if (object instanceof PDFArray)
        stack.push(...this.readArray(object, part, page).reverse());
    }
  }

  private readDict(dict: PDFDict, part: string, page: number): PDFObject[] {
    const type = nameOf(dict, 'Type');
    if (type === 'Page' || type === 'Pages' || type === 'Font') return [];
    const below: PDFObject[] = [];
    for (const key of dict.keys()) {
      const name = key.decodeText();
      const value = dict.lookup(key);
      if (isText(value)) {
        if (NOT_READ.has(name)) continue;
        const isAddress = name === 'URI';
        const text = isAddress ? unescaped(value.decodeText()) : value.decodeText();
        const rewrite = (other: string) =>
          isAddress ? dict.delete(key) : dict.set(key, PDFHexString.fromText(other));
        this.add({ part, page, text, rewrite });
      } else if (!NOT_FOLLOWED.has(name) && value && !(value instanceof PDFStream))
        below.push(value);
      else if (name === 'Dest' || name === 'D') this.readPlace(dict, key, value, part, page);
    }
    return below;
  }

  private readArray(array: PDFArray, part: string, page: number): PDFObject[] {
    const below: PDFObject[] = [];
    for (let i = 0; i < array.size(); i++) {
      const value = array.lookup(i);
      if (isText(value)) {
        const rewrite = (text: string) => array.set(i, PDFHexString.fromText(text));
        this.add({ part, page, text: value.decodeText(), rewrite });
      } else if (value && !(value instanceof PDFStream)) below.push(value);
    }
    return below;
  }

  /** A place may be called by a name that is no string (PDF 1.1). */
  private readPlace(
    dict: PDFDict,
    key: PDFName,
    value: PDFObject | undefined,
    part: string,
    page: number,
  ): void {
    if (value instanceof PDFDict) this.read(value, part, page);
    if (!(value instanceof PDFName)) return;
    this.add({ part, page, text: value.decodeText(), rewrite: () => dict.delete(key) });
  }

  /** Names of places, with those that a tree repeats to find its way. */
  readPlaces(catalog: PDFDict): void {
    const old = dictOf(catalog, 'Dests');
    for (const key of old?.keys() ?? []) {
      const rewrite = () => old?.delete(key);
      this.add({ part: 'document', page: 0, text: key.decodeText(), rewrite });
    }
    const names = dictOf(catalog, 'Names');
    const stack = names ? [dictOf(names, 'Dests')] : [];
    for (let left = MOST_WORDS; stack.length > 0 && left > 0; left--) {
      const node = stack.pop();
      if (!node || this.seen.has(node)) continue;
      this.seen.add(node);
      for (const key of ['Names', 'Limits']) this.readStrings(arrayOf(node, key));
      const kids = arrayOf(node, 'Kids');
      for (let i = 0; i < (kids?.size() ?? 0); i++) {
        const kid = kids?.lookup(i);
        if (kid instanceof PDFDict) stack.push(kid);
      }
    }
  }

  private readStrings(array: PDFArray | undefined): void {
    for (let i = 0; i < (array?.size() ?? 0); i++) {
      const value = array?.lookup(i);
      if (!isText(value)) continue;
      const rewrite = (text: string) => array?.set(i, PDFHexString.fromText(text));
      this.add({ part: 'document', page: 0, text: value.decodeText(), rewrite });
    }
  }

  private add(words: Words): void {
    if (words.text.trim() !== '' && this.words.length < MOST_WORDS) this.words.push(words);
  }
}

function isText(object: PDFObject | undefined): object is PDFString | PDFHexString {
  return object instanceof PDFString || object instanceof PDFHexString;
}

/** `%40` is an at sign to whoever follows the link. */
function unescaped(address: string): string {
  try {
    return decodeURIComponent(address);
  } catch {
    return address;
  }
}
