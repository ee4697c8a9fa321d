/** Measures what can be seen in a place of a page, pixel by pixel. */
import type { Box } from '../formats/pdf/page-text.ts';
import type { Render } from './page-objects.ts';

/** A place in pixels from the upper left; ends are not part of it. */
export interface Area {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Takes a box of the page to the pixels of its picture. */
export type ToPixels = (box: Box) => Area;

/** Of 255: less is the edge of a letter smoothed otherwise. */
const DIFFERENT = 24;

export interface Ink {
  /** Pixels that the letter would colour. */
  expected: number;
  /** Those of them that it does colour. */
  shown: number;
}

/** How much of what `alone` paints in this place makes a difference between the two pictures. */
export function inkIn(area: Area, alone: Render, withIt: Render, withoutIt: Render): Ink {
  let [expected, shown] = [0, 0];
  eachPixel(area, alone, (at) => {
    if ((alone.data[at + 1] ?? 255) > 160) return;
    expected++;
    if (distance(withIt.data, withoutIt.data, at) > DIFFERENT) shown++;
  });
  return { expected, shown };
}

export interface Tone {
  darkest: number;
  lightest: number;
  /** Share of the pixels nearer to the darkest than to the lightest. */
  darkShare: number;
}

export function toneOf(area: Area, { data, width, height }: Render): Tone {
  const values: number[] = [];
  eachPixel(area, { data, width, height }, (at) => {
    values.push(((data[at] ?? 0) + 2 * (data[at + 1] ?? 0) + (data[at + 2] ?? 0)) / 4);
  });
  const darkest = values.reduce((least, value) => Math.min(least, value), 255);
  const lightest = values.reduce((most, value) => Math.max(most, value), 0);
  const middle = (darkest + lightest) / 2;
  const dark = values.filter((value) => value < middle).length;
  return { darkest, lightest, darkShare: dark / Math.max(1, values.length) };
}

/** True where something like writing can be seen: marks on a ground, neither empty nor full. */
export function showsMarks({ darkest, lightest, darkShare }: Tone): boolean {
  return lightest - darkest > 60 && darkShare > 0.015 && darkShare < 0.85;
}

export function isPlain({ darkest, lightest }: Tone): boolean {
  return lightest - darkest < 24;
}

function distance(a: Uint8Array, b: Uint8Array, at: number): number {
  return Math.max(
    Math.abs((a[at] ?? 0) - (b[at] ?? 0)),
    Math.abs((a[at + 1] ?? 0) - (b[at + 1] ?? 0)),
    Math.abs((a[at + 2] ?? 0) - (b[at + 2] ?? 0)),
  );
}

function eachPixel(
  { left, top, right, bottom }: Area,
  { width, height }: Pick<Render, 'data' | 'width' | 'height'>,
  use: (at: number) => void,
): void {
  for (let y = Math.max(0, top); y < Math.min(height, bottom); y++) {
    for (let x = Math.max(0, left); x < Math.min(width, right); x++) use((y * width + x) * 4);
  }
}
