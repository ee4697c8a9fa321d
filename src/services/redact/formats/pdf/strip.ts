/**
 * Takes out of a PDF what is not its pages: information, XMP, names, attachments, outlines, forms,
 * annotations, tags, scripts, thumbnails, private data of programs. Annotations and fields have been
 * made part of the page before, so that what was seen is still seen (and read, and redacted).
 */
import {
  decodePDFRawStream,
  PDFArray,
  type PDFContext,
  PDFDict,
  PDFDocument,
  PDFName,
  PDFNumber,
  type PDFObject,
  PDFRawStream,
  PDFRef,
  PDFStream,
  PDFString,
} from '@cantoo/pdf-lib';
import { Fault } from '../../../../kernel/fault.ts';
import { withoutReplacementTexts } from './content/rewrite.ts';

const KEPT_IN_CATALOG = ['Type', 'Pages', 'Version', 'Lang', 'PageLayout', 'OCProperties'];
const KEPT_IN_PAGE = [
  ...['Type', 'Parent', 'Kids', 'Count', 'Resources', 'MediaBox', 'CropBox', 'BleedBox', 'TrimBox'],
  ...['ArtBox', 'Rotate', 'Contents', 'Group', 'UserUnit'],
];
/** In whatever object they stand. */
const DROPPED_ANYWHERE = [
  ...[
    'Metadata',
    'PieceInfo',
    'LastModified',
    'AF',
    'OPI',
    'Thumb',
    'StructParent',
    'StructParents',
  ],
  ...['Alternates', 'Measure', 'PtData', 'AA', 'ActualText', 'Alt'],
];
/** Of dictionaries within an object; indirect ones are objects of their own. */
const DEEPEST = 8;

export function hasAnnotations(document: PDFDocument): boolean {
  return document.getPages().some(({ node }) => (node.Annots()?.size() ?? 0) > 0);
}

/** Takes all that out of the document. */
export function stripDocument(document: PDFDocument): PDFDocument {
  const { context, catalog } = document;
  keepOnly(catalog, KEPT_IN_CATALOG);
  context.trailerInfo.Info = undefined;
  context.trailerInfo.ID = undefined;
  for (const [, object] of context.enumerateIndirectObjects()) cleanObject(object);
  ownResources(document);
  dropReplacementTexts(document);
  return document;
}

/**
 * Marked content may say in other words what is painted, and readers then believe it instead of
 * what they see: it goes first, so that what is read and redacted is what is painted.
 */
function dropReplacementTexts({ context }: PDFDocument): void {
  for (const [ref, object] of context.enumerateIndirectObjects()) {
    if (!(object instanceof PDFRawStream) || !isContent(object.dict)) continue;
    const content = contentOfStream(object);
    if (!content?.includes('/ActualText') && !content?.includes('/Alt')) continue;
    const cleaned = context.flateStream(withoutReplacementTexts(content));
    for (const [key, value] of object.dict.entries()) {
      if (!['Filter', 'DecodeParms', 'Length'].includes(key.decodeText()))
        cleaned.dict.set(key, value);
    }
    context.assign(ref, cleaned);
  }
}

/** Contents of pages have no type; images, fonts and the like do. */
function isContent(dict: PDFDict): boolean {
  const subtype = nameOf(dict, 'Subtype');
  return subtype === 'Form' || (subtype === undefined && nameOf(dict, 'Type') === undefined);
}

function contentOfStream(stream: PDFRawStream): Buffer | null {
  try {
    return Buffer.from(decodePDFRawStream(stream).decode());
  } catch {
    return null;
  }
}

/** Each page gets the resources that it inherits, so that what it no longer uses can go. */
function ownResources(document: PDFDocument): void {
  const resources = PDFName.of('Resources');
  for (const { node } of document.getPages()) {
    const inherited = node.getInheritableAttribute(resources);
    if (inherited && !node.has(resources)) node.set(resources, inherited);
  }
  for (const [, object] of document.context.enumerateIndirectObjects()) {
    if (object instanceof PDFDict && nameOf(object, 'Type') === 'Pages') object.delete(resources);
  }
}

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
    } else if (object instanceof PDFArray) queue.push(...object.asArray());
    else if (object instanceof PDFDict) queue.push(...object.values());
    else if (object instanceof PDFStream) queue.push(...object.dict.values());
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

/** Moves the matrices of forms into their content: PDFium would apply them twice when it writes. */
export async function bakeForms(bytes: Uint8Array): Promise<Uint8Array> {
  const document = await loadDocument(bytes);
  for (const [, object] of document.context.enumerateIndirectObjects()) {
    if (object instanceof PDFRawStream && nameOf(object.dict, 'Subtype') === 'Form') {
      bakeMatrix(document.context, object);
    }
  }
  return saveDocument(document);
}

function cleanObject(object: PDFObject, depth = 0): void {
  const dict = object instanceof PDFStream ? object.dict : object;
  if (dict instanceof PDFArray && depth < DEEPEST) {
    for (const item of dict.asArray()) cleanObject(item, depth + 1);
  }
  if (!(dict instanceof PDFDict)) return;
  for (const key of DROPPED_ANYWHERE) dict.delete(PDFName.of(key));
  if (depth < DEEPEST) for (const value of dict.values()) cleanObject(value, depth + 1);
  const type = nameOf(dict, 'Type');
  if (type === 'Page' || type === 'Pages') keepOnly(dict, KEPT_IN_PAGE);
  if (type === 'OCG' || type === 'OCMD') dict.set(PDFName.of('Name'), PDFString.of('Layer'));
}

function keepOnly(dict: PDFDict, kept: readonly string[]): void {
  for (const key of dict.keys()) if (!kept.includes(key.decodeText())) dict.delete(key);
}

function nameOf(dict: PDFDict, key: string): string | undefined {
  const value = dict.get(PDFName.of(key));
  return value instanceof PDFName ? value.decodeText() : undefined;
}

type Matrix = [number, number, number, number, number, number];

/** PDFium applies a form's matrix twice when it writes a page anew: so the content carries it. */
function bakeMatrix(context: PDFContext, form: PDFRawStream): void {
  const matrix = numbersOf(form.dict, 'Matrix', 6) as Matrix | null;
  const box = numbersOf(form.dict, 'BBox', 4);
  if (!matrix || !box || matrix.join() === '1,0,0,1,0,0') return;
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = box;
  const content = decodePDFRawStream(form).decode();
  const head = `q ${matrix.join(' ')} cm ${x1} ${y1} ${x2 - x1} ${y2 - y1} re W n\n`;
  const corners = [
    [x1, y1],
    [x1, y2],
    [x2, y1],
    [x2, y2],
  ].map(([x = 0, y = 0]) => apply(matrix, x, y));
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  const outer = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  const baked = Buffer.concat([Buffer.from(head), content, Buffer.from('\nQ')]);
  form.dict.delete(PDFName.of('Filter'));
  form.dict.delete(PDFName.of('DecodeParms'));
  form.dict.delete(PDFName.of('Matrix'));
  form.dict.set(PDFName.of('BBox'), context.obj(outer));
  (form as { contents: Uint8Array }).contents = baked;
}

function apply([a, b, c, d, e, f]: Matrix, x: number, y: number): [number, number] {
  return [a * x + c * y + e, b * x + d * y + f];
}

function numbersOf(dict: PDFDict, key: string, count: number): number[] | null {
  const array = dict.lookup(PDFName.of(key));
  if (!(array instanceof PDFArray) || array.size() !== count) return null;
  const numbers = Array.from({ length: count }, (_, i) => array.lookup(i));
  return numbers.every((n) => n instanceof PDFNumber)
    ? numbers.map((n) => (n as PDFNumber).asNumber())
    : null;
}
