/** Days of an organization: those of its time zone, written YYYY-MM-DD. */
import { invalidField } from '../../kernel/fault.ts';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;

export interface DayRange {
  from: string;
  to: string;
}

/** The day that `at` falls on in the zone. */
export function dayOf(at: Date, timeZone: string): string {
  // Sweden writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(at);
}

/**
 * The days that a query asks for, both included; the last 30 unless it says otherwise.
 * @throws Fault `invalid_request` where the first lies behind the last
 */
export function daysOf(
  query: { from?: string; to?: string },
  now: Date,
  timeZone: string,
): DayRange {
  const to = query.to ?? dayOf(now, timeZone);
  const from = query.from ?? addDays(to, 1 - DEFAULT_DAYS);
  if (from > to) throw invalidField('from', 'The from field must not be later than the to field');
  return { from, to };
}

export function addDays(day: string, count: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * DAY_MS).toISOString().slice(0, 10);
}
