/** A client of `/account`, and what its failures must look like. */
import { expect } from 'vitest';
import type { FaultCode } from '../../src/kernel/fault.ts';
import type { TestServer } from '../harness/server.ts';
import { STATUS } from './dialects.ts';

export interface Call {
  /** Default: the first owner's; null: none. */
  token?: string | null;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what comes is for each test to say
  json: any;
}

export type Client = (method: string, path: string, call?: Call) => Promise<Answer>;

export function accountClient({ url, org }: TestServer): Client {
  return async (method, path, { token = org.token, body, headers = {} } = {}) => {
    const response = await fetch(`${url}/account/api/v1${path}`, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: response.status, headers: response.headers, json: await response.json() };
  };
}

/** RFC 9457: the media type, the members, and nothing of the inside. */
export function expectProblem(answer: Answer, code: FaultCode): void {
  expect(answer.json).toMatchObject({
    ...{ type: 'about:blank', status: STATUS[code], code },
    title: expect.any(String),
    detail: expect.stringMatching(/\w/),
  });
  expect(answer.status).toBe(STATUS[code]);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
}

/** Bodies that are taken. */
export const NEW = {
  member: () => ({
    email: `${crypto.randomUUID()}@example.com`,
    password: 'ten letters',
    role: 'member',
  }),
  key: { service: 'gate', label: 'shop' },
  webhook: { url: 'https://hooks.example.com/in', types: ['*'] },
};
