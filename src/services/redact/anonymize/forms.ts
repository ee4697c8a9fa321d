/** Stand-ins that are written as the value was: the same signs in the same places. */
import type { Draw } from './draw.ts';

/** The value with its digits replaced by these; null where there are not as many. */
export function withDigits(value: string, digits: string): string | null {
  let next = 0;
  const written = value.replace(/\d/g, () => digits[next++] ?? '');
  return next === digits.length ? written : null;
}

/**
 * Digits for digits; letters become X, which stands for "any" wherever numbers have letters. Signs
 * and spaces stay.
 */
export function sameForm(value: string, draw: Draw): string {
  return value
    .replace(/\d/g, () => draw.digits(1))
    .replace(/\p{Lu}|\p{Lo}/gu, 'X')
    .replace(/\p{Ll}/gu, 'x');
}

/** In the capitals of the other: `JANE DOE` stays all capitals. */
export function inCaseOf(value: string, standIn: string): string {
  if (!/\p{Ll}/u.test(value) && /\p{Lu}{2}/u.test(value)) return standIn.toUpperCase();
  return !/\p{Lu}/u.test(value) && /\p{Ll}/u.test(value) ? standIn.toLowerCase() : standIn;
}
