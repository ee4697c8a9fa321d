/** Pictures in office files: what is written in them goes, what they show besides stays. */
import { unzipSync } from 'fflate';
import sharp, { type Sharp } from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { examine, redactDocument } from '../../src/services/redact/index.ts';
import {
  docxFile,
  type Parts,
  paragraph,
  pptxFile,
  slideText,
  xlsxFile,
} from './redact/office-file.ts';
import { renderPdf } from './redact/pdf-eye.ts';
import { lines, pdfFile } from './redact/pdf-file.ts';

const MAIL = 'jane.doe@example.org';
let secret: Sharp;
let plain: Sharp;

async function pictureOf(...texts: string[]): Promise<Sharp> {
  const page = { content: lines(...texts), extra: '/MediaBox [60 620 340 760]' };
  const { width, height, pixels } = await renderPdf(pdfFile({ pages: [page] }), 0, 3);
  return sharp(Buffer.from(pixels), { raw: { width, height, channels: 1 } });
}

beforeAll(async () => {
  secret = await pictureOf('Dear reader,', 'the mail address is', `${MAIL} of course.`);
  plain = await pictureOf('The weather was fine', 'all week, and so were we.');
});

const partOf = (bytes: Uint8Array, name: string) => Buffer.from(unzipSync(bytes)[name] ?? []);
const typesIn = async (bytes: Uint8Array) =>
  (await examine(bytes, 'a')).items.map(({ type }) => type);

describe('a picture with a mail address in it', () => {
  test.each<[string, string, (parts: Parts) => Buffer]>([
    ['a letter', 'word/media/image1.', (parts) => docxFile(paragraph('Look:'), parts)],
    ['a workbook', 'xl/media/image1.', (parts) => xlsxFile('', [], parts)],
    ['a show', 'ppt/media/image1.', (parts) => pptxFile([slideText('Look')], parts)],
  ])('in %s is blackened there', async (_, name, fileOf) => {
    const source = fileOf({
      [`${name}png`]: await secret.clone().png().toBuffer(),
      [`${name.replace('1.', '2.')}jpg`]: await plain
        .clone()
        .jpeg()
        .withExif({ IFD0: { Artist: MAIL } })
        .toBuffer(),
    });
    const { bytes, items, certificate } = await redactDocument(source, 'a.office');
    expect(items).toMatchObject([{ type: 'email', location: { part: 'image1.png' } }]);
    expect(certificate).toMatchObject({ notExamined: [], removedWhole: [] });
    expect(certificate.checks).toContain('words read in pictures');
    expect(await typesIn(partOf(bytes, `${name}png`))).toEqual([]);
    const other = partOf(bytes, `${name.replace('1.', '2.')}jpg`);
    expect(other.includes(MAIL)).toBe(false);
    expect((await sharp(other).metadata()).exif).toBeUndefined();
    const [was, is] = await Promise.all(
      [await plain.clone().png().toBuffer(), other].map((image) =>
        sharp(image).greyscale().raw().toBuffer(),
      ),
    );
    let drift = 0;
    for (const [i, grey] of (was ?? Buffer.of()).entries())
      drift += Math.abs(grey - (is?.[i] ?? 0));
    expect(drift / (was?.length ?? 1)).toBeLessThan(3);
  });

  test.each<[string, (image: Sharp) => Sharp]>([
    ['gif', (image) => image.gif()],
    ['tiff', (image) => image.tiff()],
    ['webp', (image) => image.webp()],
  ])('as %s keeps its kind', async (kind, encode) => {
    const name = `word/media/image1.${kind}`;
    const source = docxFile(paragraph('x'), { [name]: await encode(secret.clone()).toBuffer() });
    const { bytes, items } = await redactDocument(source, 'a.docx');
    expect(items.map(({ type }) => type)).toEqual(['email']);
    const { data } = await sharp(partOf(bytes, name)).png().toBuffer({ resolveWithObject: true });
    expect((await sharp(partOf(bytes, name)).metadata()).format).toBe(kind);
    expect(await typesIn(data)).toEqual([]);
  });

  test('gets a stand-in where values are replaced, the same as the text has', async () => {
    const source = docxFile(paragraph(`write to ${MAIL}`), {
      'word/media/image1.png': await secret.clone().png().toBuffer(),
    });
    const { bytes, mapping } = await redactDocument(source, 'a.docx', { method: 'anonymize' });
    expect(mapping).toMatchObject([{ standIn: '[EMAIL_1]' }]);
    expect(await typesIn(partOf(bytes, 'word/media/image1.png'))).toEqual([]);
  });
});

describe('what cannot be looked into is taken out, and the certificate says so', () => {
  test.each<[string, Uint8Array]>([
    ['image1.emf', Buffer.from(`\x01\0\0\0${MAIL}`, 'latin1')],
    ['image1.svg', Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg"><!-- ${MAIL} --></svg>`)],
    ['image1.png', Buffer.from(`\x89PNG\r\n\x1a\n damaged ${MAIL}`, 'latin1')],
    ['film.mp4', Buffer.from(MAIL, 'utf16le')],
  ])('%s', async (name, content) => {
    const source = docxFile(paragraph('nothing here'), { [`word/media/${name}`]: content });
    const { bytes, certificate } = await redactDocument(source, 'a.docx');
    expect(certificate.removedWhole).toEqual(['1 picture(s), film(s) or sound(s)']);
    const left = partOf(bytes, `word/media/${name}`);
    expect((await sharp(left).metadata()).width).toBe(1);
    expect((await redactDocument(Buffer.from(bytes), 'b.docx')).items).toEqual([]);
  });

  test('pictures of a document within the document', async () => {
    const inner = xlsxFile('', [], {
      'xl/media/image1.png': await secret.clone().png().toBuffer(),
    });
    const source = docxFile(paragraph('nothing'), { 'word/embeddings/book.xlsx': inner });
    const { bytes, certificate } = await redactDocument(source, 'a.docx');
    expect(certificate.removedWhole).toEqual(['1 picture(s), film(s) or sound(s)']);
    const book = partOf(bytes, 'word/embeddings/book.xlsx');
    expect((await sharp(partOf(book, 'xl/media/image1.png')).metadata()).width).toBe(1);
  });
});
