/** Fonts for hand-written PDFs that hold only the letters of a text, in the order of their use. */
import type { PdfObject } from './pdf-file.ts';

export interface Subset {
  /** The text in the codes of the font, as a hexadecimal string. */
  show(text: string): string;
  /** Objects of the font, to be placed from number `first` on; the font itself is the first. */
  objects(first: number): (PdfObject | string)[];
}

/** Two bytes a letter, what they mean said by ToUnicode: as word processors write. */
export function compositeSubset(text: string): Subset {
  const letters = [...new Set(text)];
  const code = (letter: string) => (letters.indexOf(letter) + 3).toString(16).padStart(4, '0');
  const unicode = (letter: string) => Buffer.from(letter, 'utf16le').swap16().toString('hex');
  return {
    show: (shown) => `<${[...shown].map(code).join('')}>`,
    objects: (first) => [
      `<< /Type /Font /Subtype /Type0 /BaseFont /ABCDEF+Own /Encoding /Identity-H /DescendantFonts [${first + 1} 0 R] /ToUnicode ${first + 2} 0 R >>`,
      `<< /Type /Font /Subtype /CIDFontType2 /BaseFont /ABCDEF+Own /DW 0 /W [3 [${letters.map((letter, i) => (letter === ' ' ? 300 : 500 + i * 7)).join(' ')}]] /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>`,
      {
        source: '<< >>',
        stream: [
          '/CIDInit /ProcSet findresource begin 12 dict begin begincmap',
          '1 begincodespacerange\n<0000> <ffff>\nendcodespacerange',
          `${letters.length - 1} beginbfchar`,
          ...letters.slice(1).map((letter) => `<${code(letter)}> <${unicode(letter)}>`),
          'endbfchar',
          `1 beginbfrange <${code(letters[0] ?? '')}> <${code(letters[0] ?? '')}> <${unicode(letters[0] ?? '')}> endbfrange`,
          'endcmap end end',
        ].join('\n'),
      },
    ],
  };
}

/** Letters that are drawings, under names of their own. */
export function drawnSubset(text: string): Subset {
  const letters = [...new Set(text)];
  const code = (letter: string) => (letters.indexOf(letter) + 65).toString(16);
  const unicode = (letter: string) => Buffer.from(letter, 'utf16le').swap16().toString('hex');
  const name = (letter: string) => `draw${letter.charCodeAt(0)}`;
  return {
    show: (shown) => `<${[...shown].map(code).join('')}>`,
    objects: (first) => [
      `<< /Type /Font /Subtype /Type3 /FontBBox [0 0 10 10] /FontMatrix [0.1 0 0 0.1 0 0] /FirstChar 65 /LastChar ${64 + letters.length} /Widths [${letters.map(() => 6).join(' ')}] /Encoding << /Type /Encoding /Differences [65 ${letters.map((letter) => `/${name(letter)}`).join(' ')}] >> /CharProcs << ${letters.map((letter, i) => `/${name(letter)} ${first + 2 + i} 0 R`).join(' ')} >> /Resources << >> /ToUnicode ${first + 1} 0 R >>`,
      {
        source: '<< >>',
        stream: `begincmap 1 begincodespacerange\n<00> <ff>\nendcodespacerange ${letters.length} beginbfchar\n${letters.map((letter) => `<${code(letter)}> <${unicode(letter)}>`).join('\n')}\nendbfchar endcmap`,
      },
      ...letters.map((letter) => ({
        source: '<< >>',
        stream: letter === ' ' ? '6 0 d0' : `6 0 d0 0.5 0 ${4 + (letter.charCodeAt(0) % 5)} 7 re f`,
      })),
    ],
  };
}
