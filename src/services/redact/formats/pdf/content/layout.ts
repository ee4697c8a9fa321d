/**
 * Which glyphs go, and where the rest of the line goes then. A gap as wide as what was removed would
 * tell its width, and with it often the word (Bland, Iyer, Levchenko: "Story Beyond the Eye: Glyph
 * Positions Break PDF Text Redaction", PETS 2023). So the gap is always the same, and the tail of
 * the line moves up to it, as far as the line is one run of words.
 */
import type { Glyph, Showing } from './interpret.ts';
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

function matchTargets(
  placed: readonly Placed[],
  targets: readonly Target[],
): Map<Glyph, Target> | null {
  const grid = new Map<string, Placed[]>();
  const cell = (x: number, y: number) => `${Math.floor(x / 8)} ${Math.floor(y / 8)}`;
  for (const one of placed) {
    const { x, y } = one.glyph.origin;
    const key = cell(x, y);
    const same = grid.get(key);
    if (same) same.push(one);
    else grid.set(key, [one]);
  }
  const near = function* ({ x, y }: Point) {
    for (const dx of [-8, 0, 8])
      for (const dy of [-8, 0, 8]) yield* grid.get(cell(x + dx, y + dy)) ?? [];
  };
  const found = new Map<Glyph, Target>();
  for (const target of targets) {
    let isMatched = false;
    for (const { glyph } of near(target.origin)) {
      const size = Math.hypot(glyph.em.x, glyph.em.y);
      const distance = Math.hypot(
        glyph.origin.x - target.origin.x,
        glyph.origin.y - target.origin.y,
      );
      if (distance > Math.max(0.3, size * 0.04)) continue;
      found.set(glyph, target);
      isMatched = true;
    }
    if (!isMatched && !target.isSpace) return null;
    if (target.isSpace) continue;
    // What is painted over it a second time, a hair apart, is not among PDFium's characters.
    for (const { glyph } of near(target.middle)) {
      if (!found.has(glyph) && covers(glyph, target.middle)) found.set(glyph, target);
    }
  }
  for (const glyph of found.keys()) glyph.isRemoved = true;
  return found;
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
