/**
 * Files that are made to hurt: each is refused with a clear fault, or done; none takes for ever, none
 * takes the process down, and no fault quotes the document.
 */
import { deflateSync } from 'node:zlib';
import { PDFDocument } from '@cantoo/pdf-lib';
import { expect, test } from 'vitest';
import { inspectDocument, redactDocument } from '../../src/services/redact/index.ts';
import { lines, type PdfSource, pdfFile } from './redact/pdf-file.ts';

const SECRET = 'jane.doe@example.org';
const page = lines(`before ${SECRET} after`);

/** A small file that grows to these many megabytes. */
function bomb(megabytes: number): Buffer {
  return deflateSync(Buffer.alloc(megabytes * 1024 * 1024, 0x20), { level: 9 });
}

const form = (inner: string, resources: string) => ({
  source: `<< /Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << ${resources} >> >>`,
  stream: inner,
});

const HOSTILE: [string, () => Buffer][] = [
  ['nothing but a head', () => Buffer.from('%PDF-1.7\n')],
  [
    'a head and noise',
    () => Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(20_000, 0xa5)]),
  ],
  ['cut off in the middle', () => pdfFile({ pages: [page] }).subarray(0, 600)],
  [
    'pages that are their own parents',
    () => edited({ pages: [page] }, '/Kids [10 0 R]', '/Kids [2 0 R] '),
  ],
  [
    'a form that paints itself',
    () =>
      pdfFile({
        pages: [`${page} /Fm1 Do`],
        resources: '/XObject << /Fm1 100 0 R >>',
        objects: [form('/Fm1 Do', '/XObject << /Fm1 100 0 R >>')],
      }),
  ],
  [
    'forms that paint two forms each, thirty deep',
    () =>
      pdfFile({
        pages: [`${page} /A Do`],
        resources: '/XObject << /A 100 0 R >>',
        objects: Array.from({ length: 30 }, (_, i) =>
          form('/A Do /A Do', `/XObject << /A ${101 + i} 0 R >>`),
        ),
      }),
  ],
  [
    'bookmarks in a ring',
    () =>
      pdfFile({
        pages: [page],
        catalog: '/Outlines 100 0 R',
        objects: [
          '<< /First 101 0 R /Last 101 0 R >>',
          `<< /Title (${SECRET}) /Parent 100 0 R /Next 102 0 R >>`,
          '<< /Title (b) /Parent 100 0 R /Next 101 0 R /Prev 101 0 R >>',
        ],
      }),
  ],
  [
    'names and fields in a ring',
    () =>
      pdfFile({
        pages: [page],
        catalog: '/Names << /Dests 100 0 R >> /AcroForm << /Fields [101 0 R] >>',
        objects: ['<< /Kids [100 0 R] >>', '<< /T (a) /Kids [101 0 R] /Parent 101 0 R >>'],
      }),
  ],
  [
    'resources that are their own',
    () =>
      pdfFile({
        pages: [page],
        resources: '/ExtGState 100 0 R',
        objects: ['<< /A 100 0 R /Font [100 0 R 12] >>'],
      }),
  ],
  ['brackets without end', () => pdfFile({ pages: [`${page} ${'['.repeat(200_000)}`] })],
  ['dictionaries without end', () => pdfFile({ pages: [`${page} ${'<<'.repeat(100_000)} BDC`] })],
  ['a string without end', () => pdfFile({ pages: [`${page} (${'('.repeat(200_000)}`] })],
  ['states without end', () => pdfFile({ pages: [`${page} ${'q '.repeat(300_000)}`] })],
  [
    'numbers out of all range',
    () =>
      pdfFile({ pages: [`1e999 0 0 1e999 1e300 0 cm ${page} BT /F1 1e38 Tf 1e38 0 Td (x) Tj ET`] }),
  ],
  [
    'a page of no size',
    () => pdfFile({ pages: [{ content: page, extra: '/MediaBox [0 0 0 0]' }] }),
  ],
  [
    'a page of kilometres',
    () => pdfFile({ pages: [{ content: page, extra: '/MediaBox [0 0 9000000 9000000]' }] }),
  ],
  ['sizes that lie', () => edited({ pages: [page] }, /\/Length \d+/, '/Length 99999999')],
  ['a count that lies', () => edited({ pages: [page] }, '/Count 1', '/Count 9999999')],
  [
    'contents that grow',
    () =>
      pdfFile({
        pages: [{ content: page, extra: '/Contents [11 0 R 100 0 R]' }],
        objects: [{ source: '<< /Filter /FlateDecode >>', stream: bomb(300), isCompressed: false }],
      }),
  ],
  [
    'a picture that says it is larger than it is',
    () =>
      pdfFile({
        pages: [`${page} q 500 0 0 500 0 0 cm /Im1 Do Q`],
        resources: '/XObject << /Im1 100 0 R >>',
        objects: [
          {
            source:
              '<< /Type /XObject /Subtype /Image /Width 60000 /Height 60000 /ColorSpace /DeviceRGB /BitsPerComponent 8 >>',
            stream: 'x',
          },
        ],
      }),
  ],
  ['twenty thousand objects in a ring', () => manyObjects(20_000)],
  ['twenty thousand annotations', () => manyNotes(20_000)],
];

function edited(source: PdfSource, what: string | RegExp, by: string): Buffer {
  return Buffer.from(pdfFile(source).toString('latin1').replace(what, by), 'latin1');
}

function manyObjects(count: number): Buffer {
  return pdfFile({
    pages: [page],
    catalog: '/Outlines 100 0 R',
    objects: Array.from(
      { length: count },
      (_, i) => `<< /Title (a) /Next ${100 + ((i + 1) % count)} 0 R >>`,
    ),
  });
}

function manyNotes(count: number): Buffer {
  const refs = Array.from({ length: count }, (_, i) => `${100 + i} 0 R`).join(' ');
  return pdfFile({
    pages: [{ content: page, extra: `/Annots [${refs}]` }],
    objects: Array.from(
      { length: count },
      () => '<< /Type /Annot /Subtype /Text /Rect [1 1 9 9] /Contents (a) >>',
    ),
  });
}

const REFUSED = ['unreadable_file', 'verification_failed', 'unsupported_file_type'];

test.each(HOSTILE)(
  '%s',
  async (_, make) => {
    const file = make();
    for (const work of [redactDocument, inspectDocument]) {
      const outcome = await work(file, 'a.pdf', {}).catch((error) => error);
      if (!(outcome instanceof Error)) continue;
      // Errors that are no faults become `unreadable_file` at the edge of the worker.
      const { code = 'unreadable_file', message } = outcome as { code?: string; message: string };
      expect(message).not.toContain('jane');
      if (!code.startsWith('ERR_')) expect(REFUSED).toContain(code);
    }
  },
  240_000,
);

test('an encrypted file asks for its password, and opens with it', async () => {
  const document = await PDFDocument.load(pdfFile({ pages: [page] }));
  document.encrypt({ userPassword: 'right', ownerPassword: 'other' });
  const file = await document.save();
  const refused = { code: 'unreadable_file' };
  await expect(redactDocument(file, 'a.pdf')).rejects.toMatchObject(refused);
  await expect(redactDocument(file, 'a.pdf', { password: 'wrong' })).rejects.toMatchObject(refused);
  const { items, bytes } = await redactDocument(file, 'a.pdf', { password: 'right' });
  expect(items.map(({ type }) => type)).toEqual(['email']);
  expect(Buffer.from(bytes).includes('/Encrypt')).toBe(false);
});

test('a string that stands where a page has its contents, or its box, does not stay', async () => {
  const source = pdfFile({ pages: [page, page] }).toString('latin1');
  const file = source
    .replace('/Contents 11 0 R', '/Contents (jane.doe@example.com)')
    .replace('/MediaBox [0 0 612 792] /Contents 13', '/Tabs <6a616e652e> /Contents 13');
  const { bytes } = await redactDocument(Buffer.from(file, 'latin1'), 'a.pdf');
  expect(Buffer.from(bytes).toString('latin1')).not.toMatch(/jane|6a616e65/i);
});
