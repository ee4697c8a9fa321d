/** What the server answers around the four edges: health, documentation, host names, request ids. */
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SERVICES } from '../../src/kernel/principal.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({
    env: { CLOAKROOM_HOSTS: 'mail=mail.example.com,track=t.example.com' },
  });
});
afterAll(() => server.stop());

/** `fetch` does not let a Host header through. */
function getAs(host: string, path: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const request = httpRequest(
      server.url + path,
      { headers: { host, ...headers } },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      },
    );
    request.on('error', reject).end();
  });
}

test('/healthz, /readyz and /metrics answer', async () => {
  expect(await (await fetch(`${server.url}/healthz`)).json()).toEqual({ status: 'ok' });
  const ready = await fetch(`${server.url}/readyz`);
  expect(ready.status).toBe(200);
  expect(await ready.json()).toMatchObject({ status: 'ready', database: 'up' });
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(metrics).toContain('cloakroom_http_request_duration_seconds_bucket');
  expect(metrics).toContain('route="/readyz"');
});

test.each([...SERVICES, 'account'])('%s describes itself in OpenAPI 3.1', async (service) => {
  const response = await fetch(`${server.url}/${service}/openapi.json`);
  expect(response.status).toBe(200);
  const api = (await response.json()) as {
    openapi: string;
    paths: Record<string, Record<string, { summary?: string; responses?: object }>>;
  };
  expect(api.openapi).toMatch(/^3\.1/);
  const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ at: `${method} ${path}`, operation })),
  );
  expect(operations.length).toBeGreaterThan(5);
  expect(operations.filter(({ operation }) => !operation.summary).map(({ at }) => at)).toEqual([]);
});

test('the reading page shows every service and calls nothing outside', async () => {
  const response = await fetch(`${server.url}/docs`);
  const page = await response.text();
  for (const service of SERVICES) expect(page).toContain(`id="${service}"`);
  expect(page).toContain('/track/api/v1/campaigns');
  expect(page).not.toMatch(/<script|<link|<img|src=|@import|url\(/);
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
});

test('a host name bound to a service has its paths at the root', async () => {
  const mail = await getAs('mail.example.com', '/api/v1/aliases');
  expect(mail.status).toBe(401);
  expect(JSON.parse(mail.body)).toMatchObject({ status: 401 });
  const track = await getAs('t.example.com:8080', '/api/v1/campaigns');
  expect(JSON.parse(track.body)).toMatchObject({ success: false });
  const plain = await getAs('localhost', '/api/v1/campaigns');
  expect(plain.status).toBe(404);
});

test('a harmless request id comes back, any other is replaced', async () => {
  const given = await fetch(`${server.url}/healthz`, { headers: { 'x-request-id': 'abc-123' } });
  expect(given.headers.get('x-request-id')).toBe('abc-123');
  const odd = await fetch(`${server.url}/healthz`, { headers: { 'x-request-id': 'a b<script>' } });
  expect(odd.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});
