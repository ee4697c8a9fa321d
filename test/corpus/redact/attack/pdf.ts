/** What three programs that are not ours read in a PDF: qpdf its objects, poppler its words. */
import { readFile, writeFile } from 'node:fs/promises';
import { type Box, type Page, seen, stored, turnedBack } from './eye.ts';
import { run, runText } from './tools.ts';

export interface Word extends Box {
  text: string;
  page: number;
}

export interface PdfViews {
  raw: string;
  layout: string;
  words: Word[];
  pages: Page[];
  /** The same with their lines as one reads them. */
  upright: Page[];
  /** Pictures that are stored in it; of outputs only, as are the objects. */
  images: Page[];
  /** All objects, unpacked by qpdf. */
  objects: Buffer;
}

/** Writes the file down and lets everybody look at it. Throws where one cannot read it. */
export async function viewsOf(
  bytes: Uint8Array,
  path: string,
  { password = '', isOutput = false, turned = 0 } = {},
): Promise<PdfViews> {
  await writeFile(path, bytes);
  const unlock = password ? ['-upw', password] : [];
  const text = (...how: string[]) => runText('pdftotext', ...unlock, ...how, path, '-');
  const [raw, layout, places] = [await text('-raw'), await text('-layout'), await text('-bbox')];
  const pages = await seen(path, password);
  const upright = await Promise.all(pages.map((page) => turnedBack(page, turned)));
  const views = { raw, layout, words: wordsOf(places), pages, upright };
  if (!isOutput) return { ...views, images: [], objects: Buffer.of() };
  const unpacked = ['--qdf', '--stream-data=uncompress', '--warning-exit-0'];
  await run('qpdf', ...unpacked, '--deterministic-id', path, `${path}.qdf`);
  const objects = await readFile(`${path}.qdf`);
  const images = objects.includes('/Subtype /Image') ? await stored(path) : [];
  return { ...views, images, objects };
}

function wordsOf(places: string): Word[] {
  return places.split(/<page /).flatMap((page, i) =>
    [
      ...page.matchAll(/<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.*?)<\/word>/gs),
    ].map(([, left, top, right, bottom, text = '']) => ({
      ...{ left: Number(left), top: Number(top), right: Number(right), bottom: Number(bottom) },
      ...{ page: i - 1, text: text.replaceAll('&amp;', '&') },
    })),
  );
}
