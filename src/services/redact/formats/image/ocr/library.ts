/**
 * Tesseract as WebAssembly, in a thread of its own, one for each of ours. It is let go when nothing
 * is read for a while.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createWorker, type Worker } from 'tesseract.js';
import { Fault } from '../../../../../kernel/fault.ts';
import type { OcrSettings, Reader, ReadWord } from './reader.ts';

/** A second of idleness ends the thread, so that a program that only reads one picture can end. */
const IDLE_MS = 1000;

export function libraryReader(settings: OcrSettings): Reader {
  let starting: Promise<Worker> | null = null;
  let users = 0;
  const release = () => {
    if (users > 0 || !starting) return;
    const ending = starting;
    starting = null;
    ending.then((worker) => worker.terminate()).catch(() => {});
  };
  return {
    async recognise(png, mayTurn) {
      users++;
      try {
        starting ??= start(settings);
        const worker = await starting;
        const { data } = await worker.recognize(png, { rotateAuto: mayTurn }, { blocks: true });
        const angle = (data as { rotateRadians?: number | null }).rotateRadians ?? 0;
        const turned = mayTurn ? angle : 0;
        return { lines: linesOf(data.blocks ?? []), turned, skew: turned };
      } finally {
        users--;
        setTimeout(release, IDLE_MS);
      }
    },
  };
}

async function start({ languages, dataDir }: OcrSettings): Promise<Worker> {
  if (!dataDir && languages.join() !== 'eng') {
    throw new Fault('unavailable', 'The languages of text recognition are not installed.', {
      internal: `no data for ${languages.join('+')}: set CLOAKROOM_OCR_DATA_DIR`,
    });
  }
  const require = createRequire(import.meta.url);
  const shipped = dirname(require.resolve('@tesseract.js-data/eng/package.json'));
  const worker = await createWorker([...languages], 1, {
    langPath: dataDir ?? join(shipped, '4.0.0_best_int'),
    gzip: dataDir === undefined,
    cacheMethod: 'none',
  });
  // Its remarks about resolutions would go to standard error.
  await worker.setParameters({ user_defined_dpi: '300', debug_file: '/dev/null' } as object);
  return worker;
}

type Blocks = NonNullable<Awaited<ReturnType<Worker['recognize']>>['data']['blocks']>;
type Bounds = { x0: number; y0: number; x1: number; y1: number };

function linesOf(blocks: Blocks): ReadWord[][] {
  const lines = blocks.flatMap(({ paragraphs }) =>
    paragraphs.flatMap((paragraph) => paragraph.lines),
  );
  return lines.map(({ words }) =>
    words.map(({ text, bbox, confidence, symbols }) => ({
      ...{ text, confidence, box: boxOf(bbox) },
      letters: symbols.map((symbol) => ({ text: symbol.text, box: boxOf(symbol.bbox) })),
    })),
  );
}

function boxOf({ x0, y0, x1, y1 }: Bounds) {
  return { left: x0, top: y0, right: x1, bottom: y1 };
}
