/** A client of Mail for the contract tests: one key, JSON in and out, refusals checked by shape. */
import nodemailer from 'nodemailer';
import { expect } from 'vitest';
import type { TestServer } from '../harness/server.ts';

export interface Reply {
  status: number;
  body: Record<string, never> & Record<string, unknown>;
}

export interface MailClient {
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Reply>;
  newAlias(body?: object): Promise<{ id: string; email: string }>;
  /** A short message to a friend, changed as `more` says. */
  send(aliasId: string, more?: object, headers?: Record<string, string>): Promise<Reply>;
}

export function mailClient(server: TestServer, key: string): MailClient {
  const call: MailClient['call'] = async (method, path, body, headers = {}) => {
    const response = await fetch(`${server.url}/mail/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
  };
  return {
    call,
    async newAlias(body = {}) {
      const { status, body: alias } = await call('POST', '/aliases', body);
      expect(status).toBe(201);
      return alias as unknown as { id: string; email: string };
    },
    send(aliasId, more = {}, headers = {}) {
      const message = { aliasId, to: 'friend@rcpt.example', subject: 'Hello', text: 'Hi', ...more };
      return call('POST', '/emails', message, headers);
    },
  };
}

export function expectError({ status, body }: Reply, expected: number, words?: RegExp): void {
  expect({ status, body }).toMatchObject({ status: expected, body: { status: expected } });
  expect(Object.keys(body).sort()).toEqual(['error', 'status', 'timestamp']);
  if (words) expect(body['error']).toMatch(words);
}

/** What `find` finds, once it does; a failure after 30 s. */
export async function until<T>(find: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (let i = 0; i < 600; i++) {
    const found = await find();
    if (found) return found;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error('it did not happen within 30 s');
}

/** A stranger's mail server hands a message to ours: what ours answers, `250` or its refusal. */
export async function handIn(
  server: TestServer,
  to: string,
  raw: string | Buffer,
  from = 'stranger@rcpt.example',
): Promise<string> {
  const client = nodemailer.createTransport({
    ...{ host: '127.0.0.1', port: server.smtpPort, secure: false, ignoreTLS: true },
  });
  const bytes = typeof raw === 'string' ? raw.replaceAll(/\r?\n/g, '\r\n') : raw;
  try {
    await client.sendMail({ envelope: { from, to: [to] }, raw: bytes });
    return '250';
  } catch (error) {
    return (error as { response?: string }).response ?? String(error);
  } finally {
    client.close();
  }
}

/** The queue has nothing left to do, so what has not happened will not. */
export function settled(server: TestServer): Promise<boolean> {
  return until(async () => {
    const { rows } = await server.kernel.database.pool.query(
      `SELECT (SELECT count(*) FROM mail.arrivals)
        + (SELECT count(*) FROM mail.recipients WHERE status = 'queued') AS open`,
    );
    return Number(rows[0]?.open) === 0;
  });
}
