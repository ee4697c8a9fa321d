/**
 * Files within a PDF are redacted by their own kind and put back; what nobody can look into goes, and
 * the certificate says of both how many there are.
 */
import {
  decodePDFRawStream,
  PDFArray,
  PDFDict,
  PDFDocument,
  PDFName,
  type PDFRawStream,
} from '@cantoo/pdf-lib';
import { strFromU8, unzipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { countPages, examine, redactDocument } from '../../src/services/redact/redact.ts';
import { docxFile, paragraph } from './redact/office-file.ts';
import { everything } from './redact/pdf-bytes.ts';
import { readPdf } from './redact/pdf-eye.ts';
import { lines, type PdfObject, type PdfSource, pdfFile } from './redact/pdf-file.ts';

const MAIL = 'jane.doe@example.org';

interface File {
  name: string;
  content: Buffer | string;
  description?: string;
}

/** A PDF with these files in its list, and with the last of them on its page. */
function holding(files: File[], more: Partial<PdfSource> = {}): Buffer {
  const objects = files.flatMap(
    ({ name, content, description = '' }, i): (string | PdfObject)[] => [
      `<< /Type /Filespec /F (${name}) /UF (${name}) /Desc (${description}) /EF << /F ${101 + i * 2} 0 R >> >>`,
      { source: '<< /Type /EmbeddedFile /Params << /Author (jane) >> >>', stream: content },
    ],
  );
  const listed = files.slice(0, -1).map((_, i) => `(jane ${i}) ${100 + i * 2} 0 R`);
  const last = 100 + (files.length - 1) * 2;
  return pdfFile({
    pages: [{ content: lines('before after'), extra: `/Annots [${100 + objects.length} 0 R]` }],
    catalog: `/Names << /EmbeddedFiles << /Names [${listed.join(' ')}] >> >> /AF [100 0 R]`,
    objects: [
      ...objects,
      `<< /Type /Annot /Subtype /FileAttachment /Rect [10 10 20 20] /FS ${last} 0 R /Contents (jane) >>`,
    ],
    ...more,
  });
}

/** The files in the list of a PDF, by name. */
async function filesOf(
  bytes: Uint8Array,
): Promise<Map<string, { content: Buffer; description?: string }>> {
  const { catalog } = await PDFDocument.load(bytes);
  const at = (dict: PDFDict, key: string) => dict.lookup(PDFName.of(key));
  const tree = catalog
    .lookupMaybe(PDFName.of('Names'), PDFDict)
    ?.lookup(PDFName.of('EmbeddedFiles'), PDFDict);
  const list = tree?.lookup(PDFName.of('Names'), PDFArray);
  const files = new Map<string, { content: Buffer; description?: string }>();
  for (let i = 1; i < (list?.size() ?? 0); i += 2) {
    const spec = list?.lookup(i, PDFDict) as PDFDict;
    const stream = spec.lookup(PDFName.of('EF'), PDFDict).lookup(PDFName.of('F')) as PDFRawStream;
    const text = (key: string) =>
      (at(spec, key) as { decodeText?(): string } | undefined)?.decodeText?.();
    files.set(text('UF') ?? '', {
      content: Buffer.from(decodePDFRawStream(stream).decode()),
      description: text('Desc'),
    });
  }
  return files;
}

async function redacted(source: Buffer, options = {}) {
  const { bytes, ...rest } = await redactDocument(source, 'a.pdf', options);
  const file = Buffer.from(bytes);
  expect(everything(file)).not.toContain('jane');
  return { file, files: await filesOf(file), ...rest };
}

describe('attachments', () => {
  test('are redacted by their own kind, wherever they hang', async () => {
    const { file, files, certificate, items, pageCount } = await redacted(
      holding([
        { name: 'letter.docx', content: docxFile(paragraph(`Dear ${MAIL}, welcome`)) },
        { name: 'list.csv', content: `name,mail\nx,${MAIL}\n` },
        {
          name: 'inner.pdf',
          content: pdfFile({ pages: [lines(`to ${MAIL} now`), lines('second')] }),
        },
        { name: 'note.txt', content: `Ask ${MAIL} about it` },
      ]),
    );
    expect([...files.keys()]).toEqual(['letter.docx', 'list.csv', 'inner.pdf', 'note.txt']);
    const document = unzipSync(files.get('letter.docx')?.content ?? new Uint8Array())[
      'word/document.xml'
    ];
    expect(strFromU8(document ?? new Uint8Array())).toMatch(/Dear .*\[REDACTED\].*welcome/);
    expect(files.get('list.csv')?.content.toString()).toBe('name,mail\nx,[REDACTED]\n');
    expect(files.get('note.txt')?.content.toString()).toBe('Ask [REDACTED] about it');
    const inner = await readPdf(files.get('inner.pdf')?.content ?? new Uint8Array());
    expect(inner.join(' ')).toMatch(/^to\s+now\s+second/);
    expect((await readPdf(file))[0]).toContain('before after');
    expect(items.map(({ location }) => location.part?.split(',')[0]).sort()).toEqual([
      'attachment 1',
      'attachment 2',
      'attachment 3',
      'attachment 4',
    ]);
    expect(certificate.checks).toContain('4 attachment(s), each by its kind');
    expect(certificate.removedWhole).toEqual([]);
    // Its own page, a letter, a sheet, two pages, a note.
    expect(pageCount).toBe(6);
    expect((await examine(file, 'a.pdf')).items).toEqual([]);
  });

  test('cost what they cost by themselves', async () => {
    const content = pdfFile({ pages: [lines('one'), lines('two')] });
    expect(await countPages(holding([{ name: 'a.pdf', content }]), 'a.pdf')).toBe(3);
  });

  test('that nobody can look into go, and are counted', async () => {
    const broken = docxFile(paragraph(MAIL)).subarray(0, 300);
    const { files, certificate } = await redacted(
      holding([
        { name: 'a.bin', content: Buffer.from([0, 1, 2, 0xff, 0xfe, 0]) },
        { name: 'b.docx', content: broken },
        { name: 'c.pdf', content: `%PDF-1.7 ${MAIL}` },
        { name: 'd.txt', content: 'stays' },
      ]),
    );
    expect([...files.keys()]).toEqual(['d.txt']);
    expect(certificate.removedWhole).toEqual(['3 attachment(s)']);
    expect(certificate.checks).toContain('1 attachment(s), each by its kind');
  });

  test('have clean names and descriptions', async () => {
    const { files } = await redacted(
      holding([
        { name: `${MAIL}.txt`, content: 'a', description: `from ${MAIL} today` },
        { name: 'C:\\\\Users\\\\jane\\\\plan.txt', content: 'b' },
        { name: 'Jane_Doe_jane.doe@example.org.txt', content: 'c' },
      ]),
    );
    expect(files.size).toBe(3);
    expect([...files.keys()][0]).toBe('REDACTED.txt');
    expect([...files.values()][0]?.description).toBe('from REDACTED today');
    expect([...files.keys()][1]).toBe('plan.txt');
  });

  test('have the stand-ins of the pages', async () => {
    const { file, files } = await redacted(
      holding([{ name: 'a.txt', content: `to ${MAIL}` }], {
        pages: [{ content: lines(`Mail: ${MAIL}`), extra: '/Annots [102 0 R]' }],
      }),
      { method: 'anonymize' },
    );
    expect((await readPdf(file))[0]).toContain('[EMAIL_1]');
    expect(files.get('a.txt')?.content.toString()).toBe('to [EMAIL_1]');
  });

  test('within attachments are redacted, too, but not without end', async () => {
    let source: Buffer = Buffer.from(`Ask ${MAIL}`);
    for (const name of ['a.txt', 'a.pdf', 'b.pdf', 'c.pdf'])
      source = holding([{ name, content: source }]);
    const { files, certificate } = await redacted(source);
    const inner = await filesOf(files.get('c.pdf')?.content ?? new Uint8Array());
    const deepest = await filesOf(inner.get('b.pdf')?.content ?? new Uint8Array());
    expect([...deepest.keys()]).toEqual(['a.pdf']);
    expect(certificate.removedWhole).toEqual(['1 attachment(s)']);
  });
});
