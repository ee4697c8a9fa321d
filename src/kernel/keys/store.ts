/** The SQL of API keys and their secrets. */
import { sql } from 'kysely';
import type { Plan } from '../accounts/plan.ts';
import type { Db } from '../db/schema.ts';
import type { ServiceName } from '../principal.ts';
import type { KeyRow } from './keys.ts';

/** A key as authentication needs it, with the organization that it acts for. */
export interface PresentedKey {
  id: string;
  secretId: string;
  service: ServiceName;
  scopes: string[];
  isRevoked: boolean;
  expiresAt: Date | null;
  /** When this secret stops to hold after a rotation. */
  retiresAt: Date | null;
  lastUsedAt: Date | null;
  organizationId: string;
  organizationName: string;
  timeZone: string;
  plan: Plan;
}

export interface NewSecret {
  id: string;
  keyId: string;
  lookup: Buffer;
  firstFour: string;
  lastFour: string;
  sealed: Buffer | null;
  createdAt: Date;
}

/** A key that has expired is not active, whether or not anybody revoked it. */
const keyRow = (now: Date) => sql`
  SELECT k.id, k.number, k.organization_id AS "organizationId", k.service, k.label, k.scopes,
    s.first_four AS "firstFour", s.last_four AS "lastFour",
    k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > ${now}) AS "isActive",
    k.expires_at AS "expiresAt", k.last_used_at AS "lastUsedAt", k.created_at AS "createdAt"
  FROM core.api_keys k JOIN core.api_key_secrets s ON s.key_id = k.id AND s.retires_at IS NULL`;

const PRESENTED = sql`
  SELECT k.id, s.id AS "secretId", k.service, k.scopes, k.revoked_at IS NOT NULL AS "isRevoked",
    k.expires_at AS "expiresAt", s.retires_at AS "retiresAt", k.last_used_at AS "lastUsedAt",
    o.id AS "organizationId", o.name AS "organizationName", o.time_zone AS "timeZone",
    jsonb_build_object('id', p.id, 'name', p.name, 'limits', p.limits) AS plan
  FROM core.api_key_secrets s JOIN core.api_keys k ON k.id = s.key_id
    JOIN core.organizations o ON o.id = k.organization_id JOIN core.plans p ON p.id = o.plan_id`;

export async function insertKey(
  tx: Db,
  key: Pick<
    KeyRow,
    'id' | 'organizationId' | 'service' | 'label' | 'scopes' | 'expiresAt' | 'createdAt'
  >,
): Promise<void> {
  const { id, organizationId, service, label, scopes, expiresAt, createdAt } = key;
  await sql`
    INSERT INTO core.api_keys
      (id, organization_id, service, label, scopes, expires_at, created_at)
    VALUES (${id}, ${organizationId}, ${service}, ${label}, ${scopes}, ${expiresAt},
      ${createdAt})`.execute(tx);
}

export async function insertSecret(tx: Db, secret: NewSecret): Promise<void> {
  const { id, keyId, lookup, firstFour, lastFour, sealed, createdAt } = secret;
  await sql`
    INSERT INTO core.api_key_secrets
      (id, key_id, lookup, first_four, last_four, sealed, created_at)
    VALUES (${id}, ${keyId}, ${lookup}, ${firstFour}, ${lastFour}, ${sealed},
      ${createdAt})`.execute(tx);
}

/** The current secret ends at `retiresAt`; one that ends sooner keeps its end. */
export async function retireSecrets(tx: Db, keyId: string, retiresAt: Date): Promise<void> {
  await sql`
    UPDATE core.api_key_secrets SET retires_at = ${retiresAt}
    WHERE key_id = ${keyId} AND (retires_at IS NULL OR retires_at > ${retiresAt})`.execute(tx);
}

/** Oldest first. */
export async function listKeys(
  db: Db,
  organizationId: string,
  now: Date,
  service?: ServiceName,
): Promise<KeyRow[]> {
  const { rows } = await sql<KeyRow>`${keyRow(now)}
    WHERE k.organization_id = ${organizationId} AND k.service = COALESCE(${service ?? null}, k.service)
    ORDER BY k.number`.execute(db);
  return rows;
}

export async function findKey(
  db: Db,
  organizationId: string,
  id: string,
  now: Date,
): Promise<KeyRow | null> {
  const { rows } = await sql<KeyRow>`${keyRow(now)}
    WHERE k.organization_id = ${organizationId} AND k.id = ${id}`.execute(db);
  return rows[0] ?? null;
}

/** The key, locked until the transaction ends; false for another organization's. */
export async function lockKey(tx: Db, organizationId: string, id: string): Promise<boolean> {
  const { rows } = await sql`
    SELECT 1 FROM core.api_keys
    WHERE organization_id = ${organizationId} AND id = ${id} FOR UPDATE`.execute(tx);
  return rows.length === 1;
}

/** False where it was revoked before. */
export async function revokeKey(tx: Db, id: string, now: Date): Promise<boolean> {
  const { rows } = await sql`
    UPDATE core.api_keys SET revoked_at = ${now}
    WHERE id = ${id} AND revoked_at IS NULL RETURNING id`.execute(tx);
  return rows.length === 1;
}

export async function sealedSecret(
  db: Db,
  organizationId: string,
  id: string,
): Promise<Buffer | null> {
  const { rows } = await sql<{ sealed: Buffer | null }>`
    SELECT s.sealed FROM core.api_keys k
      JOIN core.api_key_secrets s ON s.key_id = k.id AND s.retires_at IS NULL
    WHERE k.organization_id = ${organizationId} AND k.id = ${id}`.execute(db);
  return rows[0]?.sealed ?? null;
}

export async function findByLookup(db: Db, lookup: Buffer): Promise<PresentedKey | null> {
  const { rows } = await sql<PresentedKey>`${PRESENTED} WHERE s.lookup = ${lookup}`.execute(db);
  return rows[0] ?? null;
}

export async function findBySecretId(db: Db, secretId: string): Promise<PresentedKey | null> {
  const { rows } = await sql<PresentedKey>`${PRESENTED} WHERE s.id = ${secretId}`.execute(db);
  return rows[0] ?? null;
}

export async function activeAmong(tx: Db, ids: readonly string[], now: Date): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    SELECT id FROM core.api_keys
    WHERE id = ANY(${ids as string[]}) AND revoked_at IS NULL
      AND (expires_at IS NULL OR expires_at > ${now})`.execute(tx);
  return rows.map(({ id }) => id);
}

export async function noteUse(db: Db, id: string, now: Date): Promise<void> {
  await sql`
    UPDATE core.api_keys SET last_used_at = GREATEST(last_used_at, ${now}) WHERE id = ${id}`.execute(
    db,
  );
}
