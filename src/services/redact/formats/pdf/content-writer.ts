/**
 * Redaction in the content streams themselves: glyphs are cut out, the rest of the line closes up to
 * a gap of constant width, the place is covered. Everything else in the page stays as it was
 * written. A page that we do not understand well enough is left to the other writer.
 */
import { type PDFDict, type PDFDocument, PDFName, type PDFPage } from '@cantoo/pdf-lib';
import { allNodes, contentOf, interpretPage, resourcesOf } from './content/interpret.ts';
import { type Gap, layOut } from './content/layout.ts';
import { lengthOf, type Point } from './content/matrix.ts';
import { type MovedRun, movedWith } from './content/moves.ts';
import { drawnAt, type Subpath } from './content/paths.ts';
import { type MakeForm, rewriteNode } from './content/rewrite.ts';
import { linesAsked, type Target } from './content/targets.ts';
import type { PdfiumDocument } from './engine.ts';
import { type PageEdit, type PageText, type Placement, placeCharacters } from './page-text.ts';
import { burnAt, moveAnnotations } from './structure/annotations.ts';
import { flateStream } from './structure/flate.ts';

export interface WrittenContents {
  /** Pages that it could not do: they are as they were. */
  failed: number[];
  /** Fonts of what went. */
  fonts: Set<PDFDict>;
  /** Where pages are blackened, by page: the corners, around each place. */
  covers: Map<number, Point[][]>;
}

/** Writes these pages' edits. */
export function writeContents(
  prepared: PDFDocument,
  document: PdfiumDocument,
  pages: readonly PageText[],
  editsOf: (page: number) => readonly PageEdit[],
): WrittenContents {
  const run: Run = { metrics: new Map(), touched: new Set() };
  const covers: WrittenContents['covers'] = new Map();
  const failed = prepared.getPages().flatMap((page, index) => {
    const [text, edits] = [pages[index], editsOf(index)];
    if (!text || edits.length === 0) return [];
    const places = placeCharacters(document, index, text, edits);
    const targets = edits.flatMap((edit, number) =>
      targetsOf(edit, number, text.text.slice(edit.start, edit.end), places[number] ?? []),
    );
    const gaps =
      writePage(prepared, page, targets, run) ??
      // What is not in the content is in the look of an annotation.
      (burnUnder(prepared, page, targets) ? writePage(prepared, page, targets, run) : null);
    if (!gaps) return [index];
    covers.set(index, gaps.filter(({ replacement }) => replacement === null).map(cornersOf));
    return [];
  });
  return { failed, fonts: run.touched, covers };
}

function burnUnder(document: PDFDocument, page: PDFPage, targets: readonly Target[]): boolean {
  return burnAt(document, page, ({ left, right, bottom, top }) =>
    targets.some(({ middle: { x, y } }) => x >= left && x <= right && y >= bottom && y <= top),
  );
}

function targetsOf(
  { replacement }: PageEdit,
  edit: number,
  text: string,
  places: readonly (Placement | null)[],
): Target[] {
  const baseline = places.find((place) => place)?.origin.y ?? 0;
  return places.flatMap((place, i) => {
    if (!place) return [];
    const { origin, box } = place;
    const middle = { x: (box.left + box.right) / 2, y: (box.bottom + box.top) / 2 };
    // A stand-in stands once, where its value began.
    const isFirstLine = Math.abs(origin.y - baseline) < 2;
    const shown = replacement === null || isFirstLine ? replacement : '';
    return [{ origin, middle, edit, replacement: shown, isSpace: text[i]?.trim() === '' }];
  });
}

interface Run {
  metrics: Parameters<typeof interpretPage>[3];
  touched: Set<PDFDict>;
}

/** Where it has covered something; null where it could not do it. */
function writePage(
  document: PDFDocument,
  page: PDFPage,
  targets: readonly Target[],
  { metrics, touched }: Run,
): Gap[] | null {
  const { node } = page;
  const resources = resourcesOf(node) ?? document.context.obj({});
  const content = contentOf(node);
  const { root, hasSpaces } = interpretPage(content, resources, linesAsked(targets), metrics);
  const nodes = [...allNodes(root)];
  const placed = nodes.flatMap((node) =>
    node.glyphs.flatMap((glyph) => {
      const showing = node.showings.get(glyph.operation);
      return showing ? [{ glyph, showing }] : [];
    }),
  );
  const laidOut =
    targets.length > 0
      ? layOut(placed, targets, {
          extents: nodes.flatMap(({ extents }) => extents),
          hasSpaces,
        })
      : { gaps: [], runs: [] };
  if (!laidOut) return null;
  const { gaps, runs } = laidOut;
  for (const { subpaths, redrawn } of nodes) redraw(subpaths, runs, redrawn);
  moveAnnotations(page, (points) => movedWith(runs, points));
  for (const { glyph, showing } of placed) {
    if (glyph.isRemoved && showing.font) touched.add(showing.font);
  }
  const { context } = document;
  const makeForm: MakeForm = ({ form }, { bytes, resources: own }) => {
    const copy = flateStream(context, bytes);
    for (const [key, value] of form?.dict.entries() ?? []) {
      const name = key.decodeText();
      if (!['Filter', 'DecodeParms', 'Length', 'Resources'].includes(name))
        copy.dict.set(key, value);
    }
    copy.dict.set(PDFName.of('Resources'), own);
    return context.register(copy);
  };
  const rewritten = rewriteNode(root, makeForm);
  if (!rewritten && gaps.length === 0) return gaps;
  const bytes = Buffer.concat([
    Buffer.from('q\n'),
    rewritten?.bytes ?? content,
    Buffer.from(`\n${'Q '.repeat(root.unclosed + 1)}\n${gaps.map(painted).join('\n')}`, 'latin1'),
  ]);
  node.set(PDFName.of('Contents'), context.obj([context.register(flateStream(context, bytes))]));
  node.set(PDFName.of('Resources'), withLabelFont(rewritten?.resources ?? resources, gaps));
  return gaps;
}

/** What is drawn for the words of these runs follows them: its length would tell theirs. */
function redraw(
  subpaths: readonly Subpath[],
  runs: readonly MovedRun[],
  redrawn: Map<number, string>,
): void {
  for (const subpath of subpaths) {
    const moved = movedWith(runs, subpath.points);
    if (!moved) continue;
    for (const [index, source] of drawnAt(subpath, moved)) redrawn.set(index, source);
  }
}

const LABEL_FONT = 'CloakLabel';

function withLabelFont(resources: PDFDict, gaps: readonly Gap[]): PDFDict {
  if (!gaps.some(({ replacement }) => replacement)) return resources;
  const { context } = resources;
  const copy = resources.clone(context);
  const fonts = resources.lookup(PDFName.of('Font')) as PDFDict | undefined;
  const own = fonts?.clone(context) ?? context.obj({});
  const font = {
    Type: 'Font',
    Subtype: 'Type1',
    BaseFont: 'Helvetica',
    Encoding: 'WinAnsiEncoding',
  };
  own.set(PDFName.of(LABEL_FONT), context.register(context.obj(font)));
  copy.set(PDFName.of('Font'), own);
  return copy;
}

/** How far the cover reaches below and above the baseline, in ems. */
const BELOW = -0.24;
const ABOVE = 0.86;

/** The corners of a cover, around it. */
function cornersOf({ origin, em, up, width }: Gap): Point[] {
  const size = lengthOf(em);
  const along = { x: (em.x / size) * width, y: (em.y / size) * width };
  return [[0, BELOW] as const, [1, BELOW] as const, [1, ABOVE] as const, [0, ABOVE] as const].map(
    ([x, y]) => ({
      x: origin.x + along.x * x + up.x * y,
      y: origin.y + along.y * x + up.y * y,
    }),
  );
}

function painted(gap: Gap): string {
  const { origin, em, up, width, replacement } = gap;
  const size = lengthOf(em);
  const [first, ...rest] = cornersOf(gap).map(({ x, y }) => `${number(x)} ${number(y)}`);
  const outline = `${first} m ${rest.map((corner) => `${corner} l`).join(' ')} h f`;
  if (replacement === null) return `q 0 g ${outline} Q`;
  const box = `q 0.91 g ${outline} Q`;
  if (replacement === '') return box;
  const height = lengthOf(up);
  const scale = Math.min(0.85, width / (replacement.length * 0.56 * height));
  const [ux, uy] = [(em.x / size) * scale * height, (em.y / size) * scale * height];
  const matrix = [ux, uy, up.x * scale, up.y * scale, origin.x, origin.y].map(number).join(' ');
  return `${box} q BT /${LABEL_FONT} 1 Tf 0 g ${matrix} Tm <${hexOf(replacement)}> Tj ET Q`;
}

function hexOf(text: string): string {
  return Buffer.from(text.replace(/[^\x20-\x7e\xa0-\xff]/g, '?'), 'latin1').toString('hex');
}

function number(value: number): string {
  return String(Number(value.toFixed(3)));
}
