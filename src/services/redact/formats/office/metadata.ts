/**
 * What goes from an office file whatever is found in it: properties, authors, times of changes,
 * revision marks of editing sessions, thumbnails, custom properties.
 */
import { applyCuts, type Cut } from '../source-map.ts';
import { attributeNamed, replaceValue } from './part-text.ts';
import { type Attribute, localName, xmlEvents } from './xml.ts';

const CORE =
  '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>';
const APP =
  '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>';
const CUSTOM =
  '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>';

/** Parts with a content of ours, by name. */
export function emptyPart(name: string): string | null {
  if (/^docProps\/core\.xml$/i.test(name)) return CORE;
  if (/^docProps\/app\.xml$/i.test(name)) return APP;
  if (/^docProps\/custom\.xml$/i.test(name)) return CUSTOM;
  return null;
}

/** A picture of the first page as it was. The package relation to it goes along. */
export function isThumbnail(name: string): boolean {
  return /^docProps\/thumbnail\./i.test(name);
}

/** Names of people where only a name can stand; what a reader insists on gets this. */
const NOBODY = 'Author';
const PEOPLE = new Set([
  'author',
  'initials',
  'userName',
  'lastModifiedBy',
  'displayName',
  'userId',
  'providerId',
]);
const TIMES = new Set(['date', 'dT', 'dt', 'dateTime']);
const SESSION = /^rsid/i;

/** The part without authors, times and session marks. */
export function withoutPeople(name: string, source: string): string {
  const cuts: Cut[] = [];
  let inAuthor: number | null = null;
  for (const event of xmlEvents(source)) {
    if (event.kind === 'open') {
      const local = localName(event.name);
      for (const attribute of event.attributes) {
        const cut = personalAttribute(name, local, attribute);
        if (cut) cuts.push(cut);
      }
      if (local === 'rsids' && !event.isEmpty)
        cuts.push(...emptied(name, source, event.end, '</w:rsids>'));
      if (local === 'Relationship' && isThumbnailRelation(source, event.attributes)) {
        cuts.push({ file: name, start: event.start, end: event.end, insert: '' });
      }
      // Authors of a workbook's comments: a list of names.
      inAuthor = local === 'author' && !event.isEmpty ? event.end : null;
    } else if (event.kind === 'close' && inAuthor !== null) {
      cuts.push({ file: name, start: inAuthor, end: event.start, insert: NOBODY });
      inAuthor = null;
    }
  }
  return applyCuts(source, cuts);
}

function personalAttribute(file: string, element: string, attribute: Attribute): Cut | null {
  const local = localName(attribute.name);
  if (SESSION.test(local)) return replaceValue(file, attribute, '00000000');
  if (PEOPLE.has(local) || (element === 'cmAuthor' && local === 'name'))
    return replaceValue(file, attribute, NOBODY);
  if (element === 'person' && local === 'displayName') return replaceValue(file, attribute, NOBODY);
  if (TIMES.has(local) && attribute.end - attribute.start >= 10) {
    return replaceValue(file, attribute, '2000-01-01T00:00:00Z');
  }
  return null;
}

function emptied(file: string, source: string, start: number, closer: string): Cut[] {
  const end = source.indexOf(closer, start);
  return end < 0 ? [] : [{ file, start, end, insert: '' }];
}

function isThumbnailRelation(source: string, attributes: readonly Attribute[]): boolean {
  const type = attributeNamed(attributes, 'Type');
  return type !== undefined && /\/thumbnail$/.test(source.slice(type.start, type.end));
}
