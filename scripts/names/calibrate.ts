/** Fits and measures how the tagger's probabilities relate to being right. */
import { calibrated, logOdds } from '../../src/services/redact/detect/names/model/calibration.ts';
import { KINDS, type Kind } from '../../src/services/redact/detect/names/model/labels.ts';
import type { Calibration } from '../../src/services/redact/detect/names/model/model.ts';
import type { Tagger } from '../../src/services/redact/detect/names/tagger.ts';
import type { Example } from './examples.ts';

/** A finding of the tagger, and whether a marked name of its kind is there. */
interface Outcome {
  raw: number;
  isRight: boolean;
}

export function outcomes(tagger: Tagger, examples: readonly Example[], kind: Kind): Outcome[] {
  const number = KINDS.indexOf(kind);
  return examples.flatMap(({ text, names }) =>
    tagger
      .tag(text)
      .filter((tagged) => tagged.kind === number)
      .map(({ start, end, raw }) => ({
        raw,
        isRight: names.some((name) => name.kind === kind && halfWithin(start, end, name)),
      })),
  );
}

function halfWithin(start: number, end: number, name: { start: number; end: number }): boolean {
  return 2 * (Math.min(end, name.end) - Math.max(start, name.start)) >= end - start;
}

/** Platt, "Probabilistic outputs for support vector machines", 1999, by Newton's method. */
export function platt(seen: readonly Outcome[]): Calibration {
  let [slope, shift] = [1, 0];
  if (seen.length < 20) return { slope, shift };
  for (let step = 0; step < 50; step++) {
    // A little weight on slope 1 and shift 0 keeps few outcomes from saying too much.
    let [g0, g1, h00, h01, h11] = [1 - slope, -shift, 1, 0, 1];
    for (const { raw, isRight } of seen) {
      const x = logOdds(raw);
      const p = 1 / (1 + Math.exp(-(slope * x + shift)));
      const error = (isRight ? 1 : 0) - p;
      const w = p * (1 - p);
      g0 += error * x;
      g1 += error;
      h00 += w * x * x;
      h01 += w * x;
      h11 += w;
    }
    const determinant = h00 * h11 - h01 * h01;
    slope += (h11 * g0 - h01 * g1) / determinant;
    shift += (h00 * g1 - h01 * g0) / determinant;
  }
  const rounded = (value: number) => Math.round(value * 1e4) / 1e4;
  return { slope: rounded(slope), shift: rounded(shift) };
}

/** One line of the reliability table: findings said to be so sure, and how many were right. */
export interface Bin {
  from: number;
  to: number;
  count: number;
  said: number;
  right: number;
}

const EDGES = [0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.01];

export function reliability(seen: readonly Outcome[], calibration: Calibration): Bin[] {
  return EDGES.slice(1).map((to, i) => {
    const from = EDGES[i] ?? 0;
    const within = seen
      .map(({ raw, isRight }) => ({ said: calibrated(calibration, raw), isRight }))
      .filter(({ said }) => said >= from && said < to);
    const count = within.length;
    const said = within.reduce((sum, one) => sum + one.said, 0) / Math.max(1, count);
    const right = within.filter(({ isRight }) => isRight).length / Math.max(1, count);
    return { from, to: Math.min(1, to), count, said, right };
  });
}
