/** What streams carry beside what they say: it is in no text, so nothing would find it. */
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { redactDocument } from '../../src/services/redact/redact.ts';
import { readPdf, renderPdf } from './redact/pdf-eye.ts';
import { lines, type PdfObject, pdfFile } from './redact/pdf-file.ts';

const SECRET = 'Xaverine Quillfeather';

async function picture(): Promise<Buffer> {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60"><rect width="90" height="60" fill="#246"/><circle cx="45" cy="30" r="20" fill="#fc8"/></svg>';
  return sharp(Buffer.from(svg))
    .withExif({ IFD0: { Artist: SECRET, ImageDescription: SECRET } })
    .jpeg()
    .toBuffer();
}

function segment(marker: number, text: string): Buffer {
  const content = Buffer.from(text, 'latin1');
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([head, content]);
}

/** A page that shows the picture, and says something. */
function withPicture(jpeg: Buffer): Buffer {
  const source =
    '<< /Type /XObject /Subtype /Image /Width 90 /Height 60 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode >>';
  const object: PdfObject = { source, stream: jpeg, isCompressed: false };
  return pdfFile({
    pages: [
      {
        content: `q 90 0 0 60 300 300 cm /X1 Do Q ${lines('write to jane@example.org about it')}`,
        resources: '/XObject << /X1 100 0 R >>',
      },
    ],
    objects: [object],
  });
}

test('a JPEG keeps its pixels, and nothing of who made it, where, and with what', async () => {
  const jpeg = await picture();
  const behind = Buffer.from(`behind it ${SECRET}`);
  const dirty = Buffer.concat([
    jpeg.subarray(0, 2),
    segment(0xfe, SECRET),
    segment(0xed, `Photoshop 3.0\0${SECRET}`),
    jpeg.subarray(2),
    behind,
  ]);
  expect(dirty.toString('latin1').split(SECRET).length).toBeGreaterThan(4);
  const source = withPicture(dirty);
  const { bytes, items } = await redactDocument(source, 'a.pdf', { entities: ['email'] });
  const output = Buffer.from(bytes);
  expect(items).toHaveLength(1);
  expect(output.includes(SECRET)).toBe(false);
  const [was, is] = [await renderPdf(source), await renderPdf(output)];
  const shown = ({ pixels, width }: typeof was) =>
    Array.from({ length: 50 }, (_, y) =>
      [...pixels.subarray((440 + y) * width + 305, (440 + y) * width + 385)].join(),
    ).join();
  expect(new Set(shown(was).split(',')).size).toBeGreaterThan(5);
  expect(shown(is)).toBe(shown(was));
});

const FORM = '/Type /XObject /Subtype /Form /BBox [0 0 612 792]';
test.each<[string, Partial<Parameters<typeof pdfFile>[0]>]>([
  [
    'behind the end of a stream',
    {
      objects: [
        {
          source: `<< ${FORM} /Filter /FlateDecode >>`,
          stream: Buffer.concat([deflateSync('0 0 1 1 re f'), Buffer.from(`\n${SECRET}\n`)]),
          isCompressed: false,
        },
      ],
    },
  ],
  [
    'in the dictionary of a stream',
    { objects: [{ source: `<< ${FORM} /Who (${SECRET}) >>`, stream: '0 0 1 1 re f' }] },
  ],
  [
    'among the resources of a page',
    {
      resources: `/Others [101 0 R] /Who (${SECRET})`,
      objects: [
        { source: `<< ${FORM} >>`, stream: '0 0 1 1 re f' },
        `<< /Type /Annot /Subtype /Text /Rect [0 0 1 1] /Contents (${SECRET}) >>`,
      ],
    },
  ],
])('what stands %s does not come along', async (_, more) => {
  const content = `/X1 Do ${lines('write to jane@example.org about it')}`;
  const source = pdfFile({
    pages: [{ content, resources: '/XObject << /X1 100 0 R >>' }],
    ...more,
  });
  expect(source.includes(SECRET)).toBe(true);
  const { bytes } = await redactDocument(source, 'a.pdf', { entities: ['email'] });
  expect(Buffer.from(bytes).includes(SECRET)).toBe(false);
  const [text = ''] = await readPdf(Buffer.from(bytes));
  expect(text).toContain('about it');
});

test.each(['/Type /Sheet', ''])(
  'a page is one where viewers show it, whatever it is called: %j',
  async (type) => {
    const note = `<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] /Contents (ask joe@example.org) >>`;
    const source = pdfFile({
      pages: [
        lines('the first page'),
        { content: lines('write to jane@example.org about it'), extra: `/Annots [${note}]` },
        lines('the third page, too: jim@example.org'),
      ],
    });
    // The second page's, with as many bytes as it had.
    const at = source.indexOf('/Type /Page ', source.indexOf('12 0 obj'));
    source.write(type.padEnd('/Type /Page'.length), at, 'latin1');
    const { bytes, items } = await redactDocument(source, 'a.pdf', { entities: ['email'] });
    expect(items.map(({ location }) => location.pageNumber)).toEqual([2, 3, 2]);
    const texts = await readPdf(Buffer.from(bytes));
    expect(texts.map((text) => text.replace(/\s+/g, ' ').trim())).toEqual([
      'the first page',
      'write to about it',
      'the third page, too:',
    ]);
    expect(Buffer.from(bytes).toString('latin1')).not.toMatch(/joe@|jane@|jim@/);
  },
);
