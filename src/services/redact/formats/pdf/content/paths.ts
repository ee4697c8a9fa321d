/**
 * What is drawn for a line of text: underlines, strikes, highlights, clips. Each is as long as its
 * words, so where a line is laid out anew, it is drawn anew with it.
 */
import type { Operation } from './lexer.ts';
import { determinant, type Matrix, type Point, transform, untransform } from './matrix.ts';

/** A piece of a path that is made of straight lines. */
export interface Subpath {
  /** In page space. */
  points: Point[];
  /** The operators that make it: one for each point, or a single `re` for all four. */
  operations: number[];
  /** From its own space to that of the page. */
  ctm: Matrix;
  /** True for `re`. */
  isRectangle: boolean;
}

/** Straight lines for a line of text have few corners; drawings have many. */
const MOST_POINTS = 8;
const MOST_SUBPATHS = 20_000;

export class PathReader {
  readonly subpaths: Subpath[] = [];
  private current: Subpath | null = null;

  /** Operands that are no numbers count as 0. */
  step(index: number, { operator, operands }: Operation, ctm: Matrix): void {
    const n = (i: number) => {
      const token = operands[i];
      return token?.kind === 'number' ? token.value : 0;
    };
    switch (operator) {
      case 'm':
        this.close();
        this.current = { points: [], operations: [], ctm, isRectangle: false };
        this.add(index, transform(ctm, n(0), n(1)));
        break;
      case 'l':
        this.add(index, transform(ctm, n(0), n(1)));
        break;
      case 're':
        this.close();
        this.rectangle(index, ctm, [n(0), n(1), n(0) + n(2), n(1) + n(3)]);
        break;
      case 'c':
      case 'v':
      case 'y':
        this.current = null;
        break;
      case 'h':
        break;
      default:
        this.close();
    }
  }

  private rectangle(
    index: number,
    ctm: Matrix,
    [x1, y1, x2, y2]: readonly [number, number, number, number],
  ): void {
    if (this.subpaths.length >= MOST_SUBPATHS) return;
    const corners = [[x1, y1] as const, [x2, y1] as const, [x2, y2] as const, [x1, y2] as const];
    const points = corners.map(([x, y]) => transform(ctm, x, y));
    this.subpaths.push({ points, operations: [index], ctm, isRectangle: true });
  }

  private add(index: number, point: Point): void {
    if (!this.current) return;
    this.current.points.push(point);
    this.current.operations.push(index);
    if (this.current.points.length > MOST_POINTS) this.current = null;
  }

  private close(): void {
    const isPath = this.current && this.current.points.length > 1;
    if (this.current && isPath && this.subpaths.length < MOST_SUBPATHS) {
      this.subpaths.push(this.current);
    }
    this.current = null;
  }
}

/** Where a subpath goes: the operators that draw it there, by the index of the one that did. */
export function drawnAt(
  { points, operations, ctm, isRectangle }: Subpath,
  moved: readonly Point[],
): Map<number, string> {
  const sources = new Map<number, string>();
  if (determinant(ctm) === 0) return sources;
  const own = moved.map(({ x, y }) => {
    const at = untransform(ctm, x, y);
    return [at.x, at.y].map((value) => String(Number(value.toFixed(4)))).join(' ');
  });
  if (isRectangle) {
    const [first, ...rest] = own;
    const index = operations[0] ?? 0;
    sources.set(index, `${first} m ${rest.map((point) => `${point} l`).join(' ')} h`);
    return sources;
  }
  for (const [i, point] of own.entries()) {
    const [was, is] = [points[i], moved[i]];
    if (was === is) continue;
    sources.set(operations[i] ?? 0, `${point} ${i === 0 ? 'm' : 'l'}`);
  }
  return sources;
}
