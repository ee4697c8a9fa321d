/** How numbers in cells look, as far as it makes them dates (ECMA-376 part 1, 18.8.30). */
import { attributeNamed, attributeText } from './part-text.ts';
import { localName, xmlEvents } from './xml.ts';

export interface CellStyles {
  /** A number as it is shown: a date as YYYY-MM-DD, a whole number without its exponent. */
  shown(raw: string, style: number): string;
}

/** Built-in formats that are dates. */
const DATE_FORMATS = new Set([14, 15, 16, 17, 22, 27, 30, 36, 50, 57]);
const DAY_MS = 86_400_000;

export function readCellStyles(source: string): CellStyles {
  const custom = new Set<number>();
  const isDate: boolean[] = [];
  let inCells = false;
  for (const event of xmlEvents(source)) {
    if (event.kind !== 'open' && event.kind !== 'close') continue;
    const name = localName(event.name);
    if (name === 'cellXfs') inCells = event.kind === 'open';
    if (event.kind !== 'open') continue;
    const format = Number(attributeText(source, attributeNamed(event.attributes, 'numFmtId')) ?? 0);
    if (name === 'numFmt') {
      const code = attributeText(source, attributeNamed(event.attributes, 'formatCode')) ?? '';
      if (/[dy]/i.test(code.replace(/"[^"]{0,255}"|\[[^\]]{0,50}\]|\\./g, ''))) custom.add(format);
    }
    if (name === 'xf' && inCells) isDate.push(DATE_FORMATS.has(format) || custom.has(format));
  }
  return {
    shown(raw, style) {
      const number = Number(raw);
      if (!Number.isFinite(number)) return raw;
      if (isDate[style] && number >= 1 && number < 2_958_466) return dateOf(number);
      return Number.isSafeInteger(number) ? String(number) : raw;
    },
  };
}

/** Day 60 is the 29 February 1900 that never was: days before it count one less. */
function dateOf(serial: number): string {
  const days = Math.floor(serial) - (serial < 60 ? 25_568 : 25_569);
  return new Date(days * DAY_MS).toISOString().slice(0, 10);
}
