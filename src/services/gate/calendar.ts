/** Days and hours where a flow or an organization is, and the dialect's way to write a moment. */

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(timeZone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('sv-SE', {
      timeZone,
      dateStyle: 'short',
      timeStyle: 'medium',
    });
    formatters.set(timeZone, formatter);
  }
  return formatter;
}

/** `2026-04-28 10:11:02` in the zone. */
function localTime(at: Date, timeZone: string): string {
  return timeZone === 'UTC' ? writeTime(at) : formatterOf(timeZone).format(at);
}

/** `2026-04-28`: the day that it is in the zone. */
export function dayOf(at: Date, timeZone: string): string {
  return localTime(at, timeZone).slice(0, 10);
}

/** 0–23. */
export function hourOf(at: Date, timeZone: string): number {
  return Number(localTime(at, timeZone).slice(11, 13));
}

/** The day so many days before a day. */
export function daysBefore(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) - days * 86_400_000).toISOString().slice(0, 10);
}

/** As the original writes moments: `2026-04-28 10:11:02`, UTC. */
export function writeTime(at: Date): string {
  return at.toISOString().slice(0, 19).replace('T', ' ');
}

/** Whether the name is a zone that this system knows (IANA). */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
