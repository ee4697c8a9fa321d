/** How Gate speaks: a session token or an API key, errors as `{error, message, field?}`. */
import type { FastifyRequest } from 'fastify';
import { planLimit } from '../../kernel/accounts/plan.ts';
import type { Fault, FaultCode } from '../../kernel/fault.ts';
import type { Credential, Edge, Rendered } from '../../kernel/http/edge.ts';
import type { Principal } from '../../kernel/principal.ts';

const DIALECT: Record<FaultCode, [status: number, error: string]> = {
  invalid_request: [400, 'invalid_request'],
  unauthenticated: [401, 'unauthorized'],
  forbidden: [403, 'forbidden'],
  plan_limit: [403, 'forbidden'],
  insufficient_credits: [402, 'monthly_quota_exhausted'],
  not_found: [404, 'not_found'],
  method_not_allowed: [405, 'method_not_allowed'],
  conflict: [409, 'conflict'],
  gone: [410, 'gone'],
  payload_too_large: [413, 'payload_too_large'],
  unsupported_media_type: [415, 'unsupported_media_type'],
  unsupported_file_type: [415, 'unsupported_media_type'],
  unreadable_file: [422, 'unreadable_file'],
  verification_failed: [500, 'internal_error'],
  rate_limited: [429, 'rate_limit_exceeded'],
  unavailable: [503, 'unavailable'],
  internal: [500, 'internal_error'],
};

export const CHECK_PATH = '/api/v1/check';

function renderFault(fault: Fault, _now: Date, request?: FastifyRequest): Rendered {
  const [status, error] = DIALECT[fault.code];
  const [field] = Object.keys(fault.fields ?? {});
  // A router that knows nothing but verdicts shows the white page to whom it cannot judge.
  const isCheck = request?.routeOptions?.url?.endsWith(CHECK_PATH) ?? false;
  const verdict = status === 401 && isCheck ? { verdict: 'block' } : {};
  const named = field === undefined ? {} : { field };
  return { status, body: { error, message: fault.message, ...named, ...verdict } };
}

/** `X-Api-Key` first: it is only ever sent on purpose. */
function credential({ headers, query }: FastifyRequest): Credential | null {
  const key = headers['x-api-key'] ?? (query as { key?: unknown } | undefined)?.key;
  if (typeof key === 'string' && key !== '') return { kind: 'key', value: key.slice(0, 4096) };
  const token = /^Bearer ([^\s]{1,4096})$/i.exec(headers.authorization ?? '')?.[1];
  return token === undefined ? null : { kind: 'bearer', value: token };
}

export const GATE_EDGE: Omit<Edge, 'routes'> = {
  service: 'gate',
  prefix: '/gate',
  title: 'Cloakroom Gate',
  description:
    'A verdict on each visitor: allow, flag, challenge or block. Proven crawlers get what allowed visitors get, or are openly refused; every verdict can be explained from its record.',
  credential,
  renderFault,
  windows: ({ organizationId, plan }: Principal) => [
    {
      bucket: `gate:${organizationId}`,
      limit: planLimit(plan, 'gate.requests_per_minute'),
      windowS: 60,
    },
  ],
  securitySchemes: {
    bearer: { type: 'http', scheme: 'bearer' },
    apiKey: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
  },
};
