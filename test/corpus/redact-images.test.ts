/** Pictures, and pages that are pictures: what was read in them is black in them, and nothing else. */
import sharp, { type Sharp } from 'sharp';
import { describe, expect, test } from 'vitest';
import { examine, redactDocument } from '../../src/services/redact/index.ts';
import { readPdf, renderPdf } from './redact/pdf-eye.ts';
import { lines, pdfFile } from './redact/pdf-file.ts';

const TEXT = [
  'Dear reader,',
  'the number is 536-22-8726 as you',
  'know, and the mail address is',
  'jane.doe@example.org of course.',
  'The weather was fine all week.',
];

/** A page with these lines, as a scanner would give it. */
async function scan(texts = TEXT): Promise<Sharp> {
  const page = { content: lines(...texts), extra: '/MediaBox [60 560 340 760]' };
  const { width, height, pixels } = await renderPdf(pdfFile({ pages: [page] }), 0, 4);
  return sharp(Buffer.from(pixels), { raw: { width, height, channels: 1 } });
}

async function read(bytes: Uint8Array): Promise<string[]> {
  return (await examine(bytes, 'a')).items.map(({ type }) => type);
}

describe('pictures', () => {
  test.each<[string, string, (image: Sharp) => Sharp]>([
    ['PNG', 'image/png', (image) => image.png()],
    ['JPEG', 'image/jpeg', (image) => image.jpeg()],
    ['WebP', 'image/webp', (image) => image.webp()],
    [
      'PNG with an alpha channel',
      'image/png',
      (image) => image.toColourspace('srgb').ensureAlpha().png(),
    ],
    ['a picture on its side', 'image/png', (image) => image.rotate(90).png()],
    ['a picture on its head', 'image/png', (image) => image.rotate(180).png()],
    ['a picture askew', 'image/png', (image) => image.rotate(3, { background: '#fff' }).png()],
    ['a small picture', 'image/png', (image) => image.resize(560).png()],
  ])('%s', async (_, mediaType, encode) => {
    const source = await encode(await scan()).toBuffer();
    const redacted = await redactDocument(source, 'scan.bin');
    expect(redacted.mediaType).toBe(mediaType);
    expect(redacted.items.map(({ type }) => type)).toEqual(['ssn', 'email']);
    expect(await read(redacted.bytes)).toEqual([]);
    const [was, is] = [await sharp(source).metadata(), await sharp(redacted.bytes).metadata()];
    expect([is.width, is.height]).toEqual([was.width, was.height]);
  });

  test('what stands outside of the boxes is the same, to the pixel', async () => {
    const source = await (await scan()).png().toBuffer();
    const { bytes, items } = await redactDocument(source, 'a.png');
    const [was, is] = await Promise.all(
      [source, bytes].map((image) =>
        sharp(image).greyscale().raw().toBuffer({ resolveWithObject: true }),
      ),
    );
    const boxes = items.map(({ location }) => location.bbox ?? { x: 0, y: 0, width: 0, height: 0 });
    const { width = 0, height = 0 } = was?.info ?? {};
    let changed = 0;
    for (let i = 0; i < width * height; i++) {
      if (was?.data[i] === is?.data[i]) continue;
      changed++;
      const [x, y] = [i % width, height - Math.floor(i / width)];
      const isIn = boxes.some(
        (box) =>
          x >= box.x - 1 &&
          x <= box.x + box.width + 1 &&
          y >= box.y - 1 &&
          y <= box.y + box.height + 1,
      );
      expect(isIn).toBe(true);
    }
    expect(changed).toBeGreaterThan(1000);
  });

  test('no metadata survives, and the picture stands upright without it', async () => {
    const turned = await (await scan()).rotate(-90).toBuffer({ resolveWithObject: true });
    const source = await sharp(turned.data, {
      raw: { width: turned.info.width, height: turned.info.height, channels: 1 },
    })
      .withExif({ IFD0: { Artist: 'Jane Doe' }, IFD3: { GPSLatitudeRef: 'N' } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const { bytes } = await redactDocument(source, 'a.jpg');
    const { exif, icc, xmp, orientation, width, height } = await sharp(bytes).metadata();
    expect([exif, xmp, orientation]).toEqual([undefined, undefined, undefined]);
    expect(icc === undefined || icc.length > 0).toBe(true);
    expect((width ?? 0) > (height ?? 0)).toBe(true);
  });

  test('a picture that is broken, or moves, is refused', async () => {
    const source = await (await scan()).png().toBuffer();
    await expect(examine(source.subarray(0, 300), 'a.png')).rejects.toMatchObject({
      code: 'unreadable_file',
    });
  });
});

async function scanned(texts = TEXT, more = ''): Promise<Buffer> {
  const { data, info } = await (await scan(texts))
    .toColourspace('b-w')
    .jpeg({ quality: 95 })
    .toBuffer({ resolveWithObject: true });
  return pdfFile({
    pages: [`q 280 0 0 200 60 500 cm /Im1 Do Q ${more}`],
    resources: '/XObject << /Im1 100 0 R >>',
    objects: [
      {
        source: `<< /Type /XObject /Subtype /Image /Width ${info.width} /Height ${info.height} /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode >>`,
        stream: data,
        isCompressed: false,
      },
    ],
  });
}

describe('PDF pages that are pictures', () => {
  test('a scanned page is read, and blackened in its pixels', async () => {
    const source = await scanned();
    const { bytes, items, certificate } = await redactDocument(source, 'a.pdf');
    expect(items.map(({ type, location }) => [type, location.part, location.pageNumber])).toEqual([
      ['ssn', 'picture', 1],
      ['email', 'picture', 1],
    ]);
    expect(await read(bytes)).toEqual([]);
    expect(certificate.notExamined).toEqual([]);
    const after = await renderPdf(bytes);
    // The first line of the letter is where it was.
    expect(after.width).toBe(612);
  });

  test('a page with text and a picture: both are read, and nothing is found twice', async () => {
    const source = await scanned(TEXT, 'BT /F1 12 Tf 72 400 Td (Call 415-555-2671 now) Tj ET');
    const { bytes, items } = await redactDocument(source, 'a.pdf');
    expect(items.map(({ type }) => type).toSorted()).toEqual(['email', 'phone', 'ssn']);
    expect(await read(bytes)).toEqual([]);
    expect((await readPdf(bytes)).join('')).not.toContain('2671');
  });

  test('a scanned page without anything stays as it is', async () => {
    const source = await scanned(['The weather was fine', 'all week in the valley.']);
    const { bytes, items } = await redactDocument(source, 'a.pdf');
    expect(items).toEqual([]);
    expect((await renderPdf(bytes)).digest).toBe((await renderPdf(source)).digest);
  });
});
