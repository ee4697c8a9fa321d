/**
 * Every place in an office file where a value can hide, one small file each; each is redacted, then
 * unpacked by another library and searched part by part.
 */
import { strFromU8, unzipSync } from 'fflate';
import { SaxesParser } from 'saxes';
import { describe, expect, test } from 'vitest';
import { examine, redactDocument } from '../../src/services/redact/index.ts';
import {
  docxFile,
  type Parts,
  paragraph,
  pptxFile,
  relations,
  slideText,
  slideXml,
  wordPart,
  xlsxFile,
} from './redact/office-file.ts';

const MAIL = 'jane.doe@example.org';
const SPLIT = paragraph('before jane', '.doe@exa', 'mple.org', ' after');
const TRACES = /jane|doe@|example\.org|536-22|8726|536228726/i;

/** All parts, the embedded ones too, as text; every XML part must still be well-formed. */
function unpacked(bytes: Uint8Array): Map<string, string> {
  const parts = new Map<string, string>();
  for (const [name, content] of Object.entries(unzipSync(bytes))) {
    const text = strFromU8(content, content[0] === 0x50 || /\.(?:bin|png|jpe?g)$/.test(name));
    if (/\.(?:xml|rels)$/.test(name)) {
      const parser = new SaxesParser();
      parser.on('error', (error) => {
        throw new Error(`${name}: ${error.message}`);
      });
      parser.write(text).close();
    }
    parts.set(name, text);
    if (content[0] === 0x50 && content[1] === 0x4b) {
      for (const [inner, deep] of unpacked(content)) parts.set(`${name}!${inner}`, deep);
    }
  }
  return parts;
}

async function attacked(source: Buffer, name: string, options = {}) {
  const { bytes, items } = await redactDocument(source, name, options);
  const parts = unpacked(bytes);
  for (const [part, text] of parts) {
    const flat = `${part} ${text} ${text.replace(/<[^>]*>/g, '')} ${text.replaceAll('\0', '')}`;
    expect(TRACES.test(flat), `${part} still holds it`).toBe(false);
  }
  return { parts, items, bytes };
}

const CELL = 'xmlns:cp="x"';
const DOCX: [string, string, Parts?][] = [
  ['one run', paragraph(`before ${MAIL} after`)],
  ['many runs', SPLIT],
  [
    'a table',
    `<w:tbl><w:tr><w:tc>${paragraph(`before ${MAIL}`)}</w:tc><w:tc>${paragraph('after')}</w:tc></w:tr></w:tbl>`,
  ],
  ['character references', paragraph('before jane&#46;doe&#x40;example.org after')],
  ['CDATA', paragraph(`before <![CDATA[${MAIL}]]> after`)],
  [
    'inserted text',
    `<w:p><w:ins w:id="1" w:author="Jane" w:date="2024-01-02T03:04:05Z"><w:r><w:t>before ${MAIL} after</w:t></w:r></w:ins></w:p>`,
  ],
  [
    'deleted text',
    `<w:p><w:r><w:t>before after</w:t></w:r><w:del w:id="1" w:author="Jane"><w:r><w:delText>jane.do</w:delText></w:r><w:r><w:delText>e@example.org</w:delText></w:r></w:del></w:p>`,
  ],
  [
    'a field',
    `<w:p><w:r><w:t>before after</w:t></w:r><w:r><w:instrText> HYPERLINK "mailto:jane.doe@</w:instrText></w:r><w:r><w:instrText>example.org" </w:instrText></w:r></w:p>`,
  ],
  [
    'a link',
    `<w:p><w:hyperlink r:id="rId1"><w:r><w:t>before after</w:t></w:r></w:hyperlink></w:p>`,
    {
      'word/_rels/document.xml.rels': relations([
        ['hyperlink', 'mailto:jane.doe%40example.org', 'External'],
      ]),
    },
  ],
  [
    'a description',
    `<w:p><w:r><w:t>before after</w:t><w:drawing descr="photo of ${MAIL}"/></w:r></w:p>`,
  ],
  ['a header', paragraph('before after'), { 'word/header1.xml': wordPart('hdr', paragraph(MAIL)) }],
  [
    'a footnote',
    paragraph('before after'),
    { 'word/footnotes.xml': wordPart('footnotes', `<w:footnote>${paragraph(MAIL)}</w:footnote>`) },
  ],
  [
    'a comment',
    paragraph('before after'),
    {
      'word/comments.xml': wordPart(
        'comments',
        `<w:comment w:id="0" w:author="Jane Doe" w:initials="jane">${paragraph('jane.', `doe@example.org`)}</w:comment>`,
      ),
    },
  ],
  [
    'properties',
    paragraph('before after'),
    {
      'docProps/core.xml': `<core ${CELL}><creator>jane</creator><title>${MAIL}</title></core>`,
      'docProps/app.xml': `<Properties><Company>jane</Company></Properties>`,
      'docProps/custom.xml': `<Properties><p>jane</p></Properties>`,
    },
  ],
  [
    'custom XML',
    paragraph('before after'),
    { 'customXml/item1.xml': `<root><mail>${MAIL}</mail><ssn>536-22-8726</ssn></root>` },
  ],
  [
    'a text box',
    `<w:p><w:r><w:t>before after</w:t><w:pict><w:txbxContent>${SPLIT}</w:txbxContent></w:pict></w:r></w:p>`,
  ],
  [
    'variables of the document',
    paragraph('before after'),
    {
      'word/settings.xml': wordPart(
        'settings',
        `<w:rsids><w:rsidRoot w:val="00AA"/></w:rsids><w:docVars><w:docVar w:name="x" w:val="${MAIL}"/></w:docVars>`,
      ),
    },
  ],
  [
    'an embedded workbook',
    paragraph('before after'),
    {
      'word/embeddings/book.xlsx': xlsxFile('<row r="1"><c r="A1" t="s"><v>0</v></c></row>', [
        MAIL,
      ]),
    },
  ],
  [
    'an embedded object',
    paragraph('before after'),
    { 'word/embeddings/oleObject1.bin': Buffer.from(`\0\0${MAIL}`, 'utf16le') },
  ],
  [
    'a control',
    paragraph('before after'),
    { 'word/activeX/activeX1.bin': Buffer.from(`\0\0${MAIL}`, 'utf16le') },
  ],
  [
    'a text of another kind that the document includes',
    paragraph('before after'),
    { 'word/afchunk.rtf': Buffer.from(`{\\rtf1 ${MAIL}}`) },
  ],
  [
    'a thumbnail',
    paragraph('before after'),
    {
      'docProps/thumbnail.jpeg': Buffer.from(MAIL),
      '_rels/.rels': relations([
        ['officeDocument', 'word/document.xml'],
        ['thumbnail', 'docProps/thumbnail.jpeg'],
      ]).replace(
        /Type="[^"]*\/thumbnail"/,
        'Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/thumbnail"',
      ),
    },
  ],
  ['comments of the XML', `<!-- ${MAIL} -->${paragraph('before after')}`],
];

describe('Word', () => {
  test.each(DOCX)('%s', async (_, body, more = {}) => {
    const { parts } = await attacked(docxFile(body, more), 'a.docx');
    const text = parts.get('word/document.xml')?.replace(/<[^>]*>/g, ' ');
    expect(text).toContain('before');
    expect(text).toContain('after');
  });

  test('parts in which nothing was found stay byte for byte', async () => {
    const styles = wordPart('styles', '<w:style w:styleId="a"/>');
    const source = docxFile(paragraph(MAIL), { 'word/styles.xml': styles });
    const { bytes } = await attacked(source, 'a.docx');
    expect(unzipSync(bytes)['word/styles.xml']).toEqual(unzipSync(source)['word/styles.xml']);
  });

  test('a stand-in takes the look of the first letter that it replaces', async () => {
    const { parts } = await attacked(docxFile(SPLIT), 'a.docx', { method: 'anonymize' });
    expect(parts.get('word/document.xml')).toContain('>before [EMAIL_1]<');
  });
});

const ROW = (...cells: string[]) => `<row r="1">${cells.join('')}</row>`;
const XLSX: [string, string, string[], Parts?][] = [
  ['a shared string', ROW('<c r="A1" t="s"><v>0</v></c>'), [`before ${MAIL} after`]],
  [
    'a shared string of runs',
    ROW('<c r="A1" t="s"><v>0</v></c>'),
    ['before ', '</t></si><si><r><t>jane.</t></r><r><t>doe@example.org</t></r></si><si><t>after'],
  ],
  ['an inline string', ROW(`<c r="A1" t="inlineStr"><is><t>before ${MAIL} after</t></is></c>`), []],
  [
    'a number under a heading',
    '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row><row r="2"><c r="A2"><v>536228726</v></c></row>',
    ['SSN', 'before after'],
  ],
  [
    'a number with an exponent',
    '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row><row r="2"><c r="A2"><v>5.36228726E8</v></c></row>',
    ['Social security', 'before after'],
  ],
  [
    'a cached value of a formula',
    ROW(
      '<c r="A1" t="s"><v>0</v></c>',
      `<c r="B1" t="str"><f>"Hello "&amp;A1</f><v>Hello ${MAIL}</v></c>`,
    ),
    ['before after'],
  ],
  [
    'a literal in a formula',
    ROW('<c r="A1" t="s"><v>0</v></c>', `<c r="B1"><f>IF(A1="${MAIL}",1,0)</f><v>0</v></c>`),
    ['before after'],
  ],
  [
    'a comment',
    ROW('<c r="A1" t="s"><v>0</v></c>'),
    ['before after'],
    {
      'xl/comments1.xml': `<comments><authors><author>Jane Doe</author></authors><commentList><comment ref="A1" authorId="0"><text><t>${MAIL}</t></text></comment></commentList></comments>`,
    },
  ],
  [
    'threaded comments and persons',
    ROW('<c r="A1" t="s"><v>0</v></c>'),
    ['before after'],
    {
      'xl/threadedComments/threadedComment1.xml': `<ThreadedComments><threadedComment ref="A1" dT="2024-01-02T03:04:05.00"><text>${MAIL}</text></threadedComment></ThreadedComments>`,
      'xl/persons/person.xml':
        '<personList><person displayName="Jane Doe" id="{1}" userId="jane@x" providerId="AD"/></personList>',
    },
  ],
  [
    'a validation list',
    ROW('<c r="A1" t="s"><v>0</v></c>') +
      '</sheetData><dataValidations><dataValidation sqref="A1"><formula1>"a,' +
      MAIL +
      '"</formula1></dataValidation></dataValidations><sheetData>',
    ['before after'],
  ],
  [
    'a header of the page',
    ROW('<c r="A1" t="s"><v>0</v></c>') +
      `</sheetData><headerFooter><oddHeader>&amp;L${MAIL}</oddHeader></headerFooter><sheetData>`,
    ['before after'],
  ],
  [
    'a chart',
    ROW('<c r="A1" t="s"><v>0</v></c>'),
    ['before after'],
    { 'xl/charts/chart1.xml': `<c:chart xmlns:c="c"><c:pt><c:v>${MAIL}</c:v></c:pt></c:chart>` },
  ],
  [
    'a pivot cache',
    ROW('<c r="A1" t="s"><v>0</v></c>'),
    ['before after'],
    {
      'xl/pivotCache/pivotCacheDefinition1.xml': `<p><sharedItems><s v="${MAIL}"/></sharedItems></p>`,
    },
  ],
  [
    'the name of a sheet',
    ROW('<c r="A1" t="s"><v>0</v></c>'),
    ['before after'],
    {
      'xl/workbook.xml': `<workbook xmlns:r="r"><sheets><sheet name="${MAIL}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    },
  ],
  [
    'a hidden row',
    `<row r="1" hidden="1"><c r="A1" t="s"><v>0</v></c></row>`,
    [`before ${MAIL} after`],
  ],
];

describe('Excel', () => {
  test.each(XLSX)('%s', async (_, rows, strings, more = {}) => {
    const { parts } = await attacked(xlsxFile(rows, strings, more), 'a.xlsx');
    const text = [...parts.values()].join(' ').replace(/<[^>]*>/g, ' ');
    expect(text).toContain('before');
    expect(text).toContain('after');
  });

  test('a cell says where it is, a heading says what is below it, and dates are dates', async () => {
    const rows =
      '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>' +
      '<row r="2"><c r="A2"><v>536228726</v></c><c r="B2" s="1"><v>29221</v></c></row>';
    const { items, pageCount } = await examine(xlsxFile(rows, ['SSN', 'Date of birth']), 'a.xlsx');
    expect(pageCount).toBe(1);
    expect(items.map(({ type, location }) => [type, location.part, location.cell])).toEqual([
      ['ssn', 'People', 'A2'],
      ['date_of_birth', 'People', 'B2'],
    ]);
  });

  test('two cells never make one number', async () => {
    const rows = ROW('<c r="A1"><v>41111111</v></c>', '<c r="B1"><v>11111111</v></c>');
    expect((await examine(xlsxFile(rows), 'a.xlsx')).items).toEqual([]);
  });

  test('a text that two cells share goes from both, and short ones too', async () => {
    const rows =
      '<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2" t="s"><v>1</v></c><c r="B2" t="s"><v>1</v></c></row>';
    const { bytes } = await redactDocument(xlsxFile(rows, ['card', 'cvv 123']), 'a.xlsx');
    expect(unpacked(bytes).get('xl/sharedStrings.xml')).toContain('<t>cvv [REDACTED]</t>');
  });
});

test('sheets that were called after people have names that Excel takes', async () => {
  const sheets = ['jane.doe@example.org', 'john.doe@example.org', 'Fruit'].map(
    (name, i) => `<sheet name="${name}" sheetId="${i + 1}" r:id="rId${i + 1}"/>`,
  );
  const source = xlsxFile('', [], {
    'xl/workbook.xml': `<workbook xmlns:r="r"><sheets>${sheets.join('')}</sheets></workbook>`,
  });
  const { parts } = await attacked(source, 'a.xlsx');
  const names = [...(parts.get('xl/workbook.xml') ?? '').matchAll(/sheet name="([^"]*)"/g)];
  expect(names.map(([, name]) => name)).toEqual(['REDACTED', 'REDACTED 2', 'Fruit']);
});

test('an old workbook comes back as a new one, with its values and nothing else', async () => {
  const { utils, write } = await import('@e965/xlsx');
  const sheet = utils.aoa_to_sheet([
    ['SSN', 'note'],
    [536228726, 'before after'],
    [1, MAIL],
  ]);
  const book = utils.book_new(sheet, 'People');
  book.Props = { Author: 'Jane' };
  const source = Buffer.from(write(book, { type: 'array', bookType: 'biff8' }) as ArrayBuffer);
  const { parts, items } = await attacked(source, 'old.xls');
  expect(items.map(({ type, location }) => [type, location.cell])).toEqual([
    ['ssn', 'A2'],
    ['email', 'B3'],
  ]);
  expect([...parts.values()].join(' ')).toContain('before after');
  const { fileName } = await redactDocument(source, 'old.xls');
  expect(fileName).toBe('old_redacted.xlsx');
});

describe('PowerPoint', () => {
  test.each<[string, string[], Parts?]>([
    ['a slide', [slideText('before jane.', 'doe@example.org', ' after')]],
    ['the second slide', [slideText('before after'), slideText(MAIL)]],
    [
      'notes',
      [slideText('before after')],
      { 'ppt/notesSlides/notesSlide1.xml': slideXml(slideText(MAIL)) },
    ],
    [
      'a comment',
      [slideText('before after')],
      {
        'ppt/comments/comment1.xml': `<p:cmLst xmlns:p="p"><p:cm authorId="0" dt="2024-01-02T03:04:05"><p:text>${MAIL}</p:text></p:cm></p:cmLst>`,
        'ppt/commentAuthors.xml':
          '<p:cmAuthorLst xmlns:p="p"><p:cmAuthor id="0" name="Jane Doe" initials="JANE"/></p:cmAuthorLst>',
      },
    ],
    [
      'a master',
      [slideText('before after')],
      { 'ppt/slideMasters/slideMaster1.xml': slideXml(slideText(MAIL)) },
    ],
  ])('%s', async (_, slides, more = {}) => {
    const { parts, items } = await attacked(pptxFile(slides, more), 'a.pptx');
    expect(parts.get('ppt/slides/slide1.xml')).toContain('before');
    expect(items.length).toBeGreaterThan(0);
  });

  test('a slide is a page and a credit', async () => {
    const { pageCount, items } = await examine(
      pptxFile([slideText('a'), slideText(MAIL)]),
      'a.pptx',
    );
    expect(pageCount).toBe(2);
    expect(items[0]?.location.pageNumber).toBe(2);
  });
});

describe('hostile files are refused', () => {
  test.each<[string, () => Buffer]>([
    [
      'a document type',
      () => docxFile('<w:p/>', { 'word/x.xml': '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>' }),
    ],
    ['a part that climbs out', () => docxFile('<w:p/>', { '../../etc/passwd.xml': '<a/>' })],
    ['XML that is broken', () => docxFile('<w:p>', { 'word/x.xml': '<a b=c>' })],
    ['a lie about the size', () => lying(docxFile(paragraph('x'.repeat(5000))))],
  ])('%s', async (_, source) => {
    await expect(examine(source(), 'a.docx')).rejects.toMatchObject({ code: 'unreadable_file' });
  });

  test('macros, which cannot be looked into', async () => {
    const source = docxFile('<w:p/>', { 'word/vbaProject.bin': new Uint8Array(4) });
    await expect(examine(source, 'a.docx')).rejects.toMatchObject({
      code: 'unsupported_file_type',
    });
  });
});

/** Every entry says that it unfolds to ten bytes. */
function lying(zip: Buffer): Buffer {
  for (let at = zip.indexOf('PK\x01\x02'); at >= 0; at = zip.indexOf('PK\x01\x02', at + 4))
    zip.writeUInt32LE(10, at + 24);
  return zip;
}
