/**
 * Session tokens: JWTs (RFC 7519) signed with HS256 that name a user, or a key pair's secret, and
 * nothing that could go stale. What the caller may do is looked up as it is now.
 */
import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import type { Db } from '../db/schema.ts';
import { Fault } from '../fault.ts';
import type { Principal } from '../principal.ts';
import type { Accounts, AccountsDeps } from './accounts.ts';
import type { Attempts } from './attempts.ts';
import { createFreshCache, publishChange } from './fresh-cache.ts';
import type { Passwords } from './passwords.ts';
import type { SigningKeys } from './signing-keys.ts';
import * as store from './store.ts';

interface SessionsDeps extends AccountsDeps {
  attempts: Attempts;
  passwords: Passwords;
  signingKeys: SigningKeys;
}

type Sessions = Pick<Accounts, 'login' | 'tokenForKey' | 'authenticate'> & {
  /** In the transaction that changes a user or an organization: ends what is remembered of it. */
  touch(tx: Db, tag: string): Promise<void>;
};

interface Known {
  principal: Principal;
  tokenVersion: number;
}

const ISSUER = 'cloakroom';
const TOKEN_S = 24 * 3600;

export function createSessions(deps: SessionsDeps): Sessions {
  const { database, clock, keys, attempts, passwords, signingKeys } = deps;
  const cache = createFreshCache<Known>(database, clock);

  const sign = async (payload: JWTPayload, untilMs = Number.POSITIVE_INFINITY) => {
    const { id, key } = await signingKeys.current();
    const nowS = Math.floor(clock.now().getTime() / 1000);
    const expiresInS = Math.min(TOKEN_S, Math.floor(untilMs / 1000) - nowS);
    const token = await new SignJWT(payload)
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid: id })
      .setIssuer(ISSUER)
      .setIssuedAt(nowS)
      .setExpirationTime(nowS + expiresInS)
      .sign(key);
    return { token, expiresInS };
  };

  return {
    async login(email, password, remoteAddress) {
      const account = email.trim().toLowerCase();
      const usage = await attempts.count({ account, address: remoteAddress });
      const found = await store.credentialsByEmail(database.db, account);
      const isRight = await passwords.matches(password, found?.passwordHash ?? null);
      if (!found || !isRight) {
        const message = 'The email address or the password is wrong.';
        throw new Fault('unauthenticated', message, { usage });
      }
      return { ...(await sign({ sub: found.user.id, ver: found.tokenVersion })), usage };
    },

    async tokenForKey(apiKey, apiSecret) {
      const { secretId, endsAt } = await keys.grant('track', `${apiKey}:${apiSecret}`);
      return sign({ sub: secretId }, endsAt?.getTime());
    },

    async authenticate(token) {
      const { sub = '', ver } = await verify(token, deps);
      if (ver === undefined) return keys.authenticateGrant(sub);
      const known = await cache.get(sub, () => load(sub, database.db));
      if (known?.tokenVersion !== ver) throw ended();
      return known.principal;
    },

    async touch(tx, tag) {
      cache.doubt(tag);
      keys.doubt(tag);
      await publishChange(database, tx, tag);
    },
  };
}

/** The claims of a token that this installation signed and that has not expired. */
async function verify(
  token: string,
  { signingKeys, clock }: SessionsDeps,
): Promise<JWTPayload & { ver?: number }> {
  const keyId = keyIdOf(token);
  const key = keyId === null ? null : await signingKeys.byId(keyId);
  if (!key) throw ended();
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: ['HS256'],
      issuer: ISSUER,
      requiredClaims: ['sub', 'exp'],
      currentDate: clock.now(),
    });
    return payload;
  } catch (cause) {
    if (cause instanceof errors.JOSEError) throw ended();
    throw cause;
  }
}

function keyIdOf(token: string): string | null {
  try {
    const { kid, alg } = decodeProtectedHeader(token);
    return alg === 'HS256' && kid && /^jwk_\w{1,40}$/.test(kid) ? kid : null;
  } catch {
    return null;
  }
}

async function load(userId: string, db: Db) {
  const found = await store.credentialsById(db, userId);
  if (!found) return null;
  const { user, organizationId, tokenVersion } = found;
  const organization = await store.findOrganization(db, organizationId);
  if (!organization) return null;
  const principal: Principal = {
    ...{ kind: 'user', userId, role: user.role, scopes: new Set<string>() },
    organizationId,
    organizationName: organization.name,
    timeZone: organization.timeZone,
    plan: organization.plan,
  };
  return { value: { principal, tokenVersion }, tags: [userId, organizationId] };
}

function ended(): Fault {
  return new Fault('unauthenticated', 'This session has ended or never was. Sign in again.');
}
