/** What a failure looks like on the wire of each service, from the originals and the contracts. */
import { expect } from 'vitest';
import type { FaultCode } from '../../src/kernel/fault.ts';
import type { ServiceName } from '../../src/kernel/principal.ts';

/** Fault → status, in each dialect. Where they agree, they agree because the originals do. */
export const STATUS: Record<FaultCode, number> = {
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

const TRACK_CODES: Partial<Record<FaultCode, string>> = {
  invalid_request: 'VALIDATION_ERROR',
  unauthenticated: 'AUTHENTICATION_ERROR',
  forbidden: 'AUTHORIZATION_ERROR',
  plan_limit: 'AUTHORIZATION_ERROR',
  not_found: 'NOT_FOUND',
  method_not_allowed: 'METHOD_NOT_ALLOWED',
  conflict: 'CONFLICT',
  payload_too_large: 'PAYLOAD_TOO_LARGE',
  unsupported_media_type: 'UNSUPPORTED_MEDIA_TYPE',
  rate_limited: 'RATE_LIMIT_EXCEEDED',
  internal: 'INTERNAL_ERROR',
};
const GATE_CODES: Partial<Record<FaultCode, string>> = {
  invalid_request: 'invalid_request',
  unauthenticated: 'unauthorized',
  forbidden: 'forbidden',
  plan_limit: 'forbidden',
  not_found: 'not_found',
  conflict: 'conflict',
  rate_limited: 'rate_limit_exceeded',
  internal: 'internal_error',
};
const REDACT_CODES: Partial<Record<FaultCode, string>> = {
  invalid_request: 'invalid_request',
  unauthenticated: 'unauthorized',
  forbidden: 'forbidden',
  insufficient_credits: 'insufficient_credits',
  not_found: 'not_found',
  method_not_allowed: 'method_not_allowed',
  conflict: 'conflict',
  payload_too_large: 'file_too_large',
  unsupported_media_type: 'unsupported_file_type',
  unsupported_file_type: 'unsupported_file_type',
  unreadable_file: 'unreadable_file',
  verification_failed: 'verification_failed',
  rate_limited: 'rate_limit_exceeded',
  unavailable: 'service_unavailable',
};

type Check = (body: unknown, code: FaultCode) => void;

export const DIALECT: Record<ServiceName, Check> = {
  mail(body, code) {
    const timestamp = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(body).toEqual({ error: expect.any(String), status: STATUS[code], timestamp });
  },
  track(body, code) {
    const { success, error } = body as { success: boolean; error: Record<string, unknown> };
    expect(Object.keys(body as object).sort()).toEqual(['error', 'success']);
    expect(success).toBe(false);
    expect(
      Object.keys(error)
        .filter((key) => key !== 'details')
        .sort(),
    ).toEqual(['code', 'message']);
    expect(error['code']).toMatch(/^[A-Z_]+$/);
    if (TRACK_CODES[code]) expect(error['code']).toBe(TRACK_CODES[code]);
    if (error['details'] !== undefined) {
      for (const messages of Object.values(error['details'] as object)) {
        expect(messages).toEqual(expect.arrayContaining([expect.any(String)]));
      }
    }
  },
  gate(body, code) {
    const { error, message } = body as { error: string; message: string };
    expect(error).toMatch(/^[a-z_]+$/);
    expect(message).toEqual(expect.any(String));
    if (GATE_CODES[code]) expect(error).toBe(GATE_CODES[code]);
  },
  redact(body, code) {
    expect(Object.keys(body as object).sort()).toEqual(['error', 'message']);
    const { error, message } = body as { error: string; message: string };
    expect(error).toMatch(/^[a-z_]+$/);
    expect(message).toEqual(expect.any(String));
    if (REDACT_CODES[code]) expect(error).toBe(REDACT_CODES[code]);
  },
};
