/**
 * Ids of clicks: `clk_`, nine characters of milliseconds in base 36, twelve random ones. They sort
 * by time, so the key of the table serves ranges of days as well. Made from a pool of random bytes,
 * because one is made for every visitor while he waits.
 */
import { randomFillSync } from 'node:crypto';

const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz';
const TAIL = 12;
const PREFIX = 'clk_';

const pool = Buffer.alloc(6_144);
let used = pool.length;
let lastMs = -1;
let lastTime = '';

export function newClickId(atMs: number): string {
  if (atMs !== lastMs) {
    lastMs = atMs;
    lastTime = timePart(atMs);
  }
  if (used + TAIL > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  let id = PREFIX + lastTime;
  for (let index = used; index < used + TAIL; index++) id += DIGITS[(pool[index] as number) % 36];
  used += TAIL;
  return id;
}

/** The smallest id that a click of this moment or later can have. */
export function clickIdFrom(atMs: number): string {
  return PREFIX + timePart(Math.max(0, atMs));
}

/** When the click with this id happened, or null where no id looks like that. */
export function clickIdTime(id: string): number | null {
  return /^clk_[0-9a-z]{21}$/.test(id) ? Number.parseInt(id.slice(4, 13), 36) : null;
}

function timePart(atMs: number): string {
  return Math.floor(atMs).toString(36).padStart(9, '0');
}
