/** When to try again what was refused for now (RFC 5321 4.5.4.1): growing waits, 72 hours in all. */
const MINUTE_MS = 60_000;
const WAITS_MIN = [1, 5, 15, 30, 60, 120, 240];
export const GIVE_UP_MS = 72 * 60 * MINUTE_MS;

/** The next time, or null where the message is too old to be tried again. */
export function nextAttempt(attempts: number, firstAt: Date, now: Date): Date | null {
  const wait = WAITS_MIN[Math.min(attempts, WAITS_MIN.length) - 1] ?? 1;
  const next = new Date(now.getTime() + wait * MINUTE_MS);
  return next.getTime() - firstAt.getTime() > GIVE_UP_MS ? null : next;
}
