/**
 * Where the rest of a line goes when glyphs have gone from it. A gap as wide as what was removed would
 * tell its width, and with it often the word (Bland, Iyer, Levchenko: "Story Beyond the Eye: Glyph
 * Positions Break PDF Text Redaction", PETS 2023). So the gap is always the same, the run of words
 * around it is laid out anew with the font's own spaces, whatever a justified line made of them, and
 * begins, ends or has its middle where the page says that it is fixed.
 */
import { Alignments, type Run } from './alignment.ts';
import type { Extent, Glyph } from './interpret.ts';
import { lengthOf, type Point } from './matrix.ts';
import type { MovedRun, Stretch } from './moves.ts';
import { matchTargets, type Placed, type Target } from './targets.ts';

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

/** Width of every gap, in ems: less than most values have, so that tails move away from the margin. */
const GAP_EMS = 3;
const LEAST_GAP_EMS = 0.5;
/** A wider space than this parts columns: what lies behind it stays where it is. */
const COLUMN_EMS = 1.2;
/** Between a run and the next column. */
const MARGIN_EMS = 0.3;
const LABEL_EM_WIDTH = 0.6;
/** Kerning is less than this: between what goes and what stays it would tell of a letter. */
const KERNING_EMS = 0.15;
/** Of a space that no glyph stands for, in most text faces a little more or less. */
const SPACE_EMS = 0.28;

interface Item extends Placed {
  /** Along the line, in points. */
  start: number;
  end: number;
  size: number;
  target: Target | null;
}

/**
 * Marks the glyphs of the targets and moves what is around them. Null where a target has no glyph of
 * its own: what PDFium sees there we do not.
 */
export function layOut(
  placed: readonly Placed[],
  targets: readonly Target[],
  { extents, hasSpaces }: Page,
): LaidOut | null {
  const found = matchTargets(placed, targets);
  if (!found) return null;
  const lines = linesOf(placed, found).map(({ items, ...line }) => ({ line, runs: runsOf(items) }));
  const seen = lines.flatMap(({ line, runs }) => runs.map((run) => ({ ...line, ...seenOf(run) })));
  const alignments = new Alignments([...seen, ...runsOfExtents(extents)]);
  const laidOut: LaidOut = { gaps: [], runs: [] };
  for (const { line, runs: wide } of lines) {
    const runs = wide.flatMap((run) =>
      cellsOf(run, (item) => hasSpaces || alignments.isBeginning({ ...line, ...item })),
    );
    for (const [i, run] of runs.entries()) {
      if (!run.some(({ target }) => target)) continue;
      const own = { ...line, ...seenOf(run) };
      // Between two margins it is the first that holds.
      const alignment = isStretched(run) ? 'start' : alignments.of(own);
      const [before, behind] = [runs[i - 1], runs[i + 1]];
      const left = before ? seenOf(before).end : Number.NEGATIVE_INFINITY;
      const right = behind?.[0]?.start ?? Number.POSITIVE_INFINITY;
      const { gaps, moved } = layRun(run, { own, alignment, left, right });
      laidOut.gaps.push(...gaps);
      laidOut.runs.push(moved);
    }
  }
  return laidOut;
}

export interface LaidOut {
  gaps: Gap[];
  runs: MovedRun[];
}

/** What else the page has. */
export interface Page {
  /** Its strings whose glyphs are not asked for. */
  extents: readonly Extent[];
  /** Its words are parted by spaces: one that stands apart without is of another cell. */
  hasSpaces: boolean;
}

/** A run, parted where a column begins that a full cell before it has come close to. */
function cellsOf(run: readonly Item[], isBeginning: (item: Item) => boolean): Item[][] {
  const cells: Item[][] = [];
  let last: Item | null = null;
  for (const item of run) {
    // A cell is shown by an operator of its own.
    const isOwn = last && last.showing !== item.showing && !last.glyph.isSpace;
    const isApart = isOwn && item.start - (last?.end ?? 0) > item.size * KERNING_EMS;
    if (!last || (isApart && !item.glyph.isSpace && isBeginning(item))) cells.push([]);
    cells.at(-1)?.push(item);
    last = item;
  }
  return cells;
}

type Line = Pick<Run, 'angle' | 'offset'>;

interface LineItems extends Line {
  items: Item[];
}

/** Glyphs on one baseline, in the order in which they stand on it. */
function linesOf(placed: readonly Placed[], found: ReadonlyMap<Glyph, Target>): LineItems[] {
  const lines = new Map<string, LineItems>();
  for (const { glyph, showing } of placed) {
    const size = lengthOf(glyph.em);
    if (size === 0) continue;
    const { angle, offset, key, along } = lineAt(glyph.origin, glyph.em, size);
    const start = along(glyph.origin);
    const end = start + along(glyph.advance);
    const line = lines.get(key) ?? { angle, offset, items: [] };
    line.items.push({ glyph, showing, start, end, size, target: found.get(glyph) ?? null });
    lines.set(key, line);
  }
  const whole = merged([...lines.values()]);
  for (const { items } of whole) items.sort((a, b) => a.start - b.start);
  return whole;
}

/** Of the larger letters, in ems: raised and dancing letters are no further from their line. */
const RISE_EMS = 0.4;
/** How much larger than what is raised; more, and it is a watermark or a heading. */
const MOST_TIMES = 3;

/** Baselines so close that they are one line to the eye: what is raised moves with what it is above. */
function merged(lines: readonly LineItems[]): LineItems[] {
  const whole: LineItems[] = [];
  for (const line of lines.toSorted((a, b) => a.angle - b.angle || a.offset - b.offset)) {
    const last = whole.at(-1);
    if (last && last.angle === line.angle && areOne(last, line)) last.items.push(...line.items);
    else whole.push({ ...line, items: [...line.items] });
  }
  return whole;
}

function areOne(a: LineItems, b: LineItems): boolean {
  const largest = (items: readonly Item[]) =>
    items.reduce((most, { size }) => Math.max(most, size), 0);
  const [small = 0, large = 0] = [largest(a.items), largest(b.items)].sort((x, y) => x - y);
  if (large > small * MOST_TIMES || Math.abs(a.offset - b.offset) > RISE_EMS * large) return false;
  return b.items.some(({ start, end }) =>
    a.items.some(
      (item) => Math.abs(item.start - end) < item.size || Math.abs(item.end - start) < item.size,
    ),
  );
}

function lineAt(origin: Point, em: Point, size: number) {
  const [ux, uy] = [em.x / size, em.y / size];
  const offset = origin.y * ux - origin.x * uy;
  const angle = Math.round(Math.atan2(uy, ux) * 100);
  return {
    ...{ angle, offset },
    key: `${angle} ${Math.round(offset)}`,
    along: ({ x, y }: Point) => x * ux + y * uy,
  };
}

/** Pieces of a line that stand apart like columns. */
function runsOf(items: readonly Item[]): Item[][] {
  if (isEven(items)) return [[...items]];
  const runs: Item[][] = [];
  let reach = Number.NEGATIVE_INFINITY;
  let spaces: Item[] = [];
  for (const item of items) {
    const wide = item.size * COLUMN_EMS;
    // One space may be as wide in a justified line; several in a row are how typewriters part columns.
    const isParted = item.start - reach > wide || (spaces.length > 1 && widthOf(spaces) > wide);
    if (runs.length === 0 || (isParted && !item.glyph.isSpace)) runs.push([]);
    runs.at(-1)?.push(item);
    reach = Math.max(reach, item.end);
    spaces = item.glyph.isSpace ? [...spaces.slice(-MOST_SPACES), item] : [];
  }
  return runs;
}

/** Words in a line that are all as far apart as one another are no columns, however far that is. */
const MANY_WORDS = 4;
const EVEN_EMS = 0.1;

function isEven(items: readonly Item[]): boolean {
  let [words, least, most] = [1, Number.POSITIVE_INFINITY, 0];
  let reach = items[0]?.end ?? 0;
  for (const item of items) {
    if (item.glyph.isSpace) continue;
    const ems = (item.start - reach) / item.size;
    if (ems >= KERNING_EMS) {
      words++;
      least = Math.min(least, ems);
      most = Math.max(most, ems);
    }
    reach = Math.max(reach, item.end);
  }
  return words >= MANY_WORDS && most - least < EVEN_EMS;
}

/** More in a row say no more. */
const MOST_SPACES = 20;

function widthOf(spaces: readonly Item[]): number {
  return spaces.reduce((sum, { start, end }) => sum + end - start, 0);
}

/** From the first letter of a run to its last. */
function seenOf(items: readonly Item[]): Pick<Run, 'start' | 'end' | 'size'> {
  const seen = items.filter(({ glyph }) => !glyph.isSpace);
  const [first] = seen.length > 0 ? seen : items;
  const end = (seen.length > 0 ? seen : items).reduce(
    (most, item) => Math.max(most, item.end),
    -Infinity,
  );
  return { start: first?.start ?? 0, end, size: first?.size ?? 1 };
}

/** Ems: pens are less exact than this, and justified lines are stretched by more. */
const EXACT_EMS = 0.01;
/** Of a space that no glyph stands for: TeX's own, in most of its faces. */
const TEX_SPACE_EMS = 0.333;

/** True for a justified line: most of its words are further apart, or closer, than its spaces are. */
function isStretched(items: readonly Item[]): boolean {
  let [all, stretched] = [0, 0];
  for (const [i, item] of items.entries()) {
    const last = items[i - 1];
    if (!last || item.glyph.isSpace) continue;
    const more = item.start - last.end + last.glyph.wordSpacing / last.showing.perPoint;
    const isParted = more >= item.size * KERNING_EMS;
    if (!last.glyph.isSpace && !isParted) continue;
    const usual = last.glyph.isSpace ? 0 : item.size * TEX_SPACE_EMS;
    all++;
    if (Math.abs(more - usual) > item.size * EXACT_EMS) stretched++;
  }
  return all > 1 && stretched * 2 > all;
}

/** Strings that follow one another as runs. */
function runsOfExtents(extents: readonly Extent[]): Run[] {
  const lines = new Map<string, Run[]>();
  for (const { origin, em, length } of extents) {
    const size = lengthOf(em);
    if (size === 0) continue;
    const { angle, offset, key, along } = lineAt(origin, em, size);
    const start = along(origin);
    const line = lines.get(key);
    const run = { angle, offset, start, end: start + length, size };
    if (line) line.push(run);
    else lines.set(key, [run]);
  }
  return [...lines.values()].flatMap((line) => {
    const runs: Run[] = [];
    for (const run of line.sort((a, b) => a.start - b.start)) {
      const last = runs.at(-1);
      if (last && run.start - last.end <= run.size * COLUMN_EMS)
        last.end = Math.max(last.end, run.end);
      else runs.push(run);
    }
    return runs;
  });
}

interface Room {
  /** The run as it was. */
  own: Run;
  alignment: ReturnType<Alignments['of']>;
  /** Where the run before it ends, and where the next begins. */
  left: number;
  right: number;
}

/** Moves the glyphs of a run to where they go. */
function layRun(
  items: readonly Item[],
  { own, alignment, left, right }: Room,
): { gaps: Gap[]; moved: MovedRun } {
  const size = items.find(({ target }) => target)?.size ?? 1;
  const room = right - own.start - size * MARGIN_EMS;
  let laid = lay(items, 1);
  // Only gaps give way: they would reach into the next column.
  if (laid.width > room) {
    laid = lay(items, Math.max(0, 1 - (laid.width - room) / Math.max(laid.gapWidth, 1)));
  }
  const { start, end } = own;
  const { lead, width } = laid;
  const wanted = {
    start: start - lead,
    middle: (start + end - lead - width) / 2,
    end: end - width,
  }[alignment];
  const from = Math.max(
    alignment === 'start' ? wanted : snapped(wanted),
    Math.min(start - lead, left + size * MARGIN_EMS - lead),
  );
  for (const [item, at] of laid.glyphs) {
    item.glyph.shift = (from + at - item.start) * item.showing.perPoint;
  }
  for (const { showing } of items) showing.isLaid = true;
  const gaps = laid.gaps.map(({ item, at, width }) => ({
    ...{ ...gapAt(item, from + at), width, replacement: item.target?.replacement ?? null },
  }));
  return { gaps, moved: movedRun(own, laid, from) };
}

function movedRun({ offset }: Run, { glyphs, gaps }: Laid, from: number): MovedRun {
  const kept = glyphs.map(([{ start, end }, at]): Stretch => {
    const toStart = from + at;
    return { start, end, toStart, toEnd: toStart + end - start, isRemoved: false };
  });
  const removed = gaps.map(({ item: { start }, end, at, width }): Stretch => {
    return { start, end, toStart: from + at, toEnd: from + at + width, isRemoved: true };
  });
  const [{ em, up } = NO_GLYPH] = [
    ...glyphs.map(([{ glyph }]) => glyph),
    ...gaps.map(({ item }) => item.glyph),
  ];
  const size = lengthOf(em) || 1;
  return {
    along: { x: em.x / size, y: em.y / size },
    ...{ offset, size, isMirrored: up.y * em.x - up.x * em.y < 0 },
    stretches: [...kept, ...removed].sort((a, b) => a.start - b.start),
  };
}

const NO_GLYPH = { em: { x: 1, y: 0 }, up: { x: 0, y: 1 } };

/** Points: less cannot be seen, and ends of lines are known less exactly. */
const GRID = 0.1;

function snapped(points: number): number {
  return Math.round(points / GRID) * GRID;
}

interface Laid {
  /** From the beginning of the run, in points. */
  glyphs: [item: Item, at: number][];
  gaps: { item: Item; at: number; width: number; end: number }[];
  /** Where what can be seen begins, */
  lead: number;
  /** and where it ends. */
  width: number;
  gapWidth: number;
}

/** @param share of the width that gaps would like to have */
function lay(items: readonly Item[], share: number): Laid {
  const laid: Laid = { glyphs: [], gaps: [], lead: Number.NaN, width: 0, gapWidth: 0 };
  const [first] = items;
  let [pen, reach] = [0, first?.start ?? 0];
  const usual = usualBefore(items);
  let last: Last | null = null;
  for (let i = 0; i < items.length; ) {
    const item = items[i];
    if (!item) break;
    const apart = placeBehind(last, item, pen, reach);
    const at: number =
      laid.gaps.length === 0 ? apart : pen + coarse(apart - pen, usual, last?.item, item);
    if (Number.isNaN(laid.lead) && (item.target || !item.glyph.isSpace)) laid.lead = at;
    if (item.target) {
      const end = endOfStretch(items, i);
      const width = gapWidth(item, share);
      const goneTo = items.slice(i, end).reduce((most, gone) => Math.max(most, gone.end), item.end);
      laid.gaps.push({ item, at, width, end: goneTo });
      laid.gapWidth += width;
      reach = Math.max(reach, goneTo);
      pen = at + width;
      laid.width = pen;
      i = end;
    } else {
      laid.glyphs.push([item, at]);
      reach = Math.max(reach, item.end);
      const spacing = item.glyph.wordSpacing / item.showing.perPoint;
      pen = Math.max(pen, at + item.end - item.start - spacing);
      if (!item.glyph.isSpace) laid.width = Math.max(laid.width, pen);
      i++;
    }
    last = { item, at };
  }
  return laid;
}

/** Ems: as far from the usual is as good as it, and what is further is told as coarsely. */
const NEAR_USUAL_EMS = 0.05;
const COARSE_EMS = 0.1;

/**
 * How far behind a gap letters are apart: programs round each place, and what was rounded off tells
 * where on the line a letter stood (PETS 2023, as above). So it is said as of the letters before the
 * gap. Where a string ends and the next begins there is nothing but what was rounded off.
 * @param points how far they were
 */
function coarse(points: number, usual: number, last: Item | undefined, item: Item): number {
  const { showing, size } = item;
  if (points === 0 || Math.abs(points) > size * KERNING_EMS) return points;
  if (last?.showing !== showing) return 0;
  const [more, grid] = [points - usual * size, size * COARSE_EMS];
  const isUsual = Math.abs(more) < size * NEAR_USUAL_EMS;
  return usual * size + (isUsual ? 0 : Math.round(more / grid) * grid);
}

/** Ems by which most letters before the first gap are further apart, or closer, than they are wide. */
function usualBefore(items: readonly Item[]): number {
  const first = items.findIndex(({ target }) => target);
  const steps = items.slice(1, first).flatMap((item, i) => {
    const last = items[i];
    const isPair =
      last && last.showing === item.showing && !last.glyph.isSpace && !item.glyph.isSpace;
    return isPair ? [(item.start - last.end) / item.size] : [];
  });
  if (steps.length < FEW_STEPS) return 0;
  const middle = steps.sort((a, b) => a - b)[steps.length >> 1] ?? 0;
  return Math.abs(middle) > EXACT_EMS && Math.abs(middle) < KERNING_EMS ? middle : 0;
}

const FEW_STEPS = 3;

interface Last {
  item: Item;
  at: number;
}

/** @param reach where the last one ended, as it was */
function placeBehind(last: Last | null, item: Item, pen: number, reach: number): number {
  if (!last) return pen;
  const was = item.start - reach;
  const isRemoved = last.item.target !== null || item.target !== null;
  // What is painted over something else stays where it was upon it.
  if (!isRemoved && was < -item.size * KERNING_EMS) return last.at + item.start - last.item.start;
  const isBesideSpace = last.item.glyph.isSpace || item.glyph.isSpace;
  // A space is as wide as its glyph, however far a justified line pulled its words apart.
  if (isBesideSpace && !last.item.target) return pen;
  if (was >= item.size * KERNING_EMS) return isBesideSpace ? pen : pen + item.size * SPACE_EMS;
  return isRemoved ? pen : pen + was;
}

/** Behind the last glyph in a row that goes with this one. */
function endOfStretch(items: readonly Item[], from: number): number {
  const edit = items[from]?.target?.edit;
  let end = from + 1;
  for (let next = items[end]?.target; next; next = items[++end]?.target) {
    // The pieces of a value that is read in another order are edits of their own.
    if (next.edit !== edit && next.replacement) break;
  }
  return end;
}

function gapWidth({ size, target }: Item, share: number): number {
  const { replacement = null } = target ?? {};
  const wanted = replacement === null ? size * GAP_EMS : replacement.length * size * LABEL_EM_WIDTH;
  return Math.max(wanted * share, size * LEAST_GAP_EMS);
}

function gapAt(item: Item, start: number): Omit<Gap, 'width' | 'replacement'> {
  const { origin, em, up } = item.glyph;
  const by = (start - item.start) / item.size;
  return { origin: { x: origin.x + em.x * by, y: origin.y + em.y * by }, em, up };
}
