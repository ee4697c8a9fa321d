/** Who gets a session, what it is worth, and when it ends. */
import { generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type AccountHalf,
  accountNode,
  openAccountHalf,
  PASSWORD,
} from '../../../test/harness/account-half.ts';
import type { Db } from '../db/schema.ts';

let half: AccountHalf;
let id: string;
let ownerId: string;
let email: string;
let address = 0;

beforeAll(async () => {
  half = await openAccountHalf();
});
afterAll(() => half.close());
beforeEach(async () => {
  half.clock.set('2026-11-21T10:00:00Z');
  ({ id, ownerId, email } = await half.organization());
});

const tx = <T>(work: (tx: Db) => Promise<T>) => half.database.tx(work);
const login = (given: { email?: string; password?: string; from?: string } = {}, on = half) =>
  on.accounts.login(
    given.email ?? email,
    given.password ?? PASSWORD,
    given.from ?? `10.0.${Math.floor(++address / 250)}.${address % 250}`,
  );
const authenticate = (token: string) => half.accounts.authenticate(token);
const unauthenticated = expect.objectContaining({ name: 'Fault', code: 'unauthenticated' });
const part = (token: string, index: number) =>
  JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString());

describe('signing in', () => {
  test('gives a token that is good for 24 hours and says who calls', async () => {
    const { token, expiresInS } = await login();
    expect(expiresInS).toBe(86_400);
    expect(await authenticate(token)).toMatchObject({
      ...{ kind: 'user', userId: ownerId, organizationId: id, role: 'owner', timeZone: 'UTC' },
      plan: { id: 'unlimited' },
    });
    half.clock.advance(86_399);
    await authenticate(token);
    half.clock.advance(2);
    await expect(authenticate(token)).rejects.toEqual(unauthenticated);
  });

  test('does not mind how the address is written', async () => {
    await login({ email: ` ${email.toUpperCase()} ` });
  });

  test('takes a password in either form of Unicode', async () => {
    const user = {
      email: 'nfc@example.com',
      password: 'Übergrößenträger',
      role: 'member',
    } as const;
    await tx((t) => half.accounts.addMember(t, id, user, 'cli'));
    await login({ email: user.email, password: user.password.normalize('NFD') });
  });

  test.each([
    ['a wrong password', { password: `${PASSWORD}!` }],
    ['an empty one', { password: '' }],
    ['a huge one', { password: 'x'.repeat(1_000_000) }],
    ['an unknown address', { email: 'nobody@example.com' }],
    ['no address', { email: '' }],
    ['a hostile one', { email: "' OR 1=1 --" }],
  ])('is refused with %s, always in the same words', async (_, given) => {
    const refusal = await login(given).catch((error: Error) => error);
    expect(refusal).toEqual(unauthenticated);
    expect((refusal as Error).message).toBe('The email address or the password is wrong.');
  });

  test('is throttled for an account, whether it exists or not, in the same way', async () => {
    for (const target of [email, 'nobody-at-all@example.com']) {
      const codes = [];
      for (let i = 0; i < 25; i++) {
        const outcome = await login({ email: target, password: 'wrong' }).catch((error) => error);
        codes.push(outcome.code);
      }
      expect(codes.filter((code) => code === 'unauthenticated')).toHaveLength(20);
      expect(codes.slice(20).every((code) => code === 'rate_limited')).toBe(true);
    }
    await expect(login()).rejects.toMatchObject({ code: 'rate_limited', retryAfterS: 60 });
    half.clock.advance(60);
    await login();
  });

  test('is throttled for an address that tries many accounts', async () => {
    const codes = [];
    for (let i = 0; i < 62; i++) {
      const target = { email: `x${i}@example.com`, password: 'wrong', from: '192.0.2.1' };
      codes.push((await login(target).catch((error) => error)).code);
    }
    expect(codes.filter((code) => code === 'unauthenticated')).toHaveLength(60);
    await login({ from: '192.0.2.2' });
  });
});

describe('a token is refused that', () => {
  const now = () => Math.floor(half.clock.now().getTime() / 1000);
  const claims = () => ({ sub: ownerId, ver: 1, iss: 'cloakroom', exp: now() + 60 });

  test('is not one', async () => {
    for (const token of ['', 'x', '..', 'a.b.c', 'é.é.é', '\0', `${'x'.repeat(100_000)}.y.z`]) {
      await expect(authenticate(token)).rejects.toEqual(unauthenticated);
    }
  });

  test('is not signed (alg: none)', async () => {
    const { token } = await login();
    const kid = part(token, 0).kid as string;
    const header = Buffer.from(JSON.stringify({ alg: 'none', kid })).toString('base64url');
    const body = token.split('.')[1];
    await expect(authenticate(`${header}.${body}.`)).rejects.toEqual(unauthenticated);
    await expect(authenticate(new UnsecuredJWT(claims()).encode())).rejects.toEqual(
      unauthenticated,
    );
  });

  test('is signed by another algorithm', async () => {
    const { token } = await login();
    const kid = part(token, 0).kid as string;
    const { privateKey } = await generateKeyPair('RS256');
    const forged = await new SignJWT(claims())
      .setProtectedHeader({ alg: 'RS256', kid })
      .sign(privateKey);
    await expect(authenticate(forged)).rejects.toEqual(unauthenticated);
    const { rows } = await sql<{ sealed: Buffer }>`
      SELECT sealed FROM core.signing_keys WHERE id = ${kid}`.execute(half.db);
    const secret = half.keyring.open('session-signing-keys', rows[0]?.sealed as Buffer, kid);
    for (const alg of ['HS384', 'HS512']) {
      const other = new SignJWT(claims()).setProtectedHeader({ alg, kid });
      await expect(other.sign(Buffer.concat([secret, secret])).then(authenticate)).rejects.toEqual(
        unauthenticated,
      );
    }
    const good = new SignJWT(claims()).setProtectedHeader({ alg: 'HS256', kid });
    expect(await authenticate(await good.sign(secret))).toMatchObject({ userId: ownerId });
  });

  test('is signed with another key, or names one that is not there', async () => {
    const { token } = await login();
    const kid = part(token, 0).kid as string;
    for (const named of [kid, 'jwk_none', "jwk_' OR true", '../../jwk']) {
      const forged = await new SignJWT(claims())
        .setProtectedHeader({ alg: 'HS256', kid: named })
        .sign(Buffer.alloc(32));
      await expect(authenticate(forged)).rejects.toEqual(unauthenticated);
    }
  });

  test('was changed in any character', async () => {
    const { token } = await login();
    for (let i = 0; i < token.length - 1; i += 7) {
      const changed = token.slice(0, i) + (token[i] === 'A' ? 'B' : 'A') + token.slice(i + 1);
      await expect(authenticate(changed)).rejects.toEqual(unauthenticated);
    }
  });
});

describe('all sessions of a user end', () => {
  test('with a changed password, at once here and within a second elsewhere', async () => {
    const other = accountNode(half.database, half.keyring, half.clock).accounts;
    const { token } = await login();
    await Promise.all([authenticate(token), other.authenticate(token)]);
    const passwords = { current: PASSWORD, next: 'another horse battery staple' };
    await tx((t) => half.accounts.changePassword(t, ownerId, passwords));
    await expect(authenticate(token)).rejects.toEqual(unauthenticated);
    half.clock.advance(1);
    await expect(other.authenticate(token)).rejects.toEqual(unauthenticated);
    await expect(login()).rejects.toEqual(unauthenticated);
    await authenticate((await login({ password: passwords.next })).token);
  });

  test('with a password that an operator reset', async () => {
    const { token } = await login();
    await tx((t) => half.accounts.resetPassword(t, email.toUpperCase(), 'a new password', 'cli'));
    await expect(authenticate(token)).rejects.toEqual(unauthenticated);
    await login({ password: 'a new password' });
    const nobody = tx((t) => half.accounts.resetPassword(t, 'no@example.com', PASSWORD, 'cli'));
    await expect(nobody).rejects.toMatchObject({ code: 'not_found' });
  });

  test('with the user', async () => {
    const user = { email: `gone-${id}@example.com`, password: PASSWORD, role: 'member' } as const;
    const { id: userId } = await tx((t) => half.accounts.addMember(t, id, user, 'cli'));
    const { token } = await login({ email: user.email });
    await authenticate(token);
    await tx((t) => half.accounts.removeMember(t, id, userId, 'cli'));
    await expect(authenticate(token)).rejects.toEqual(unauthenticated);
    await expect(login({ email: user.email })).rejects.toEqual(unauthenticated);
  });
});

describe('changing one’s password', () => {
  const change = (current: string, next: string) =>
    tx((t) => half.accounts.changePassword(t, ownerId, { current, next }));

  test('takes the present one, and a good new one, or changes nothing', async () => {
    const { token } = await login();
    await expect(change('wrong', 'a new password')).rejects.toMatchObject({
      fields: { current_password: [/./] },
    });
    await expect(change(PASSWORD, 'short')).rejects.toMatchObject({
      fields: { new_password: [/./] },
    });
    await authenticate(token);
  });

  test('is throttled, so that a stolen session does not guess it', async () => {
    const codes = [];
    for (let i = 0; i < 25; i++) {
      codes.push(await change('wrong', 'a new password').catch((error) => error.code));
    }
    expect(codes.filter((code) => code === 'rate_limited')).toHaveLength(5);
  });
});

test('a changed role, plan or time zone holds at once', async () => {
  const { token } = await login();
  await authenticate(token);
  await tx((t) => half.accounts.setPlan(t, id, 'starter', 'cli'));
  await tx((t) => half.accounts.updateOrganization(t, id, { timeZone: 'Asia/Tokyo' }, 'cli'));
  const second = { email: `2-${id}@example.com`, password: PASSWORD, role: 'owner' } as const;
  await tx((t) => half.accounts.addMember(t, id, second, 'cli'));
  await tx((t) => half.accounts.changeRole(t, id, ownerId, 'read-only', 'cli'));
  expect(await authenticate(token)).toMatchObject({
    ...{ role: 'read-only', timeZone: 'Asia/Tokyo', plan: { id: 'starter' } },
  });
});

describe('signing keys', () => {
  test('are changed after thirty days; the old one verifies until its tokens have died', async () => {
    const kidOf = (token: string) => part(token, 0).kid as string;
    const first = (await login()).token;
    half.clock.advance(30 * 86_400 - 3600);
    const late = (await login()).token;
    expect(kidOf(late)).toBe(kidOf(first));
    half.clock.advance(3600);
    const next = (await login()).token;
    expect(kidOf(next)).not.toBe(kidOf(first));
    await Promise.all([authenticate(late), authenticate(next)]);
    half.clock.advance(31 * 86_400);
    await login();
    const { rows } = await sql<{ id: string }>`SELECT id FROM core.signing_keys`.execute(half.db);
    expect(rows.map((row) => row.id)).not.toContain(kidOf(first));
    await sql`DELETE FROM core.signing_keys`.execute(half.db);
  });

  test('made by many nodes at once are one', async () => {
    half.clock.set('2027-06-01T00:00:00Z');
    await sql`DELETE FROM core.signing_keys`.execute(half.db);
    const nodes = Array.from({ length: 8 }, () =>
      accountNode(half.database, half.keyring, half.clock),
    );
    const tokens = await Promise.all(
      nodes.map(({ accounts }) => accounts.login(email, PASSWORD, '10.9.9.9')),
    );
    expect(new Set(tokens.map(({ token }) => part(token, 0).kid)).size).toBe(1);
    for (const { accounts } of nodes) {
      for (const { token } of tokens) await accounts.authenticate(token);
    }
  });

  test('cannot be read in the database', async () => {
    await login();
    const { rows } = await sql<{ sealed: Buffer }>`SELECT sealed FROM core.signing_keys`.execute(
      half.db,
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const { sealed } of rows) expect(sealed.length).toBe(12 + 16 + 32);
  });
});

describe('a token made from a key pair', () => {
  const pair = async (more: { scopes?: string[]; expiresAt?: Date } = {}) => {
    const key = { organizationId: id, service: 'track', label: 'reports', ...more } as const;
    const { row, secret } = await tx((t) => half.keys.create(t, key, 'cli'));
    const [apiKey = '', apiSecret = ''] = secret.split(':');
    return { keyId: row.id, apiKey, apiSecret };
  };
  const exchange = async ({ apiKey, apiSecret }: { apiKey: string; apiSecret: string }) =>
    (await half.accounts.tokenForKey(apiKey, apiSecret)).token;

  test('carries the key’s scopes and service', async () => {
    const made = await pair({ scopes: ['stats:read'] });
    const { token, expiresInS } = await half.accounts.tokenForKey(made.apiKey, made.apiSecret);
    expect(expiresInS).toBe(86_400);
    const principal = await authenticate(token);
    expect(principal).toMatchObject({ kind: 'key', keyId: made.keyId, service: 'track' });
    expect([...principal.scopes]).toEqual(['stats:read']);
  });

  test('dies with the key at once', async () => {
    const made = await pair();
    const token = await exchange(made);
    await authenticate(token);
    await tx((t) => half.keys.revoke(t, id, made.keyId, 'cli'));
    await expect(authenticate(token)).rejects.toEqual(unauthenticated);
    await expect(exchange(made)).rejects.toEqual(unauthenticated);
  });

  test('dies with the secret that it was made from', async () => {
    const made = await pair();
    const token = await exchange(made);
    await tx((t) => half.keys.rotate(t, id, made.keyId, 60, 'cli'));
    await authenticate(token);
    half.clock.advance(60);
    await expect(authenticate(token)).rejects.toEqual(unauthenticated);
  });

  test('does not outlive the key', async () => {
    const expiresAt = new Date(half.clock.now().getTime() + 3_600_000);
    const made = await pair({ expiresAt });
    const { token, expiresInS } = await half.accounts.tokenForKey(made.apiKey, made.apiSecret);
    expect(expiresInS).toBe(3600);
    half.clock.advance(3600);
    await expect(authenticate(token)).rejects.toEqual(unauthenticated);
  });

  test('is not given for a wrong secret or another service’s key', async () => {
    const made = await pair();
    const other = await pair();
    await expect(exchange({ ...made, apiSecret: other.apiSecret })).rejects.toEqual(
      unauthenticated,
    );
    await expect(exchange({ apiKey: made.apiKey, apiSecret: '' })).rejects.toEqual(unauthenticated);
  });
});
