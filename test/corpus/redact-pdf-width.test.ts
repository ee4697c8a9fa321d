/**
 * Lines as programs lay them out tell how wide each of their words is: by where they begin, by how
 * far their words are pulled apart. What comes out is the same file, to the byte, whatever stood
 * there.
 */

import { StandardFontEmbedder, StandardFonts } from '@cantoo/pdf-lib';
import { describe, expect, test } from 'vitest';
import { redactDocument } from '../../src/services/redact/redact.ts';
import { readPdf, renderPdf } from './redact/pdf-eye.ts';
import { pdfFile } from './redact/pdf-file.ts';

const VALUES = ['al@x.org', 'wwwwww.mmmmmm@example.org', 'illi.lilli@example.org'];

const helvetica = StandardFontEmbedder.for(StandardFonts.Helvetica as never);
const SIZE = 11;
/** Letter by letter: nothing here is kerned. */
const widthOf = (text: string) =>
  [...text].reduce((sum, letter) => sum + helvetica.widthOfTextAtSize(letter, SIZE), 0);
const n = (value: number) => Number(value.toFixed(4));
const LEFT = 72;
const RIGHT = 480;
const MIDDLE = (LEFT + RIGHT) / 2;

/** How a line is shown, between its margins, at a height. */
type Shown = (line: string, left: number, y: number) => string;

const plain: Shown = (line, left, y) => `1 0 0 1 ${n(left)} ${y} Tm (${line}) Tj`;

const justified: Record<string, Shown> = {
  'by word spacing': (line, left, y) => {
    const more = (RIGHT - left - widthOf(line)) / (line.split(' ').length - 1);
    return `${n(more)} Tw ${plain(line, left, y)}`;
  },
  'by word spacing, shown with a quote': (line, left, y) => {
    const more = (RIGHT - left - widthOf(line)) / (line.split(' ').length - 1);
    return `0 TL 1 0 0 1 ${n(left)} ${y} Tm ${n(more)} 0 (${line}) "`;
  },
  'by moves behind the spaces': (line, left, y) => {
    const more = (RIGHT - left - widthOf(line)) / (line.split(' ').length - 1);
    const moves = line.split(' ').join(` ) ${n((-more / SIZE) * 1000)} (`);
    return `1 0 0 1 ${n(left)} ${y} Tm [(${moves})] TJ`;
  },
  'by moves in place of the spaces': (line, left, y) => {
    const words = line.split(' ');
    const space = (RIGHT - left - widthOf(words.join(''))) / (words.length - 1);
    return `1 0 0 1 ${n(left)} ${y} Tm [(${words.join(`) ${n((-space / SIZE) * 1000)} (`)})] TJ`;
  },
  'word by word': (line, left, y) => {
    const words = line.split(' ');
    const space = (RIGHT - left - widthOf(words.join(''))) / (words.length - 1);
    let x = left;
    return words
      .map((word) => {
        const at = x;
        x += widthOf(word) + space;
        return plain(word, at, y);
      })
      .join(' ');
  },
};

const PROSE = [
  'The committee has read the report of the second quarter and has no',
  'remarks to make on its figures, which were found to agree with the',
  'books in every one of the samples that were drawn from the ledger',
  'and were checked against the statements of the bank and the till,',
];
const holding = (mail: string) => `as was told to the office of ${mail} at once by him`;

function page(lines: readonly string[]): Buffer {
  return pdfFile({ pages: [`BT /F1 ${SIZE} Tf ${lines.join('\n')} ET`] });
}

async function outputs(
  source: (mail: string) => Buffer,
): Promise<{ texts: string[]; files: Set<string> }> {
  const files = new Set<string>();
  const texts: string[] = [];
  for (const mail of VALUES) {
    const { bytes, items } = await redactDocument(source(mail), 'a.pdf', { entities: ['email'] });
    expect(items).toHaveLength(1);
    files.add(Buffer.from(bytes).toString('latin1'));
    texts.push(((await readPdf(Buffer.from(bytes)))[0] ?? '').replace(/\s+/g, ' ').trim());
  }
  return { texts, files };
}

describe('a justified line comes out the same whatever was in it', () => {
  test.each(Object.entries(justified))('%s', async (_, show) => {
    const { files, texts } = await outputs((mail) =>
      page([
        ...PROSE.map((line, i) => show(line, LEFT, 700 - i * 14)),
        show(holding(mail), LEFT, 644),
        ...PROSE.map((line, i) => show(line, LEFT, 630 - i * 14)),
      ]),
    );
    expect(files.size).toBe(1);
    expect(texts[0]).toContain('as was told to the office of at once by him');
  });

  test('as the first of a paragraph, too', async () => {
    const show = justified['by moves behind the spaces'] as Shown;
    const { files } = await outputs((mail) =>
      page([
        show(holding(mail), LEFT + 18, 700),
        ...PROSE.map((line, i) => show(line, LEFT, 686 - i * 14)),
      ]),
    );
    expect(files.size).toBe(1);
  });
});

describe('so does one that begins where its width lets it', () => {
  const body = PROSE.map((line, i) =>
    (justified['by moves behind the spaces'] as Shown)(line, LEFT, 600 - i * 14),
  );
  const centred: Shown = (line, middle, y) => plain(line, middle - widthOf(line) / 2, y);
  const flushRight: Shown = (line, right, y) => plain(line, right - widthOf(line), y);
  const sources: [string, (mail: string) => string[]][] = [
    ['a centred title over a text', (mail) => [centred(`Letter to ${mail}`, MIDDLE, 700), ...body]],
    [
      'a centred line among others',
      (mail) =>
        ['Invitation', `for ${mail}`, 'to the summer party'].map((line, i) =>
          centred(line, 306, 700 - i * 20),
        ),
    ],
    ['a sender, flush right', (mail) => [flushRight(mail, RIGHT, 700), ...body]],
    [
      'the cells of a column, flush right',
      (mail) =>
        ['Address', 'nobody', mail, 'somebody else'].flatMap((cell, i) => [
          plain(`Row ${i}`, LEFT, 700 - i * 16),
          flushRight(cell, 400, 700 - i * 16),
        ]),
    ],
    [
      'the cells of a centred column',
      (mail) =>
        ['Address', 'nobody', mail, 'somebody else'].flatMap((cell, i) => [
          plain(`Row ${i}`, LEFT, 700 - i * 16),
          centred(cell, 300, 700 - i * 16),
          flushRight(`${i * 37}.00`, RIGHT, 700 - i * 16),
        ]),
    ],
  ];
  test.each(sources)('%s', async (_, source) => {
    const { files } = await outputs((mail) => page(source(mail)));
    expect(files.size).toBe(1);
  });
});

test('operators side by side are no reason to make a picture of the page', async () => {
  const mail = 'al@x.org';
  const content = `BT/F1 11 Tf 72 700 Td[(Dear ${mail}, hello)]TJ 0 -20 Td(second line)Tj ET`;
  const file = pdfFile({ pages: [content] });
  const { bytes, certificate } = await redactDocument(file, 'a.pdf');
  const [text = ''] = await readPdf(Buffer.from(bytes));
  expect(text.replace(/\s+/g, ' ').trim()).toBe('Dear , hello second line');
  expect(certificate.checks).toContain('looks of 1 of 1 touched page(s)');
  expect(certificate.checks.join()).not.toContain('as pictures');
});

test.each([
  ['that are never restored', 'q 2 0 0 2 0 0 cm q 0.5 0 0 0.5 0 0 cm', '', false],
  ['that are restored too often', 'Q 0.5 0 0 0.5 0 0 cm', 'Q Q', true],
])('covers lie where they belong behind states %s', async (_, first, last, isPicture) => {
  const content = `${first} BT /F1 11 Tf 72 700 Td (Dear al@x.org, hello) Tj ET ${last}`;
  const { bytes, certificate } = await redactDocument(pdfFile({ pages: [content] }), 'a.pdf');
  expect(certificate.checks.join().includes('as pictures')).toBe(isPicture);
  const { pixels, width } = await renderPdf(Buffer.from(bytes));
  let dark = 0;
  for (let y = 85; y < 90; y++)
    for (let x = 110; x < 120; x++) if ((pixels[y * width + x] ?? 255) < 50) dark++;
  expect(isPicture || dark > 40).toBe(true);
});
