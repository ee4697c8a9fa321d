/**
 * What a key looks like: the service's prefix and 192 random bits in hexadecimal, so that it can be
 * recognised (by secret scanners, too), selected with a double click and typed into any shell. Track's
 * is a pair, the second half of which is its secret.
 */
import { randomBytes } from 'node:crypto';
import type { ServiceName } from '../principal.ts';

const PREFIX: Record<ServiceName, string> = {
  mail: 'cm_sk_',
  track: 'tk_live_',
  gate: 'ck_live_',
  redact: 'clk_live_',
};
const SECRET_BYTES = 24;
const FORM: Record<ServiceName, RegExp> = {
  mail: /^cm_sk_[0-9a-f]{48}$/,
  track: /^tk_live_[0-9a-f]{48}:[0-9a-f]{48}$/,
  gate: /^ck_live_[0-9a-f]{48}$/,
  redact: /^clk_live_[0-9a-f]{48}$/,
};

export interface MadeSecret {
  /** As a client presents it. */
  secret: string;
  /** What may be shown of it afterwards; of a pair, of its first half. */
  firstFour: string;
  lastFour: string;
}

export function makeSecret(service: ServiceName): MadeSecret {
  const body = randomBytes(SECRET_BYTES).toString('hex');
  const pair = service === 'track' ? `:${randomBytes(SECRET_BYTES).toString('hex')}` : '';
  return {
    secret: PREFIX[service] + body + pair,
    firstFour: body.slice(0, 4),
    lastFour: body.slice(-4),
  };
}

/** Whether this could be a key of the service at all: what could not is not looked up. */
export function hasForm(service: ServiceName, presented: string): boolean {
  return FORM[service].test(presented);
}
