/**
 * Pages that become pictures: by request, because they are scans, or because nothing else removes
 * what is in them. What stays can still be found in them, where it stands.
 */
import { PDFDocument, PDFName, PDFRawStream } from '@cantoo/pdf-lib';
import { describe, expect, test } from 'vitest';
import { examine, inspectDocument, redactDocument } from '../../src/services/redact/index.ts';
import { everything } from './redact/pdf-bytes.ts';
import { placesOf, readPdf, renderPdf } from './redact/pdf-eye.ts';
import { lines, type PdfSource, pdfFile } from './redact/pdf-file.ts';
import { outlinesOf } from './redact/pdf-outlines.ts';

const MAIL = 'jane.doe@example.org';
const PAGE = lines('Dear all', `before ${MAIL} after`, 'Ünïcödé stays, too');

async function strictly(source: PdfSource, options = {}) {
  const { bytes, certificate } = await redactDocument(pdfFile(source), 'a.pdf', {
    strict: true,
    ...options,
  });
  const file = Buffer.from(bytes);
  expect(everything(file)).not.toContain('jane');
  expect((await inspectDocument(file, 'a.pdf')).places).toEqual([]);
  return { file, certificate, pages: await readPdf(file) };
}

describe('strict mode', () => {
  test('leaves pixels of a touched page, a text of what stays, and other pages alone', async () => {
    const { file, pages } = await strictly({ pages: [PAGE, lines('untouched')] });
    expect(pages[0]).toMatch(/Dear all/);
    expect(pages[0]).toMatch(/before\s+after/);
    expect(pages[0]).toMatch(/Ünïcödé stays/);
    expect(pages[1]).toContain('untouched');
    const document = await PDFDocument.load(file);
    const fonts = document.getPages().map(({ node }) =>
      node
        .Resources()
        ?.lookup(PDFName.of('Font'))
        ?.toString()
        .match(/\/\w+(?= )/g),
    );
    expect(fonts[0]).toEqual(['/CloakText']);
    expect(fonts[1]).toContain('/F1');
  });

  test.each([
    ['as it lies', ''],
    ['turned and cropped', '/Rotate 90 /MediaBox [-50 -20 700 800] /CropBox [10 30 600 760]'],
    ['on its head', '/Rotate 180'],
    ['turned to the left', '/Rotate 270 /MediaBox [0 0 612 792]'],
  ])('keeps a page %s', async (_, extra) => {
    const source = { pages: [{ content: PAGE, extra }] };
    const before = await renderPdf(pdfFile(source));
    const { file } = await strictly(source);
    const after = await renderPdf(file);
    expect([after.width, after.height]).toEqual([before.width, before.height]);
    const far = before.differences(after, 90);
    // One line of some three hundred points by twelve.
    expect(far.length).toBeLessThan(2500);
    expect(far.length).toBeGreaterThan(100);
  });

  test('has its words where they stand', async () => {
    const source = { pages: [PAGE] };
    const { file } = await strictly(source);
    const [was, is] = [await placesOf(pdfFile(source), 'Dear'), await placesOf(file, 'Dear')];
    expect(was.length).toBe(1);
    expect(Math.abs((was[0]?.x ?? 0) - (is[0]?.x ?? 99))).toBeLessThan(2);
    expect(Math.abs((was[0]?.y ?? 0) - (is[0]?.y ?? 99))).toBeLessThan(4);
  });

  test('keeps links, and puts stand-ins', async () => {
    const { file, pages } = await strictly(
      {
        pages: [{ content: PAGE, extra: '/Annots [100 0 R]' }],
        objects: [
          '<< /Type /Annot /Subtype /Link /Rect [72 600 200 620] /A << /S /URI /URI (https://example.net/) >> >>',
        ],
      },
      { method: 'anonymize' },
    );
    expect(pages[0]?.replace(/\s/g, '')).toContain('[EMAIL_1]');
    expect(file.toString('latin1')).toContain('https://example.net/');
  });

  test('says the same of values of any width', async () => {
    const digests = new Set<string>();
    for (const mail of ['ann@example.org', 'maximiliana.featherstone@example.org']) {
      const source = { pages: [lines(`Dear ${mail}, how are you`)] };
      const { bytes } = await redactDocument(pdfFile(source), 'a.pdf', { strict: true });
      const file = Buffer.from(bytes);
      digests.add((await renderPdf(file)).digest);
    }
    expect(digests.size).toBe(1);
  });
});

/** Fonts that we do not lay out ourselves: PDFium removes, or the page becomes a picture. */
const FOREIGN: [string, string][] = [
  ['written downwards', '/Identity-V'],
  ['in a named encoding', '/UniGB-UCS2-H'],
];

describe('text that only a picture removes', () => {
  const utf16 = (text: string) => Buffer.from(text, 'utf16le').swap16().toString('hex');
  const foreign = (encoding: string, mail: string): PdfSource => ({
    pages: [
      {
        content: `BT /F9 12 Tf 72 700 Td <${utf16(`A ${mail} B`)}> Tj ET ${lines('stays')}`,
        extra: '/Resources << /Font << /F1 3 0 R /F9 100 0 R >> >>',
      },
    ],
    objects: [
      `<< /Type /Font /Subtype /Type0 /BaseFont /Foreign /Encoding ${encoding} /DescendantFonts [101 0 R] /ToUnicode 102 0 R >>`,
      '<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Foreign /DW 600 /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>',
      {
        source: '<< >>',
        stream:
          'begincmap 1 begincodespacerange <0000> <ffff> endcodespacerange 1 beginbfrange <0000> <00ff> <0000> endbfrange endcmap',
      },
    ],
  });

  test.each(FOREIGN)('%s', async (_, encoding) => {
    const { bytes } = await redactDocument(pdfFile(foreign(encoding, MAIL)), 'a.pdf');
    const file = Buffer.from(bytes);
    expect(everything(file)).not.toContain('jane');
    expect((await readPdf(file))[0]).toContain('stays');
  });
});

describe('words that the page shows and its text does not have', () => {
  const found = async (source: PdfSource) => {
    const { bytes, items } = await redactDocument(pdfFile(source), 'a.pdf');
    expect(items.map(({ type }) => type)).toContain('ssn');
    const file = Buffer.from(bytes);
    expect((await examine(file, 'a.pdf')).items).toEqual([]);
    return { file, text: (await readPdf(file)).join('\n') };
  };

  test('as outlines', async () => {
    const drawn = await outlinesOf('The number is 536-22-8726 as known');
    const { file, text } = await found({ pages: [`${lines('stays')} ${drawn}`] });
    expect(text).toContain('stays');
    expect(text).toMatch(/The number is/);
    expect(everything(file)).not.toContain(' re ');
  });

  test('in a pattern', async () => {
    const { file, text } = await found({
      pages: [
        {
          content: `${lines('stays')} /Pattern cs /P1 scn 60 480 400 60 re f`,
          resources: '/Pattern << /P1 100 0 R >>',
        },
      ],
      objects: [
        {
          source:
            '<< /Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 612 792] /XStep 612 /YStep 792 /Resources << /Font << /F1 3 0 R >> >> >>',
          stream: 'BT /F1 14 Tf 72 500 Td (The number is 536-22-8726 as known) Tj ET',
        },
      ],
    });
    expect(text).toContain('stays');
    expect(everything(file)).not.toContain('8726');
  });
});

test('a scan with its text laid over it is blackened in its pixels, too', async () => {
  const scan = await renderPdf(pdfFile({ pages: [PAGE] }), 0, 2);
  const { width, height, pixels } = scan;
  const source = pdfFile({
    pages: [
      {
        content: `q 612 0 0 792 0 0 cm /Im1 Do Q 3 Tr ${PAGE}`,
        resources: '/XObject << /Im1 100 0 R >>',
      },
    ],
    objects: [
      {
        source: `<< /Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceGray /BitsPerComponent 8 >>`,
        stream: Buffer.from(pixels),
      },
    ],
  });
  const { bytes } = await redactDocument(source, 'a.pdf');
  const file = Buffer.from(bytes);
  expect((await inspectDocument(file, 'a.pdf')).places).toEqual([]);
  const text = (await readPdf(file))[0] ?? '';
  expect(text).toContain('Dear all');
  expect(text).not.toContain('jane');
  const document = await PDFDocument.load(file);
  const images = document.context
    .enumerateIndirectObjects()
    .filter(([, object]) => object instanceof PDFRawStream && object.dict.has(PDFName.of('Width')));
  expect(images).toHaveLength(1);
  expect((await examine(file, 'a.pdf')).items).toEqual([]);
});
