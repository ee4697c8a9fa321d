/**
 * When a failed message is tried again: the waits that the Standard Webhooks specification suggests,
 * growing more slowly towards the end so that the last try comes a day after the first. Each is
 * drawn out by up to a tenth, so that a receiver that was away is not met by everybody at once.
 */
const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
const WAITS_S = [5, 5 * MINUTE_S, 30 * MINUTE_S, 2 * HOUR_S, 5 * HOUR_S, 7 * HOUR_S, 9 * HOUR_S];
const SPREAD = 0.1;

/**
 * Seconds to wait after the `tries`-th try (from 1), or null when that was the last.
 * @param random 0 ≤ random < 1
 */
export function waitAfterS(tries: number, random: number): number | null {
  const wait = WAITS_S[tries - 1];
  return wait === undefined ? null : wait * (1 + SPREAD * random);
}
