/** Affine maps as PDF writes them: [a b c d e f] takes (x, y) to (ax + cy + e, bx + dy + f). */
export type Matrix = readonly [number, number, number, number, number, number];

export const IDENTITY: Matrix = [1, 0, 0, 1, 0, 0];

/** First `m`, then `n`. */
export function multiply(m: Matrix, n: Matrix): Matrix {
  return [
    m[0] * n[0] + m[1] * n[2],
    m[0] * n[1] + m[1] * n[3],
    m[2] * n[0] + m[3] * n[2],
    m[2] * n[1] + m[3] * n[3],
    m[4] * n[0] + m[5] * n[2] + n[4],
    m[4] * n[1] + m[5] * n[3] + n[5],
  ];
}

/** Of a vector. Faster than `Math.hypot`, which guards against squares that overflow. */
export function lengthOf({ x, y }: Point): number {
  return Math.sqrt(x * x + y * y);
}

/** First a shift, then `m`. */
export function shifted(m: Matrix, x: number, y: number): Matrix {
  return [m[0], m[1], m[2], m[3], m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]];
}

export interface Point {
  x: number;
  y: number;
}

export function transform(m: Matrix, x: number, y: number): Point {
  return { x: m[0] * x + m[2] * y + m[4], y: m[1] * x + m[3] * y + m[5] };
}

/** 0 where a map takes everything to a line. */
export function determinant([a, b, c, d]: Matrix): number {
  return a * d - b * c;
}

/** The point that the map takes to this one; of a map to a line nothing useful. */
export function untransform(m: Matrix, x: number, y: number): Point {
  const [dx, dy] = [x - m[4], y - m[5]];
  const size = determinant(m) || 1;
  return { x: (m[3] * dx - m[2] * dy) / size, y: (m[0] * dy - m[1] * dx) / size };
}

/** A direction: without the shift. */
export function turn(m: Matrix, x: number, y: number): Point {
  return { x: m[0] * x + m[2] * y, y: m[1] * x + m[3] * y };
}
