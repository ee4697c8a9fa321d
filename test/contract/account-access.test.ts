/** Who may call what of `/account`: nobody, keys, each role, another organization. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROLES, type Role, SERVICES } from '../../src/kernel/principal.ts';
import { startTestServer, type TestOrganization, type TestServer } from '../harness/server.ts';
import { accountClient, type Client, expectProblem, NEW } from './account-client.ts';

let server: TestServer;
let call: Client;
let other: TestOrganization;
const tokens = {} as Record<Role, string>;

beforeAll(async () => {
  server = await startTestServer();
  call = accountClient(server);
  other = await server.otherOrg();
  for (const role of ROLES) tokens[role] = await server.member(role);
});
afterAll(() => server.stop());

/** Every endpoint, with a body that it takes and who may call it. */
const EVERYBODY = ROLES;
const WRITERS = ['owner', 'admin', 'member'] as const;
const ADMINS = ['owner', 'admin'] as const;
const ENDPOINTS: [method: string, path: string, body: unknown, roles: readonly Role[]][] = [
  ['GET', '/me', undefined, EVERYBODY],
  ['POST', '/me/password', { current_password: 'x', new_password: 'ten letters' }, EVERYBODY],
  ['GET', '/organization', undefined, EVERYBODY],
  ['PATCH', '/organization', {}, ADMINS],
  ['GET', '/plans', undefined, EVERYBODY],
  ['GET', '/usage', undefined, EVERYBODY],
  ['GET', '/audit', undefined, ADMINS],
  ['GET', '/members', undefined, EVERYBODY],
  ['POST', '/members', NEW.member(), ADMINS],
  ['PATCH', '/members/ID', { role: 'member' }, ADMINS],
  ['DELETE', '/members/ID', undefined, ADMINS],
  ['GET', '/keys', undefined, EVERYBODY],
  ['POST', '/keys', NEW.key, WRITERS],
  ['POST', '/keys/ID/rotate', {}, WRITERS],
  ['DELETE', '/keys/ID', undefined, WRITERS],
  ['GET', '/webhooks', undefined, ADMINS],
  ['POST', '/webhooks', NEW.webhook, ADMINS],
  ['GET', '/webhooks/ID', undefined, ADMINS],
  ['PATCH', '/webhooks/ID', {}, ADMINS],
  ['DELETE', '/webhooks/ID', undefined, ADMINS],
  ['GET', '/webhooks/ID/secret', undefined, ADMINS],
  ['POST', '/webhooks/ID/secret', undefined, ADMINS],
  ['GET', '/webhook-secret', undefined, ADMINS],
  ['POST', '/webhook-secret', undefined, ADMINS],
  ['GET', '/webhook-deliveries', undefined, ADMINS],
  ['GET', '/webhook-deliveries/ID', undefined, ADMINS],
  ['POST', '/webhook-deliveries/ID/resend', undefined, ADMINS],
];

describe.each(ENDPOINTS)('%s %s', (method, path, body, roles) => {
  test('is for people who have signed in', async () => {
    for (const token of [null, 'x', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1In0.']) {
      expectProblem(await call(method, path, { token, body }), 'unauthenticated');
    }
  });

  test('is not for keys, whatever their service', async () => {
    for (const service of SERVICES) {
      const token = await server.key(service);
      expectProblem(await call(method, path, { token, body }), 'unauthenticated');
    }
  });

  test('is for the roles that it is for', async () => {
    for (const role of ROLES.filter((name) => !roles.includes(name))) {
      expectProblem(await call(method, path, { token: tokens[role], body }), 'forbidden');
    }
    for (const role of roles) {
      const { status } = await call(method, path, { token: tokens[role], body });
      expect([200, 201, 400, 404, 409]).toContain(status);
    }
  });

  test('carries the headers of its limit', async () => {
    const { headers } = await call(method, path, { body });
    expect(headers.get('x-ratelimit-limit')).toBe('300');
    expect(Number(headers.get('x-ratelimit-remaining'))).toBeLessThan(300);
    expect(headers.get('x-ratelimit-reset')).toMatch(/^\d{10}$/);
  });
});

describe.each(ENDPOINTS.filter(([, path]) => path.includes('ID')))(
  '%s %s',
  (method, path, body) => {
    test('of an id that is nobody’s, or another organization’s, is not found', async () => {
      const theirs = await idsOf(other);
      const kind = path.split('/')[1] as Kind;
      for (const id of [
        theirs[kind],
        'none',
        '%00',
        "'%20OR%20true",
        '..%2Fkeys',
        'x'.repeat(99),
      ]) {
        const answer = await call(method, path.replace('ID', id), { body });
        if (id === '%00') expect([400, 404]).toContain(answer.status);
        else expectProblem(answer, 'not_found');
      }
    });
  },
);

type Kind = 'members' | 'keys' | 'webhooks' | 'webhook-deliveries';
let strangers: Promise<Record<Kind, string>> | undefined;
/** Something of every kind that belongs to another organization. */
function idsOf({ id, token }: TestOrganization): Promise<Record<Kind, string>> {
  strangers ??= (async () => {
    const member = await call('POST', '/members', { token, body: NEW.member() });
    const key = await call('POST', '/keys', { token, body: NEW.key });
    const webhook = await call('POST', '/webhooks', { token, body: NEW.webhook });
    const { kernel } = server;
    await kernel.database.tx((tx) =>
      kernel.webhooks.emit(tx, { organizationId: id, type: 'report.ready', payload: {} }),
    );
    const { json } = await call('GET', '/webhook-deliveries', { token });
    return {
      members: member.json.id,
      keys: key.json.id,
      webhooks: webhook.json.id,
      'webhook-deliveries': json.deliveries[0].id,
    };
  })();
  return strangers;
}

test('every endpoint is in the OpenAPI document, and no other', async () => {
  const document = await (await fetch(`${server.url}/account/openapi.json`)).json();
  const { paths } = document as { paths: Record<string, object> };
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const tested = ENDPOINTS.map(
    ([method, path]) => `${method} /api/v1${path.replace('ID', '{id}')}`,
  );
  expect(described.sort()).toEqual([...tested, 'POST /api/v1/auth/token'].sort());
});
