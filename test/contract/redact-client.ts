/** What the tests of Redact's endpoints share: forms, calls, errors. */
import { expect } from 'vitest';
import type { TestServer } from '../harness/server.ts';

export const TEXT = 'Mail jane@example.org, SSN 123-45-6789.';

export interface Sent {
  fields?: Record<string, string>;
  files?: [field: string, name: string, content: string | Uint8Array][];
  headers?: Record<string, string>;
  as?: string;
}

export interface Client {
  post(path: string, sent?: Sent): Promise<Response>;
  call(method: string, path: string, as?: string): Promise<Response>;
  creditsUsed(): Promise<number>;
}

/** Calls as this key, unless another is named. */
export function clientOf(server: TestServer, key: string): Client {
  const base = `${server.url}/redact/api/v1`;
  const call: Client['call'] = (method, path, as = key) =>
    fetch(base + path, { method, headers: { authorization: `Bearer ${as}` } });
  return {
    call,
    post(path, sent = {}) {
      const { files = [['file', 'note.txt', TEXT]], headers, as = key } = sent;
      return fetch(base + path, {
        method: 'POST',
        headers: { authorization: `Bearer ${as}`, ...headers },
        body: form({ ...sent, files }),
      });
    },
    async creditsUsed() {
      const usage = (await (await call('GET', '/usage')).json()) as { credits: { used: number } };
      return usage.credits.used;
    },
  };
}

function form({ fields = {}, files = [] }: Sent): FormData {
  const body = new FormData();
  for (const [field, name, content] of files) {
    body.append(field, new Blob([content as string]), name);
  }
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  return body;
}

export async function expectError(
  response: Response,
  status: number,
  error: string,
  word?: string | RegExp,
): Promise<void> {
  const body = (await response.json()) as { error: string; message: string };
  expect({ status: response.status, error: body.error }).toEqual({ status, error });
  expect(Object.keys(body).sort()).toEqual(['error', 'message']);
  if (word) expect(body.message).toMatch(word);
}
