/** How well an alias is received, from what happened in the last 30 days. */

export const HEALTH_DAYS = 30;
/** Below this many sends a rate says nothing. */
const MIN_SENDS = 20;

export type HealthStatus = 'healthy' | 'warning' | 'risky';

export interface Received {
  sent: number;
  bounced: number;
  complained: number;
}

export function healthOf({ sent, bounced, complained }: Received): HealthStatus {
  if (sent < MIN_SENDS) return 'healthy';
  const [bounceRate, complaintRate] = [bounced / sent, complained / sent];
  if (bounceRate >= 0.05 || complaintRate >= 0.003) return 'risky';
  if (bounceRate >= 0.02 || complaintRate >= 0.001) return 'warning';
  return 'healthy';
}

/** 100 × (healthy + ½ warning) ÷ all, rounded; 100 where there is none. */
export function scoreOf(counts: Record<HealthStatus, number>): number {
  const all = counts.healthy + counts.warning + counts.risky;
  return all === 0 ? 100 : Math.round((100 * (counts.healthy + counts.warning / 2)) / all);
}

/** Percent with two decimals; 0 of nothing is 0. */
export function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 100;
}
