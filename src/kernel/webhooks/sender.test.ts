/** One attempt at a time, against real receivers, good and hostile. */
import type { LookupAddress } from 'node:dns';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createSender } from './sender.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** A real receiver on loopback; answers its port and counts what reached it. */
async function receiver(listener: RequestListener) {
  const seen: { connections: number; requests: string[] } = { connections: 0, requests: [] };
  const server = createServer((request, response) => {
    seen.requests.push(request.url ?? '');
    listener(request, response);
  });
  server.on('connection', () => seen.connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return { port: (server.address() as AddressInfo).port, seen };
}

const at = (address: string): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 });
const open = createSender({ allowPrivate: true });

describe('private addresses are refused by the address connected to', () => {
  const guarded = createSender({ allowPrivate: false, resolve: async () => [at('127.0.0.1')] });

  test.each([
    'http://127.0.0.1:PORT/',
    'http://2130706433:PORT/',
    'http://0x7f.1:PORT/',
    'http://0177.0.0.1:PORT/',
    'http://127.1:PORT/',
    'http://[::ffff:127.0.0.1]:PORT/',
    'http://[::1]:PORT/',
    'http://receiver.example:PORT/',
    'http://localhost:PORT/',
    'https://127.0.0.1:PORT/',
  ])('%s', async (template) => {
    const { port, seen } = await receiver((_request, response) => response.end('secret'));
    const url = template.replace('PORT', String(port));
    const attempt = await guarded.post(url, '{}', {});
    expect(attempt).toMatchObject({ status: null, response: '' });
    expect(attempt.error).toMatch(/private address/);
    expect(seen.connections).toBe(0);
    expect(await guarded.refusal(url)).toBe('must not be a private or loopback address');
  });

  test('a name that turns private after its check is not connected to', async () => {
    const { port, seen } = await receiver((_request, response) => response.end());
    const answers = [[at('93.184.215.14')], [at('127.0.0.1')]];
    const sender = createSender({
      allowPrivate: false,
      resolve: async () => answers.shift() ?? [at('127.0.0.1')],
    });
    const url = `http://rebinding.example:${port}/`;
    expect(await sender.refusal(url)).toBeNull();
    expect((await sender.post(url, '{}', {})).error).toMatch(/private address/);
    expect(seen.connections).toBe(0);
  });

  test('a name whose addresses are private in three different ways is refused as a whole', async () => {
    const { port, seen } = await receiver((_request, response) => response.end());
    const sender = createSender({
      allowPrivate: false,
      resolve: async () => [at('127.0.0.1'), at('::1'), at('192.0.2.1')],
    });
    const attempt = await sender.post(`http://many.example:${port}/`, '{}', {});
    expect(attempt.error).toMatch(/private address/);
    expect(seen.connections).toBe(0);
  });

  test('a name that does not resolve is accepted now and reported when sent to', async () => {
    const sender = createSender({
      allowPrivate: false,
      resolve: async () => {
        throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
      },
    });
    expect(await sender.refusal('https://later.example/hook')).toBeNull();
    const attempt = await sender.post('https://later.example/hook', '{}', {});
    expect(attempt).toMatchObject({ status: null, error: 'the name does not resolve' });
  });
});

describe('an address is refused before anything is sent', () => {
  test.each([
    ['', /http or https/],
    ['ftp://example.com/', /http or https/],
    ['file:///etc/passwd', /http or https/],
    ['javascript:alert(1)', /http or https/],
    ['//example.com', /http or https/],
    [`https://example.com/${'a'.repeat(2048)}`, /2048/],
    ['https://user:secret@example.com/', /user name/],
  ])('%s', async (url, message) => expect(await open.refusal(url)).toMatch(message));

  test('unless the installation allows private ones', async () => {
    expect(await open.refusal('http://127.0.0.1/hook')).toBeNull();
  });
});

describe('an attempt', () => {
  test('carries the body and the headers to path and query', async () => {
    let got: unknown;
    const { port, seen } = await receiver(async (request, response) => {
      const parts = await request.toArray();
      got = { method: request.method, headers: request.headers, body: parts.join('') };
      response.end('thanks');
    });
    const attempt = await open.post(`http://127.0.0.1:${port}/hook?a=1#x`, '{"a":"é"}', {
      'webhook-id': 'evt_1',
    });
    expect(attempt).toMatchObject({ status: 200, error: null, response: 'thanks' });
    expect(seen.requests).toEqual(['/hook?a=1']);
    expect(got).toMatchObject({
      method: 'POST',
      body: '{"a":"é"}',
      headers: { 'content-type': 'application/json', 'webhook-id': 'evt_1' },
    });
  });

  test('follows no redirect', async () => {
    const { port, seen } = await receiver((_request, response) =>
      response.writeHead(307, { location: '/elsewhere' }).end(),
    );
    const attempt = await open.post(`http://127.0.0.1:${port}/`, '{}', {});
    expect(attempt).toMatchObject({ status: 307, error: expect.stringMatching(/not followed/) });
    expect(seen.requests).toEqual(['/']);
  });

  test('reads no more than 500 bytes of an endless answer', async () => {
    const { port } = await receiver((_request, response) => {
      const more = () => {
        while (response.write('x'.repeat(1000)));
      };
      response.on('drain', more);
      more();
    });
    const attempt = await open.post(`http://127.0.0.1:${port}/`, '{}', {});
    expect(attempt).toMatchObject({ status: 200, error: null, response: 'x'.repeat(500) });
  });

  test('keeps an answer that is no text as text that a database can hold', async () => {
    const { port } = await receiver((_request, response) =>
      response.end(Buffer.from([0, 0xff, 0x41, 0])),
    );
    const attempt = await open.post(`http://127.0.0.1:${port}/`, '{}', {});
    expect(attempt.response).toBe('\ufffd\ufffdA\ufffd');
  });

  test.each([
    ['says nothing', () => {}],
    [
      'drips its answer',
      (_request: unknown, response: { write(text: string): void }) => response.write('x'),
    ],
  ])('ends at its deadline when the receiver %s', async (_name, listener) => {
    const { port } = await receiver(listener as RequestListener);
    const impatient = createSender({ allowPrivate: true, timeoutMs: 200 });
    const attempt = await impatient.post(`http://127.0.0.1:${port}/`, '{}', {});
    expect(attempt).toMatchObject({ status: null, error: 'no answer within 0.2 s' });
  });

  test('refuses an answer with headers without end', async () => {
    const { port } = await receiver((_request, response) =>
      response.writeHead(200, { 'x-long': 'x'.repeat(64 * 1024) }).end(),
    );
    const attempt = await open.post(`http://127.0.0.1:${port}/`, '{}', {});
    expect(attempt).toMatchObject({ status: null, error: expect.stringMatching(/HEADERS/) });
  });

  test.each(['', 'nonsense', 'ftp://example.com/'])('fails in words at %j', async (url) => {
    const attempt = await open.post(url, '{}', {});
    expect(attempt).toMatchObject({ status: null, error: expect.stringMatching(/failed/) });
  });

  test('says so when nobody listens', async () => {
    const { port } = await receiver(() => {});
    for (const server of servers.splice(0)) server.close();
    const attempt = await open.post(`http://127.0.0.1:${port}/`, '{}', {});
    expect(attempt).toMatchObject({ status: null, error: 'the connection was refused' });
  });
});
