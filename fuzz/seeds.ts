/** What is damaged: small whole files of every kind, with a secret in many places. */
import { utils, write } from '@e965/xlsx';
import sharp from 'sharp';
import {
  docxFile,
  paragraph,
  pptxFile,
  relations,
  slideText,
  wordPart,
  xlsxFile,
} from '../test/corpus/redact/office-file.ts';
import { renderPdf } from '../test/corpus/redact/pdf-eye.ts';
import { lines, pdfFile, revised } from '../test/corpus/redact/pdf-file.ts';

/** Found in every seed, and by every framework; must never stand in an error or in an output. */
export const SECRET = 'jane.doe@example.com';
const TEXT = `Dear Dr Jane Doe, write to ${SECRET} or call +1 415 555 0132. Card 4111 1111 1111 1111.`;

export interface Seed {
  fileName: string;
  bytes: Buffer;
}

export async function seedsByKind(): Promise<Record<string, Seed[]>> {
  const seed = (fileName: string, content: string | Uint8Array): Seed => ({
    fileName,
    bytes: Buffer.from(content as string),
  });
  return {
    txt: [
      seed('a.txt', `${TEXT}\n`.repeat(4)),
      seed('b.txt', Buffer.from(`\ufeff${TEXT}`, 'utf16le')),
    ],
    md: [seed('a.md', `# Title\n\n* ${TEXT}\n\n[mail](mailto:${SECRET})\n`)],
    csv: [
      seed('a.csv', `name,mail\r\n"Doe, Jane",${SECRET}\r\n"a ""b""",${SECRET}\r\n`),
      seed('b.csv', `\ufeffname;mail;ssn\nDoe;${SECRET};219-09-9999\n`),
    ],
    json: [seed('a.json', JSON.stringify({ mail: SECRET, deep: [{ text: TEXT, n: 1.5e3 }] }))],
    html: [
      seed(
        'a.html',
        `<!doctype html><html><body><p title="${SECRET}">${TEXT}</p><!-- ${SECRET} --><script>x("${SECRET}")</script></body></html>`,
      ),
    ],
    eml: [seed('a.eml', mail())],
    pdf: pdfs(),
    docx: [seed('a.docx', letter())],
    xlsx: [seed('a.xlsx', workbook())],
    pptx: [seed('a.pptx', pptxFile([slideText(TEXT), slideText('two', SECRET)]))],
    xls: [seed('a.xls', oldWorkbook())],
    ...(await pictures()),
  };
}

function mail(): string {
  const html = `<p>write to <a href="mailto:${SECRET}">me</a></p>`;
  return [
    `From: Jane Doe <${SECRET}>\nTo: you@shop.example\nReceived: from x (${SECRET})`,
    `Subject: =?UTF-8?B?${Buffer.from(`Für ${SECRET}`).toString('base64')}?=`,
    `MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b`,
    `Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n`,
    `${TEXT.replaceAll('@', '=40')}\n--b\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n`,
    `${Buffer.from(html).toString('base64')}\n--b\nContent-Type: text/csv; name="a.csv"`,
    `Content-Disposition: attachment; filename="a.csv"\n\nname,mail\n"Doe",${SECRET}\n--b--\n`,
  ]
    .join('\n')
    .replaceAll('\n', '\r\n');
}

function pdfs(): Seed[] {
  const plain = pdfFile({
    pages: [lines(TEXT.slice(0, 60), TEXT.slice(60)), lines('two', SECRET)],
  });
  const rich = pdfFile({
    pages: [
      {
        content: `q 1 0 0 1 0 0 cm /X1 Do Q ${lines('kerned')} BT /F2 9 Tf 72 600 Td [(jane) -20 (.doe@example.com)] TJ ET`,
        resources: '/XObject << /X1 100 0 R >>',
        extra: '/Annots [101 0 R]',
      },
    ],
    objects: [
      {
        source: '<< /Type /XObject /Subtype /Form /BBox [0 0 612 792] >>',
        stream: `BT /F1 12 Tf 72 500 Td (${SECRET}) Tj ET`,
      },
      `<< /Type /Annot /Subtype /Text /Rect [10 10 20 20] /Contents (${SECRET}) >>`,
    ],
  });
  const files = [plain, rich, revised(plain, 10, { source: '<< /Type /Page >>' })];
  return files.map((bytes, index) => ({ fileName: `${index}.pdf`, bytes }));
}

function letter(): Buffer {
  return docxFile(paragraph('Dear ', 'Jane Doe', ', write to ', 'jane.doe', '@example.com'), {
    'word/comments.xml': wordPart('comments', `<w:comment w:id="0">${paragraph(TEXT)}</w:comment>`),
    'word/_rels/document.xml.rels': relations([
      ['comments', 'comments.xml'],
      ['hyperlink', `mailto:${SECRET}`, 'External'],
    ]),
    'docProps/core.xml': `<coreProperties><creator>${SECRET}</creator></coreProperties>`,
  });
}

function workbook(): Buffer {
  const rows = [
    '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="str"><f>"x"&amp;A1</f><v>y</v></c></row>',
    `<row r="2"><c r="A2" t="inlineStr"><is><t>${SECRET}</t></is></c><c r="B2"><v>44000</v></c></row>`,
  ];
  return xlsxFile(rows.join(''), [TEXT]);
}

function oldWorkbook(): Buffer {
  const book = utils.book_new();
  utils.book_append_sheet(book, utils.aoa_to_sheet([['mail'], [SECRET], [TEXT]]), 'People');
  return write(book, { type: 'buffer', bookType: 'biff8' });
}

async function pictures(): Promise<Record<string, Seed[]>> {
  // As small as it can still be read: damage makes noise, which takes a reader longest.
  const page = { content: lines(SECRET), extra: '/MediaBox [66 712 206 734]' };
  const { width, height, pixels } = await renderPdf(pdfFile({ pages: [page] }), 0, 2);
  const image = sharp(Buffer.from(pixels), { raw: { width, height, channels: 1 } });
  return {
    png: [{ fileName: 'a.png', bytes: await image.png().toBuffer() }],
    jpg: [{ fileName: 'a.jpg', bytes: await image.jpeg().toBuffer() }],
    webp: [{ fileName: 'a.webp', bytes: await image.webp().toBuffer() }],
  };
}
