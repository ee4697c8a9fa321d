/**
 * Pictures: decoded, boxed, encoded anew. What is written beside the pixels (EXIF, XMP, GPS,
 * thumbnails, comments) does not come along, and the picture stands as its orientation said.
 */
import sharp, { type Sharp } from 'sharp';
import { Fault } from '../../../../kernel/fault.ts';
import type { Edit, Format, OpenDocument, OpenOptions, Reread } from '../../document.ts';
import { mergedEdits } from '../edits.ts';
import { editBoxes, type OcrText, type Rectangle, readPicture, stretchBoxes } from './ocr.ts';

/** More than a page at 600 dpi, less than what fills the memory. */
const MOST_PIXELS = 60_000_000;

interface Pixels {
  data: Buffer;
  width: number;
  height: number;
  channels: 1 | 2 | 3 | 4;
}

interface OpenPicture extends OpenDocument {
  words: OcrText;
  pixels: Pixels;
}

interface RereadPicture extends Reread {
  words: OcrText;
  pixels: Pixels;
}

type Encode = (image: Sharp) => Sharp;

export const jpeg = imageFormat('jpg', 'image/jpeg', (image) => image.jpeg({ quality: 92 }));
export const png = imageFormat('png', 'image/png', (image) => image.png());
export const webp = imageFormat('webp', 'image/webp', (image) => image.webp({ quality: 92 }));
/** Kinds that only come within other files. */
const gif = imageFormat('gif', 'image/gif', (image) => image.gif());
const tiff = imageFormat('tiff', 'image/tiff', (image) => image.tiff({ compression: 'deflate' }));

/** The kind of picture by its first bytes; null where it is none. */
export function imageKindOf(bytes: Uint8Array): Format | null {
  const head = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  if (head.startsWith('\xff\xd8\xff')) return jpeg;
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return png;
  return head.startsWith('RIFF') && head.endsWith('WEBP') ? webp : null;
}

/** The same, of a picture within another file. */
export function pictureKindOf(bytes: Uint8Array): Format | null {
  const head = Buffer.from(bytes.subarray(0, 4)).toString('latin1');
  if (head === 'GIF8') return gif;
  return head === 'II*\0' || head === 'MM\0*' ? tiff : imageKindOf(bytes);
}

/** What the second picture shows that it should not, and what it does not that it should. */
export function comparePictures(
  before: OpenDocument,
  edits: readonly Edit[],
  after: OpenDocument,
): string[] {
  return judgePicture(before as OpenPicture, edits, after as OpenPicture);
}

function imageFormat(kind: string, mediaType: string, encode: Encode): Format {
  return {
    ...{ kind, mediaType, extension: kind, mark: null },
    open: (bytes, options) => openPicture(bytes, encode, options),
    async reread(bytes): Promise<RereadPicture> {
      const pixels = await decode(bytes);
      const words = await readPicture(Buffer.from(bytes));
      return {
        ...{ words, pixels, parts: [partOf(words)], texts: [words.text], streams: [bytes] },
        ...{ examined: ['pixels', 'words read in the picture', 'bytes'], notExamined: [] },
      };
    },
    judge: (before, edits, after) =>
      judgePicture(before as OpenPicture, edits, after as RereadPicture),
    countPages: async () => 1,
  };
}

async function openPicture(
  bytes: Uint8Array,
  encode: Encode,
  { onProgress }: OpenOptions,
): Promise<OpenPicture> {
  const pixels = await decode(bytes);
  const words = await readPicture(await fromPixels(pixels).png({ compressionLevel: 1 }).toBuffer());
  onProgress?.({ done: 1, total: 1 });
  return {
    ...{ words, pixels, parts: [partOf(words)], pageCount: 1 },
    locate(_, start, end) {
      const [box] = stretchBoxes(words, start, end);
      // A picture has no points: its pixels are taken for them, from the lower left corner.
      return box
        ? {
            bbox: {
              x: round(box.left),
              y: round(pixels.height - box.bottom),
              width: round(box.right - box.left),
              height: round(box.bottom - box.top),
            },
          }
        : {};
    },
    async write(edits) {
      const boxed = { ...pixels, data: Buffer.from(pixels.data) };
      const labels: { box: Rectangle; text: string }[] = [];
      for (const edit of mergedEdits(edits, 0)) {
        const { replacement } = edit;
        for (const [i, box] of editBoxes(words, edit).entries()) {
          fill(boxed, box, replacement === null ? 0 : 232);
          if (i === 0 && replacement) labels.push({ box, text: replacement });
        }
      }
      return new Uint8Array(await encode(withLabels(fromPixels(boxed), pixels, labels)).toBuffer());
    },
    close() {},
  };
}

function partOf({ text }: OcrText) {
  return { pageNumber: 1, text, isWrapped: true };
}

function round(value: number): number {
  return Math.round(value);
}

async function decode(bytes: Uint8Array): Promise<Pixels> {
  try {
    const image = sharp(bytes, { limitInputPixels: MOST_PIXELS, failOn: 'error' });
    const { pages = 1 } = await image.metadata();
    if (pages > 1) {
      throw new Fault('unsupported_file_type', 'Pictures that move are not supported.');
    }
    const { data, info } = await image
      .rotate()
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return {
      data,
      width: info.width,
      height: info.height,
      channels: info.channels as Pixels['channels'],
    };
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault('unreadable_file', 'The picture is damaged, or larger than 60 megapixels.', {
      cause,
    });
  }
}

function fromPixels({ data, width, height, channels }: Pixels): Sharp {
  return sharp(data, { raw: { width, height, channels } });
}

/** Every pixel of the box gets this grey, and is opaque. */
function fill({ data, width, height, channels }: Pixels, box: Rectangle, grey: number): void {
  const [left, right] = [Math.max(0, Math.floor(box.left)), Math.min(width, Math.ceil(box.right))];
  const [top, bottom] = [Math.max(0, Math.floor(box.top)), Math.min(height, Math.ceil(box.bottom))];
  const hasAlpha = channels === 2 || channels === 4;
  for (let y = top; y < bottom; y++) {
    const row = y * width;
    data.fill(grey, (row + left) * channels, (row + Math.max(left, right)) * channels);
    if (!hasAlpha) continue;
    for (let x = left; x < right; x++) data[(row + x + 1) * channels - 1] = 255;
  }
}

function withLabels(
  image: Sharp,
  { width, height }: Pixels,
  labels: readonly { box: Rectangle; text: string }[],
): Sharp {
  if (labels.length === 0) return image;
  const texts = labels.map(({ box, text }) => {
    const size = Math.min(
      (box.bottom - box.top) * 0.7,
      (box.right - box.left) / (text.length * 0.6),
    );
    const escaped = text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
    return `<text x="${box.left + 2}" y="${box.bottom - (box.bottom - box.top) * 0.28}" font-size="${size}" font-family="sans-serif">${escaped}</text>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${texts.join('')}</svg>`;
  return image.composite([{ input: Buffer.from(svg) }]);
}

/** JPEG and WebP change pixels a little where nothing was done. */
const MOST_DRIFT = 12;

function judgePicture(
  before: OpenPicture,
  edits: readonly Edit[],
  after: Pick<OpenPicture, 'pixels'>,
): string[] {
  const { pixels: was, words } = before;
  const { pixels: is } = after;
  if (was.width !== is.width || was.height !== is.height) return ['the size has changed'];
  const objections: string[] = [];
  const gone = mergedEdits(edits, 0).filter(({ replacement }) => replacement === null);
  for (const edit of gone) {
    for (const box of editBoxes(words, edit)) {
      if (brightest(is, box) > 60) objections.push('a box does not cover its place');
    }
  }
  if (meanDrift(was, is) > MOST_DRIFT && edits.length === 0)
    objections.push('the picture has changed');
  return objections;
}

/** Well within the box: at its edge a lossy encoding mixes in what is beside it. */
function brightest({ data, width, height, channels }: Pixels, box: Rectangle): number {
  const inset = Math.min(8, (box.bottom - box.top) / 4);
  let most = 0;
  for (
    let y = Math.ceil(Math.max(0, box.top + inset));
    y < Math.min(height, box.bottom - inset);
    y++
  ) {
    for (
      let x = Math.ceil(Math.max(0, box.left + inset));
      x < Math.min(width, box.right - inset);
      x++
    ) {
      most = Math.max(most, data[(y * width + x) * channels] ?? 0);
    }
  }
  return most;
}

function meanDrift(was: Pixels, is: Pixels): number {
  let [sum, count] = [0, 0];
  for (let i = 0; i < was.width * was.height; i += 7) {
    sum += Math.abs((was.data[i * was.channels] ?? 0) - (is.data[i * is.channels] ?? 0));
    count++;
  }
  return sum / Math.max(1, count);
}
