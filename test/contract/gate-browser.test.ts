/** The script of a page in a real browser: who sees the offer, and who stays where he is. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { browse, personsUserAgent } from '../harness/browser.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';

let server: TestServer;
let site: Server;
let origin: string;
let script = '';
beforeAll(async () => {
  server = await startTestServer();
  site = createServer((request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    const isOffer = request.url?.startsWith('/offer');
    response.end(isOffer ? '<h1>The offer</h1>' : `<h1>The article</h1><script>${script}</script>`);
  }).listen(0, '127.0.0.1');
  await once(site, 'listening');
  origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
});
afterAll(async () => {
  site.close();
  await server.stop();
});

async function gate(method: string, path: string, body: unknown) {
  const response = await fetch(`${server.url}/gate/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${server.org.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return response.json() as Promise<{ id: number }>;
}

test('a person is sent on to the offer; whom the flow refuses keeps the page that he asked for', async () => {
  const key = await gate('POST', '/keys', { label: 'site' });
  const flow = await gate('POST', '/flows', {
    ...{ name: 'Browser', key_id: key.id },
    ...{ white_url: `${origin}/article`, money_url: `${origin}/offer` },
  });
  const file = await fetch(`${server.url}/gate/api/v1/flows/${flow.id}/js`, {
    headers: { authorization: `Bearer ${server.org.token}` },
  });
  script = await file.text();
  const person = await personsUserAgent();
  const shown = (userAgent: string) => browse(`${origin}/article`, userAgent);
  expect(await shown(person)).toContain('The offer');

  const liar = person.replace(/Chrome\/\d+/, 'Chrome/140');
  const headless = person.replace('Chrome/', 'HeadlessChrome/');
  for (const userAgent of [liar, headless]) {
    expect(await shown(userAgent)).toContain('The article');
  }
  await gate('PATCH', `/flows/${flow.id}`, { allowed_devices: 'mobile' });
  expect(await shown(person)).toContain('The article');
}, 120_000);
