/**
 * Plans are rows, not code: an installation may add its own. What a plan allows is a set of named
 * figures, and whoever enforces one names it; a figure that a plan leaves out is unlimited.
 */
export const UNLIMITED = 1_000_000_000;

export interface Plan {
  id: string;
  name: string;
  /** e.g. `mail.aliases`, `track.requests_per_minute`, `gate.credits_per_month`. */
  limits: Readonly<Record<string, number>>;
}

/** The figure of a plan, or 1,000,000,000 where it has none: figures stay numbers. */
export function planLimit(plan: Plan, name: string): number {
  return plan.limits[name] ?? UNLIMITED;
}
