/**
 * The one error class of the server. A fault carries a code from a closed list, a text for the
 * caller and, apart from it, a text for the log. Each edge renders the code in its own dialect;
 * whatever is not a Fault reaches the caller as `internal` and nothing more.
 */
import type { Usage } from './limits/limiter.ts';

export const FAULT_CODES = [
  'invalid_request', // the input is wrong; `fields` names what and how
  'unauthenticated', // credentials missing, wrong, expired or revoked
  'forbidden', // known caller, missing scope or role
  'plan_limit', // the organization's plan does not allow more of this
  'insufficient_credits', // a quota is spent
  'not_found', // also: another organization's
  'method_not_allowed',
  'conflict', // state or idempotency key says no
  'gone', // was here, is no more
  'payload_too_large',
  'unsupported_media_type', // of the request's body
  'unsupported_file_type', // of a document
  'unreadable_file', // broken, or encrypted without its password
  'verification_failed', // a redaction could not be proven
  'rate_limited', // `retryAfterS` says when to come again
  'unavailable', // a part we stand on is away; try again
  'internal',
] as const;

export type FaultCode = (typeof FAULT_CODES)[number];

export interface FaultDetails {
  /** Field path (`items.0.name`) → messages, each saying what was expected. */
  fields?: Record<string, string[]>;
  /** For the log only: never shown to the caller. */
  internal?: string;
  /** Whole seconds until a retry makes sense. */
  retryAfterS?: number;
  /** Of the window that was counted, for the `X-RateLimit-*` headers. */
  usage?: Usage;
  /** Facts that a dialect may show beside the message (a missing scope, a limit). */
  extra?: Record<string, unknown>;
  cause?: unknown;
}

export class Fault extends Error {
  readonly code: FaultCode;
  readonly fields: Record<string, string[]> | undefined;
  readonly internal: string | undefined;
  readonly retryAfterS: number | undefined;
  readonly usage: Usage | undefined;
  readonly extra: Record<string, unknown>;

  /** @param message public text: what is wrong and what to do about it */
  constructor(code: FaultCode, message: string, details: FaultDetails = {}) {
    super(message, { cause: details.cause });
    this.name = 'Fault';
    this.code = code;
    this.fields = details.fields;
    this.internal = details.internal;
    this.retryAfterS = details.retryAfterS;
    this.usage = details.usage;
    this.extra = details.extra ?? {};
  }
}

/** A fault of one named field, the commonest of all. */
export function invalidField(field: string, message: string): Fault {
  return new Fault('invalid_request', message, { fields: { [field]: [message] } });
}
