/**
 * Fonts remember: which letters a text has, in which order they came, how wide they are. What was
 * removed must not be spelled by the fonts that showed it.
 */
import { PDFDict, PDFDocument, PDFName, PDFRawStream } from '@cantoo/pdf-lib';
import { describe, expect, test } from 'vitest';
import { redactDocument } from '../../src/services/redact/index.ts';
import { everything } from './redact/pdf-bytes.ts';
import { readPdf } from './redact/pdf-eye.ts';
import { lines, type PdfSource, pdfFile } from './redact/pdf-file.ts';
import { compositeSubset, drawnSubset, type Subset } from './redact/pdf-fonts.ts';

const MAIL = 'jack.quixz@example.org';
const TEXT = `before ${MAIL} after`;
/** Letters of the address that nothing else is written with. */
const OWN = [...'jckquixz@m.pl'].filter((letter) => !'before after page two'.includes(letter));

function written(subset: Subset, more: Partial<PdfSource> = {}): PdfSource {
  return {
    pages: [
      {
        content: `BT /F9 12 Tf 72 700 Td ${subset.show(TEXT)} Tj ET`,
        resources: '',
        extra: '/Resources << /Font << /F9 100 0 R >> >>',
      },
    ],
    objects: subset.objects(100),
    ...more,
  };
}

async function fontsAfter(source: PdfSource, options = {}) {
  const { bytes, items } = await redactDocument(pdfFile(source), 'a.pdf', options);
  expect(items.map(({ type }) => type)).toContain('email');
  const file = Buffer.from(bytes);
  const seen = everything(file);
  for (const trace of ['jack', 'quixz', 'example']) expect(seen).not.toContain(trace);
  const document = await PDFDocument.load(file);
  const fonts = document.context
    .enumerateIndirectObjects()
    .flatMap(([, object]) =>
      object instanceof PDFDict && object.lookup(PDFName.of('Type')) === PDFName.of('Font')
        ? [object]
        : [],
    );
  return { file, fonts, text: (await readPdf(file)).join('\n'), meanings: meaningsIn(document) };
}

/** All letters that a ToUnicode of the document speaks of. */
function meaningsIn({ context }: PDFDocument): string {
  return context
    .enumerateIndirectObjects()
    .flatMap(([, object]) => {
      if (!(object instanceof PDFRawStream)) return [];
      const source = everything(Buffer.concat([Buffer.from('stream\n'), object.contents]));
      const pairs = [...source.matchAll(/<[0-9a-f]{2,4}> <([0-9a-f]{4})>/g)];
      return source.includes('begincmap')
        ? pairs.map(([, hex = '']) => String.fromCharCode(Number.parseInt(hex, 16)))
        : [];
    })
    .join('');
}

describe.each([
  ['a composite subset', compositeSubset],
  ['a drawn (Type 3) font', drawnSubset],
])('%s', (_, subsetOf) => {
  test('says nothing of letters that are gone', async () => {
    const { text, meanings } = await fontsAfter(written(subsetOf(TEXT)));
    expect(text).toMatch(/before\s+after/);
    for (const letter of 'before') expect(meanings).toContain(letter);
    for (const letter of OWN) expect(meanings).not.toContain(letter);
  });

  test('keeps what another page still shows', async () => {
    const subset = subsetOf(TEXT);
    const page = (content: string) => ({
      content: `BT /F9 12 Tf 72 700 Td ${content} Tj ET`,
      extra: '/Resources << /Font << /F9 100 0 R >> >>',
    });
    const source = {
      pages: [page(subset.show(TEXT)), page(subset.show('joke'))],
    };
    const { meanings } = await fontsAfter({ ...source, objects: subset.objects(100) });
    expect(meanings).toContain('j');
    expect(meanings).not.toContain('q');
  });

  test('goes altogether where it shows nothing any more', async () => {
    const subset = subsetOf(MAIL);
    const { fonts, text } = await fontsAfter({
      pages: [
        {
          content: `BT /F9 12 Tf 72 700 Td ${subset.show(MAIL)} Tj ET ${lines('stays')}`,
          extra: '/Resources << /Font << /F1 3 0 R /F9 100 0 R >> >>',
        },
      ],
      objects: subset.objects(100),
    });
    expect(text).toContain('stays');
    expect(fonts.map((font) => font.lookup(PDFName.of('Subtype'))?.toString())).toEqual(['/Type1']);
  });

  test('says nothing after strict mode either', async () => {
    const { meanings } = await fontsAfter(written(subsetOf(TEXT)), { strict: true });
    for (const letter of OWN) expect(meanings).not.toContain(letter);
  });
});

test('widths of letters that are gone are gone', async () => {
  const { fonts } = await fontsAfter(written(compositeSubset(TEXT)));
  const descendant = fonts.find((font) => font.has(PDFName.of('W')));
  const widths = descendant?.lookup(PDFName.of('W'))?.toString() ?? '';
  const shown = new Set([...'before after']).size;
  expect(widths.match(/\[/g)?.length).toBe(shown + 1);
  const { fonts: drawn } = await fontsAfter(written(drawnSubset(TEXT)));
  const list = drawn[0]?.lookup(PDFName.of('Widths'))?.toString() ?? '';
  expect(list.match(/\b6\b/g)?.length).toBe(shown);
  expect(drawn[0]?.lookup(PDFName.of('CharProcs'), PDFDict).keys()).toHaveLength(shown);
});
