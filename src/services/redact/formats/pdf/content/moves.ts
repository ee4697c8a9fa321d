/** Where things go that belong to a line that is laid out anew, and are as long as its words. */
import type { Point } from './matrix.ts';

/** A letter, or what went, from where to where on the line; in points along it. */
export interface Stretch {
  start: number;
  end: number;
  toStart: number;
  toEnd: number;
  isRemoved: boolean;
}

/** A run of words that is laid out anew. */
export interface MovedRun {
  /** Along the line, of length 1. */
  along: Point;
  /** Of the baseline: y times cosine less x times sine. */
  offset: number;
  /** Of an em, in points. */
  size: number;
  /** True where upwards is on the other side of the line. */
  isMirrored: boolean;
  /** In the order in which they stood. */
  stretches: readonly Stretch[];
}

/** Ems below the baseline and above it: of grounds and frames, and of lines, which go on letters. */
const AROUND = { below: 0.55, above: 1.3 };
const ACROSS = { below: 0.35, above: 0.85 };
/** Ems: no higher figure is a line. */
const LINE = 0.2;
/** Ems that a figure may reach beyond its words. */
const BEYOND = 0.35;
/** Ems along the line: the borders of cells are not as long as words. */
const LEAST_LENGTH = 0.3;
/** Ems: ends of what is drawn for a word are no further from it. */
const NEAR = 0.12;

/** The same figure where the words that it was drawn for are now; null where it belongs to none. */
export function movedWith(runs: readonly MovedRun[], points: readonly Point[]): Point[] | null {
  for (const run of runs) {
    const { along, offset, size, isMirrored } = run;
    const side = isMirrored ? -1 : 1;
    const heights = points.map(({ x, y }) => (y * along.x - x * along.y - offset) * side);
    const [lowest, highest] = [Math.min(...heights), Math.max(...heights)];
    const { below, above } = highest - lowest < LINE * size ? ACROSS : AROUND;
    if (lowest < -below * size || highest > above * size) continue;
    const places = points.map(({ x, y }) => x * along.x + y * along.y);
    if (Math.max(...places) - Math.min(...places) < LEAST_LENGTH * size) continue;
    const to = places.map((place) => placeIn(run, place));
    const isMoved = to.some(
      (place, i) => place !== null && Math.abs(place - (places[i] ?? 0)) > EXACT,
    );
    if (!isMoved) continue;
    return points.map((point, i) => {
      const by = (to[i] ?? places[i] ?? 0) - (places[i] ?? 0);
      return by === 0 ? point : { x: point.x + along.x * by, y: point.y + along.y * by };
    });
  }
  return null;
}

/** Points. */
const EXACT = 0.001;

function placeIn({ stretches, size }: MovedRun, place: number): number | null {
  const [first] = stretches;
  if (!first || place < first.start - BEYOND * size) return null;
  let last = first;
  let reach = first;
  for (const stretch of stretches) {
    if (stretch.start > place + NEAR * size) break;
    last = stretch;
    if (stretch.end > reach.end) reach = stretch;
  }
  if (reach === stretches.at(-1) && place > reach.end + BEYOND * size) return null;
  const near = NEAR * size;
  if (last.isRemoved && Math.abs(place - last.start) < near) return last.toStart;
  // What ends in the midst of what went was not drawn for it.
  if (last.isRemoved) return place > last.end - near ? last.toEnd : null;
  if (last.toStart === last.start && place < last.end - near) return place;
  if (Math.abs(place - last.start) < near) return last.toStart;
  if (place < last.start) return last.toStart + place - last.start;
  if (Math.abs(place - last.end) < near) return last.toEnd;
  return place < last.end ? last.toStart + place - last.start : last.toEnd + place - last.end;
}
