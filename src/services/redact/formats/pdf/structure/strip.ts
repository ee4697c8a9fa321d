/**
 * Takes out of a PDF what goes whatever it says: information, XMP, embedded files, scripts, actions that
 * leave the document, form data beside the form (XFA), signatures, thumbnails, private data of
 * programs, appearances that nobody sees. Links, bookmarks, fields, tags, layers and named places
 * stay; their words are read like those of the pages.
 */
import {
  PDFArray,
  PDFDict,
  type PDFDocument,
  PDFHexString,
  PDFName,
  type PDFObject,
  PDFStream,
  PDFString,
} from '@cantoo/pdf-lib';
import { cleanAnnotations } from './annotations.ts';
import { cleanStreams } from './clean-streams.ts';
import { dropReplacementTexts, ownResources } from './contents.ts';
import { arrayOf, dictOf, drop, keepOnly, nameOf } from './library.ts';

const KEPT_IN_CATALOG = [
  ...['Type', 'Pages', 'Version', 'Extensions', 'Lang', 'PageLayout', 'PageMode', 'OCProperties'],
  ...['Outlines', 'AcroForm', 'Names', 'Dests', 'PageLabels', 'StructTreeRoot', 'MarkInfo'],
  ...['ViewerPreferences', 'OpenAction', 'OutputIntents'],
];
const KEPT_IN_PAGE = [
  ...['Type', 'Parent', 'Kids', 'Count', 'Resources', 'MediaBox', 'CropBox', 'BleedBox', 'TrimBox'],
  ...['ArtBox', 'Rotate', 'Contents', 'Group', 'UserUnit', 'Annots', 'StructParents', 'Tabs'],
  ...['Dur', 'Trans'],
];
/** ISO 32000-2, table 34. */
const KEPT_IN_RESOURCES = [
  ...['ExtGState', 'ColorSpace', 'Pattern', 'Shading', 'XObject', 'Font', 'ProcSet', 'Properties'],
];
const KEPT_IN_FORM = ['Fields', 'DR', 'DA', 'Q'];
/** In whatever object they stand. */
const DROPPED_ANYWHERE = [
  ...['Metadata', 'PieceInfo', 'LastModified', 'AF', 'OPI', 'Thumb', 'Alternates', 'Measure'],
  ...['PtData', 'AA', 'JS', 'RC', 'RV', 'XFA', 'EF', 'RF', 'Private'],
];
/** Other words for what is painted, outside of the tags: readers believe them instead. */
const REPLACEMENTS = ['ActualText', 'Alt', 'E'];
/** Those that stay within the document or say where they lead. */
const KEPT_ACTIONS = new Set(['GoTo', 'GoToR', 'Named', 'URI']);
/** Of dictionaries within an object; indirect ones are objects of their own. */
const DEEPEST = 8;

/** Takes all that out of the document; says what went without anybody looking into it. */
export function stripDocument(document: PDFDocument): string[] {
  const { context, catalog } = document;
  const scripts = dictOf(catalog, 'Names')?.has(PDFName.of('JavaScript'));
  const removed = scripts ? ['scripts'] : [];
  keepOnly(catalog, KEPT_IN_CATALOG);
  const names = dictOf(catalog, 'Names');
  if (names) keepOnly(names, ['Dests']);
  const form = dictOf(catalog, 'AcroForm');
  if (form) keepOnly(form, KEPT_IN_FORM);
  context.trailerInfo.Info = undefined;
  context.trailerInfo.ID = undefined;
  for (const [, object] of context.enumerateIndirectObjects()) cleanObject(object);
  cleanStreams(document);
  ownResources(document);
  dropReplacementTexts(document);
  removed.push(...cleanAnnotations(document));
  return removed;
}

function cleanObject(object: PDFObject, depth = 0): void {
  const dict = object instanceof PDFStream ? object.dict : object;
  if (dict instanceof PDFArray && depth < DEEPEST) {
    for (const item of dict.asArray()) cleanObject(item, depth + 1);
  }
  if (!(dict instanceof PDFDict)) return;
  drop(dict, ...DROPPED_ANYWHERE);
  if (!isTag(dict)) drop(dict, ...REPLACEMENTS);
  for (const key of ['A', 'Next', 'PA', 'OpenAction']) {
    if (leadsAway(dict.lookup(PDFName.of(key)))) drop(dict, key);
  }
  if (depth < DEEPEST) for (const value of dict.values()) cleanObject(value, depth + 1);
  const resources = dictOf(dict, 'Resources');
  if (resources) keepOnly(resources, KEPT_IN_RESOURCES);
  if (object instanceof PDFStream) dropStrings(dict);
  const type = nameOf(dict, 'Type');
  if (type === 'Page' || type === 'Pages') {
    keepOnly(dict, KEPT_IN_PAGE);
    // A page has no strings of its own: one that stands for its contents is read by nobody.
    dropStrings(dict);
  }
  if (nameOf(dict, 'FT') === 'Sig') drop(dict, 'V', 'Lock', 'SV');
  if (dict.lookup(PDFName.of('V')) instanceof PDFStream) drop(dict, 'V');
}

function dropStrings(dict: PDFDict): void {
  for (const [key, value] of dict.entries()) if (isString(value)) dict.delete(key);
}

function isString(object: PDFObject | undefined): boolean {
  return object instanceof PDFString || object instanceof PDFHexString;
}

/** An element of the structure tree (ISO 32000-1, 14.7.2). */
function isTag(dict: PDFDict): boolean {
  return dict.has(PDFName.of('S')) && dict.has(PDFName.of('P'));
}

function leadsAway(action: PDFObject | undefined): boolean {
  if (action instanceof PDFArray) {
    return Array.from({ length: action.size() }, (_, i) => action.lookup(i)).some(leadsAway);
  }
  if (!(action instanceof PDFDict)) return false;
  const kind = nameOf(action, 'S');
  return kind !== undefined && !KEPT_ACTIONS.has(kind) && !action.has(PDFName.of('Title'));
}

/** Fields and kids that are gone leave no holes behind. */
export function sweepFields({ catalog, context }: PDFDocument): void {
  const fields = dictOf(catalog, 'AcroForm');
  const sweep = (dict: PDFDict, key: string, depth: number): void => {
    const array = arrayOf(dict, key);
    if (!array || depth > 30) return;
    const alive = array.asArray().filter((item) => context.lookup(item) !== undefined);
    dict.set(PDFName.of(key), context.obj(alive));
    for (const item of alive) {
      const kid = context.lookup(item);
      if (kid instanceof PDFDict) sweep(kid, 'Kids', depth + 1);
    }
  };
  if (fields) sweep(fields, 'Fields', 0);
}
