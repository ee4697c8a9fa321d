/**
 * Finds the glyphs of what is to go: PDFium says where a character stands, the content says which
 * glyph of which string stands there.
 */
import type { Glyph, IsAsked, Showing } from './interpret.ts';
import { lengthOf, type Point } from './matrix.ts';

export interface Target {
  /** Where PDFium sees the origin of a character that goes. */
  origin: Point;
  /** The middle of it. */
  middle: Point;
  edit: number;
  replacement: string | null;
  /** Goes with the others; PDFium may have made it up. */
  isSpace: boolean;
}

export interface Placed {
  glyph: Glyph;
  showing: Showing;
}

/** How far above the baseline the middle of a letter is. */
const MIDDLE_EMS = 0.3;
/** How much larger what is painted over a letter may be to be the same letter again. */
const MOST_LARGER = 1.8;
/** Points: targets are looked up by the square that they are in. */
const CELL = 8;

/** Marks the glyphs of the targets. Null where one has no glyph: what PDFium sees there we do not. */
export function matchTargets(
  placed: readonly Placed[],
  targets: readonly Target[],
): Map<Glyph, Target> | null {
  const byOrigin = new Squares(targets, ({ origin }) => origin);
  const byMiddle = new Squares(
    targets.filter(({ isSpace }) => !isSpace),
    ({ middle }) => middle,
  );
  const found = new Map<Glyph, Target>();
  const heights = new Map<Target, number>();
  for (const { glyph } of placed) {
    const { origin, em, up } = glyph;
    const size = lengthOf(em);
    byOrigin.near(origin.x, origin.y, Math.max(0.3, size * 0.04), (target) => {
      found.set(glyph, target);
      heights.set(target, lengthOf(up));
    });
  }
  if (targets.some((target) => !target.isSpace && !heights.has(target))) return null;
  for (const { glyph } of placed) {
    if (found.has(glyph)) continue;
    const { origin, advance, up } = glyph;
    // What is painted over it a second time, a hair apart, is not among PDFium's characters.
    const [x, y] = [
      origin.x + advance.x / 2 + up.x * MIDDLE_EMS,
      origin.y + advance.y / 2 + up.y * MIDDLE_EMS,
    ];
    const height = lengthOf(up);
    byMiddle.near(x, y, (lengthOf(advance) + height) / 2, (target) => {
      // A letter as large as that is a watermark.
      const isAlike = height < (heights.get(target) ?? 0) * MOST_LARGER;
      if (isAlike && covers(glyph, target.middle)) found.set(glyph, target);
    });
  }
  for (const glyph of found.keys()) glyph.isRemoved = true;
  return found;
}

/** Things by where they are. */
class Squares<T> {
  private readonly squares = new Map<number, { at: Point; thing: T }[]>();

  constructor(things: readonly T[], placeOf: (thing: T) => Point) {
    for (const thing of things) {
      const at = placeOf(thing);
      const key = this.key(Math.floor(at.x / CELL), Math.floor(at.y / CELL));
      const same = this.squares.get(key);
      if (same) same.push({ at, thing });
      else this.squares.set(key, [{ at, thing }]);
    }
  }

  near(x: number, y: number, reach: number, visit: (thing: T) => void): void {
    // Out there, one more is no more: counting squares would never end.
    if (Math.max(Math.abs(x), Math.abs(y)) > FARTHEST) return;
    const least = Math.min(reach, CELL * MOST_SQUARES);
    const [left, right] = [Math.floor((x - least) / CELL), Math.floor((x + least) / CELL)];
    const [low, high] = [Math.floor((y - least) / CELL), Math.floor((y + least) / CELL)];
    for (let column = left; column <= right; column++) {
      for (let row = low; row <= high; row++) {
        const inSquare = this.squares.get(this.key(column, row));
        if (!inSquare) continue;
        for (const { at, thing } of inSquare) {
          if ((at.x - x) ** 2 + (at.y - y) ** 2 <= reach ** 2) visit(thing);
        }
      }
    }
  }

  private key(column: number, row: number): number {
    return column * 65_536 + row;
  }
}

/** Letters of posters are as large. */
const MOST_SQUARES = 40;
/** Points. Far beyond the largest page (ISO 32000-2, annex C.2: 14,400 units of up to 75 points). */
const FARTHEST = 10_000_000;

/** Which lines the targets stand on, or across: the glyphs of others are not asked for. */
export function linesAsked(targets: readonly Target[]): IsAsked {
  const known = new Map<string, boolean>();
  return (origin, em, up) => {
    const [size, height] = [lengthOf(em), lengthOf(up)];
    if (size === 0 || height === 0) return true;
    const [ux, uy] = [em.x / size, em.y / size];
    const offset = origin.y * ux - origin.x * uy;
    const key = `${Math.round(ux * 1e3)} ${Math.round(uy * 1e3)} ${Math.round(offset * 10)} ${Math.round(height * 10)}`;
    let isAsked = known.get(key);
    if (isAsked === undefined) {
      // Upwards, which is on the other side where letters are mirrored.
      const side = up.y * ux - up.x * uy < 0 ? -1 : 1;
      const above = ({ x, y }: Point) => (y * ux - x * uy - offset) * side;
      isAsked = targets.some((target) => {
        const middle = above(target.middle);
        const isOn = Math.abs(above(target.origin)) < 1 + height * 0.1;
        return isOn || (middle > -0.3 * height && middle < height);
      });
      known.set(key, isAsked);
    }
    return isAsked;
  };
}

/** True where the point is in the glyph's middle, along the line and upwards. */
function covers({ origin, advance, em, up }: Glyph, point: Point): boolean {
  const size = lengthOf(em);
  const height = lengthOf(up);
  const width = lengthOf(advance);
  if (size === 0 || height === 0 || width === 0) return false;
  const [dx, dy] = [point.x - origin.x, point.y - origin.y];
  const along = (dx * em.x + dy * em.y) / size / width;
  const above = (dx * up.x + dy * up.y) / (height * height);
  return along > 0.25 && along < 0.75 && above > -0.15 && above < 0.75;
}
