/** `/account` over HTTP: what each endpoint does, and what it does not take. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAccountEdge } from '../../src/account/index.ts';
import { FAULT_CODES, Fault } from '../../src/kernel/fault.ts';
import { SERVICES } from '../../src/kernel/principal.ts';
import { startTestServer, type TestOrganization, type TestServer } from '../harness/server.ts';
import { accountClient, type Client, expectProblem, NEW } from './account-client.ts';
import { STATUS } from './dialects.ts';

let server: TestServer;
let call: Client;
let other: TestOrganization;

beforeAll(async () => {
  server = await startTestServer();
  call = accountClient(server);
  other = await server.otherOrg();
});
afterAll(() => server.stop());

describe('signing in', () => {
  const signIn = (body: unknown) => call('POST', '/auth/token', { token: null, body });

  test('gives a token that every service takes, for 24 hours', async () => {
    const { email, password } = other;
    const { status, json } = await signIn({ email: email.toUpperCase(), password });
    expect([status, Object.keys(json)]).toEqual([200, ['token', 'expires_in']]);
    expect(json.expires_in).toBe(86_400);
    expect((await call('GET', '/me', { token: json.token })).json.user.email).toBe(email);
  });

  test('with a wrong password or an unknown address is refused in one voice', async () => {
    const wrong = await signIn({ email: other.email, password: 'wrong' });
    const unknown = await signIn({ email: 'nobody@example.com', password: 'wrong' });
    expectProblem(wrong, 'unauthenticated');
    expect(unknown.json).toEqual(wrong.json);
  });

  test.each([
    [{}, ['email', 'password']],
    [{ email: 'a@example.com' }, ['password']],
    [{ email: 1, password: ['x'] }, ['email', 'password']],
    [{ email: '', password: '' }, ['email', 'password']],
    [{ email: 'a@example.com', password: 'x', remember: true }, ['remember']],
    [{ email: `${'x'.repeat(300)}@example.com`, password: 'x' }, ['email']],
    [[], ['body']],
  ])('with %j names what is wrong', async (body, fields) => {
    const answer = await signIn(body);
    expectProblem(answer, 'invalid_request');
    expect(Object.keys(answer.json.errors).sort()).toEqual(fields);
  });

  test('too often is refused for a while, saying for how long', async () => {
    const { email } = await server.otherOrg();
    let answer = await signIn({ email, password: 'wrong' });
    // More than twice what a minute allows: the minute may turn meanwhile.
    for (let i = 0; i < 45 && answer.status === 401; i++) {
      answer = await signIn({ email, password: 'wrong' });
    }
    expectProblem(answer, 'rate_limited');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answer.headers.get('x-ratelimit-remaining')).toBe('0');
  });

  test.each(['/account/api/v1/auth/token', '/track/api/v1/auth/token', '/gate/api/v1/auth/login'])(
    '%s says how many attempts are left, whether it was right or wrong',
    async (path) => {
      const { email, password } = await server.otherOrg();
      const left = async (given: string) => {
        const { status, headers } = await fetch(server.url + path, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ email, password: given }),
        });
        expect(headers.get('x-ratelimit-limit')).toBe('20');
        expect(headers.get('x-ratelimit-reset')).toMatch(/^\d{10}$/);
        return [status, Number(headers.get('x-ratelimit-remaining'))];
      };
      expect(await left('wrong')).toEqual([401, 18]);
      expect(await left(password)).toEqual([200, 17]);
    },
  );
});

describe('oneself', () => {
  test('is told who and where one is', async () => {
    const { json } = await call('GET', '/me');
    expect(json).toMatchObject({
      user: { email: server.org.email, role: 'owner' },
      organization: { id: server.org.id, time_zone: 'UTC', plan: { id: 'unlimited' } },
    });
  });

  test('changes the password, which ends all sessions', async () => {
    const { token, email, password } = await server.otherOrg();
    const change = (current: string, next: string) =>
      call('POST', '/me/password', {
        token,
        body: { current_password: current, new_password: next },
      });
    const wrong = await change('wrong', 'ten letters');
    expectProblem(wrong, 'invalid_request');
    expect(wrong.json.errors).toHaveProperty('current_password');
    expect((await change(password, 'short')).json.errors).toHaveProperty('new_password');
    expect((await change(password, 'ten letters')).json).toEqual({ ok: true });
    expectProblem(await call('GET', '/me', { token }), 'unauthenticated');
    const body = { email, password: 'ten letters' };
    expect((await call('POST', '/auth/token', { token: null, body })).status).toBe(200);
  });
});

describe('the organization', () => {
  test('changes its name and time zone', async () => {
    const { token } = await server.otherOrg();
    const body = { name: 'Ada & Co', time_zone: 'Europe/Berlin' };
    const { json } = await call('PATCH', '/organization', { token, body });
    expect(json).toMatchObject(body);
    expect((await call('GET', '/organization', { token })).json).toEqual(json);
  });

  test.each([
    [{ time_zone: 'Mars/Olympus' }, 'time_zone'],
    [{ name: '' }, 'name'],
    [{ name: ' ' }, 'name'],
    [{ plan: 'enterprise' }, 'plan'],
    [{ id: 'org_1' }, 'id'],
  ])('refuses %j', async (body, field) => {
    const answer = await call('PATCH', '/organization', { body });
    expectProblem(answer, 'invalid_request');
    expect(Object.keys(answer.json.errors)).toEqual([field]);
  });

  test('sees the plans and what is left of its own', async () => {
    const { json } = await call('GET', '/plans');
    const ids = json.plans.map(({ id }: { id: string }) => id);
    expect(ids).toEqual(['starter', 'professional', 'enterprise', 'unlimited']);
    expect(json.plans[0].limits['track.requests_per_minute']).toBe(60);
    const { kernel } = server;
    const { id, token } = await server.otherOrg('starter');
    await kernel.database.tx((tx) => kernel.ledger.take(tx, id, 'gate.credits', 158));
    const { meters } = (await call('GET', '/usage', { token })).json;
    expect(meters).toContainEqual({
      ...{ meter: 'gate.credits', total: 10_000, used: 158, available: 9842 },
      resets_at: expect.stringMatching(/-01T00:00:00\.000Z$/),
    });
    expect(meters).toHaveLength(3);
  });
});

describe('members', () => {
  test('are added, given another role and removed', async () => {
    const body = NEW.member();
    const added = await call('POST', '/members', { body });
    expect([added.status, added.json.email, added.json.role]).toEqual([201, body.email, 'member']);
    expect(added.json).not.toHaveProperty('password');
    const credentials = { email: body.email, password: body.password };
    const session = await call('POST', '/auth/token', { token: null, body: credentials });
    const path = `/members/${added.json.id}`;
    const changed = await call('PATCH', path, { body: { role: 'admin' } });
    expect(changed.json).toEqual({ ...added.json, role: 'admin' });
    expect((await call('GET', '/members')).json.members).toContainEqual(changed.json);
    expect((await call('DELETE', path)).json).toEqual({ ok: true });
    expectProblem(await call('DELETE', path), 'not_found');
    expectProblem(await call('GET', '/me', { token: session.json.token }), 'unauthenticated');
  });

  test('with a known address are a conflict, in whichever organization', async () => {
    const body = { ...NEW.member(), email: other.email.toUpperCase() };
    expectProblem(await call('POST', '/members', { body }), 'conflict');
  });

  test.each([
    [{ email: 'no address' }, 'email'],
    [{ email: 'a@example.com\r\nBcc: b@example.com' }, 'email'],
    [{ password: 'short' }, 'password'],
    [{ role: 'god' }, 'role'],
    [{ organization_id: 'org_1' }, 'organization_id'],
  ])('with %j are refused, and nothing is written', async (wrong, field) => {
    const before = (await call('GET', '/members')).json;
    const answer = await call('POST', '/members', { body: { ...NEW.member(), ...wrong } });
    expectProblem(answer, 'invalid_request');
    expect(Object.keys(answer.json.errors)).toEqual([field]);
    expect((await call('GET', '/members')).json).toEqual(before);
  });

  test('sent twice with one key are one; with another body a conflict', async () => {
    const body = NEW.member();
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const first = await call('POST', '/members', { body, headers });
    const second = await call('POST', '/members', { body, headers });
    expect([second.status, second.json]).toEqual([201, first.json]);
    const another = { ...body, role: 'admin' };
    expectProblem(await call('POST', '/members', { body: another, headers }), 'conflict');
    const badKey = { 'idempotency-key': 'x'.repeat(256) };
    expectProblem(await call('POST', '/members', { body, headers: badKey }), 'invalid_request');
  });

  test('an admin neither makes an owner nor unmakes one', async () => {
    const token = await server.member('admin');
    const owner = (await call('GET', '/me')).json.user.id;
    const me = (await call('GET', '/me', { token })).json.user.id;
    const attempts = [
      await call('POST', '/members', { token, body: { ...NEW.member(), role: 'owner' } }),
      await call('PATCH', `/members/${me}`, { token, body: { role: 'owner' } }),
      await call('PATCH', `/members/${owner}`, { token, body: { role: 'member' } }),
      await call('DELETE', `/members/${owner}`, { token }),
    ];
    for (const attempt of attempts) expectProblem(attempt, 'forbidden');
  });

  test('keep a last owner', async () => {
    const { token } = await server.otherOrg();
    const { id } = (await call('GET', '/me', { token })).json.user;
    const demoted = await call('PATCH', `/members/${id}`, { token, body: { role: 'admin' } });
    expectProblem(demoted, 'conflict');
    expectProblem(await call('DELETE', `/members/${id}`, { token }), 'conflict');
  });
});

describe('keys', () => {
  test.each(SERVICES)('of %s are made, listed, rotated and revoked', async (service) => {
    const { keys } = server.kernel;
    const body = { service, label: 'shop' };
    const { status, json: made } = await call('POST', '/keys', { body });
    const { secret, ...shown } = made;
    expect([status, shown.service, shown.is_active]).toEqual([201, service, true]);
    expect(secret.split(':')[0].endsWith(shown.last_four)).toBe(true);
    await keys.authenticate(service, secret);
    const listed = await call('GET', `/keys?service=${service}`);
    const found = listed.json.keys.find(({ id }: { id: string }) => id === shown.id);
    expect(found).toMatchObject({ ...shown, last_used_at: found.last_used_at });
    expect(JSON.stringify(listed.json)).not.toContain(secret);

    const path = `/keys/${shown.id}`;
    const rotated = await call('POST', `${path}/rotate`, { body: { overlap_s: 60 } });
    expect(rotated.json).toMatchObject({ id: shown.id, label: 'shop' });
    for (const one of [secret, rotated.json.secret]) await keys.authenticate(service, one);
    expect((await call('DELETE', path)).json).toEqual({ ok: true });
    for (const one of [secret, rotated.json.secret]) {
      await expect(keys.authenticate(service, one)).rejects.toThrow('not valid');
    }
    expectProblem(await call('POST', `${path}/rotate`, { body: {} }), 'conflict');
  });

  test('may have fewer scopes and an end', async () => {
    const body = { ...NEW.key, scopes: ['check'], expires_at: '2099-01-01T00:00:00Z' };
    const { json } = await call('POST', '/keys', { body });
    expect(json.scopes).toEqual(['check']);
    expect(json.expires_at).toBe('2099-01-01T00:00:00.000Z');
  });

  test.each([
    [{ service: 'fax' }, 'service'],
    [{ label: '' }, 'label'],
    [{ label: '\n' }, 'label'],
    [{ scopes: [] }, 'scopes'],
    [{ scopes: ['emails:send'] }, 'scopes'],
    [{ expires_at: '2020-01-01T00:00:00Z' }, 'expires_at'],
    [{ expires_at: 'tomorrow' }, 'expires_at'],
    [{ expires_at: '2099-12-31T23:59:60Z' }, 'expires_at'],
    [{ secret: 'ck_live_mine' }, 'secret'],
  ])('with %j are refused', async (wrong, field) => {
    const answer = await call('POST', '/keys', { body: { ...NEW.key, ...wrong } });
    expectProblem(answer, 'invalid_request');
    expect(Object.keys(answer.json.errors)).toEqual([field]);
  });

  test('are listed by a service that there is', async () => {
    expectProblem(await call('GET', '/keys?service=fax'), 'invalid_request');
    expectProblem(await call('GET', '/keys?limit=1'), 'invalid_request');
  });

  test('rotate with an overlap of at most thirty days', async () => {
    const { id } = (await call('POST', '/keys', { body: NEW.key })).json;
    for (const overlap_s of [-1, 0.5, '60', 30 * 86_400 + 1]) {
      const answer = await call('POST', `/keys/${id}/rotate`, { body: { overlap_s } });
      expectProblem(answer, 'invalid_request');
    }
  });
});

describe('webhooks', () => {
  test('are made with a secret, changed, rotated and removed', async () => {
    const { status, json: made } = await call('POST', '/webhooks', { body: NEW.webhook });
    const { secret, ...shown } = made;
    expect([status, shown.url, shown.is_active]).toEqual([201, NEW.webhook.url, true]);
    expect(secret).toMatch(/^whsec_/);
    const path = `/webhooks/${shown.id}`;
    expect((await call('GET', path)).json).toEqual(shown);
    expect((await call('GET', '/webhooks')).json.webhooks).toContainEqual(shown);
    expect((await call('GET', `${path}/secret`)).json).toEqual({ secret });
    const body = { types: ['job.completed'], description: 'jobs', is_active: false };
    expect((await call('PATCH', path, { body })).json).toMatchObject(body);
    const rotated = (await call('POST', `${path}/secret`)).json.secret;
    expect(rotated).not.toBe(secret);
    expect((await call('GET', `${path}/secret`)).json.secret).toBe(rotated);
    expect((await call('DELETE', path)).json).toEqual({ ok: true });
    expectProblem(await call('GET', path), 'not_found');
  });

  test('sent twice with one key are one', async () => {
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const first = await call('POST', '/webhooks', { body: NEW.webhook, headers });
    const second = await call('POST', '/webhooks', { body: NEW.webhook, headers });
    expect(second.json).toEqual(first.json);
  });

  test.each([
    [{ url: 'ftp://example.com' }, 'url'],
    [{ url: 'http://127.0.0.1/' }, 'url'],
    [{ url: 'http://[::1]/' }, 'url'],
    [{ url: 'http://169.254.169.254/latest/meta-data' }, 'url'],
    [{ types: [] }, 'types'],
    [{ types: ['nothing.happened'] }, 'types.0'],
    [{ description: 'x'.repeat(501) }, 'description'],
    [{ secret: 'whsec_mine' }, 'secret'],
  ])('with %j are refused', async (wrong, field) => {
    const answer = await call('POST', '/webhooks', { body: { ...NEW.webhook, ...wrong } });
    expectProblem(answer, 'invalid_request');
    expect(Object.keys(answer.json.errors)).toEqual([field]);
  });

  test('the organization’s own secret is made when asked for, and rotates', async () => {
    const { token } = await server.otherOrg();
    const first = (await call('GET', '/webhook-secret', { token })).json.secret;
    expect((await call('GET', '/webhook-secret', { token })).json.secret).toBe(first);
    const rotated = (await call('POST', '/webhook-secret', { token })).json.secret;
    expect(rotated).toMatch(/^whsec_/);
    expect(rotated).not.toBe(first);
  });

  test('deliveries are paged without a gap or a double, and filtered', async () => {
    const { kernel } = server;
    const { id: organizationId, token } = await server.otherOrg();
    const { json: webhook } = await call('POST', '/webhooks', { token, body: NEW.webhook });
    await kernel.database.tx((tx) =>
      kernel.webhooks.emit(
        tx,
        Array.from({ length: 7 }, () => ({
          ...{ organizationId, type: 'report.ready' as const, payload: {} },
        })),
      ),
    );
    const seen: string[] = [];
    let path = `/webhook-deliveries?limit=3&webhook_id=${webhook.id}`;
    for (let pages = 0; pages < 5; pages++) {
      const { json } = await call('GET', path, { token });
      seen.push(...json.deliveries.map(({ id }: { id: string }) => id));
      if (json.next === null) break;
      path = `/webhook-deliveries?limit=3&before=${json.next}`;
    }
    expect(seen).toHaveLength(7);
    expect(new Set(seen).size).toBe(7);
    expect(seen).toEqual(seen.toSorted().toReversed());
    const one = await call('GET', `/webhook-deliveries/${seen[0]}`, { token });
    expect(one.json).toMatchObject({ type: 'report.ready', webhook_id: webhook.id });
    const pending = `/webhook-deliveries/${seen[0]}/resend`;
    if (one.json.status === 'pending') {
      expectProblem(await call('POST', pending, { token }), 'conflict');
    }
  });

  test.each(['limit=0', 'limit=101', 'limit=x', 'status=lost', 'page=2'])(
    'deliveries are not listed with %s',
    async (query) => {
      expectProblem(await call('GET', `/webhook-deliveries?${query}`), 'invalid_request');
    },
  );
});

describe('the audit log', () => {
  test('tells what was done, by whom, newest first, in pages', async () => {
    const { token } = await server.otherOrg();
    const userId = (await call('GET', '/me', { token })).json.user.id;
    for (let i = 0; i < 5; i++) await call('POST', '/keys', { token, body: NEW.key });
    const numbers: number[] = [];
    let path = '/audit?limit=2';
    for (let pages = 0; pages < 10; pages++) {
      const { json } = await call('GET', path, { token });
      numbers.push(...json.entries.map(({ number }: { number: number }) => number));
      if (pages === 0) {
        expect(json.entries[0]).toMatchObject({ action: 'key.created', actor: `user:${userId}` });
      }
      if (json.next === null) break;
      path = `/audit?limit=2&before=${json.next}`;
    }
    expect(numbers).toEqual(numbers.map((_, i) => numbers.length - i));
    expect(numbers.length).toBeGreaterThanOrEqual(6);
  });

  test.each(['limit=0', 'limit=101', 'before=0', 'before=x', 'actor=me'])(
    'is not listed with %s',
    async (query) => {
      expectProblem(await call('GET', `/audit?${query}`), 'invalid_request');
    },
  );
});

describe('problem+json', () => {
  test('of what is not there, or not like that', async () => {
    expectProblem(await call('GET', '/nothing-here', { token: null }), 'not_found');
    const wrongMethod = await call('PUT', '/keys', { body: {} });
    expectProblem(wrongMethod, 'method_not_allowed');
    expect(wrongMethod.headers.get('allow')).toBe('GET, HEAD, POST');
    expectProblem(await call('POST', '/keys', { body: '{"a":' }), 'invalid_request');
    const text = { body: 'hello', headers: { 'content-type': 'text/plain' } };
    expectProblem(await call('POST', '/keys', text), 'unsupported_media_type');
    const huge = { body: `"${'x'.repeat(2 * 1024 * 1024)}"` };
    expectProblem(await call('POST', '/keys', huge), 'payload_too_large');
    expectProblem(await call('GET', '/keys/%zz'), 'invalid_request');
    const nul = { email: 'a\0@example.com', password: 'x' };
    expectProblem(await call('POST', '/auth/token', { token: null, body: nul }), 'invalid_request');
  });

  test('of something that broke tells nothing of it', async () => {
    const { pool } = server.kernel.database;
    await pool.query('ALTER TABLE core.plans RENAME TO hidden');
    try {
      const answer = await call('GET', '/plans');
      expect(JSON.stringify(answer.json)).not.toMatch(/relation|select|hidden/i);
      expectProblem(answer, 'internal');
    } finally {
      await pool.query('ALTER TABLE core.hidden RENAME TO plans');
    }
  });

  test.each(FAULT_CODES)('of the fault %s wherever it arises', (code) => {
    const fault = new Fault(code, 'What happened.', { fields: { name: ['wrong'] }, internal: 'x' });
    const { status, body } = createAccountEdge(server.kernel).renderFault(fault, new Date());
    expect(status).toBe(STATUS[code]);
    expect(body).toMatchObject({ code, detail: 'What happened.', errors: { name: ['wrong'] } });
    expect(JSON.stringify(body)).not.toContain('"x"');
  });
});

test('too many requests are refused, saying for how long', async () => {
  const { token } = await server.otherOrg();
  let last = await call('GET', '/plans', { token });
  for (let i = 0; i < 650 && last.status === 200; i++) {
    last = await call('GET', '/plans', { token });
  }
  expectProblem(last, 'rate_limited');
  expect(last.headers.get('x-ratelimit-remaining')).toBe('0');
  expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
});
