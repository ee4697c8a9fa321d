/**
 * Every place in a PDF where a value can hide, one small file each; each is redacted and then
 * searched by means of its own: every byte, every stream, every string however it is written.
 */
import { describe, expect, test } from 'vitest';
import { inspectDocument, redactDocument } from '../../src/services/redact/index.ts';
import { everything } from './redact/pdf-bytes.ts';
import { readPdf, renderPdf } from './redact/pdf-eye.ts';
import { lines, type PdfSource, pdfFile, revised } from './redact/pdf-file.ts';

const MAIL = 'jane.doe@example.org';
/** Parts of the secrets that stand nowhere else. */
const TRACES = ['jane', 'doe@', 'example.org', '8726', '536-22'];

async function attacked(source: Buffer, options = {}) {
  const { bytes, items } = await redactDocument(source, 'a.pdf', options);
  const file = Buffer.from(bytes);
  const seen = everything(file);
  for (const trace of TRACES) expect(seen.includes(trace), `${trace} is still there`).toBe(false);
  const { places } = await inspectDocument(file, 'a.pdf');
  // What was hidden by other means and holds nothing stays hidden.
  expect(places.filter(({ text }) => !'before after'.includes(text))).toEqual([]);
  return { file, items, text: (await readPdf(file)).join('\n') };
}

const text = (inner: string) => `BT /F1 12 Tf 72 700 Td ${inner} ET`;
const kerned = (word: string) => `[${[...word].map((letter) => `(${letter}) -12`).join(' ')}] TJ`;
const hex = (word: string) => `<${Buffer.from(word).toString('hex')}>`;
const octal = (word: string) =>
  `(${[...word].map((letter) => `\\${letter.charCodeAt(0).toString(8).padStart(3, '0')}`).join('')})`;
const form = (content: string, more = '') => ({
  source: `<< /Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> ${more} >>`,
  stream: content,
});
/** Lines of text, letter by letter, each at its own place. */
const placed = (texts: readonly string[]) =>
  texts.flatMap((line, row) =>
    [...line].map(
      (letter, i) => `1 0 0 1 ${(72 + i * 7.2).toFixed(1)} ${700 - row * 14} Tm (${letter}) Tj`,
    ),
  );
const FORM = '/XObject << /Fm1 100 0 R >>';

const x = (letter: string) => Number(letter.split(' ')[4]);

const IN_PAGES: [string, PdfSource][] = [
  ['one string', { pages: [text(`(before ${MAIL} after) Tj`)] }],
  ['a string a letter, kerned', { pages: [text(`(before ) Tj ${kerned(MAIL)} ( after) Tj`)] }],
  [
    'letters painted one by one from the end',
    {
      pages: [
        `BT /F2 12 Tf ${placed([`before ${MAIL} after`])
          .reverse()
          .join(' ')} ET`,
      ],
    },
  ],
  ['hexadecimal strings', { pages: [text(`${hex(`before ${MAIL} after`)} Tj`)] }],
  ['octal escapes', { pages: [text(`(before ) Tj ${octal(MAIL)} Tj ( after) Tj`)] }],
  ['the quote operators', { pages: [text(`14 TL (before) ' 1 0 (${MAIL}) " (after) '`)] }],
  ['invisible text', { pages: [text(`(before after) Tj 0 -20 Td 3 Tr (${MAIL}) Tj`)] }],
  ['white text', { pages: [text(`(before after) Tj 0 -20 Td 1 g (${MAIL}) Tj`)] }],
  [
    'text under a black box',
    { pages: [`${text(`(before ${MAIL} after) Tj`)} 0 g 100 690 200 20 re f`] },
  ],
  [
    'the same text twice, a hair apart',
    {
      pages: [
        `${text(`(before ${MAIL} after) Tj`)} BT /F1 12 Tf 72.3 700 Td (before ${MAIL} after) Tj ET`,
      ],
    },
  ],
  [
    'text matrices of its own',
    {
      pages: [
        `BT /F1 1 Tf 12 0 0 12 72 700 Tm (before) Tj 12 0 0 12 140 700 Tm (${MAIL}) Tj 12 0 0 12 300 700 Tm (after) Tj ET`,
      ],
    },
  ],
  [
    'turned text',
    { pages: [`BT /F1 12 Tf 0.7 0.7 -0.7 0.7 200 300 Tm (before ${MAIL} after) Tj ET`] },
  ],
  ['spacing of letters and words', { pages: [text(`3 Tc 5 Tw 80 Tz (before ${MAIL} after) Tj`)] }],
  [
    'a turned page with a crop box',
    {
      pages: [
        {
          content: text(`(before ${MAIL} after) Tj`),
          extra: '/Rotate 90 /MediaBox [-50 -20 700 800] /CropBox [10 30 600 760]',
        },
      ],
    },
  ],
  [
    'a value over two lines',
    { pages: [text('14 TL (before social security 536-22-) Tj T* (8726 after) Tj')] },
  ],
  [
    'contents in several streams',
    {
      pages: [{ content: '', extra: '/Contents [100 0 R 101 0 R]' }],
      objects: [
        { source: '<< >>', stream: 'BT /F1 12 Tf 72 700 Td (before ja' + `ne.doe@example.org) Tj` },
        { source: '<< >>', stream: '( after) Tj ET' },
      ],
    },
  ],
  [
    'a form',
    { pages: ['q /Fm1 Do Q'], resources: FORM, objects: [form(text(`(before ${MAIL} after) Tj`))] },
  ],
  [
    'a form with a matrix',
    {
      pages: ['q 0.5 0 0 0.5 20 30 cm /Fm1 Do Q'],
      resources: FORM,
      objects: [form(text(`(before ${MAIL} after) Tj`), '/Matrix [1 0.2 -0.2 1 90 10]')],
    },
  ],
  [
    'a form within a form',
    {
      pages: ['/Fm1 Do'],
      resources: FORM,
      objects: [
        {
          ...form('q 1 0 0 1 5 5 cm /Fm2 Do Q'),
          source:
            '<< /Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << /XObject << /Fm2 101 0 R >> >> >>',
        },
        form(text(`(before ${MAIL} after) Tj`)),
      ],
    },
  ],
  [
    'ActualText',
    { pages: [`/Span << /ActualText (${MAIL}) >> BDC ${text(`(before ${MAIL} after) Tj`)} EMC`] },
  ],
  [
    'text behind an inline image',
    {
      pages: [
        `q 10 0 0 10 0 0 cm BI /W 2 /H 2 /CS /G /BPC 8 ID (EI EI Q ${text(`(before ${MAIL} after) Tj`)}`.replace(
          '(EI',
          '\x01\x02\x03\x04\n',
        ),
      ],
    },
  ],
  [
    'a hidden layer',
    {
      pages: [
        {
          content: `/OC /L BDC ${text(`(before ${MAIL} after) Tj`)} EMC`,
          resources: '/Properties << /L 100 0 R >>',
        },
      ],
      objects: [`<< /Type /OCG /Name (layer of ${MAIL}) >>`],
      catalog: '/OCProperties << /OCGs [100 0 R] /D << /OFF [100 0 R] /Order [100 0 R] >> >>',
    },
  ],
];

describe('in a page', () => {
  test.each(IN_PAGES)('%s', async (_, source) => {
    const { text: left, items } = await attacked(pdfFile(source));
    expect(items.length).toBeGreaterThan(0);
    expect(left).toContain('before');
    expect(left).toContain('after');
  });

  test.each([
    ['column by column', (letters: string[]) => letters.toSorted((a, b) => x(a) - x(b))],
    [
      'scattered',
      (letters: string[]) =>
        letters.toSorted((a, b) => ((x(a) * 7919) % 97) - ((x(b) * 7919) % 97)),
    ],
  ])('letters of several lines, painted %s', async (_, order) => {
    const letters = placed([
      'first line of text here',
      `before ${MAIL} after`,
      'third line of words',
    ]);
    const { items, text: left } = await attacked(
      pdfFile({ pages: [`BT /F2 12 Tf ${order(letters).join(' ')} ET`] }),
    );
    expect(items.map(({ type }) => type)).toEqual(['email']);
    const count = (letter: string) => left.split(letter).length - 1;
    expect([count('b'), count('h'), count('w')]).toEqual([1, 2, 1]);
  });

  test('a form that two pages share keeps its other use', async () => {
    const source = pdfFile({
      pages: [
        `${text('(page one) Tj')} 1 0 0 1 0 -100 cm /Fm1 Do`,
        `${text('(page two) Tj')} /Fm1 Do`,
      ],
      resources: FORM,
      objects: [form(text(`(before ${MAIL} after) Tj`))],
    });
    const { file } = await attacked(source);
    const pages = await readPdf(file);
    expect(pages.map((page) => /before\s+after/.test(page.replace(/[^a-z]/g, ' ')))).toEqual([
      true,
      true,
    ]);
  });
});

const OUTSIDE: [string, PdfSource][] = [
  [
    'document information',
    {
      pages: [lines('before after')],
      objects: [`<< /Title (${MAIL}) /Author (jane) >>`],
      trailer: '/Info 100 0 R',
    },
  ],
  [
    'XMP metadata',
    {
      pages: [lines('before after')],
      catalog: '/Metadata 100 0 R',
      objects: [
        {
          source: '<< /Type /Metadata /Subtype /XML >>',
          stream: `<x>${MAIL}</x>`,
          isCompressed: false,
        },
      ],
    },
  ],
  [
    'a bookmark',
    {
      pages: [lines('before after')],
      catalog: '/Outlines 100 0 R',
      objects: [
        '<< /Type /Outlines /First 101 0 R /Last 101 0 R /Count 1 >>',
        `<< /Title (${MAIL}) /Parent 100 0 R /Dest [10 0 R /Fit] >>`,
      ],
    },
  ],
  [
    'an attachment',
    {
      pages: [lines('before after')],
      catalog: '/Names << /EmbeddedFiles << /Names [(jane) 100 0 R] >> >>',
      objects: [
        '<< /Type /Filespec /F (jane.txt) /EF << /F 101 0 R >> >>',
        { source: '<< /Type /EmbeddedFile >>', stream: MAIL },
      ],
    },
  ],
  [
    'a script',
    {
      pages: [lines('before after')],
      catalog: '/OpenAction 100 0 R',
      objects: [`<< /S /JavaScript /JS (app.alert\\("${MAIL}"\\)) >>`],
    },
  ],
  [
    'a note',
    {
      pages: [{ content: lines('before after'), extra: '/Annots [100 0 R]' }],
      objects: [
        `<< /Type /Annot /Subtype /Text /Rect [10 10 30 30] /Contents (${MAIL}) /T (jane) >>`,
      ],
    },
  ],
  [
    'a link',
    {
      pages: [{ content: lines('before after'), extra: '/Annots [100 0 R]' }],
      objects: [
        `<< /Type /Annot /Subtype /Link /Rect [10 10 30 30] /A << /S /URI /URI (mailto:${MAIL}) >> >>`,
      ],
    },
  ],
  [
    'a remark with an appearance',
    {
      pages: [{ content: lines('before after'), extra: '/Annots [100 0 R]' }],
      objects: [
        `<< /Type /Annot /Subtype /FreeText /F 4 /Rect [72 500 400 520] /Contents (${MAIL}) /DA (/Helv 12 Tf) /AP << /N 101 0 R >> >>`,
        {
          source:
            '<< /Type /XObject /Subtype /Form /BBox [0 0 328 20] /Resources << /Font << /F1 3 0 R >> >> >>',
          stream: `BT /F1 12 Tf 2 5 Td (${MAIL}) Tj ET`,
        },
      ],
    },
  ],
  [
    'a form field',
    {
      pages: [{ content: lines('before after'), extra: '/Annots [100 0 R]' }],
      catalog:
        '/AcroForm << /Fields [100 0 R] /DR << /Font << /Helv 3 0 R >> >> /DA (/Helv 12 Tf 0 g) >>',
      objects: [
        `<< /Type /Annot /Subtype /Widget /FT /Tx /T (mail of jane) /TU (${MAIL}) /V (${MAIL}) /DV (${MAIL}) /F 4 /Rect [72 500 400 520] /DA (/Helv 12 Tf 0 g) /AP << /N 101 0 R >> >>`,
        {
          source:
            '<< /Type /XObject /Subtype /Form /BBox [0 0 328 20] /Resources << /Font << /Helv 3 0 R >> >> >>',
          stream: `/Tx BMC BT /Helv 12 Tf 2 5 Td (${MAIL}) Tj ET EMC`,
        },
      ],
    },
  ],
  [
    'tags',
    {
      pages: [lines('before after')],
      catalog: '/MarkInfo << /Marked true >> /StructTreeRoot 100 0 R',
      objects: [
        '<< /Type /StructTreeRoot /K 101 0 R >>',
        `<< /S /Figure /P 100 0 R /Alt (${MAIL}) /ActualText (${MAIL}) >>`,
      ],
    },
  ],
  [
    'private data of programs',
    {
      pages: [
        { content: lines('before after'), extra: `/PieceInfo << /App << /Private (${MAIL}) >> >>` },
      ],
    },
  ],
  [
    'a thumbnail',
    {
      pages: [{ content: lines('before after'), extra: '/Thumb 100 0 R' }],
      objects: [{ source: '<< /Width 1 /Height 1 >>', stream: MAIL }],
    },
  ],
  [
    'an object that nobody refers to',
    { pages: [lines('before after')], objects: [`(${MAIL})`, { source: '<< >>', stream: MAIL }] },
  ],
  [
    'page labels and named places',
    {
      pages: [lines('before after')],
      catalog: `/PageLabels << /Nums [0 << /P (${MAIL}) >>] >> /Dests << /${MAIL} [10 0 R /Fit] >>`,
    },
  ],
  [
    'metadata of an object',
    {
      pages: [lines('before after')],
      resources: FORM,
      objects: [form('', '/Metadata 101 0 R'), { source: '<< /Type /Metadata >>', stream: MAIL }],
    },
  ],
];

describe('outside of the pages', () => {
  test.each(OUTSIDE)('%s', async (_, source) => {
    const { text: left } = await attacked(pdfFile(source));
    expect(left).toContain('before after');
  });

  test('an earlier revision', async () => {
    const first = pdfFile({ pages: [lines(`before ${MAIL} after`)] });
    const file = revised(first, 11, { source: '<< >>', stream: lines('before after') });
    const { text: left } = await attacked(file);
    expect(left).toContain('before after');
  });
});

test('a stand-in stands where the value was', async () => {
  const { text: left } = await attacked(pdfFile({ pages: [lines(`Mail ${MAIL} now`)] }), {
    method: 'anonymize',
  });
  expect(left.replace(/\s+/g, ' ')).toContain('[EMAIL_1]');
  expect(left).toContain('Mail');
  expect(left).toContain('now');
});

describe('the gap tells nothing of what it hides', () => {
  const values = [
    'ann@example.org',
    'maximiliana.featherstonehaugh@example.org',
    'wwwwww@example.org',
  ];
  const sources: [string, (mail: string) => string][] = [
    ['in one string', (mail) => text(`(Dear ${mail}, how do you do) Tj`)],
    ['with kerning', (mail) => text(`[(Dear ) -20 (${mail}) 70 (, how) -30 ( do you do)] TJ`)],
    [
      'with words placed one by one behind it',
      (mail) => {
        const behind = 72 + 40 + mail.length * 5.5;
        return `BT /F2 10 Tf 1 0 0 1 72 700 Tm (Dear ${mail}) Tj 1 0 0 1 ${(72 + (5 + mail.length) * 6 + 6).toFixed(2)} 700 Tm (how) Tj 1 0 0 1 ${(72 + (9 + mail.length) * 6 + 6).toFixed(2)} 700 Tm (do) Tj ET % ${behind}`;
      },
    ],
  ];
  test.each(sources)('%s', async (_, content) => {
    const shown = new Set<string>();
    for (const mail of values) {
      const { bytes } = await redactDocument(
        pdfFile({ pages: [content(mail).replace(/%.*$/, '')] }),
        'a.pdf',
      );
      shown.add((await renderPdf(Buffer.from(bytes))).digest);
    }
    expect(shown.size).toBe(1);
  });
});

test('what stands in other columns and lines stays where it was, to the pixel', async () => {
  const page = (mail: string) =>
    `BT /F1 11 Tf 72 700 Td (Left ${mail} end) Tj 260 0 Td (Right column stays) Tj -260 -20 Td (Second line stays, too) Tj ET 0.5 g 72 600 100 50 re f`;
  const before = await renderPdf(pdfFile({ pages: [page(MAIL)] }));
  const { bytes } = await redactDocument(pdfFile({ pages: [page(MAIL)] }), 'a.pdf');
  const after = await renderPdf(Buffer.from(bytes));
  // Points from the top: the line of the value, left column only.
  const changed = before.differences(after);
  expect(changed.length).toBeGreaterThan(0);
  for (const { x, y } of changed)
    expect({ x: x < 330, y: y > 78 && y < 100 }).toEqual({ x: true, y: true });
});
