/**
 * Reads words in pictures, with the box of each letter. Tesseract runs in a thread of its own, one
 * for each of ours, and is let go when nothing is read. A picture that lies on its side, on its head
 * or askew is turned until it reads best; boxes always come back in the picture's own pixels.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { createWorker, type Worker } from 'tesseract.js';

export interface Rectangle {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

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

let starting: Promise<Worker> | null = null;

/** A second of idleness ends the thread, so that a program that only reads one picture can end. */
const IDLE_MS = 1000;
let users = 0;

async function withTesseract<T>(use: (worker: Worker) => Promise<T>): Promise<T> {
  users++;
  try {
    starting ??= start();
    return await use(await starting);
  } finally {
    users--;
    setTimeout(release, IDLE_MS);
  }
}

async function start(): Promise<Worker> {
  const require = createRequire(import.meta.url);
  const data = dirname(require.resolve('@tesseract.js-data/eng/package.json'));
  const langPath = join(data, '4.0.0_best_int');
  const worker = await createWorker('eng', 1, { langPath, gzip: true, cacheMethod: 'none' });
  // Its remarks about resolutions would go to standard error.
  await worker.setParameters({ user_defined_dpi: '300', debug_file: '/dev/null' } as object);
  return worker;
}

function release(): void {
  if (users > 0 || !starting) return;
  const ending = starting;
  starting = null;
  ending.then((worker) => worker.terminate()).catch(() => {});
}

/** Reads a picture in any format that sharp decodes. */
export function readPicture(picture: Buffer): Promise<OcrText> {
  return withTesseract(async (worker) => {
    const { width = 1, height = 1 } = await sharp(picture).metadata();
    const scale = Math.max(width, height) < SMALL_SIDE ? 2 : 1;
    const upright = await readTurned(worker, picture, { width, height, degrees: 0, scale });
    const straight = await readStraight(worker, picture, upright, { width, height, scale });
    if (straight.confidence >= POOR_CONFIDENCE && straight.text.trim() !== '') return straight;
    let best = straight;
    for (const degrees of [90, 270, 180]) {
      const turned = await readTurned(worker, picture, { width, height, degrees, scale });
      if (weight(turned) > weight(best)) best = turned;
    }
    return best;
  });
}

/** Sure words count, many of them count more. */
function weight({ confidence, text }: OcrText): number {
  return (confidence / 100) ** 2 * text.replace(/\s/g, '').length;
}

interface Turn {
  width: number;
  height: number;
  degrees: number;
  scale: number;
}

async function readStraight(
  worker: Worker,
  picture: Buffer,
  upright: OcrText & { skew: number },
  size: Omit<Turn, 'degrees'>,
): Promise<OcrText> {
  const angle = Math.abs(upright.skew);
  if (angle < LEAST_SKEW || angle > MOST_SKEW) return upright;
  const degrees = (upright.skew * 180) / Math.PI;
  const straight = await readTurned(worker, picture, { ...size, degrees });
  return weight(straight) > weight(upright) ? straight : upright;
}

async function readTurned(
  worker: Worker,
  picture: Buffer,
  turn: Turn,
): Promise<OcrText & { skew: number }> {
  const { degrees, scale, width, height } = turn;
  const { data: turned, info } = await sharp(picture)
    .flatten({ background: '#fff' })
    .rotate(degrees, { background: '#fff' })
    .png({ compressionLevel: 1 })
    .toBuffer({ resolveWithObject: true });
  const image =
    scale === 1
      ? turned
      : await sharp(turned)
          .resize(info.width * scale, info.height * scale)
          .png()
          .toBuffer();
  const { data } = await worker.recognize(image, { rotateAuto: degrees === 0 }, { blocks: true });
  const skew = degrees === 0 ? ((data as { rotateRadians?: number | null }).rotateRadians ?? 0) : 0;
  const back = backTurner({ width, height }, info, degrees + (skew * 180) / Math.PI, scale);
  return { ...collect(data.blocks ?? [], back), skew };
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

type Blocks = NonNullable<Awaited<ReturnType<Worker['recognize']>>['data']['blocks']>;

function collect(blocks: Blocks, back: OcrText['back']): OcrText {
  const pieces: string[] = [];
  const boxes: (Rectangle | null)[] = [];
  let [sum, count] = [0, 0];
  const add = (text: string, box: Rectangle | null) => {
    pieces.push(text);
    for (let i = 0; i < text.length; i++) boxes.push(box);
  };
  for (const line of blocks.flatMap(({ paragraphs }) => paragraphs.flatMap(({ lines }) => lines))) {
    for (const [i, word] of line.words.entries()) {
      if (i > 0 && !isSplit(line.words[i - 1], word)) add(' ', null);
      for (const { text, bbox } of word.symbols) {
        add(text, { left: bbox.x0, top: bbox.y0, right: bbox.x1, bottom: bbox.y1 });
      }
      sum += word.confidence;
      count++;
    }
    add('\n', null);
  }
  return { text: pieces.join(''), boxes, back, confidence: count === 0 ? 0 : sum / count };
}

type Word = Pick<
  Blocks[number]['paragraphs'][number]['lines'][number]['words'][number],
  'text' | 'bbox'
>;

/** An address is often read as two words: `jane` and `@example.org`, with hardly a gap between. */
function isSplit(last: Word | undefined, next: Word): boolean {
  if (!last) return false;
  const height = Math.max(last.bbox.y1 - last.bbox.y0, next.bbox.y1 - next.bbox.y0);
  const gap = next.bbox.x0 - last.bbox.x1;
  if (last.text.endsWith('@') || next.text.startsWith('@')) return gap < height * 0.5;
  return /[._-]$/.test(last.text) && /^[a-z0-9]/.test(next.text) && gap < height * 0.15;
}

/** Boxes of a stretch, one a line, a little larger than the letters. */
export function stretchBoxes({ boxes, back }: OcrText, start: number, end: number): Rectangle[] {
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
  return lines.map((box) => {
    const margin = Math.max(2, (box.bottom - box.top) * 0.15);
    return back({
      left: box.left - margin,
      top: box.top - margin,
      right: box.right + margin,
      bottom: box.bottom + margin,
    });
  });
}
