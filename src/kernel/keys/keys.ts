/**
 * API keys of the four services. A key is shown once; the database holds an HMAC to find it by,
 * under the installation's key, and its last four characters. Gate's are also kept sealed, because
 * the generated integration files must carry them.
 */
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../db/index.ts';
import type { Db } from '../db/schema.ts';
import type { Keyring } from '../keyring.ts';
import type { Principal, ServiceName } from '../principal.ts';
import { createKeyAuthentication } from './authentication.ts';
import { createKeyManagement } from './management.ts';

export { SCOPES } from './scopes.ts';

export interface KeyRow {
  id: string;
  /** Gate's API shows numbers for ids: unique per installation. */
  number: number;
  organizationId: string;
  service: ServiceName;
  label: string;
  scopes: string[];
  /** The first four characters behind the prefix, for lists such as `ck_live_8f2a...c91`. */
  firstFour: string;
  lastFour: string;
  /** Neither revoked nor expired. */
  isActive: boolean;
  expiresAt: Date | null;
  /** To the minute. */
  lastUsedAt: Date | null;
  createdAt: Date;
}

export interface NewKey {
  organizationId: string;
  service: ServiceName;
  label: string;
  /** Default: all of the service's. */
  scopes?: string[];
  expiresAt?: Date;
}

/** A token made from a key pair names the secret that it was made from, and dies with it. */
export interface KeyGrant {
  secretId: string;
  /** When the key or this secret of it ends, where it does. */
  endsAt: Date | null;
}

export interface Keys {
  /**
   * The bare key is in the answer and nowhere else; Track's is `KEY:SECRET`. Fault `invalid_request`
   * for a label, scope or expiry that cannot be.
   */
  create(tx: Db, key: NewKey, actor: string): Promise<{ row: KeyRow; secret: string }>;
  /** A new secret for the same key; the old one holds for `overlapS` more seconds. */
  rotate(
    tx: Db,
    organizationId: string,
    id: string,
    overlapS: number,
    actor: string,
  ): Promise<{ row: KeyRow; secret: string }>;
  /** Holds at once on every node. Fault `not_found` for another organization's. */
  revoke(tx: Db, organizationId: string, id: string, actor: string): Promise<void>;
  /** Oldest first, the revoked ones too. */
  list(db: Db, organizationId: string, service?: ServiceName): Promise<KeyRow[]>;
  /** Gate only: the key itself, for a generated file. */
  reveal(db: Db, organizationId: string, id: string): Promise<string>;
  /** Of these key ids, those that are active now: for hot paths that confirm in their own commit. */
  activeAmong(tx: Db, ids: readonly string[]): Promise<Set<string>>;
  /** The caller behind a presented key; Fault `unauthenticated`. Cached, invalidated on revocation. */
  authenticate(service: ServiceName, presented: string): Promise<Principal>;
  /** What a token made from the presented key must know; Fault `unauthenticated`. */
  grant(service: ServiceName, presented: string): Promise<KeyGrant>;
  /** The caller behind a token made from that secret; Fault `unauthenticated` once it has ended. */
  authenticateGrant(secretId: string): Promise<Principal>;
  /** In a transaction that changes the organization: nothing remembered of it holds here any more. */
  doubt(organizationId: string): void;
}

export interface KeysDeps {
  database: Database;
  keyring: Keyring;
  clock: Clock;
  audit: Audit;
}

export function createKeys(deps: KeysDeps): Keys {
  const authentication = createKeyAuthentication(deps);
  return { ...createKeyManagement({ ...deps, doubt: authentication.doubt }), ...authentication };
}
