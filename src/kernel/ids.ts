/**
 * Opaque ids that sort by the time they were made: 9 characters of milliseconds in base 36, then 12
 * random ones, behind the prefix of their kind (`msg_`, `clk_`, `job_`, `clx`). 62 random bits keep
 * them unguessable enough for names; none of them is a credential.
 */
import { randomBytes } from 'node:crypto';

const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz';

export function newId(prefix: string, now: Date = new Date()): string {
  const time = now.getTime().toString(36).padStart(9, '0');
  let tail = '';
  for (const byte of randomBytes(12)) tail += DIGITS[byte % 36];
  return prefix + time + tail;
}
