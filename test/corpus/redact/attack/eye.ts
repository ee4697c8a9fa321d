/** Sees pages as people do: poppler's pixels, and the words that Tesseract reads in them. */
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { run, together } from './tools.ts';

/** Pixels a point. */
export const SCALE = 2;

export interface Page {
  width: number;
  height: number;
  grey: Buffer;
  digest: string;
}

/** Every page in grey. */
export async function seen(pdf: string, password = ''): Promise<Page[]> {
  const unlock = password ? ['-upw', password] : [];
  await run('pdftoppm', ...unlock, '-gray', '-r', String(72 * SCALE), pdf, `${pdf}.page`);
  return pagesAt(`${pdf}.page`);
}

/** The pictures that are stored in a file, as they are stored, whatever covers them. */
export async function stored(pdf: string): Promise<Page[]> {
  await run('pdfimages', '-all', pdf, `${pdf}.image`);
  return (await pagesAt(`${pdf}.image`)).filter(({ width, height }) => width > 40 && height > 12);
}

async function pagesAt(prefix: string): Promise<Page[]> {
  const [folder, start] = [join(prefix, '..'), prefix.slice(prefix.lastIndexOf('/') + 1)];
  const names = (await readdir(folder)).filter((name) => name.startsWith(start)).toSorted();
  return Promise.all(names.map(async (name) => pixelsOf(await readFile(join(folder, name)))));
}

async function pixelsOf(file: Buffer): Promise<Page> {
  const digest = createHash('sha256').update(file).digest('hex');
  if (file.subarray(0, 2).toString('latin1') === 'P5') {
    const head = /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(file.subarray(0, 64).toString('latin1'));
    const [all = '', width = '0', height = '0'] = head ?? [];
    const grey = file.subarray(all.length);
    return { width: Number(width), height: Number(height), grey, digest };
  }
  const { data, info } = await sharp(file)
    .flatten({ background: '#fff' })
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, grey: data, digest };
}

/** A page whose lines run another way than to the right, turned so that they do. */
export async function turnedBack(page: Page, degrees: number): Promise<Page> {
  if (degrees === 0) return page;
  const { width, height, grey, digest } = page;
  const { data, info } = await sharp(grey, { raw: { width, height, channels: 1 } })
    .rotate(-degrees)
    .toColourspace('b-w')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const turned = { width: info.width, height: info.height, grey: data };
  return { ...turned, digest: `${digest}-${degrees}` };
}

/** Several readers at a time, each with a list of pictures: starting one costs most of it. */
const READERS = 2;

/** The words of each picture by its digest; what looks the same is read once. */
export async function read(
  pages: readonly Page[],
  folder: string,
): Promise<ReadonlyMap<string, string>> {
  const unique = [...new Map(pages.map((page) => [page.digest, page])).values()];
  const words = new Map<string, string>();
  const lists = Array.from({ length: READERS }, (_, i) =>
    unique.filter((__, j) => j % READERS === i),
  );
  await together(lists, async (list, i) => {
    if (list.length === 0) return;
    const names = await Promise.all(
      list.map(async ({ width, height, grey, digest }) => {
        const path = join(folder, `${digest}.pgm`);
        await writeFile(path, Buffer.concat([Buffer.from(`P5\n${width} ${height}\n255\n`), grey]));
        return path;
      }),
    );
    await writeFile(join(folder, `list${i}.txt`), `${names.join('\n')}\n`);
    const dpi = String(72 * SCALE);
    const text = await run(
      ...(['tesseract', join(folder, `list${i}.txt`), 'stdout', '--dpi', dpi] as const),
      ...['--psm', '11'],
    );
    const texts = text.split('\f');
    for (const [j, { digest }] of list.entries()) words.set(digest, texts[j] ?? '');
  });
  return words;
}

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Steps of grey that antialiasing alone does not make. */
const CLEARLY = 60;

/** How many pixels differ clearly outside of the boxes, which are in points from the upper left. */
export function differences(
  was: Page,
  is: Page,
  boxes: readonly Box[] = [],
  side: 1 | typeof BLOT = 1,
): number {
  if (was.width !== is.width || was.height !== is.height) return Number.POSITIVE_INFINITY;
  let count = 0;
  for (let y = 0; y + side <= was.height; y += side) {
    for (let x = 0; x + side <= was.width; x += side) {
      if (Math.abs(greyOf(was, x, y, side) - greyOf(is, x, y, side)) < CLEARLY) continue;
      const isIn = ({ left, top, right, bottom }: Box) =>
        x / SCALE >= left && x / SCALE <= right && y / SCALE >= top && y / SCALE <= bottom;
      if (!boxes.some(isIn)) count++;
    }
  }
  return count;
}

/** Pixels a side: letters that became pixels themselves are compared as blots. */
export const BLOT = 6;

function greyOf({ width, grey }: Page, left: number, top: number, side: number): number {
  if (side === 1) return grey[top * width + left] ?? 0;
  let sum = 0;
  for (let y = top; y < top + side; y++)
    for (let x = left; x < left + side; x++) sum += grey[y * width + x] ?? 0;
  return sum / (side * side);
}
