/**
 * CSV with its own dialect kept: separator, quotes, line ends, encoding. In the text a record ends
 * with U+001E, which no pattern crosses, so that two rows never make one number; the heading of a
 * column speaks for what stands below it.
 */
import { SourceMap } from '../source-map.ts';
import { type MappedPart, textFormat } from './source-document.ts';

const RECORD_END = '\u001e';

export const csv = textFormat({
  kind: 'csv',
  mediaType: 'text/csv',
  extension: 'csv',
  read: (source) => [readTable(source)],
  // Without parsing at all: whichever way the quotes are read, nothing may show.
  reread: (source) => [source.replaceAll('""', '"'), source.replaceAll('"', '')],
});

interface Cell {
  start: number;
  row: number;
  column: number;
}

function readTable(source: string): MappedPart {
  const separator = separatorOf(source);
  const map = new SourceMap();
  const cells: Cell[] = [];
  const headings: string[] = [];
  let [row, column, position] = [0, 0, 0];
  while (position < source.length) {
    cells.push({ start: map.textLength, row, column });
    const end = readCell(source, position, separator, map);
    if (row === 0) headings.push(source.slice(position, end).replace(/^"|"$/g, ''));
    position = end;
    if (source[position] === separator) {
      map.plain(separator, position);
      position++;
      column++;
      continue;
    }
    position += source.startsWith('\r\n', position) ? 2 : 1;
    map.virtual(RECORD_END);
    row++;
    column = 0;
  }
  const cellOf = (index: number) => cells[lastAtOrBefore(cells, index)];
  return {
    map,
    cellAt: (index) => nameOf(cellOf(index)),
    contextAt(index) {
      const cell = cellOf(index);
      return cell && cell.row > 0 ? spaced(headings[cell.column] ?? '') : '';
    },
  };
}

/** Reads one cell into the map; the position behind it. */
function readCell(source: string, start: number, separator: string, map: SourceMap): number {
  if (source[start] !== '"') {
    let end = start;
    while (end < source.length && !isEnd(source[end], separator)) end++;
    map.plain(source.slice(start, end), start, (text) => quoted(text, separator));
    return end;
  }
  const encode = (text: string) => text.replaceAll('"', '""');
  let [from, position] = [start + 1, start + 1];
  for (; position < source.length; position++) {
    if (source[position] !== '"') continue;
    map.plain(source.slice(from, position), from, encode);
    from = position + 1;
    if (source[position + 1] !== '"') break;
    map.whole('"', position, position + 2, encode);
    position++;
    from = position + 1;
  }
  if (from < position) map.plain(source.slice(from, position), from, encode);
  // What follows a closing quote belongs to the cell still.
  let end = Math.min(position + 1, source.length);
  const rest = end;
  while (end < source.length && !isEnd(source[end], separator)) end++;
  map.plain(source.slice(rest, end), rest);
  return end;
}

function isEnd(character: string | undefined, separator: string): boolean {
  return character === separator || character === '\n' || character === '\r';
}

function quoted(text: string, separator: string): string {
  return text.includes(separator) || /["\r\n]/.test(text)
    ? `"${text.replaceAll('"', '""')}"`
    : text;
}

/** The candidate that parts the first lines into the most cells, equally many in each. */
function separatorOf(source: string): string {
  const lines = source
    .slice(0, 20_000)
    .replace(/"[^"]{0,5000}"/g, '')
    .split(/\r\n|\n|\r/)
    .slice(0, 20);
  const filled = lines.filter((line) => line.length > 0);
  let best = { separator: ',', score: 0 };
  for (const separator of [',', ';', '\t', '|']) {
    const counts = filled.map((line) => line.split(separator).length - 1);
    const even = counts.filter((count) => count === counts[0]).length / (filled.length || 1);
    const score = (counts[0] ?? 0) * even;
    if (score > best.score) best = { separator, score };
  }
  return best.separator;
}

/** `customerSSN`, `phone_number`: words again. */
function spaced(heading: string): string {
  return `${heading} ${heading.replace(/([a-z])([A-Z])/g, '$1 $2').replace(/[_\-.]/g, ' ')}:`;
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

/** As spreadsheets name it: B7. */
function nameOf(cell: Cell | undefined): string | undefined {
  if (!cell) return undefined;
  let name = '';
  for (let n = cell.column + 1; n > 0; n = Math.floor((n - 1) / 26)) {
    name = String.fromCharCode(65 + ((n - 1) % 26)) + name;
  }
  return `${name}${cell.row + 1}`;
}
