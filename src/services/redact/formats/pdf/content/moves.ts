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

/** Ems that a decoration may reach below the baseline, above it, and beyond its words. */
const BELOW = 0.55;
const ABOVE = 1.3;
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
    const isOnLine = points.every(({ x, y }) => {
      const above = (y * along.x - x * along.y - offset) * side;
      return above > -BELOW * size && above < ABOVE * size;
    });
    if (!isOnLine) continue;
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
  if (last.isRemoved) {
    return place - last.start < last.end - place ? last.toStart : last.toEnd;
  }
  if (Math.abs(place - last.start) < NEAR * size) return last.toStart;
  if (place < last.start) return last.toStart + place - last.start;
  if (Math.abs(place - last.end) < NEAR * size) return last.toEnd;
  return place < last.end ? last.toStart + place - last.start : last.toEnd + place - last.end;
}
