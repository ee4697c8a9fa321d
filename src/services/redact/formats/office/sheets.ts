/**
 * Excel: each sheet as a table, cell by cell, with the heading of its column as context. Texts that
 * cells share stay shared: an edit goes to the table of strings. A number or a formula that goes
 * becomes a cell of text.
 */
import { SourceMap } from '../source-map.ts';
import { encodeEntities } from '../text/entities.ts';
import { type CellStyles, readCellStyles } from './cell-styles.ts';
import type { OfficeKind, OfficePart } from './package.ts';
import { attributeNamed, attributeText, readEscaped, readPart } from './part-text.ts';
import { type Attribute, localName, xmlEvents } from './xml.ts';

const SHEET = /^xl\/worksheets\/sheet(\d{1,5})\.xml$/;
const STRINGS = 'xl/sharedStrings.xml';
/** Between cells and rows: no pattern crosses them, so two cells never make one value. */
const CELL_END = '\u001f';
const ROW_END = '\u001e';

export const sheets: OfficeKind = {
  read(sources) {
    const names = sheetNames(sources);
    const strings = readStrings(sources.get(STRINGS) ?? '');
    const styles = readCellStyles(sources.get('xl/styles.xml') ?? '');
    const parts: OfficePart[] = [];
    for (const [name, source] of sources) {
      const number = Number(SHEET.exec(name)?.[1] ?? 0);
      if (number === 0) continue;
      const label = names.get(name) ?? `sheet${number}`;
      const sheet = new SheetReader(name, source, strings, styles);
      parts.push({ ...sheet.part(), label, pageNumber: number });
      // Formulas, links and whatever else stands in the part beside its cells.
      for (const part of readPart(name, sheet.rest)) parts.push({ ...part, pageNumber: number });
    }
    if (sources.has(STRINGS)) parts.push({ label: 'strings', map: strings.map, pageNumber: 1 });
    return parts.toSorted((a, b) => a.pageNumber - b.pageNumber);
  },
  pageCount: (sources) => [...sources.keys()].filter((name) => SHEET.test(name)).length,
};

/** Names of sheets by part, in the order of the workbook, which is that of the parts as a rule. */
function sheetNames(sources: ReadonlyMap<string, string>): Map<string, string> {
  const targets = new Map<string, string>();
  const relations = sources.get('xl/_rels/workbook.xml.rels') ?? '';
  for (const event of xmlEvents(relations)) {
    if (event.kind !== 'open' || localName(event.name) !== 'Relationship') continue;
    const id = attributeText(relations, attributeNamed(event.attributes, 'Id'));
    const target = attributeText(relations, attributeNamed(event.attributes, 'Target'));
    if (id && target) targets.set(id, `xl/${target.replace(/^\/?(?:xl\/)?/, '')}`);
  }
  const names = new Map<string, string>();
  const workbook = sources.get('xl/workbook.xml') ?? '';
  for (const event of xmlEvents(workbook)) {
    if (event.kind !== 'open' || localName(event.name) !== 'sheet') continue;
    const id = event.attributes.find(({ name }) => /:id$/.test(name));
    const part = targets.get(attributeText(workbook, id) ?? '');
    if (part)
      names.set(part, attributeText(workbook, attributeNamed(event.attributes, 'name')) ?? '');
  }
  return names;
}

interface Strings {
  map: SourceMap;
  /** Each text, and where it begins in the map. */
  items: { text: string; start: number }[];
}

function readStrings(source: string): Strings {
  const map = new SourceMap(STRINGS);
  const items: Strings['items'] = [];
  let start = 0;
  let isText = false;
  for (const event of xmlEvents(source)) {
    const name = event.kind === 'open' || event.kind === 'close' ? localName(event.name) : '';
    if (event.kind === 'open' && name === 'si') {
      start = map.textLength;
      if (event.isEmpty) items.push({ text: '', start });
    }
    if (event.kind === 'open' && name === 't') isText = !event.isEmpty;
    if (event.kind === 'text' && isText) readEscaped(map, source, event.start, event.end);
    if (event.kind === 'close' && name === 't') isText = false;
    if (event.kind === 'close' && name === 'si') {
      items.push({ text: '', start });
      map.virtual('\n');
    }
  }
  const { text } = map;
  for (const [i, item] of items.entries()) {
    const end = (items[i + 1]?.start ?? map.textLength + 1) - 1;
    item.text = text.slice(item.start, Math.max(item.start, end));
  }
  return { map, items };
}

interface Cell {
  start: number;
  reference: string;
  row: number;
  column: string;
}

interface OpenCell {
  start: number;
  end: number;
  attributes: Attribute[];
}

type Stretch = [start: number, end: number];

class SheetReader {
  /** The part with its cells blanked, as long as it was. */
  rest: string;
  private readonly source: string;
  private readonly strings: Strings;
  private readonly styles: CellStyles;
  private readonly map: SourceMap;
  private readonly cells: Cell[] = [];
  private readonly headings = new Map<string, string>();
  private firstRow = 0;

  constructor(file: string, source: string, strings: Strings, styles: CellStyles) {
    this.source = source;
    this.strings = strings;
    this.styles = styles;
    this.map = new SourceMap(file);
    this.rest = source;
    this.read();
  }

  private read(): void {
    const { source } = this;
    const blanks: Stretch[] = [];
    let cell: OpenCell | null = null;
    for (const event of xmlEvents(source)) {
      const name = event.kind === 'open' || event.kind === 'close' ? localName(event.name) : '';
      if (event.kind === 'open' && name === 'c' && !event.isEmpty) {
        cell = { start: event.start, end: event.end, attributes: event.attributes };
      } else if (event.kind === 'close' && name === 'c' && cell) {
        blanks.push(...this.cell(cell, event.start, event.end));
        cell = null;
      } else if (event.kind === 'close' && name === 'row') this.map.virtual(ROW_END);
    }
    const pieces: string[] = [];
    let position = 0;
    for (const [start, end] of blanks) {
      pieces.push(source.slice(position, start), '\n'.repeat(end - start));
      position = end;
    }
    this.rest = pieces.join('') + source.slice(position);
  }

  /** Reads a cell into the map; gives what of it the plain reading must not see again. */
  private cell({ start, end: inner, attributes }: OpenCell, close: number, end: number): Stretch[] {
    const { source, map } = this;
    const attribute = (name: string) => attributeText(source, attributeNamed(attributes, name));
    const [type, reference, style] = [attribute('t') ?? 'n', attribute('r') ?? '', attribute('s')];
    this.cells.push({ start: map.textLength, ...placeOf(reference) });
    const from = map.textLength;
    const formula = elementIn(source, 'f', inner, close);
    const value = elementIn(source, 'v', inner, close);
    if (type === 'inlineStr') {
      for (const text of textsIn(source, inner, close))
        readEscaped(map, source, text.start, text.end);
    } else if (value && type === 's') {
      const shared = this.strings.items[Number(source.slice(value.start, value.end))];
      if (shared) map.linked(shared.text, this.strings.map, shared.start);
    } else if (value) {
      const raw = unescaped(source.slice(value.start, value.end));
      const text = type === 'n' ? this.styles.shown(raw, Number(style ?? 0)) : raw;
      map.whole(text, start, end, (standIn) => textCell(reference, style, standIn));
    }
    this.heading(reference, from);
    if (formula) this.formula(formula, from);
    map.virtual(CELL_END);
    return [[start, end]];
  }

  /** A formula goes with the value that it made; it may also hold one of its own. */
  private formula({ start, end }: Element, valueStart: number): void {
    const { map } = this;
    const valueEnd = map.textLength;
    map.virtual(`${CELL_END}=`);
    readEscaped(map, this.source, start, end);
    map.tie({ start: valueStart, end: valueEnd }, { start: valueEnd, end: map.textLength });
  }

  /** The first row with text that is no number is the heading. */
  private heading(reference: string, from: number): void {
    const { row, column } = placeOf(reference);
    if (this.firstRow === 0) this.firstRow = row;
    if (row === this.firstRow) this.headings.set(column, this.map.text.slice(from));
  }

  part(): Omit<OfficePart, 'label' | 'pageNumber'> {
    const { map, cells, headings, firstRow } = this;
    const cellOf = (index: number) => cells[lastAtOrBefore(cells, index)];
    return {
      map,
      cellAt: (index) => cellOf(index)?.reference || undefined,
      contextAt(index) {
        const cell = cellOf(index);
        const heading = cell && cell.row !== firstRow ? headings.get(cell.column) : undefined;
        return heading
          ? `${heading} ${heading.replace(/([a-z])([A-Z])/g, '$1 $2').replace(/[_\-.]/g, ' ')}:`
          : '';
      },
    };
  }
}

interface Element {
  start: number;
  end: number;
}

/** What stands in the first element of a name; null where it is not there, or empty. */
function elementIn(source: string, name: string, from: number, to: number): Element | null {
  for (const event of xmlEvents(source.slice(from, to))) {
    if (event.kind !== 'open' || localName(event.name) !== name || event.isEmpty) continue;
    const start = from + event.end;
    const end = source.indexOf('</', start);
    return end > start && end < to ? { start, end } : null;
  }
  return null;
}

/** The texts of a cell that carries its own. */
function* textsIn(source: string, from: number, to: number): Generator<Element> {
  let isText = false;
  for (const event of xmlEvents(source.slice(from, to))) {
    if (event.kind === 'open') isText = localName(event.name) === 't' && !event.isEmpty;
    if (event.kind === 'close') isText = false;
    if (event.kind === 'text' && isText) yield { start: from + event.start, end: from + event.end };
  }
}

function textCell(reference: string, style: string | undefined, text: string): string {
  const place = reference ? ` r="${reference}"` : '';
  const look = style ? ` s="${encodeEntities(style)}"` : '';
  return `<c${place}${look} t="str"><v>${encodeEntities(text)}</v></c>`;
}

function unescaped(raw: string): string {
  const map = new SourceMap();
  readEscaped(map, raw, 0, raw.length);
  return map.text;
}

function placeOf(reference: string): { reference: string; row: number; column: string } {
  const [, column = '', row = '0'] = /^([A-Z]{1,3})(\d{1,7})$/.exec(reference) ?? [];
  return { reference, row: Number(row), column };
}

function lastAtOrBefore(cells: readonly Cell[], index: number): number {
  let [low, high] = [0, cells.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cells[middle]?.start ?? 0) <= index) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
