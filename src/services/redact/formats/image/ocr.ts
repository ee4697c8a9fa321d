/**
 * Reads words in pictures, with the box of each letter. A picture that lies on its side, on its head
 * or askew is turned until it reads best; boxes always come back in the picture's own pixels. What
 * was read is kept for a while: proving a redaction reads the pictures again that nobody has touched.
 */
import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { whitenCovers } from './ocr/covers.ts';
import { type Reader, type ReadWord, type Rectangle, reader, readingKey } from './ocr/reader.ts';

export type { Rectangle };

export interface OcrText {
  text: string;
  /** Of each UTF-16 unit, in the picture as it was turned to be read; null for spaces. */
  boxes: (Rectangle | null)[];
  /** From there to the pixels of the picture as it is. */
  back: (box: Rectangle) => Rectangle;
  /** Mean of the words, 0 to 100. */
  confidence: number;
}

/** Below this a picture is tried the other way up. */
const POOR_CONFIDENCE = 75;
/** Radians; smaller angles do Tesseract no harm. */
const LEAST_SKEW = 0.008;
/** Tesseract's own guess of a larger one is of a picture that lies on its side. */
const MOST_SKEW = 0.3;
/** Letters smaller than this are enlarged first: Tesseract wants capitals of some 20 pixels. */
const SMALL_SIDE = 1000;

/** Pictures whose words are kept, and how long after the last one. */
const MOST_KEPT = 200;
const KEPT_MS = 30_000;
const kept = new Map<string, Promise<OcrText>>();
let forgetting: NodeJS.Timeout | null = null;

/** Reads a picture in any format that sharp decodes. */
export function readPicture(picture: Buffer): Promise<OcrText> {
  const key = `${readingKey()} ${createHash('sha256').update(picture).digest('base64')}`;
  const reading = kept.get(key) ?? readAnew(picture);
  kept.delete(key);
  kept.set(key, reading);
  // What failed is tried again.
  reading.catch(() => kept.delete(key));
  const [oldest] = kept.keys();
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  if (forgetting) clearTimeout(forgetting);
  forgetting = setTimeout(() => kept.clear(), KEPT_MS).unref();
  return reading;
}

async function readAnew(picture: Buffer): Promise<OcrText> {
  const { recognise } = await reader();
  const { width = 1, height = 1 } = await sharp(picture).metadata();
  const scale = Math.max(width, height) < SMALL_SIDE ? 2 : 1;
  const upright = await readTurned(recognise, picture, { width, height, degrees: 0, scale });
  const straight = await readStraight(recognise, picture, upright, { width, height, scale });
  const isUpright = Math.abs(upright.skew - upright.turned) <= MOST_SKEW;
  const isGood = straight.confidence >= POOR_CONFIDENCE && straight.text.trim() !== '';
  if (isUpright && isGood) return straight;
  // Lines read from below to above have their letters beside one another in no useful way.
  let best = isUpright ? straight : { ...straight, confidence: 0 };
  for (const degrees of [90, 270, 180]) {
    // Nothing upright and nothing on its side: there are no words.
    if (degrees === 270 && best.text.trim() === '') break;
    const turned = await readTurned(recognise, picture, { width, height, degrees, scale });
    if (weight(turned) > weight(best)) best = turned;
  }
  return best;
}

/** Sure words count, many of them count more. */
function weight({ confidence, text }: OcrText): number {
  return (confidence / 100) ** 2 * text.replace(/\s/g, '').length;
}

interface Turned extends OcrText {
  /** Radians, of the picture as it was given to the reader: how it lies, what of it is mended. */
  skew: number;
  turned: number;
}

interface Turn {
  width: number;
  height: number;
  degrees: number;
  scale: number;
}

async function readStraight(
  recognise: Reader['recognise'],
  picture: Buffer,
  upright: Turned,
  size: Omit<Turn, 'degrees'>,
): Promise<OcrText> {
  const angle = Math.abs(upright.skew);
  if (angle < LEAST_SKEW || angle > MOST_SKEW) return upright;
  const degrees = (upright.skew * 180) / Math.PI;
  const straight = await readTurned(recognise, picture, { ...size, degrees });
  return weight(straight) > weight(upright) ? straight : upright;
}

async function readTurned(
  recognise: Reader['recognise'],
  picture: Buffer,
  turn: Turn,
): Promise<Turned> {
  const { degrees, scale, width, height } = turn;
  const { data, info } = await sharp(picture)
    .flatten({ background: '#fff' })
    .rotate(degrees, { background: '#fff' })
    .toColourspace('b-w')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  whitenCovers({ data, ...info });
  const image = await sharp(data, { raw: { ...info, channels: info.channels } })
    .resize(info.width * scale, info.height * scale)
    .png({ compressionLevel: 1 })
    .toBuffer();
  const { lines, turned: own, skew } = await recognise(image, degrees === 0);
  const back = backTurner({ width, height }, info, degrees + (own * 180) / Math.PI, scale);
  return { ...collect(lines, back), skew, turned: own };
}

/** From pixels of the turned picture to those of the picture as it was. */
function backTurner(
  was: { width: number; height: number },
  is: { width: number; height: number },
  degrees: number,
  scale: number,
): OcrText['back'] {
  const radians = (-degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(radians), Math.sin(radians)];
  return ({ left, top, right, bottom }) => {
    const corners = [left, right].flatMap((x) =>
      [top, bottom].map((y) => {
        const [dx, dy] = [x / scale - is.width / 2, y / scale - is.height / 2];
        return { x: dx * cos - dy * sin + was.width / 2, y: dx * sin + dy * cos + was.height / 2 };
      }),
    );
    return {
      left: Math.min(...corners.map(({ x }) => x)),
      right: Math.max(...corners.map(({ x }) => x)),
      top: Math.min(...corners.map(({ y }) => y)),
      bottom: Math.max(...corners.map(({ y }) => y)),
    };
  };
}

function collect(lines: readonly ReadWord[][], back: OcrText['back']): OcrText {
  const pieces: string[] = [];
  const boxes: (Rectangle | null)[] = [];
  let [sum, count] = [0, 0];
  const add = (text: string, box: Rectangle | null) => {
    pieces.push(text);
    for (let i = 0; i < text.length; i++) boxes.push(box);
  };
  for (const words of lines) {
    for (const [i, word] of words.entries()) {
      if (i > 0 && !isSplit(words[i - 1], word)) add(' ', null);
      for (const { text, box } of word.letters) add(text, box);
      sum += word.confidence;
      count++;
    }
    add('\n', null);
  }
  return { text: pieces.join(''), boxes, back, confidence: count === 0 ? 0 : sum / count };
}

/** An address is often read as two words: `jane` and `@example.org`, with hardly a gap between. */
function isSplit(last: ReadWord | undefined, next: ReadWord): boolean {
  if (!last) return false;
  const height = Math.max(last.box.bottom - last.box.top, next.box.bottom - next.box.top);
  const gap = next.box.left - last.box.right;
  const isAddress = /^@[\w-]{1,63}\.\w/.test(next.text) || /@$/.test(last.text);
  if (isAddress) return gap < height;
  return /[._-]$/.test(last.text) && /^[a-z0-9]/.test(next.text) && gap < height * 0.15;
}

/** Boxes of a stretch, one a line, a little larger than the letters, but on no letter beside. */
export function stretchBoxes(words: OcrText, start: number, end: number): Rectangle[] {
  return linesOf(words, start, end).map(words.back);
}

/** Pixels that a cover may reach above or below its line. */
const MOST_RISE = 3;

/** Where an edit is painted: a line each for a stand-in, and for a cover what stays on its line. */
export function editBoxes(
  words: OcrText,
  { start, end, replacement }: { start: number; end: number; replacement: string | null },
): Rectangle[] {
  return (replacement === null ? stretchCovers : stretchBoxes)(words, start, end);
}

/** The same to be covered: cut into pieces where the lines rise or fall, to stay on their line. */
function stretchCovers(words: OcrText, start: number, end: number): Rectangle[] {
  return linesOf(words, start, end).flatMap((line) => {
    const [first, last] = [
      pointOf(words, line.left, line.top),
      pointOf(words, line.right, line.top),
    ];
    const rise = Math.min(Math.abs(last.x - first.x), Math.abs(last.y - first.y));
    const count = Math.ceil(rise / MOST_RISE) || 1;
    const width = (line.right - line.left) / count;
    return Array.from({ length: count }, (_, i) => {
      const left = line.left + width * i;
      return words.back({ ...line, left, right: left + width });
    });
  });
}

function pointOf({ back }: OcrText, x: number, y: number): { x: number; y: number } {
  const { left, top } = back({ left: x, right: x, top: y, bottom: y });
  return { x: left, y: top };
}

function linesOf({ boxes }: OcrText, start: number, end: number): Rectangle[] {
  const lines: Rectangle[] = [];
  for (const box of boxes.slice(start, end)) {
    if (!box) continue;
    const last = lines.at(-1);
    const overlap = last ? Math.min(last.bottom, box.bottom) - Math.max(last.top, box.top) : -1;
    if (last && overlap > -(box.bottom - box.top) && box.left >= last.left - 2) {
      lines[lines.length - 1] = {
        left: Math.min(last.left, box.left),
        top: Math.min(last.top, box.top),
        right: Math.max(last.right, box.right),
        bottom: Math.max(last.bottom, box.bottom),
      };
    } else lines.push({ ...box });
  }
  const beside = [...boxes.slice(0, start), ...boxes.slice(end)];
  return lines.map((box) => grownBetween(box, beside));
}

/** Grown by a margin, up and down only as far as the letters of the lines there allow. */
function grownBetween(box: Rectangle, others: readonly (Rectangle | null)[]): Rectangle {
  const margin = Math.max(2, (box.bottom - box.top) * 0.15);
  const [left, right] = [box.left - margin, box.right + margin];
  let [top, bottom] = [box.top - margin, box.bottom + margin];
  for (const other of others) {
    if (!other || other.right <= left || other.left >= right) continue;
    if (other.top >= box.bottom) bottom = Math.min(bottom, other.top);
    if (other.bottom <= box.top) top = Math.max(top, other.bottom);
  }
  return { left, top, right, bottom };
}
