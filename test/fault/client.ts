/** A client of a server that may die at any moment, for the fault tests. */
import { expect } from 'vitest';
import { cli, type ServerProcess } from '../harness/process.ts';

export const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

export interface Answer {
  status: number;
  body: Record<string, unknown>;
  location: string | null;
}

export interface Client {
  /** The answer, or null where the server died before all of it came. */
  ask(
    method: string,
    path: string,
    token: string,
    body?: object | FormData,
  ): Promise<Answer | null>;
  /** The same where the server is known to be there. */
  must(method: string, path: string, token: string, body?: object | FormData): Promise<Answer>;
}

export function clientOf(serverNow: () => ServerProcess): Client {
  const ask: Client['ask'] = async (method, path, token, body) => {
    try {
      const isForm = body instanceof FormData;
      const response = await fetch(serverNow().url + path, {
        method,
        redirect: 'manual',
        headers: {
          'user-agent': CHROME,
          ...(token ? { authorization: `Bearer ${token}` } : {}),
          ...(body && !isForm ? { 'content-type': 'application/json' } : {}),
        },
        body: isForm ? body : body && JSON.stringify(body),
      });
      const text = await response.text();
      const isJson = response.headers.get('content-type')?.includes('json');
      const location = response.headers.get('location');
      return { status: response.status, body: isJson ? JSON.parse(text) : {}, location };
    } catch {
      return null;
    }
  };
  return {
    ask,
    async must(...request) {
      const answer = await ask(...request);
      if (!answer) throw new Error(`the server did not answer:\n${serverNow().output()}`);
      return answer;
    },
  };
}

/** A key made by the command line, beside the running server. */
export async function keyOf(dataDir: string, service: string): Promise<string> {
  const { code, stdout, stderr } = await cli(dataDir, [
    'key',
    'create',
    service,
    '--label',
    'fault',
  ]);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.trim();
}

export async function eventually(isTrue: () => boolean | Promise<boolean>): Promise<boolean> {
  for (let attempt = 0; attempt < 600; attempt++) {
    if (await isTrue()) return true;
    await new Promise((done) => setTimeout(done, 200));
  }
  return false;
}

/** Runs `work` again and again until told to stop. */
export function loop(work: () => Promise<void>, pauseMs: number): () => Promise<void> {
  let running = true;
  const run = (async () => {
    while (running) {
      await work();
      await new Promise((done) => setTimeout(done, pauseMs));
    }
  })();
  return async () => {
    running = false;
    await run;
  };
}
