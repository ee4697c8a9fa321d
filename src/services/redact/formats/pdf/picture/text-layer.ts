/**
 * Text behind a picture: invisible, where the words stand in it, so that what stays of a page that
 * has become a picture can still be searched and copied. The font has no glyphs: nothing is painted.
 */
import { type PDFContext, type PDFRef, PDFString } from '@cantoo/pdf-lib';
import type { Box } from '../page-text.ts';
import { flateStream } from '../structure/flate.ts';

export interface LayerWord {
  text: string;
  /** In points of the page. */
  box: Box;
}

/** Every code is as wide, in millimes of an em; the matrix of each word makes up for it. */
const WIDTH = 500;

export function layerContent(words: readonly LayerWord[], font: string): string {
  const shown = words.map(({ text, box }) => {
    const height = Math.max(box.top - box.bottom, 0.5);
    const width = Math.max(box.right - box.left, 0.5) / ((text.length * WIDTH) / 1000);
    const at = [width, 0, 0, height * 0.8, box.left, box.bottom + height * 0.2];
    const hex = Buffer.from(text, 'utf16le').swap16().toString('hex');
    return `${at.map((n) => Number(n.toFixed(3))).join(' ')} Tm <${hex}> Tj`;
  });
  return words.length === 0 ? '' : `q BT 3 Tr /${font} 1 Tf\n${shown.join('\n')}\nET Q\n`;
}

/** Its codes are UTF-16; what they mean is said by rows of 256, so that no row spells a word. */
export function layerFont(context: PDFContext, words: readonly LayerWord[]): PDFRef {
  const rows = new Set<number>();
  for (const { text } of words) {
    for (let i = 0; i < text.length; i++) rows.add(text.charCodeAt(i) >> 8);
  }
  const descriptor = context.obj({
    ...{ Type: 'FontDescriptor', FontName: 'CloakText', Flags: 4, ItalicAngle: 0 },
    ...{ Ascent: 800, Descent: -200, CapHeight: 700, StemV: 80 },
    FontBBox: [0, -200, WIDTH, 800],
  });
  const descendant = context.obj({
    ...{ Type: 'Font', Subtype: 'CIDFontType2', BaseFont: 'CloakText', DW: WIDTH },
    CIDSystemInfo: {
      ...{ Registry: PDFString.of('Adobe'), Ordering: PDFString.of('Identity'), Supplement: 0 },
    },
    ...{ CIDToGIDMap: 'Identity', FontDescriptor: context.register(descriptor) },
  });
  const map = flateStream(context, toUnicode([...rows].sort((a, b) => a - b)));
  return context.register(
    context.obj({
      ...{ Type: 'Font', Subtype: 'Type0', BaseFont: 'CloakText', Encoding: 'Identity-H' },
      ...{ DescendantFonts: [context.register(descendant)], ToUnicode: context.register(map) },
    }),
  );
}

/** CMap sections hold a hundred entries at most (Adobe Technical Note 5014). */
const SECTION = 100;

function toUnicode(rows: readonly number[]): string {
  const sections: string[] = [];
  for (let i = 0; i < rows.length; i += SECTION) {
    const part = rows.slice(i, i + SECTION);
    const ranges = part.map((row) => {
      const high = row.toString(16).padStart(2, '0');
      return `<${high}00> <${high}ff> <${high}00>`;
    });
    sections.push(`${part.length} beginbfrange\n${ranges.join('\n')}\nendbfrange`);
  }
  return [
    '/CIDInit /ProcSet findresource begin 12 dict begin begincmap',
    '/CMapName /CloakText def /CMapType 2 def',
    '1 begincodespacerange <0000> <ffff> endcodespacerange',
    ...sections,
    'endcmap end end',
  ].join('\n');
}
