/** How Track speaks: `{success, data, meta?}`, failures with the original's codes, Bearer tokens. */
import type { FastifyRequest } from 'fastify';
import { planLimit, UNLIMITED } from '../../kernel/accounts/plan.ts';
import type { Fault, FaultCode } from '../../kernel/fault.ts';
import type { App, Credential, Edge, Window } from '../../kernel/http/edge.ts';
import type { Principal } from '../../kernel/principal.ts';

/** Every fault of the kernel: its HTTP status, and its code on Track's wire. */
const DIALECT: Record<FaultCode, [status: number, code: string]> = {
  invalid_request: [400, 'VALIDATION_ERROR'],
  unauthenticated: [401, 'AUTHENTICATION_ERROR'],
  forbidden: [403, 'AUTHORIZATION_ERROR'],
  plan_limit: [403, 'AUTHORIZATION_ERROR'],
  insufficient_credits: [402, 'PAYMENT_REQUIRED'],
  not_found: [404, 'NOT_FOUND'],
  method_not_allowed: [405, 'METHOD_NOT_ALLOWED'],
  conflict: [409, 'CONFLICT'],
  gone: [410, 'GONE'],
  payload_too_large: [413, 'PAYLOAD_TOO_LARGE'],
  unsupported_media_type: [415, 'UNSUPPORTED_MEDIA_TYPE'],
  unsupported_file_type: [415, 'UNSUPPORTED_MEDIA_TYPE'],
  unreadable_file: [422, 'VALIDATION_ERROR'],
  verification_failed: [500, 'INTERNAL_ERROR'],
  rate_limited: [429, 'RATE_LIMIT_EXCEEDED'],
  unavailable: [503, 'SERVICE_UNAVAILABLE'],
  internal: [500, 'INTERNAL_ERROR'],
};

export function createEdge(routes: (app: App) => void): Edge {
  return {
    service: 'track',
    prefix: '/track',
    atRoot: ['/c/', '/api/v1/postback'],
    title: 'Cloakroom Track',
    description:
      'Click tracking, conversions, statistics and invalid-traffic reports. Days are those of the organization’s time zone; moments are UTC.',
    credential,
    renderFault,
    windows,
    securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    routes,
  };
}

function credential({ headers }: FastifyRequest): Credential | null {
  const [, value] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  return value === undefined ? null : { kind: 'bearer', value };
}

function renderFault(fault: Fault) {
  const [status, code] = DIALECT[fault.code];
  const error = { code, message: fault.message, ...(fault.fields && { details: fault.fields }) };
  return { status, body: { success: false, error } };
}

/** The minute is what the headers show; the day refuses where the plan counts one. */
function windows({ organizationId, plan }: Principal): Window[] {
  const minute = planLimit(plan, 'track.requests_per_minute');
  const day = planLimit(plan, 'track.requests_per_day');
  const bucket = `track:${organizationId}`;
  return [
    { bucket: `${bucket}:minute`, limit: minute, windowS: 60 },
    ...(day < UNLIMITED ? [{ bucket: `${bucket}:day`, limit: day, windowS: 86_400 }] : []),
  ];
}
