/**
 * The texts in a part of an office file. Letters stand in runs that say nothing about words, so runs
 * are read through and everything else ends a line. Deleted text, field codes, attributes and
 * comments of the XML have texts of their own.
 */

import { type Cut, SourceMap } from '../source-map.ts';
import { decodeEntities, ENTITY, encodeEntities, namedEntity } from '../text/entities.ts';
import { type Attribute, localName, type XmlEvent, xmlEvents } from './xml.ts';

export interface PartText {
  label: string;
  map: SourceMap;
  contextAt?(index: number): string;
  cellAt?(index: number): string | undefined;
}

/** Elements that part no word: runs, their properties, and what wraps runs. */
const INLINE = new Set(
  (
    'r t rPr rFonts b i u color sz szCs lang hyperlink ins del moveFrom moveTo smartTag sdt sdtContent fld ' +
    'fldSimple proofErr bookmarkStart bookmarkEnd commentRangeStart commentRangeEnd rubyBase ruby rt bdo dir ' +
    'latin ea cs solidFill srgbClr schemeClr lastRenderedPageBreak noBreakHyphen softHyphen permStart permEnd ' +
    'rStyle highlight vertAlign strike caps smallCaps spacing kern position shd bCs iCs effect snapToGrid ' +
    'bdr w em webHidden vanish noProof cr0 phoneticPr rPh delText instrText fldChar'
  ).split(' '),
);
/** Elements whose text stands apart from the line in which they are. */
const APART: Readonly<Record<string, string>> = { delText: 'deletions', instrText: 'fields' };
/** Attributes that are addresses: `%40` is an `@`. */
const ADDRESSES = /^(?:Target|href|url|src|location|ref)$/i;
const REFERENCE = new RegExp(ENTITY, 'g');
const ADDRESS_ESCAPE = new RegExp(`${ENTITY.source}|%[0-9a-fA-F]{2}`, 'g');

/** Measures, counts and flags. A longer number may be one that was to go. */
const NO_TEXT = /^(?:-?[\d.]{1,7}(?:pt|in|cm|mm|px|%)?|true|false|on|off|auto|none)$/;

export function readPart(file: string, source: string): PartText[] {
  const reader = new PartReader(file, source);
  for (const event of xmlEvents(source)) reader.take(event);
  return reader.texts();
}

class PartReader {
  private readonly source: string;
  private readonly main: SourceMap;
  private readonly attributes: SourceMap;
  private readonly apart = new Map<string, SourceMap>();
  private readonly file: string;
  private current: SourceMap;
  private readonly sheetName = sheetNames();

  constructor(file: string, source: string) {
    this.file = file;
    this.source = source;
    this.main = new SourceMap(file);
    this.attributes = new SourceMap(file);
    this.current = this.main;
  }

  take(event: XmlEvent): void {
    const { source } = this;
    switch (event.kind) {
      case 'open':
        this.open(event.name, event.attributes);
        if (event.isEmpty) this.close(event.name);
        break;
      case 'close':
        this.close(event.name);
        break;
      case 'text':
        this.text(event.start, event.end);
        break;
      case 'cdata':
        this.current.plain(source.slice(event.start, event.end), event.start);
        break;
      default:
        this.attributes.plain(source.slice(event.start, event.end), event.start);
        this.attributes.virtual('\n');
    }
  }

  private open(name: string, attributes: readonly Attribute[]): void {
    const local = localName(name);
    const label = APART[local];
    if (label) this.current = this.mapOf(label);
    if (local === 'tab') this.main.virtual('\t');
    for (const attribute of attributes) {
      this.attribute(attribute, local === 'sheet' && attribute.name === 'name');
    }
  }

  private close(name: string): void {
    const local = localName(name);
    if (APART[local]) this.current = this.main;
    if (!INLINE.has(local)) {
      if (!this.main.endsLine) this.main.virtual('\n');
      for (const map of this.apart.values()) if (!map.endsLine) map.virtual('\n');
    }
  }

  private text(start: number, end: number): void {
    // White space between elements is the layout of the XML, not text.
    if (this.source.slice(start, end).trim() === '' && this.source.slice(start, end).includes('\n'))
      return;
    readEscaped(this.current, this.source, start, end, REFERENCE);
  }

  private attribute({ name, start, end }: Attribute, isSheetName: boolean): void {
    if (
      name.startsWith('xmlns') ||
      NO_TEXT.test(this.source.slice(start, Math.min(end, start + 12)))
    )
      return;
    if (end === start) return;
    const escapes = ADDRESSES.test(localName(name)) ? ADDRESS_ESCAPE : REFERENCE;
    const encode = isSheetName ? this.sheetName : encodeEntities;
    readEscaped(this.attributes, this.source, start, end, escapes, encode);
    this.attributes.virtual('\n');
  }

  private mapOf(label: string): SourceMap {
    const map = this.apart.get(label) ?? new SourceMap(this.file);
    this.apart.set(label, map);
    return map;
  }

  texts(): PartText[] {
    const name = this.file.replace(/^.*\//, '').replace(/\.(?:xml|rels|vml)$/, '');
    return [
      { label: name, map: this.main },
      ...[...this.apart].map(([label, map]) => ({ label: `${name} ${label}`, map })),
      { label: `${name} attributes`, map: this.attributes },
    ].filter(({ map }) => map.textLength > 0);
  }
}

/** What Excel allows in a sheet's name, and no name twice: it takes the workbook for broken. */
function sheetNames(): (text: string) => string {
  const given = new Map<string, number>();
  return (text) => {
    const name = text.replace(/[[\]:*?/\\]/g, '');
    const times = (given.get(name) ?? 0) + 1;
    given.set(name, times);
    return encodeEntities(times === 1 || name === '' ? name : `${name} ${times}`);
  };
}

/** Text with references, into a map. */
export function readEscaped(
  map: SourceMap,
  source: string,
  start: number,
  end: number,
  escapes: RegExp = REFERENCE,
  encode: (text: string) => string = encodeEntities,
): void {
  let position = start;
  for (const match of source.slice(start, end).matchAll(escapes)) {
    const text = characterOf(match[0]);
    if (text === null) continue;
    const at = start + match.index;
    map.plain(source.slice(position, at), position, encode);
    position = at + match[0].length;
    map.whole(text, at, position, encode);
  }
  map.plain(source.slice(position, end), position, encode);
}

function characterOf(escaped: string): string | null {
  if (!escaped.startsWith('%')) return namedEntity(escaped);
  const code = Number.parseInt(escaped.slice(1), 16);
  return code >= 32 && code < 127 ? String.fromCharCode(code) : null;
}

/** All text of a part, by plain expressions instead of the reader's walk. */
export function plainTexts(source: string): string[] {
  const joined = source.replace(/<[^<>]{0,20000}>/g, '');
  const spaced = source.replace(/<[^<>]{0,20000}>/g, ' ');
  const values = [...source.matchAll(/="([^"]{2,20000})"/g)].map(([, value = '']) => value);
  return [joined, spaced, values.join('\n')].map(decodeEntities);
}

/** The value of an attribute with its references undone. */
export function attributeText(
  source: string,
  attribute: Attribute | undefined,
): string | undefined {
  return attribute && decodeEntities(source.slice(attribute.start, attribute.end));
}

export function attributeNamed(
  attributes: readonly Attribute[],
  name: string,
): Attribute | undefined {
  return attributes.find((attribute) => localName(attribute.name) === name);
}

/** A cut that puts something in place of an attribute's value. */
export function replaceValue(file: string, { start, end }: Attribute, insert: string): Cut {
  return { file, start, end, insert };
}
