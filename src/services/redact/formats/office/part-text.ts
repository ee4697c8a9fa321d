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
  /** Names in it are of things. */
  hasNoPeople?: boolean;
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

/** `&"Font,Style"` in the header of a sheet (ECMA-376 part 1, 18.3.1.46). */
const HEADER_FONT = /&amp;(?:&quot;|")[^"&<]{0,100}(?:&quot;|")/g;

export function readPart(file: string, source: string): PartText[] {
  const reader = new PartReader(file, source);
  for (const event of xmlEvents(source)) reader.take(event);
  return reader.texts();
}

class PartReader {
  private readonly source: string;
  private readonly main: SourceMap;
  private readonly attributes: SourceMap;
  private readonly typefaces: SourceMap;
  private readonly apart = new Map<string, SourceMap>();
  private readonly file: string;
  private readonly isSheet: boolean;
  private current: SourceMap;
  private readonly sheetName = sheetNames();

  constructor(file: string, source: string) {
    this.file = file;
    this.isSheet = file.startsWith('xl/');
    this.source = source;
    this.main = new SourceMap(file);
    this.attributes = new SourceMap(file);
    this.typefaces = new SourceMap(file);
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
      if (isTypeface(local, localName(attribute.name), this.isSheet)) {
        this.attribute(attribute, this.typefaces);
      } else {
        const isSheetName = local === 'sheet' && attribute.name === 'name';
        this.attribute(attribute, this.attributes, isSheetName);
      }
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
    let position = start;
    if (this.isSheet) {
      for (const { index, 0: code } of this.source.slice(start, end).matchAll(HEADER_FONT)) {
        const from = start + index;
        readEscaped(this.current, this.source, position, from);
        position = from + code.length;
        readEscaped(this.typefaces, this.source, from, position);
        this.typefaces.virtual('\n');
      }
    }
    readEscaped(this.current, this.source, position, end);
  }

  private attribute({ name, start, end }: Attribute, map: SourceMap, isSheetName = false): void {
    if (
      name.startsWith('xmlns') ||
      NO_TEXT.test(this.source.slice(start, Math.min(end, start + 12)))
    )
      return;
    if (end === start) return;
    const escapes = ADDRESSES.test(localName(name)) ? ADDRESS_ESCAPE : REFERENCE;
    const encode = isSheetName ? this.sheetName : encodeEntities;
    readEscaped(map, this.source, start, end, escapes, encode);
    map.virtual('\n');
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
      { label: `${name} typefaces`, map: this.typefaces, hasNoPeople: true },
    ].filter(({ map }) => map.textLength > 0);
  }
}

/** Elements that say what letters look like (ECMA-376 part 1: 17.3.2.26, 17.8.3, 18.8.29, 20.1.4.2). */
const FONTS = new Set('rFonts rFont latin ea cs sym buFont font'.split(' '));

/** True for the name of a typeface: many are also those of people. */
function isTypeface(element: string, attribute: string, isSheet: boolean): boolean {
  if (FONTS.has(element)) return true;
  return attribute === 'val' && element === (isSheet ? 'name' : 'altName');
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
