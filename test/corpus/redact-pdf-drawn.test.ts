/**
 * What is drawn for words, and what lies on them, is as long as they are. It goes where their line
 * goes: the file that comes out is the same, to the byte, whatever stood there.
 */
import { StandardFontEmbedder, StandardFonts } from '@cantoo/pdf-lib';
import { describe, expect, test } from 'vitest';
import { redactDocument } from '../../src/services/redact/redact.ts';
import { readPdf } from './redact/pdf-eye.ts';
import { pdfFile } from './redact/pdf-file.ts';

const VALUES = ['al@x.org', 'wwwwww.mmmmmm@example.org', 'illi.lilli@example.org'];
const SIZE = 11;
const helvetica = StandardFontEmbedder.for(StandardFonts.Helvetica as never);
const widthOf = (text: string) =>
  [...text].reduce((sum, letter) => sum + helvetica.widthOfTextAtSize(letter, SIZE), 0);
const n = (value: number) => Number(value.toFixed(4));

const [BEFORE, BEHIND] = ['write to ', ' and to nobody else'];
const LEFT = 72;
/** Where the value begins and ends, and the line. */
function placesOf(mail: string) {
  const start = LEFT + widthOf(BEFORE);
  const end = start + widthOf(mail);
  return { start: n(start), end: n(end), width: n(end - start), all: n(end + widthOf(BEHIND)) };
}

const line = (mail: string) =>
  `BT /F1 ${SIZE} Tf 1 0 0 1 ${LEFT} 700 Tm (${BEFORE}${mail}${BEHIND}) Tj 1 0 0 1 72 680 Tm (Other words stay.) Tj ET`;

type Places = ReturnType<typeof placesOf>;

async function outputsOf(source: (mail: string) => Buffer): Promise<Buffer[]> {
  const outputs: Buffer[] = [];
  for (const mail of VALUES) {
    const options = { entities: ['email'] };
    const { bytes, certificate } = await redactDocument(source(mail), 'a.pdf', options);
    expect(certificate.checks.join()).not.toContain('as pictures');
    outputs.push(Buffer.from(bytes));
  }
  return outputs;
}

const sameFiles = (outputs: readonly Buffer[]) =>
  new Set(outputs.map((output) => output.toString('latin1'))).size;

describe('what is drawn for a value tells nothing of its width', () => {
  const drawn: Record<string, (places: Places) => string> = {
    'a line under it': ({ start, end }) => `${start} 698 m ${end} 698 l S`,
    'a bar under it': ({ start, width }) => `${start} 697.5 ${width} 0.7 re f`,
    'a bar under it, in a space of its own': ({ start, width }) =>
      `q 0.1 0 0 0.1 ${start} 697.5 cm 0 0 ${n(width * 10)} 7 re f Q`,
    'a line through it and the words behind it': ({ start, all }) =>
      `${start} 704 m ${all} 704 l S`,
    'a line under the whole line': ({ all }) => `${LEFT} 698 m ${all} 698 l S`,
    'the ground of it': ({ start, width }) => `1 1 0 rg ${start} 697 ${width} 12 re f 0 g`,
    'a frame around it': ({ start, end }) =>
      `${start} 697 m ${end} 697 l ${end} 710 l ${start} 710 l h S`,
    'a clip as long as the line': ({ all }) => `${LEFT} 696 ${n(all - LEFT)} 14 re W n`,
  };
  test.each(Object.entries(drawn))('%s', async (_, draw) => {
    const outputs = await outputsOf((mail) =>
      pdfFile({ pages: [`q ${draw(placesOf(mail))} Q ${line(mail)}`] }),
    );
    expect(sameFiles(outputs)).toBe(1);
    const [text = ''] = await readPdf(outputs[0] as Buffer);
    expect(text).toContain('Other words stay.');
  });
});

describe('what lies on a value tells nothing of its width', () => {
  const quad = (left: number, right: number) =>
    `/QuadPoints [${left} 710 ${right} 710 ${left} 697 ${right} 697]`;
  const kinds: Record<string, (places: Places) => string> = {
    'a link': ({ start, end }) =>
      `/Subtype /Link /Rect [${start} 697 ${end} 710] /A << /S /URI /URI (https://example.com/a) >>`,
    'a mark': ({ start, end }) =>
      `/Subtype /Highlight /C [1 1 0] /Rect [${start} 697 ${end} 710] ${quad(start, end)}`,
    'a mark on the words behind it, too': ({ start, all }) =>
      `/Subtype /Underline /C [1 0 0] /Rect [${start} 697 ${all} 710] ${quad(start, all)}`,
  };
  test.each(Object.entries(kinds))('%s', async (_, annotation) => {
    const outputs = await outputsOf((mail) =>
      pdfFile({
        pages: [
          {
            content: line(mail),
            extra: `/Annots [<< /Type /Annot ${annotation(placesOf(mail))} >>]`,
          },
        ],
      }),
    );
    expect(sameFiles(outputs)).toBe(1);
    expect(outputs[0]?.includes('/Annots')).toBe(true);
  });
});

test('what is drawn for other things stays as it is', async () => {
  const drawings = [
    '60 694 500 18 re S',
    '60 694 m 60 712 l S',
    '72 678 m 150 678 l S',
    '72 400 m 172 400 l 172 500 l h f',
  ];
  const [output] = await outputsOf((mail) =>
    pdfFile({ pages: [`${drawings.join('\n')}\n${line(mail)}`] }),
  );
  const { loadDocument } = await import(
    '../../src/services/redact/formats/pdf/structure/library.ts'
  );
  const { contentOf } = await import('../../src/services/redact/formats/pdf/content/interpret.ts');
  const document = await loadDocument(output as Buffer);
  const [page] = document.getPages();
  const content = page ? Buffer.from(contentOf(page.node)).toString('latin1') : '';
  for (const drawing of drawings) expect(content).toContain(drawing);
});

test('a large letter over the words is no second painting of theirs', async () => {
  const [output] = await outputsOf((mail) =>
    pdfFile({
      pages: [`BT /F1 160 Tf 0.8 g 1 0 0 1 60 640 Tm (DRAFT) Tj ET 0 g ${line(mail)}`],
    }),
  );
  const [text = ''] = await readPdf(output as Buffer);
  expect(text).toContain('DRAFT');
  expect(text.replace(/\s+/g, ' ')).toContain('write to and to nobody else');
});
