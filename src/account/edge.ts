/** How the account speaks: session tokens, plain JSON, and problem+json (RFC 9457) on failure. */
import { STATUS_CODES } from 'node:http';
import type { FastifyRequest } from 'fastify';
import type { Fault, FaultCode } from '../kernel/fault.ts';
import type { Edge, Rendered } from '../kernel/http/edge.ts';
import type { Principal } from '../kernel/principal.ts';

const STATUS: Record<FaultCode, number> = {
  invalid_request: 400,
  unauthenticated: 401,
  forbidden: 403,
  plan_limit: 403,
  insufficient_credits: 402,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  gone: 410,
  payload_too_large: 413,
  unsupported_media_type: 415,
  unsupported_file_type: 415,
  unreadable_file: 422,
  verification_failed: 500,
  rate_limited: 429,
  unavailable: 503,
  internal: 500,
};
const REQUESTS_PER_MINUTE = 300;

/** `type` is about:blank, so `title` is the status's own phrase; `code` tells the cases apart. */
function renderFault({ code, message, fields }: Fault): Rendered {
  const status = STATUS[code];
  const problem = {
    type: 'about:blank',
    title: STATUS_CODES[status],
    status,
    detail: message,
    code,
  };
  return {
    status,
    body: fields ? { ...problem, errors: fields } : problem,
    headers: { 'content-type': 'application/problem+json' },
  };
}

export const ACCOUNT_EDGE: Omit<Edge, 'routes'> = {
  service: 'account',
  prefix: '/account',
  title: 'Cloakroom Account',
  description:
    'People, plan, keys of all services, webhooks and the audit log of your organization. Sign in with POST /api/v1/auth/token and send the token as Bearer. Failures are problem+json (RFC 9457) with a `code`, and `errors` by field where input is wrong. POSTs that create or send take an Idempotency-Key, except those that show a key once.',
  credential(request: FastifyRequest) {
    const value = /^Bearer ([^\s]{1,4096})$/i.exec(request.headers.authorization ?? '')?.[1];
    return value === undefined ? null : { kind: 'bearer', value };
  },
  renderFault,
  windows: ({ userId }: Principal) => [
    { bucket: `account:${userId}`, limit: REQUESTS_PER_MINUTE, windowS: 60 },
  ],
  securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
};
