/**
 * Which letters a subset of a font holds tells what was written with it: outlines of letters that are
 * shown no more are gone, and everything that is still shown looks as it did.
 */
import { PDFDict, PDFDocument, PDFName, PDFRawStream } from '@cantoo/pdf-lib';
import { describe, expect, test } from 'vitest';
import { readCff } from '../../src/services/redact/formats/pdf/fonts/cff.ts';
import { readTables } from '../../src/services/redact/formats/pdf/fonts/sfnt.ts';
import { readTrueType } from '../../src/services/redact/formats/pdf/fonts/truetype.ts';
import { readType1 } from '../../src/services/redact/formats/pdf/fonts/type1.ts';
import { contentsOf } from '../../src/services/redact/formats/pdf/structure/flate.ts';
import { redactDocument } from '../../src/services/redact/index.ts';
import { renderPdf } from './redact/pdf-eye.ts';
import { type PdfObject, pdfFile } from './redact/pdf-file.ts';
import { cffOf, type Program, trueTypeOf, type1Of } from './redact/pdf-programs.ts';

const MAIL = 'jack.quixz@example.org';
const TEXT = `before ${MAIL} after`;
const OTHER = 'for a fee';
const ALL = `${TEXT}${OTHER}`;
const LEFT = new Set('before after for a fee'.replaceAll(' ', ''));
const GONE = [...new Set(MAIL)].filter((letter) => !LEFT.has(letter));

type Objects = (PdfObject | string)[];

const descriptor = (key: string) =>
  `<< /Type /FontDescriptor /FontName /ABCDEF+Bars /Flags 4 /FontBBox [0 -300 1000 1000] /ItalicAngle 0 /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 /${key} 102 0 R >>`;
const widths = Array.from({ length: 224 }, () => 600).join(' ');

/** Codes are those of ASCII. */
function simple(kind: string, key: string, program: PdfObject, encoding: string): Objects {
  return [
    `<< /Type /Font /Subtype /${kind} /BaseFont /ABCDEF+Bars /FirstChar 32 /LastChar 255 /Widths [${widths}] ${encoding} /FontDescriptor 101 0 R >>`,
    descriptor(key),
    program,
  ];
}

/** Codes are the numbers of letters. */
function composite(kind: string, key: string, program: PdfObject, { numberOf }: Program): Objects {
  const pairs = [...new Set(ALL)].map((letter) => {
    const [code, meaning] = [numberOf(letter), letter.charCodeAt(0)].map((n) =>
      n.toString(16).padStart(4, '0'),
    );
    return letter === ' ' ? '<0020> <0020>' : `<${code}> <${meaning}>`;
  });
  return [
    '<< /Type /Font /Subtype /Type0 /BaseFont /ABCDEF+Bars /Encoding /Identity-H /DescendantFonts [103 0 R] /ToUnicode 104 0 R >>',
    descriptor(key),
    program,
    `<< /Type /Font /Subtype /${kind} /BaseFont /ABCDEF+Bars /DW 600 /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /CIDToGIDMap /Identity /FontDescriptor 101 0 R >>`,
    {
      source: '<< >>',
      stream: `begincmap 1 begincodespacerange\n<0000> <ffff>\nendcodespacerange ${pairs.length} beginbfchar\n${pairs.join('\n')}\nendbfchar endcmap`,
    },
  ];
}

function written(objects: Objects, { numberOf }: Program): Buffer {
  const isWide = objects.length > 3;
  const shown = (text: string) =>
    [...text]
      .map((letter) => (isWide && letter !== ' ' ? numberOf(letter) : letter.charCodeAt(0)))
      .map((code) => code.toString(16).padStart(isWide ? 4 : 2, '0'))
      .join('');
  const page = (text: string) => ({
    content: `BT /F9 12 Tf 72 700 Td <${shown(text)}> Tj ET`,
    extra: '/Resources << /Font << /F9 100 0 R >> >>',
  });
  return pdfFile({ pages: [page(TEXT), page(OTHER)], objects });
}

/** The program of the only font that has one. */
async function programOf(bytes: Uint8Array): Promise<Buffer> {
  const { context } = await PDFDocument.load(bytes);
  for (const [, object] of context.enumerateIndirectObjects()) {
    if (!(object instanceof PDFDict)) continue;
    const found = ['FontFile', 'FontFile2', 'FontFile3'].map((key) =>
      object.lookup(PDFName.of(key)),
    );
    const program = found.find((one) => one instanceof PDFRawStream);
    if (program instanceof PDFRawStream) return Buffer.from(contentsOf(program));
  }
  throw new Error('There is no font program.');
}

/** Bytes of each outline, by the number of the letter; how wide it is, where the program says so. */
function outlinesIn(program: Buffer): { sizes: number[]; widths: number[]; codes: number[] } {
  const tables = program.readUInt32BE(0) === 0x10000 ? readTables(program) : null;
  const font = tables && readTrueType(tables);
  const cff = tables ? null : readCff(program);
  const places = font?.offsets ?? cff?.letters.places ?? [];
  const hmtx = tables?.get('hmtx');
  return {
    sizes: places.slice(1).map((place, i) => place - (places[i] ?? 0)),
    widths: hmtx ? places.slice(1).map((_, i) => hmtx.readUInt16BE(i * 4)) : [],
    codes: font ? font.cmap.flatMap(({ glyphs }) => [...glyphs.values()]) : (cff?.ids ?? []),
  };
}

const trueType = trueTypeOf(`${LEFT.values().next().value}${ALL}`);
const cff = cffOf(ALL, false);
const ranged = cffOf(ALL, true);
const file = (program: Program, subtype = ''): PdfObject => ({
  source: `<< ${subtype} /Length1 ${program.bytes.length} >>`,
  stream: program.bytes,
});
const WIN = '/Encoding /WinAnsiEncoding';

describe('outlines of letters that are gone', () => {
  test.each<[string, Program, Objects]>([
    ['TrueType', trueType, simple('TrueType', 'FontFile2', file(trueType), '')],
    [
      'TrueType, composite',
      trueType,
      composite('CIDFontType2', 'FontFile2', file(trueType), trueType),
    ],
    ['Type 1C', cff, simple('Type1', 'FontFile3', file(cff, '/Subtype /Type1C'), WIN)],
    [
      'Type 1C with ranges',
      ranged,
      simple('Type1', 'FontFile3', file(ranged, '/Subtype /Type1C'), WIN),
    ],
    [
      'CIDFontType0C',
      cff,
      composite('CIDFontType0', 'FontFile3', file(cff, '/Subtype /CIDFontType0C'), cff),
    ],
  ])('%s', async (_, program, objects) => {
    const source = written(objects, program);
    const before = outlinesIn(await programOf(source));
    const { bytes, items } = await redactDocument(source, 'a.pdf');
    expect(items.map(({ type }) => type)).toEqual(['email']);
    const after = outlinesIn(await programOf(bytes));
    expect(after.sizes).toHaveLength(before.sizes.length);
    for (const letter of LEFT) {
      const number = program.numberOf(letter);
      expect(after.sizes[number], letter).toBe(before.sizes[number]);
      expect(after.widths[number]).toBe(before.widths[number]);
    }
    for (const letter of GONE) {
      const number = program.numberOf(letter);
      expect(before.sizes[number], letter).toBeGreaterThan(1);
      expect(after.sizes[number], letter).toBeLessThan(2);
      expect(after.widths[number] ?? 0).toBe(0);
      // CFF lists the names of letters by their number, TrueType letters by their codes.
      const isListed =
        program === trueType ? after.codes.includes(number) : after.codes[number] !== 0;
      expect(isListed, letter).toBe(false);
    }
    const [was, is] = [await renderPdf(source, 1, 2), await renderPdf(Buffer.from(bytes), 1, 2)];
    expect(is.digest).toBe(was.digest);
    expect(was.pixels.some((pixel) => pixel < 128)).toBe(true);
  });
});

test('a program that another font is written with, in ways that we do not read, stays', async () => {
  const objects = composite('CIDFontType2', 'FontFile2', file(trueType), trueType);
  const foreign =
    '<< /Type /Font /Subtype /Type0 /BaseFont /ABCDEF+Bars /Encoding /UniGB-UCS2-H /DescendantFonts [103 0 R] >>';
  const source = written([...objects, foreign], trueType);
  const withBoth = Buffer.from(
    source.toString('latin1').replaceAll('/F9 100 0 R >>', '/F9 100 0 R /F8 105 0 R >>'),
    'latin1',
  );
  const { bytes } = await redactDocument(withBoth, 'a.pdf');
  expect(outlinesIn(await programOf(bytes)).sizes).toEqual(
    outlinesIn(await programOf(source)).sizes,
  );
});

describe('Type 1', () => {
  const type1 = type1Of(`${ALL}á`);
  const lengthOfHead = type1.indexOf('eexec') + 6;
  const lengths = `/Length1 ${lengthOfHead} /Length2 ${type1.length - lengthOfHead - 532} /Length3 532`;

  async function redacted(program: Buffer, encoding: string) {
    const file = { source: `<< ${lengths} >>`, stream: program };
    const objects = simple('Type1', 'FontFile', file, encoding);
    const page = (text: string) => ({
      content: Buffer.from(`BT /F9 12 Tf 72 700 Td (${text}) Tj ET`, 'latin1').toString('latin1'),
      extra: '/Resources << /Font << /F9 100 0 R >> >>',
    });
    const source = pdfFile({ pages: [page(TEXT), page(`${OTHER} \\341`)], objects });
    const { bytes, items } = await redactDocument(source, 'a.pdf');
    expect(items.map(({ type }) => type)).toEqual(['email']);
    const [was, is] = [await renderPdf(source, 1, 2), await renderPdf(Buffer.from(bytes), 1, 2)];
    expect(is.digest).toBe(was.digest);
    expect(was.pixels.some((pixel) => pixel < 128)).toBe(true);
    return programOf(bytes);
  }

  test.each([
    ['an encoding of PDF', WIN],
    ['an encoding of its own', ''],
  ])('by %s: names, codes and outlines of what is gone', async (_, encoding) => {
    const [before, after] = [readType1(type1), readType1(await redacted(type1, encoding))];
    const [names, codes] = [new Set(after?.names), [...(after?.codes.values() ?? [])]];
    for (const letter of GONE) {
      const name = { '@': 'at', '.': 'period' }[letter] ?? letter;
      expect(before?.names).toContain(name);
      expect(names, letter).not.toContain(name);
      expect(codes, letter).not.toContain(name);
    }
    expect(names).toEqual(new Set(['.notdef', 'acute', 'aacute', ...LEFT]));
    expect(codes.toSorted()).toEqual(['aacute', ...LEFT].toSorted());
  });

  test('one in hexadecimal digits, or cut off, stays as it is', async () => {
    const secret = type1.subarray(lengthOfHead, -532);
    const digits = Buffer.from(secret.toString('hex'));
    for (const program of [
      Buffer.concat([type1.subarray(0, lengthOfHead), digits, type1.subarray(-532)]),
      type1.subarray(0, lengthOfHead + 200),
    ]) {
      expect(readType1(program)).toBeNull();
    }
  });
});
