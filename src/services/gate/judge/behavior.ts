/**
 * How the visitor moved. `pointer` is a trace of `[x, y, ms]`, as the snippet records it. People move
 * in curves and at uneven times; a straight line in equal steps is drawn by a program.
 */
import type { Signal } from './observation.ts';

/** Fewer points say nothing. */
const TELLING_POINTS = 8;
const MOST_POINTS = 500;

export function readBehavior(given: Record<string, unknown> | null): Signal[] {
  if (!given) return [];
  const trace = pointsOf(given['pointer']);
  const robotic = trace.length >= TELLING_POINTS && isEven(trace) && isStraight(trace);
  return [
    {
      code: 'robotic_behavior',
      fired: robotic,
      value: robotic ? 'a straight line in equal steps' : trace.length,
    },
  ];
}

type Point = readonly [x: number, y: number, ms: number];

function pointsOf(trace: unknown): Point[] {
  if (!Array.isArray(trace)) return [];
  return trace
    .slice(0, MOST_POINTS)
    .filter(
      (point): point is Point =>
        Array.isArray(point) && point.length === 3 && point.every(Number.isFinite),
    );
}

function isEven(trace: Point[]): boolean {
  const gaps = trace.slice(1).map(([, , ms], i) => ms - (trace[i]?.[2] ?? 0));
  return gaps.every((gap) => gap === gaps[0]);
}

function isStraight(trace: Point[]): boolean {
  const [first, last] = [trace[0], trace.at(-1)];
  if (!first || !last) return false;
  const [dx, dy] = [last[0] - first[0], last[1] - first[1]];
  // Standing still is not moving in a line.
  if (dx === 0 && dy === 0) return false;
  return trace.every(([x, y]) => Math.abs((x - first[0]) * dy - (y - first[1]) * dx) < 1e-6);
}
