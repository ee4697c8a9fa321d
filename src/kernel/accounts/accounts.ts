/**
 * Organizations, their users and sessions. One JWT (HS256, 24 h) is good for every service's
 * Bearer endpoints; a changed password or a removed membership ends all of a user's tokens.
 */
import type { Db } from '../db/schema.ts';
import type { Principal, Role } from '../principal.ts';
import type { Plan } from './plan.ts';

export interface Organization {
  id: string;
  name: string;
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

export interface Accounts {
  /** Makes the first organization and owner if there is none; the password if it had to be made. */
  bootstrap(given: {
    email?: string;
    password?: string;
  }): Promise<{ email: string; password?: string } | null>;
  firstOrganization(db: Db): Promise<Organization>;
  organization(db: Db, id: string): Promise<Organization>;
  /** Where mail for the organization's people goes (forwarding): its owner's address. */
  ownerEmail(db: Db, organizationId: string): Promise<string>;
  /** Fault `unauthenticated` on a wrong pair (in constant work), `rate_limited` when tried too often. */
  login(
    email: string,
    password: string,
    remoteAddress: string,
  ): Promise<{ token: string; expiresInS: number }>;
  /** Track's `{api_key, api_secret}`: a token that carries the key's scopes and dies with it. */
  tokenForKey(apiKey: string, apiSecret: string): Promise<{ token: string; expiresInS: number }>;
  /** The caller behind a session token; Fault `unauthenticated`. */
  authenticate(token: string): Promise<Principal>;
}
