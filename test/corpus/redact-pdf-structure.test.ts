/**
 * Nothing else touched: links, bookmarks, tags, fields, layers, places and page labels that hold
 * nothing removed are there afterwards, and those that do say it no more.
 */
import { PDFArray, PDFDict, PDFDocument, PDFHexString, PDFName, PDFString } from '@cantoo/pdf-lib';
import { describe, expect, test } from 'vitest';
import { redactDocument } from '../../src/services/redact/index.ts';
import { everything } from './redact/pdf-bytes.ts';
import { readPdf, renderPdf } from './redact/pdf-eye.ts';
import { lines, type PdfSource, pdfFile } from './redact/pdf-file.ts';

const MAIL = 'jane.doe@example.org';

/** Everything that a document has beside its pages; `said` stands wherever words can stand. */
function rich(said: string): PdfSource {
  return {
    pages: [
      {
        content: `/P << /MCID 0 >> BDC ${lines(`before ${MAIL} after`)} EMC`,
        extra: '/Annots [100 0 R 101 0 R 102 0 R 103 0 R] /StructParents 0 /Tabs /S',
        resources: '/Properties << /L 106 0 R >>',
      },
      lines('second page'),
    ],
    catalog: [
      '/AcroForm << /Fields [102 0 R] /DA (/F1 12 Tf 0 g) /DR << /Font << /F1 3 0 R >> >> >>',
      '/Outlines 104 0 R /OCProperties << /OCGs [106 0 R] /D << /Order [106 0 R] >> >>',
      '/MarkInfo << /Marked true >> /StructTreeRoot 107 0 R /Lang (en)',
      '/PageLabels << /Nums [0 << /S /r >>] >> /Names << /Dests << /Names [(chapter) [12 0 R /Fit]] >> >>',
      '/PageMode /UseOutlines /OpenAction [10 0 R /Fit]',
    ].join(' '),
    objects: [
      `<< /Type /Annot /Subtype /Link /Rect [72 600 200 620] /Contents (${said}) /A << /S /URI /URI (https://example.net/page) >> >>`,
      '<< /Type /Annot /Subtype /Link /Rect [72 580 200 600] /Dest (chapter) >>',
      `<< /Type /Annot /Subtype /Widget /FT /Tx /T (city) /TU (${said}) /V (Utrecht) /F 4 /Rect [72 500 300 520] /DA (/F1 12 Tf 0 g) /AP << /N 109 0 R >> >>`,
      `<< /Type /Annot /Subtype /Highlight /F 4 /Rect [72 716 110 730] /QuadPoints [72 730 110 730 72 716 110 716] /C [1 1 0] /Contents (${said}) >>`,
      '<< /Type /Outlines /First 105 0 R /Last 105 0 R /Count 1 >>',
      `<< /Title (${said}) /Parent 104 0 R /Dest [12 0 R /Fit] >>`,
      `<< /Type /OCG /Name (${said}) >>`,
      '<< /Type /StructTreeRoot /K 108 0 R /ParentTree << /Nums [0 [108 0 R]] >> >>',
      `<< /S /P /P 107 0 R /Pg 10 0 R /K 0 /Alt (${said}) >>`,
      {
        source:
          '<< /Type /XObject /Subtype /Form /BBox [0 0 228 20] /Resources << /Font << /F1 3 0 R >> >> >>',
        stream: '/Tx BMC BT /F1 12 Tf 2 5 Td (Utrecht) Tj ET EMC',
      },
    ],
  };
}

async function redacted(source: PdfSource, options = {}) {
  const { bytes, certificate } = await redactDocument(pdfFile(source), 'a.pdf', options);
  const document = await PDFDocument.load(bytes, { updateMetadata: false });
  const { catalog } = document;
  const at = (...path: (string | number)[]): unknown =>
    path.reduce<unknown>((object, key) => {
      if (object instanceof PDFArray) return object.lookup(Number(key));
      return object instanceof PDFDict ? object.lookup(PDFName.of(String(key))) : undefined;
    }, catalog);
  const said = (...path: (string | number)[]) => {
    const value = at(...path);
    return value instanceof PDFString || value instanceof PDFHexString
      ? value.decodeText()
      : value?.toString();
  };
  const annotations = document.getPages()[0]?.node.Annots();
  const note = (i: number) => annotations?.lookup(i, PDFDict);
  return { bytes: Buffer.from(bytes), certificate, at, said, annotations, note };
}

describe('what holds nothing removed stays', () => {
  test('bookmarks, links, fields, notes, tags, layers, labels, places', async () => {
    const { bytes, said, at, annotations, note } = await redacted(rich('Chapter one'));
    expect(everything(bytes)).not.toContain('jane');
    expect(annotations?.size()).toBe(4);
    expect(note(0)?.lookup(PDFName.of('A'), PDFDict).lookup(PDFName.of('URI'))?.toString()).toBe(
      '(https://example.net/page)',
    );
    expect(note(1)?.lookup(PDFName.of('Dest'))?.toString()).toBe('(chapter)');
    expect(said('AcroForm', 'Fields', 0, 'V')).toBe('Utrecht');
    expect(said('AcroForm', 'Fields', 0, 'TU')).toBe('Chapter one');
    expect(note(3)?.lookup(PDFName.of('Subtype'))?.toString()).toBe('/Highlight');
    expect(said('Outlines', 'First', 'Title')).toBe('Chapter one');
    expect(said('OCProperties', 'OCGs', 0, 'Name')).toBe('Chapter one');
    expect(said('StructTreeRoot', 'K', 'Alt')).toBe('Chapter one');
    expect(said('PageLabels', 'Nums', 1, 'S')).toBe('/r');
    expect(said('Names', 'Dests', 'Names', 0)).toBe('chapter');
    expect(said('PageMode')).toBe('/UseOutlines');
    expect(at('OpenAction')).toBeInstanceOf(PDFArray);
  });

  test('the content is still tied to its tag', async () => {
    const { bytes } = await redacted(rich('Chapter one'));
    expect(everything(bytes)).toMatch(/\/P\s*<<\s*\/MCID 0\s*>>\s*BDC/);
    expect((await readPdf(bytes))[0]).toMatch(/before\s+after/);
  });

  test('what is shown of it looks as before', async () => {
    const source = rich('Chapter one');
    const before = await renderPdf(pdfFile(source), 0, 1, true);
    const { bytes } = await redacted(source);
    const changed = before.differences(await renderPdf(bytes, 0, 1, true));
    expect(changed.length).toBeGreaterThan(0);
    for (const { y } of changed) expect(y > 58 && y < 78).toBe(true);
  });
});

describe('what holds a removed value', () => {
  test('says something else in its place', async () => {
    const { bytes, said, annotations } = await redacted(rich(`of ${MAIL} only`));
    expect(everything(bytes)).not.toMatch(/jane|doe@|example\.org/);
    expect(annotations?.size()).toBe(4);
    for (const path of [
      ['AcroForm', 'Fields', 0, 'TU'],
      ['Outlines', 'First', 'Title'],
      ['OCProperties', 'OCGs', 0, 'Name'],
      ['StructTreeRoot', 'K', 'Alt'],
    ])
      expect(said(...path)).toBe('of █████ only');
    expect(said('AcroForm', 'Fields', 0, 'V')).toBe('Utrecht');
  });

  test('has the same stand-in as the page', async () => {
    const { bytes, said } = await redacted(rich(MAIL), { method: 'anonymize' });
    expect(said('Outlines', 'First', 'Title')).toBe('[EMAIL_1]');
    expect((await readPdf(bytes))[0]?.replace(/\s+/g, '')).toContain('[EMAIL_1]');
  });

  test('goes, as a link that leads to it', async () => {
    for (const address of [`mailto:${MAIL}`, `mailto:${MAIL.replace('@', '%40')}?subject=x`]) {
      const { bytes, annotations } = await redacted({
        pages: [{ content: lines('before after'), extra: '/Annots [100 0 R 101 0 R]' }],
        objects: [
          `<< /Type /Annot /Subtype /Link /Rect [72 600 200 620] /A << /S /URI /URI (${address}) >> >>`,
          '<< /Type /Annot /Subtype /Link /Rect [72 580 200 600] /A << /S /URI /URI (https://example.net/) >> >>',
        ],
      });
      expect(everything(bytes)).not.toContain('jane');
      expect(annotations?.size()).toBe(1);
    }
  });

  test('goes, as a field that shows it, while its neighbour stays', async () => {
    const field = (id: number, name: string, value: string) => [
      `<< /Type /Annot /Subtype /Widget /FT /Tx /T (${name}) /V (${value}) /F 4 /Rect [72 ${id} 300 ${id + 20}] /DA (/F1 12 Tf 0 g) /AP << /N ${name === 'a' ? 101 : 103} 0 R >> >>`,
      {
        source:
          '<< /Type /XObject /Subtype /Form /BBox [0 0 228 20] /Resources << /Font << /F1 3 0 R >> >> >>',
        stream: `/Tx BMC BT /F1 12 Tf 2 5 Td (${value}) Tj ET EMC`,
      },
    ];
    const { bytes, at, said } = await redacted({
      pages: [{ content: lines('before after'), extra: '/Annots [100 0 R 102 0 R]' }],
      catalog: '/AcroForm << /Fields [100 0 R 102 0 R] /DR << /Font << /F1 3 0 R >> >> >>',
      objects: [...field(500, 'a', MAIL), ...field(450, 'b', 'Utrecht')],
    });
    expect(everything(bytes)).not.toContain('jane');
    expect((at('AcroForm', 'Fields') as PDFArray).size()).toBe(1);
    expect(said('AcroForm', 'Fields', 0, 'V')).toBe('Utrecht');
    expect((await renderPdf(bytes, 0, 1, true)).pixels[282 * 612 + 80]).toBe(0);
  });
});

describe('what nobody looks into goes, and the certificate says so', () => {
  test('attachments, in the document and on a page', async () => {
    const file = (id: number) => [
      `<< /Type /Filespec /F (jane.txt) /EF << /F ${id + 1} 0 R >> >>`,
      { source: '<< /Type /EmbeddedFile >>', stream: MAIL },
    ];
    const { bytes, certificate } = await redacted({
      pages: [{ content: lines('before after'), extra: '/Annots [104 0 R]' }],
      catalog: '/Names << /EmbeddedFiles << /Names [(jane) 100 0 R] >> >> /AF [100 0 R]',
      objects: [
        ...file(100),
        ...file(102),
        '<< /Type /Annot /Subtype /FileAttachment /Rect [10 10 20 20] /FS 102 0 R >>',
      ],
    });
    expect(everything(bytes)).not.toContain('jane');
    expect(certificate.removedWhole).toEqual([]);
  });

  test.each([
    ['a script that runs at the start', '/OpenAction << /S /JavaScript /JS (leak) >>'],
    [
      'a script by name',
      '/Names << /JavaScript << /Names [(leak) << /S /JavaScript /JS (leak) >>] >> >>',
    ],
    ['actions of the document', '/AA << /WC << /S /JavaScript /JS (leak) >> >>'],
    ['a program to start', '/OpenAction << /S /Launch /F (leak) >>'],
    ['a form to send', '/OpenAction << /S /SubmitForm /F (leak) >>'],
    ['an XFA form', '/AcroForm << /Fields [] /XFA (leak) >>'],
    ['a collection', '/Collection << /View /D /X (leak) >>'],
    ['signatures of the whole', '/Perms << /DocMDP << /Contents (leak) >> >>'],
  ])('%s', async (_, catalog) => {
    const { bytes } = await redacted({ pages: [lines('before after')], catalog });
    expect(everything(bytes)).not.toContain('leak');
  });

  test.each([
    ['the other looks of a button', '/AP << /N 101 0 R /D 102 0 R /R 102 0 R >>'],
    ['a look that is hidden', '/F 2 /AP << /N 102 0 R >>'],
    ['a look of another state', '/AS /Off /AP << /N << /Off 101 0 R /On 102 0 R >> >>'],
  ])('%s', async (_, looks) => {
    const form = (stream: string) => ({
      source: '<< /Type /XObject /Subtype /Form /BBox [0 0 20 20] >>',
      stream,
    });
    const { bytes } = await redacted({
      pages: [{ content: lines('before after'), extra: '/Annots [100 0 R]' }],
      objects: [
        `<< /Type /Annot /Subtype /Stamp /Rect [10 10 20 20] ${looks} >>`,
        form('0 0 5 5 re f'),
        form(`% ${MAIL} ${'x'.repeat(1000)}`),
      ],
    });
    expect(everything(bytes)).not.toContain('jane');
  });
});
