/** Turns the model's probabilities into confidences that mean what they say. */
import type { Calibration } from './model.ts';

/** Log-odds beyond this say no more than the edge of what was measured. */
const WIDEST = 7;

export function logOdds(raw: number): number {
  const odds = Math.log(Math.max(raw, 1e-6) / Math.max(1 - raw, 1e-6));
  return Math.max(-WIDEST, Math.min(WIDEST, odds));
}

/** How often a finding with this raw probability is right. */
export function calibrated({ slope, shift }: Calibration, raw: number): number {
  return 1 / (1 + Math.exp(-(slope * logOdds(raw) + shift)));
}
