/**
 * Which glyphs go, and where the rest of the line goes then. A gap as wide as what was removed would
 * tell its width, and with it often the word (Bland, Iyer, Levchenko: "Story Beyond the Eye: Glyph
 * Positions Break PDF Text Redaction", PETS 2023). So the gap is always the same, and the tail of
 * the line moves up to it, as far as the line is one run of words.
 */
import type { Glyph, IsAsked, Showing } from './interpret.ts';
import type { Point } from './matrix.ts';

/** A removed stretch of a line: where it is covered, and what may be written there. */
export interface Gap {
  origin: Point;
  /** One em along the line and upwards. */
  em: Point;
  up: Point;
  /** In points. */
  width: number;
  replacement: string | null;
}

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

/** Width of every gap, in ems: less than most values have, so that tails move away from the margin. */
const GAP_EMS = 3;
/** A wider space than this parts columns: what lies behind it stays where it is. */
const COLUMN_EMS = 1.2;
const LABEL_EM_WIDTH = 0.6;

interface Line {
  angle: number;
  offset: number;
  items: Item[];
}

interface Item extends Placed {
  start: number;
  end: number;
  size: number;
  target: Target | null;
}

/**
 * Marks the glyphs of the targets and moves what follows. Null where a target has no glyph of its
 * own: what PDFium sees there we do not.
 */
export function layOut(placed: readonly Placed[], targets: readonly Target[]): Gap[] | null {
  const found = matchTargets(placed, targets);
  if (!found) return null;
  return linesOf(placed, found).flatMap(closeGaps);
}

/** How far above the baseline the middle of a letter is. */
const MIDDLE_EMS = 0.3;
/** Points: targets are looked up by the square that they are in. */
const CELL = 8;

function matchTargets(
  placed: readonly Placed[],
  targets: readonly Target[],
): Map<Glyph, Target> | null {
  const byOrigin = new Squares(targets, ({ origin }) => origin);
  const byMiddle = new Squares(
    targets.filter(({ isSpace }) => !isSpace),
    ({ middle }) => middle,
  );
  const found = new Map<Glyph, Target>();
  const matched = new Set<Target>();
  for (const { glyph } of placed) {
    const { origin, advance, em, up } = glyph;
    const size = Math.hypot(em.x, em.y);
    byOrigin.near(origin.x, origin.y, Math.max(0.3, size * 0.04), (target) => {
      found.set(glyph, target);
      matched.add(target);
    });
    if (found.has(glyph)) continue;
    // What is painted over it a second time, a hair apart, is not among PDFium's characters.
    const [x, y] = [
      origin.x + advance.x / 2 + up.x * MIDDLE_EMS,
      origin.y + advance.y / 2 + up.y * MIDDLE_EMS,
    ];
    const reach = (Math.hypot(advance.x, advance.y) + Math.hypot(up.x, up.y)) / 2;
    byMiddle.near(x, y, reach, (target) => {
      if (covers(glyph, target.middle)) found.set(glyph, target);
    });
  }
  if (targets.some((target) => !target.isSpace && !matched.has(target))) return null;
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
          if (Math.hypot(at.x - x, at.y - y) <= reach) visit(thing);
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
    const [size, height] = [Math.hypot(em.x, em.y), Math.hypot(up.x, up.y)];
    if (size === 0 || height === 0) return true;
    const [ux, uy] = [em.x / size, em.y / size];
    const offset = origin.y * ux - origin.x * uy;
    const key = `${ux.toFixed(3)} ${uy.toFixed(3)} ${offset.toFixed(1)} ${height.toFixed(1)}`;
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
  const size = Math.hypot(em.x, em.y);
  const height = Math.hypot(up.x, up.y);
  const width = Math.hypot(advance.x, advance.y);
  if (size === 0 || height === 0 || width === 0) return false;
  const [dx, dy] = [point.x - origin.x, point.y - origin.y];
  const along = (dx * em.x + dy * em.y) / size / width;
  const above = (dx * up.x + dy * up.y) / (height * height);
  return along > 0.25 && along < 0.75 && above > -0.15 && above < 0.75;
}

/** Glyphs on one baseline, in the order in which they stand on it. */
function linesOf(placed: readonly Placed[], found: ReadonlyMap<Glyph, Target>): Line[] {
  const lines = new Map<string, Line>();
  for (const { glyph, showing } of placed) {
    const size = Math.hypot(glyph.em.x, glyph.em.y);
    if (size === 0) continue;
    const [ux, uy] = [glyph.em.x / size, glyph.em.y / size];
    const offset = glyph.origin.y * ux - glyph.origin.x * uy;
    const start = glyph.origin.x * ux + glyph.origin.y * uy;
    const end = start + glyph.advance.x * ux + glyph.advance.y * uy;
    const angle = Math.round(Math.atan2(uy, ux) * 100);
    const key = `${angle} ${Math.round(offset)}`;
    const line = lines.get(key) ?? { angle, offset, items: [] };
    const target = found.get(glyph) ?? null;
    line.items.push({ glyph, showing, start, end, size, target });
    lines.set(key, line);
  }
  const touched = [...lines.values()].filter(({ items }) => items.some(({ target }) => target));
  for (const { items } of touched) items.sort((a, b) => a.start - b.start);
  return touched;
}

/** Kerning is less than this: between what goes and what stays it would tell of a letter. */
const KERNING_EMS = 0.15;

function closeGaps({ items }: Line): Gap[] {
  const gaps: Gap[] = [];
  let shift = 0;
  let reach = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < items.length; ) {
    const item = items[i];
    if (!item) break;
    if (item.start - reach > item.size * COLUMN_EMS) shift = 0;
    if (!item.target) {
      item.glyph.shift = shift * item.showing.perPoint;
      reach = Math.max(reach, item.end);
      i++;
      continue;
    }
    const end = endOfStretch(items, i);
    const isClose = Math.abs(item.start - reach) < item.size * KERNING_EMS;
    const start = isClose ? reach : item.start;
    const last = endOfRemoved(items, i, end);
    const width = gapWidth(item, roomBehind(items, end, start + shift, last));
    gaps.push({ ...gapAt(item, start + shift), width, replacement: item.target.replacement });
    shift += start + width - last;
    reach = last;
    i = end;
  }
  return gaps;
}

/** Where the rest of the line begins, kerning taken for nothing. */
function endOfRemoved(items: readonly Item[], from: number, end: number): number {
  const last = items.slice(from, end).reduce((most, item) => Math.max(most, item.end), -Infinity);
  const next = items[end];
  return next && Math.abs(next.start - last) < next.size * KERNING_EMS ? next.start : last;
}

/** Behind the last glyph of the same edit in a row. */
function endOfStretch(items: readonly Item[], from: number): number {
  const edit = items[from]?.target?.edit;
  let end = from;
  while (end < items.length && items[end]?.target?.edit === edit) end++;
  return end;
}

function gapWidth({ size, target }: Item, room: number): number {
  const { replacement = null } = target ?? {};
  const wanted = replacement === null ? size * GAP_EMS : replacement.length * size * LABEL_EM_WIDTH;
  return Math.max(Math.min(wanted, room), size * 0.5);
}

/** How far a gap may reach before the run of words behind it would meet the next column. */
function roomBehind(items: readonly Item[], from: number, start: number, last: number): number {
  let reach = last;
  for (let i = from; i < items.length; i++) {
    const item = items[i];
    if (!item) break;
    if (item.start - reach > item.size * COLUMN_EMS) {
      const free = item.start - item.size * 0.3 - reach;
      return last - start + free;
    }
    reach = Math.max(reach, item.end);
  }
  return Number.POSITIVE_INFINITY;
}

function gapAt(item: Item, start: number): Omit<Gap, 'width' | 'replacement'> {
  const { origin, em, up } = item.glyph;
  const by = (start - item.start) / item.size;
  return { origin: { x: origin.x + em.x * by, y: origin.y + em.y * by }, em, up };
}
