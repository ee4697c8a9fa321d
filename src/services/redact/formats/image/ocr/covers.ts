/**
 * Black boxes over words, painted white before a picture is read: Tesseract takes them for letters
 * (`EE`, `BBB`), and loses words beside them. Only boxes that stand alone, lie along the lines and
 * are wider than high: no letter, and no ground of white letters, is one.
 */
import type { Rectangle } from './reader.ts';

export interface Raster {
  data: Uint8Array;
  /** Pixels. */
  width: number;
  height: number;
  /** Bytes of a pixel; the first is looked at. */
  channels: number;
}

/** Of 255. */
const DARK = 80;
const LIGHT = 128;
/** Pixels. */
const LEAST_WIDTH = 18;
const LEAST_HEIGHT = 10;
const LEAST_RATIO = 1.3;
/** How far a row of a box may be off the one above: JPEG frays edges, and lines are askew. */
const FRAY = 2;
/** Pixels outside of a box where its surroundings are looked at, and how much of them is light. */
const AWAY = 4;
const LIGHT_SHARE = 0.75;

/** Paints the covers white, in place. */
export function whitenCovers(raster: Raster): void {
  const covers = rectanglesOf(raster).filter(
    (box) => isWide(box) && lightShareAround(raster, box) >= LIGHT_SHARE,
  );
  const { data, width, channels } = raster;
  for (const box of covers) {
    const { left, top, right, bottom } = grown(raster, box, FRAY);
    for (let y = top; y < bottom; y++) {
      data.fill(255, (y * width + left) * channels, (y * width + right) * channels);
    }
  }
}

/** Dark runs of pixels with the same ones below them. */
function rectanglesOf(raster: Raster): Rectangle[] {
  const closed: Rectangle[] = [];
  let open: Rectangle[] = [];
  for (let y = 0; y <= raster.height; y++) {
    const runs = y < raster.height ? darkRuns(raster, y) : [];
    const next: Rectangle[] = [];
    for (const box of open) {
      const at = runs.findIndex(
        ({ left, right }) => near(left, box.left) && near(right, box.right),
      );
      const [run] = at < 0 ? [] : runs.splice(at, 1);
      if (run) next.push({ ...run, top: box.top });
      else closed.push(box);
    }
    open = [...next, ...runs];
  }
  return closed;
}

function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= FRAY;
}

function darkRuns({ data, width, channels }: Raster, y: number): Rectangle[] {
  const runs: Rectangle[] = [];
  let left = 0;
  for (let x = 0; x <= width; x++) {
    if (x < width && (data[(y * width + x) * channels] ?? 255) < DARK) continue;
    if (x - left >= LEAST_WIDTH) runs.push({ left, top: y, right: x, bottom: y + 1 });
    left = x + 1;
  }
  return runs;
}

function isWide({ left, top, right, bottom }: Rectangle): boolean {
  const height = bottom - top;
  return height >= LEAST_HEIGHT && right - left >= height * LEAST_RATIO;
}

function grown({ width, height }: Raster, box: Rectangle, by: number): Rectangle {
  return {
    left: Math.max(0, box.left - by),
    top: Math.max(0, box.top - by),
    right: Math.min(width, box.right + by),
    bottom: Math.min(height, box.bottom + by),
  };
}

/** Of the frame around a box; what lies outside of the picture is light. */
function lightShareAround(raster: Raster, { left, top, right, bottom }: Rectangle): number {
  const { data, width, height, channels } = raster;
  let [light, all] = [0, 0];
  const look = (x: number, y: number) => {
    const isWithin = x >= 0 && y >= 0 && x < width && y < height;
    if (!isWithin || (data[(y * width + x) * channels] ?? 0) > LIGHT) light++;
    all++;
  };
  for (let x = left; x < right; x++) {
    look(x, top - AWAY);
    look(x, bottom - 1 + AWAY);
  }
  for (let y = top; y < bottom; y++) {
    look(left - AWAY, y);
    look(right - 1 + AWAY, y);
  }
  return light / all;
}
