/**
 * Words that a page shows and its text does not say: letters whose meaning is another one, none, or a
 * space. They are read as a reader of the page would, found and removed; fonts that show what they say
 * are believed, and cost no reading.
 */
import { describe, expect, test } from 'vitest';
import { PdfiumDocument } from '../../src/services/redact/formats/pdf/engine.ts';
import { readPageText } from '../../src/services/redact/formats/pdf/page-text.ts';
import { areaToRead } from '../../src/services/redact/formats/pdf/picture/area.ts';
import { FontTrust } from '../../src/services/redact/formats/pdf/picture/font-trust.ts';
import { fontClaims } from '../../src/services/redact/formats/pdf/streams.ts';
import { examine, redactDocument } from '../../src/services/redact/index.ts';
import { everything } from './redact/pdf-bytes.ts';
import { readPdf } from './redact/pdf-eye.ts';
import { lines, type PdfObject, type PdfSource, pdfFile } from './redact/pdf-file.ts';
import { compositeSubset, drawnSubset, type Subset } from './redact/pdf-fonts.ts';

const SHOWN = 'The number is 536-22-8726 as known';
const codeOf = (letter: string) => letter.charCodeAt(0).toString(16).padStart(2, '0');

/** A ToUnicode by which each letter of the text means what `says` tells. */
function meanings(says: (letter: string) => string): PdfObject {
  const pairs = [...new Set(SHOWN)].map((letter) => {
    const meaning = Buffer.from(says(letter), 'utf16le').swap16().toString('hex');
    return `<${codeOf(letter)}> <${meaning}>`;
  });
  return {
    source: '<< >>',
    stream: `begincmap 1 begincodespacerange\n<00> <ff>\nendcodespacerange ${pairs.length} beginbfchar\n${pairs.join('\n')}\nendbfchar endcmap`,
  };
}

/** Another letter, another digit. */
function shifted(letter: string): string {
  const move = (first: string, count: number, by: number) =>
    String.fromCharCode(
      ((letter.charCodeAt(0) - first.charCodeAt(0) + by) % count) + first.charCodeAt(0),
    );
  if (/[a-z]/.test(letter)) return move('a', 26, 7);
  if (/[A-Z]/.test(letter)) return move('A', 26, 7);
  return /\d/.test(letter) ? move('0', 10, 3) : letter;
}

const helvetica = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 101 0 R >>';

/** Each letter a procedure that shows it in another font. */
function procedures(codeFor: (letter: string) => string, more: PdfObject[] = []): Shown {
  const letters = [...new Set(SHOWN)].map((letter) => ({ letter, code: codeFor(letter) }));
  const names = letters.map(({ code }, i) => `${code.charCodeAt(0)} /g${i}`).join(' ');
  const glyphs = letters.map((_, i) => `/g${i} ${110 + i} 0 R`).join(' ');
  const widths = Array.from({ length: 96 }, () => 6).join(' ');
  const meanings = more.length > 0 ? '/ToUnicode 101 0 R' : '';
  const font = `<< /Type /Font /Subtype /Type3 /FontBBox [0 -3 12 10] /FontMatrix [0.1 0 0 0.1 0 0] /FirstChar 32 /LastChar 127 /Widths [${widths}] /Encoding << /Type /Encoding /Differences [${names}] >> /CharProcs << ${glyphs} >> /Resources << /Font << /F1 3 0 R >> >> ${meanings} >>`;
  const fill = Array.from({ length: 9 - more.length }, () => 'null');
  const drawn = letters.map(({ letter }) => ({
    source: '<< >>',
    stream: `6 0 d0 BT /F1 9 Tf 0 0 Td <${codeOf(letter)}> Tj ET`,
  }));
  const text = [...SHOWN].map((letter) => codeOf(codeFor(letter))).join('');
  return { text: `<${text}>`, objects: [font, ...more, ...fill, ...drawn] };
}

interface Shown {
  text: string;
  objects: (string | PdfObject)[];
}

function shownIn({ text, objects }: Shown): PdfSource {
  return {
    pages: [
      {
        content: `BT /F9 14 Tf 72 500 Td ${text} Tj ET ${lines('stays')}`,
        extra: '/Resources << /Font << /F1 3 0 R /F9 100 0 R >> >>',
      },
      lines('another page'),
    ],
    objects,
  };
}

const meant = (says: (letter: string) => string): Shown => ({
  text: `(${SHOWN})`,
  objects: [helvetica, meanings(says)],
});

describe('letters that are not what they say', () => {
  test.each<[string, Shown]>([
    ['others', meant(shifted)],
    ['spaces', meant(() => ' ')],
    ['nothing', meant(() => '\u200b')],
    ['private', meant((letter) => String.fromCharCode(0xe000 + letter.charCodeAt(0)))],
    ['drawn, with codes of others', procedures(shifted)],
    ['drawn, with meanings of others', procedures((letter) => letter, [meanings(shifted)])],
  ])('%s', async (_, shown) => {
    const source = pdfFile(shownIn(shown));
    expect((await readPdf(source))[0]).not.toContain('536-22-8726');
    const { bytes, items } = await redactDocument(source, 'a.pdf');
    expect(items.map(({ type }) => type)).toContain('ssn');
    const file = Buffer.from(bytes);
    expect(everything(file)).not.toContain('8726');
    expect((await readPdf(file)).join('\n')).toMatch(/stays[\s\S]*another page/);
    expect((await examine(file, 'a.pdf')).items).toEqual([]);
  });
});

/** How many pages of a file would be read. */
async function readPages(file: Buffer): Promise<number> {
  const document = await PdfiumDocument.open(file);
  const texts = Array.from({ length: document.pageCount }, (_, i) => readPageText(document, i));
  const trust = new FontTrust(document, fontClaims(document.save()), texts);
  const pages = texts.filter((text, page) =>
    areaToRead(document, page, text, { hasPatterns: false, trust }),
  );
  trust.close();
  document.close();
  return pages.length;
}

const subset = (font: Subset): Shown => ({ text: font.show(SHOWN), objects: font.objects(100) });

test.each<[string, Shown]>([
  ['as its codes say', meant((letter) => letter)],
  ['in procedures', procedures((letter) => letter)],
  ['without looks', subset(compositeSubset(SHOWN))],
  ['as bars', subset(drawnSubset(SHOWN))],
])('a page that says what it shows is not read: %s', async (_, shown) => {
  expect(await readPages(pdfFile(shownIn(shown)))).toBe(0);
});
