/** How Redact speaks: keys as Bearer tokens, errors as `{error, message}`. */
import type { FastifyRequest } from 'fastify';
import { planLimit } from '../../kernel/accounts/plan.ts';
import type { Fault, FaultCode } from '../../kernel/fault.ts';
import type { Edge, Rendered } from '../../kernel/http/edge.ts';
import type { Principal } from '../../kernel/principal.ts';

const DIALECT: Record<FaultCode, [status: number, error: string]> = {
  invalid_request: [400, 'invalid_request'],
  unauthenticated: [401, 'unauthorized'],
  forbidden: [403, 'forbidden'],
  plan_limit: [403, 'forbidden'],
  insufficient_credits: [402, 'insufficient_credits'],
  not_found: [404, 'not_found'],
  method_not_allowed: [405, 'method_not_allowed'],
  conflict: [409, 'conflict'],
  gone: [410, 'gone'],
  payload_too_large: [413, 'file_too_large'],
  unsupported_media_type: [415, 'unsupported_file_type'],
  unsupported_file_type: [415, 'unsupported_file_type'],
  unreadable_file: [422, 'unreadable_file'],
  verification_failed: [500, 'verification_failed'],
  rate_limited: [429, 'rate_limit_exceeded'],
  unavailable: [503, 'service_unavailable'],
  internal: [500, 'internal_error'],
};

export function renderFault({ code, message }: Fault): Rendered {
  const [status, error] = DIALECT[code];
  return { status, body: { error, message } };
}

/** The fault code on the wire, for entries of a job. */
export function wireCode(code: FaultCode): string {
  return DIALECT[code][1];
}

export const REDACT_EDGE: Omit<Edge, 'routes'> = {
  service: 'redact',
  prefix: '/redact',
  title: 'Cloakroom Redact',
  description:
    'Finds sensitive data in documents and takes it out for good: what is given out was opened again and searched first.',
  credential(request: FastifyRequest) {
    const value = /^Bearer ([^\s]{1,4096})$/i.exec(request.headers.authorization ?? '')?.[1];
    return value === undefined ? null : { kind: 'bearer', value };
  },
  renderFault,
  windows: (principal: Principal) => [
    {
      bucket: `redact:${principal.keyId ?? principal.userId}`,
      limit: planLimit(principal.plan, 'redact.requests_per_minute'),
      windowS: 60,
    },
  ],
  securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
};
