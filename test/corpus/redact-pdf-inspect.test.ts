/**
 * Judging somebody else's redaction: 27 real pages, of which four hide text badly, and one small file
 * for every way to hide that they do not show. Who redacted well is accused of nothing.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inspectDocument } from '../../src/services/redact/index.ts';
import { lines, type PdfSource, pdfFile, revised } from './redact/pdf-file.ts';
import { pictureOf } from './redact/pdf-picture.ts';

const REAL = resolve(import.meta.dirname, '../../../shared/data/pdf/bad-redactions');
const BAD: Readonly<Record<string, string[]>> = {
  'rectangles_yes.pdf': [
    '“No”',
    '“Yes”, but did not disclose all relevant medical history',
    '“No”',
  ],
  'rectangles_yes_2.pdf': ['def'],
  'hidden_text_on_visible_text.pdf': ['TROOPPER', 'LC'],
};

describe('real documents', () => {
  const files = readdirSync(REAL).filter((file) => file.endsWith('.pdf'));

  test('all 27 are there', () => {
    expect(files).toHaveLength(27);
  });

  test.each(files)('%s', async (file) => {
    const { places } = await inspectDocument(readFileSync(resolve(REAL, file)), file);
    if (file === 'bad_cross_hatched_redactions.pdf') {
      expect(places).toHaveLength(16);
      expect(places[0]?.text).toBe('November 2019');
      return;
    }
    expect(places.map(({ text }) => text)).toEqual(BAD[file] ?? []);
  });
});

const SECRET = 'Jane Doe 536-22-8726';
const shown = 'BT /F1 12 Tf 72 740 Td (In the open) Tj ET';
const hidden = `BT /F1 12 Tf 72 700 Td (${SECRET}) Tj ET`;
const BOX = '70 695 140 16 re f';
const note = (more: string) => ({
  pages: [{ content: `${shown} ${hidden}`, extra: '/Annots [100 0 R]' }],
  objects: [`<< /Type /Annot /Rect [70 695 210 711] /F 4 ${more} >>`],
});
const paintedNote = (kind: string): PdfSource => ({
  pages: [{ content: `${shown} ${hidden}`, extra: '/Annots [100 0 R]' }],
  objects: [
    `<< /Type /Annot /Subtype /${kind} /Rect [70 695 210 711] /F 4 /AP << /N 101 0 R >> >>`,
    {
      source: '<< /Type /XObject /Subtype /Form /BBox [0 0 140 16] >>',
      stream: '0 g 0 0 140 16 re f',
    },
  ],
});

const HIDING: [string, PdfSource, string][] = [
  ['a black box', { pages: [`${shown} ${hidden} 0 g ${BOX}`] }, 'covered'],
  ['a white box', { pages: [`${shown} ${hidden} 1 g ${BOX}`] }, 'covered'],
  ['a box within a form', boxInForm(), 'covered'],
  ['a thick line', { pages: [`${shown} ${hidden} 16 w 70 703 m 210 703 l S`] }, 'covered'],
  ['a black ground of black text', { pages: [`${shown} 0 g ${BOX} ${hidden}`] }, 'colour'],
  ['white on white', { pages: [`${shown} 1 g ${hidden}`] }, 'colour'],
  ['invisible text', { pages: [`${shown} 3 Tr ${hidden}`] }, 'invisible'],
  ['text beside the page', { pages: [`${shown} 1 0 0 1 700 0 cm ${hidden}`] }, 'outside'],
  [
    'text outside of the crop box',
    { pages: [{ content: `${shown} ${hidden}`, extra: '/CropBox [0 720 612 792]' }] },
    'outside',
  ],
  ['letters of half a point', { pages: [`${shown} ${hidden.replace('12 Tf', '0.5 Tf')}`] }, 'tiny'],
  ['a painted square', paintedNote('Square'), 'covered'],
  ['a stamp', paintedNote('Stamp'), 'covered'],
  ['a mark never carried out', note('/Subtype /Redact'), 'unapplied'],
  [
    'a layer that is off',
    {
      pages: [
        {
          content: `${shown} /OC /L BDC ${hidden} EMC`,
          resources: '/Properties << /L 100 0 R >>',
        },
      ],
      objects: ['<< /Type /OCG /Name (L) >>'],
      catalog: '/OCProperties << /OCGs [100 0 R] /D << /OFF [100 0 R] >> >>',
    },
    'layer',
  ],
  [
    'a picture',
    {
      pages: [
        {
          content: `${shown} ${hidden} q 140 0 0 16 70 695 cm /Im1 Do Q`,
          resources: '/XObject << /Im1 100 0 R >>',
        },
      ],
      objects: [pictureOf(['  '], 4)],
    },
    'covered',
  ],
];

function boxInForm(): PdfSource {
  const source = '<< /Type /XObject /Subtype /Form /BBox [0 0 300 300] /Matrix [1 0 0 1 70 695] >>';
  return {
    pages: [{ content: `${shown} ${hidden} /Fm1 Do`, resources: '/XObject << /Fm1 100 0 R >>' }],
    objects: [{ source, stream: '0 g 0 0 140 16 re f' }],
  };
}

describe('text is found', () => {
  test.each(HIDING)('under or as %s', async (_, source, reason) => {
    const { places } = await inspectDocument(pdfFile(source), 'a.pdf');
    expect(places.map((place) => place.reason)).toEqual([reason]);
    expect(places[0]?.text.replace(/\s+/g, ' ')).toContain(SECRET);
    expect(places[0]?.bbox).toBeDefined();
  });

  test('in an earlier revision, and not in a mere addition', async () => {
    const first = pdfFile({ pages: [lines(`before ${SECRET} after`)] });
    const changed = revised(first, 11, { source: '<< >>', stream: lines('before after') });
    const { places, remains } = await inspectDocument(changed, 'a.pdf');
    expect(places.map(({ reason }) => reason)).toEqual(['revision']);
    expect(places[0]?.text).toContain('536-22-8726');
    expect(remains).toContainEqual({ what: 'revisions', count: 1, names: [] });
    const added = revised(first, 11, {
      source: '<< >>',
      stream: lines(`before ${SECRET} after`, 'more'),
    });
    expect((await inspectDocument(added, 'a.pdf')).places).toEqual([]);
  });
});

const SCAN = pictureOf(['X XX X  XX', 'XX  X XX X'], 6);
const scanned = (content: string): PdfSource => ({
  pages: [
    {
      content: `q 140 0 0 16 70 695 cm /Im1 Do Q ${content}`,
      resources: '/XObject << /Im1 100 0 R >>',
    },
  ],
  objects: [SCAN],
});

describe('a scan', () => {
  test('with its text laid over it invisibly hides nothing', async () => {
    const { places } = await inspectDocument(pdfFile(scanned(`3 Tr ${hidden}`)), 'a.pdf');
    expect(places).toEqual([]);
  });

  test('blackened in its pixels gives its text away where that was left', async () => {
    const black = { ...scanned(`3 Tr ${hidden}`), objects: [pictureOf(['XXXX'], 6)] };
    const { places } = await inspectDocument(pdfFile(black), 'a.pdf');
    expect(places.map(({ reason }) => reason)).toEqual(['invisible']);
  });

  test('under a box still has what it shows', async () => {
    const { places } = await inspectDocument(pdfFile(scanned(`0 g ${BOX}`)), 'a.pdf');
    expect(places.map(({ reason }) => reason)).toEqual(['picture']);
  });
});

const INNOCENT: [string, PdfSource][] = [
  ['white text on a black box', { pages: [`${shown} 0 g ${BOX} 1 g ${hidden}`] }],
  ['a box on the other side', { pages: [`${shown} ${hidden} 0 g 300 695 140 16 re f`] }],
  ['a frame around text', { pages: [`${shown} ${hidden} 0 G 70 695 140 16 re S`] }],
  ['a marker', { pages: [`${shown} 1 1 0 rg ${BOX} 0 g ${hidden}`] }],
  ['boldness by painting twice', { pages: [`${hidden} ${hidden.replace('72 700', '72.4 700')}`] }],
  [
    'labels on boxes in their colour',
    { pages: [`${shown} 0 g ${BOX} BT /F1 9 Tf 75 700 Td (Redacted) Tj ET`] },
  ],
];

test.each(INNOCENT)('%s is not accused', async (_, source) => {
  const { places } = await inspectDocument(pdfFile(source), 'a.pdf');
  expect(places).toEqual([]);
});

test('what lies beside the pages is counted', async () => {
  const { remains } = await inspectDocument(
    pdfFile({
      pages: [{ content: shown, extra: '/Annots [101 0 R]' }],
      catalog:
        '/Names << /EmbeddedFiles << /Names [(a) 102 0 R] >> /JavaScript << /Names [(s) 104 0 R] >> >>',
      objects: [
        '<< /Title (x) /Author (y) >>',
        '<< /Type /Annot /Subtype /Text /Rect [1 1 9 9] /Contents (z) >>',
        '<< /Type /Filespec /F (a.txt) /EF << /F 103 0 R >> >>',
        { source: '<< /Type /EmbeddedFile >>', stream: 'attached' },
        '<< /S /JavaScript /JS (app.alert) >>',
      ],
      trailer: '/Info 100 0 R',
    }),
    'a.pdf',
  );
  expect(remains).toEqual([
    { what: 'information', count: 2, names: ['Title', 'Author'] },
    { what: 'attachments', count: 1, names: [] },
    { what: 'scripts', count: 1, names: [] },
    { what: 'comments', count: 1, names: [] },
  ]);
});

test('another kind of file is refused', async () => {
  await expect(inspectDocument(Buffer.from('text'), 'a.txt')).rejects.toMatchObject({
    code: 'unsupported_file_type',
  });
});
