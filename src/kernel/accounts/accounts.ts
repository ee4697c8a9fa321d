/**
 * Organizations, their users and sessions. One JWT (HS256, 24 h) is good for every service's
 * Bearer endpoints; a changed password or a removed membership ends all of a user's tokens.
 */
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../db/index.ts';
import type { Db } from '../db/schema.ts';
import type { Keyring } from '../keyring.ts';
import type { Keys } from '../keys/keys.ts';
import type { Limiter, Usage } from '../limits/limiter.ts';
import type { Principal, Role } from '../principal.ts';
import { createAttempts } from './attempts.ts';
import { createBootstrap } from './bootstrap.ts';
import { createMembers } from './members.ts';
import { createOrganizations } from './organizations.ts';
import { createPasswords } from './passwords.ts';
import type { Plan } from './plan.ts';
import { createSessions } from './sessions.ts';
import { createSigningKeys } from './signing-keys.ts';

export interface Organization {
  id: string;
  name: string;
  /** IANA zone. */
  timeZone: string;
  plan: Plan;
  createdAt: Date;
}

export interface User {
  id: string;
  email: string;
  role: Role;
  createdAt: Date;
}

export interface NewUser {
  email: string;
  password: string;
  role: Role;
}

export interface Session {
  token: string;
  expiresInS: number;
  /** How often a password may still be tried, where one was. */
  usage?: Usage;
}

/**
 * Functions that take an organization's id and another one throw Fault `not_found` unless the other
 * one is that organization's.
 */
export interface Accounts {
  /** Makes the first organization and owner if there is none; the password if it had to be made. */
  bootstrap(given: {
    email?: string;
    password?: string;
  }): Promise<{ email: string; password?: string } | null>;

  plans(db: Db): Promise<Plan[]>;
  /** The oldest. Fault `not_found` before the first start. */
  firstOrganization(db: Db): Promise<Organization>;
  organization(db: Db, id: string): Promise<Organization>;
  createOrganization(
    tx: Db,
    given: { name: string; planId: string; owner: Omit<NewUser, 'role'> },
  ): Promise<{ id: string }>;
  /** Fault `invalid_request` for an empty name or an unknown time zone. */
  updateOrganization(
    tx: Db,
    id: string,
    change: { name?: string; timeZone?: string },
    actor: string,
  ): Promise<Organization>;
  /** Fault `invalid_request` for an unknown plan. */
  setPlan(tx: Db, id: string, planId: string, actor: string): Promise<void>;
  /** Where mail for the organization's people goes (forwarding): its first owner's address. */
  ownerEmail(db: Db, organizationId: string): Promise<string>;

  /** Owners first. */
  members(db: Db, organizationId: string): Promise<User[]>;
  member(db: Db, organizationId: string, userId: string): Promise<User>;
  /** Fault `conflict` where the address has an account already. */
  addMember(tx: Db, organizationId: string, user: NewUser, actor: string): Promise<User>;
  /** Fault `conflict` where no owner would be left. */
  changeRole(
    tx: Db,
    organizationId: string,
    userId: string,
    role: Role,
    actor: string,
  ): Promise<User>;
  /** Ends the account and all of its sessions. Fault `conflict` where no owner would be left. */
  removeMember(tx: Db, organizationId: string, userId: string, actor: string): Promise<void>;
  /**
   * Ends all sessions. Fault `invalid_request` where `current` is not the password, `rate_limited`
   * when tried too often.
   */
  changePassword(
    tx: Db,
    userId: string,
    passwords: { current: string; next: string },
  ): Promise<void>;
  /** For an operator: ends all sessions. Fault `not_found` for an unknown address. */
  resetPassword(tx: Db, email: string, password: string, actor: string): Promise<void>;

  /** Fault `unauthenticated` on a wrong pair (in constant work), `rate_limited` when tried too often. */
  login(email: string, password: string, remoteAddress: string): Promise<Session>;
  /** Track's `{api_key, api_secret}`: a token that carries the key's scopes and dies with it. */
  tokenForKey(apiKey: string, apiSecret: string): Promise<Session>;
  /** The caller behind a session token; Fault `unauthenticated`. */
  authenticate(token: string): Promise<Principal>;
}

export interface AccountsDeps {
  database: Database;
  keyring: Keyring;
  clock: Clock;
  limiter: Limiter;
  audit: Audit;
  keys: Keys;
}

export function createAccounts(deps: AccountsDeps): Accounts {
  const attempts = createAttempts(deps);
  const passwords = createPasswords();
  const signingKeys = createSigningKeys(deps);
  const { touch, ...sessions } = createSessions({ ...deps, attempts, passwords, signingKeys });
  const members = createMembers({ ...deps, attempts, passwords, touch });
  const organizations = createOrganizations({ ...deps, members, touch });
  const bootstrap = createBootstrap({ ...deps, organizations });
  return { ...organizations, ...members, ...sessions, bootstrap };
}
