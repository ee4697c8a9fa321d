/**
 * API keys of the four services. A key is shown once; the database holds an HMAC to find it by,
 * under the installation's key, and its last four characters. Gate's are also kept sealed, because
 * the generated integration files must carry them.
 */
import type { Db } from '../db/schema.ts';
import type { Principal, ServiceName } from '../principal.ts';

export interface KeyRow {
  id: string;
  /** Gate's API shows numbers for ids: unique per installation. */
  number: number;
  organizationId: string;
  service: ServiceName;
  label: string;
  scopes: string[];
  lastFour: string;
  isActive: boolean;
  expiresAt: Date | null;
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

export interface Keys {
  /** The bare key is in the answer and nowhere else; Track's is `KEY:SECRET`. */
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
  list(db: Db, organizationId: string, service?: ServiceName): Promise<KeyRow[]>;
  /** Gate only: the key itself, for a generated file. */
  reveal(db: Db, organizationId: string, id: string): Promise<string>;
  /** Of these key ids, those that are active now: for hot paths that confirm in their own commit. */
  activeAmong(tx: Db, ids: readonly string[]): Promise<Set<string>>;
  /** The caller behind a presented key; Fault `unauthenticated`. Cached, invalidated on revocation. */
  authenticate(service: ServiceName, presented: string): Promise<Principal>;
}

/** Every scope that a key of the service can have. */
export const SCOPES: Record<ServiceName, readonly string[]> = {
  mail: [
    'aliases:read',
    'aliases:write',
    'campaigns:read',
    'campaigns:write',
    'emails:read',
    'emails:send',
    'analytics:read',
    'domains:read',
    'domains:write',
    'suppressions:read',
    'suppressions:write',
  ],
  track: [
    'campaigns:read',
    'campaigns:write',
    'traffic-sources:read',
    'traffic-sources:write',
    'clicks:read',
    'conversions:read',
    'conversions:write',
    'stats:read',
    'fraud:read',
    'fraud:write',
  ],
  gate: [
    'check',
    'keys:read',
    'keys:write',
    'flows:read',
    'flows:write',
    'rules:read',
    'rules:write',
    'stats:read',
  ],
  redact: [
    'documents:scan',
    'documents:redact',
    'jobs:read',
    'jobs:write',
    'usage:read',
    'documents:restore',
  ],
};
