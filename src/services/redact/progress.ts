/**
 * How far a document is, as one figure that only rises: what is told of its pages while it is read,
 * written and read again for the proof is a share of the whole each.
 */
import type { Progress } from './document.ts';

type Tell = (progress: Progress) => void;

/** Percent of the whole that are done when a stage is. */
const DONE = { read: 30, written: 65, proven: 99 };

export interface Stages {
  reading?: Tell;
  writing?: Tell;
  written(): void;
  rereading?: Tell;
}

export function stagesOf(tell: Tell | undefined): Stages {
  if (!tell) return { written() {} };
  let percent = 0;
  const reach = (now: number) => {
    if (now <= percent) return;
    percent = now;
    tell({ done: now, total: 100 });
  };
  const between = (from: number, to: number): Tell => {
    return ({ done, total }) => reach(Math.floor(from + ((to - from) * done) / Math.max(total, 1)));
  };
  return {
    reading: between(0, DONE.read),
    writing: between(DONE.read, DONE.written),
    written: () => reach(DONE.written),
    rereading: between(DONE.written, DONE.proven),
  };
}
