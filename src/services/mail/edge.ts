/** How Mail speaks: keys as Bearer tokens, errors as `{error, status, timestamp}`. */
import type { FastifyRequest } from 'fastify';
import { planLimit } from '../../kernel/accounts/plan.ts';
import type { Fault, FaultCode } from '../../kernel/fault.ts';
import type { Edge, Rendered } from '../../kernel/http/edge.ts';
import type { Principal } from '../../kernel/principal.ts';

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

function renderFault({ code, message }: Fault, now: Date): Rendered {
  const status = STATUS[code];
  return { status, body: { error: message, status, timestamp: now.toISOString() } };
}

export const MAIL_EDGE: Omit<Edge, 'routes'> = {
  service: 'mail',
  prefix: '/mail',
  title: 'Cloakroom Mail',
  description: 'Aliases on your own domains, sending from them, replies, bounces and their health.',
  credential(request: FastifyRequest) {
    const value = /^Bearer ([^\s]{1,4096})$/i.exec(request.headers.authorization ?? '')?.[1];
    return value === undefined ? null : { kind: 'bearer', value };
  },
  renderFault,
  windows: (principal: Principal) => [
    {
      bucket: `mail:${principal.keyId ?? principal.userId}`,
      limit: planLimit(principal.plan, 'mail.requests_per_hour'),
      windowS: 3600,
    },
  ],
  securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
};
