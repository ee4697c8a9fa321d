/** The SQL of endpoints and secrets. */
import { sql } from 'kysely';
import type { Db } from '../db/schema.ts';
import { ALL_TYPES } from './event-types.ts';
import type { WebhookEndpoint } from './webhooks.ts';

interface EndpointRow {
  id: string;
  url: string;
  description: string;
  types: string[];
  is_active: boolean;
  disabled_reason: WebhookEndpoint['disabledReason'];
  failing_since: Date | null;
  created_at: Date;
  updated_at: Date;
}

const COLUMNS = sql`id, url, description, types, is_active, disabled_reason, failing_since,
  created_at, updated_at`;

function toEndpoint(row: EndpointRow): WebhookEndpoint {
  const { id, url, description, types } = row;
  return {
    ...{ id, url, description, types },
    isActive: row.is_active,
    disabledReason: row.disabled_reason,
    failingSince: row.failing_since,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export async function insertEndpoint(
  tx: Db,
  organizationId: string,
  endpoint: Pick<WebhookEndpoint, 'id' | 'url' | 'description' | 'types' | 'createdAt'>,
): Promise<WebhookEndpoint> {
  const { id, url, description, types, createdAt } = endpoint;
  const { rows } = await sql<EndpointRow>`
    INSERT INTO core.webhook_endpoints
      (id, organization_id, url, description, types, created_at, updated_at)
    VALUES (${id}, ${organizationId}, ${url}, ${description}, ${types}, ${createdAt}, ${createdAt})
    RETURNING ${COLUMNS}`.execute(tx);
  return toEndpoint(rows[0] as EndpointRow);
}

export async function listEndpoints(db: Db, organizationId: string): Promise<WebhookEndpoint[]> {
  const { rows } = await sql<EndpointRow>`
    SELECT ${COLUMNS} FROM core.webhook_endpoints
    WHERE organization_id = ${organizationId} ORDER BY created_at, id`.execute(db);
  return rows.map(toEndpoint);
}

export async function findEndpoint(
  db: Db,
  organizationId: string,
  id: string,
  { lock = false } = {},
): Promise<WebhookEndpoint | null> {
  const { rows } = await sql<EndpointRow>`
    SELECT ${COLUMNS} FROM core.webhook_endpoints
    WHERE organization_id = ${organizationId} AND id = ${id}
    ${lock ? sql`FOR UPDATE` : sql``}`.execute(db);
  return rows[0] ? toEndpoint(rows[0]) : null;
}

export async function saveEndpoint(
  tx: Db,
  organizationId: string,
  endpoint: WebhookEndpoint,
): Promise<WebhookEndpoint | null> {
  const { id, url, description, types, isActive, disabledReason, failingSince } = endpoint;
  const { rows } = await sql<EndpointRow>`
    UPDATE core.webhook_endpoints SET url = ${url}, description = ${description}, types = ${types},
      is_active = ${isActive}, disabled_reason = ${disabledReason},
      failing_since = ${failingSince}, updated_at = ${endpoint.updatedAt}
    WHERE organization_id = ${organizationId} AND id = ${id}
    RETURNING ${COLUMNS}`.execute(tx);
  return rows[0] ? toEndpoint(rows[0]) : null;
}

export async function deleteEndpoint(tx: Db, organizationId: string, id: string): Promise<boolean> {
  const { rows } = await sql`
    DELETE FROM core.webhook_endpoints
    WHERE organization_id = ${organizationId} AND id = ${id} RETURNING id`.execute(tx);
  return rows.length === 1;
}

/** The active endpoints of these organizations with what they ask for. */
export async function endpointsWanting(
  tx: Db,
  organizationIds: readonly string[],
  types: readonly string[],
): Promise<{ id: string; organizationId: string; types: string[] }[]> {
  const { rows } = await sql<{ id: string; organization_id: string; types: string[] }>`
    SELECT id, organization_id, types FROM core.webhook_endpoints
    WHERE organization_id = ANY(${organizationIds as string[]}) AND is_active
      AND types && ${[...types, ALL_TYPES]}
    ORDER BY created_at, id`.execute(tx);
  return rows.map((row) => ({ ...row, organizationId: row.organization_id }));
}

/** A success: whatever failed before is forgotten. */
export async function noteSuccess(tx: Db, endpointId: string): Promise<void> {
  await sql`
    UPDATE core.webhook_endpoints SET failing_since = NULL
    WHERE id = ${endpointId} AND failing_since IS NOT NULL`.execute(tx);
}

/** A failure; answers since when there has been nothing else. */
export async function noteFailure(tx: Db, endpointId: string, now: Date): Promise<Date | null> {
  const { rows } = await sql<{ failing_since: Date }>`
    UPDATE core.webhook_endpoints SET failing_since = COALESCE(failing_since, ${now})
    WHERE id = ${endpointId} RETURNING failing_since`.execute(tx);
  return rows[0]?.failing_since ?? null;
}

/** Switches an endpoint off; false where it was off already. */
export async function disableEndpoint(
  tx: Db,
  endpointId: string,
  reason: 'gone' | 'failing',
  now: Date,
): Promise<boolean> {
  const { rows } = await sql`
    UPDATE core.webhook_endpoints
    SET is_active = false, disabled_reason = ${reason}, updated_at = ${now}
    WHERE id = ${endpointId} AND is_active RETURNING id`.execute(tx);
  return rows.length === 1;
}

export async function insertSecret(
  tx: Db,
  secret: {
    id: string;
    organizationId: string;
    endpointId: string | null;
    sealed: Buffer;
    createdAt: Date;
  },
): Promise<void> {
  const { id, organizationId, endpointId, sealed, createdAt } = secret;
  // Two that make the first secret at once: the other's is as good.
  await sql`
    INSERT INTO core.webhook_secrets (id, organization_id, endpoint_id, sealed, created_at)
    VALUES (${id}, ${organizationId}, ${endpointId}, ${sealed}, ${createdAt})
    ON CONFLICT DO NOTHING`.execute(tx);
}

/** The secrets that hold now, the current one first. */
export async function readSecrets(
  db: Db,
  organizationId: string,
  endpointId: string | null,
  now: Date,
): Promise<{ id: string; sealed: Buffer; retiresAt: Date | null }[]> {
  const { rows } = await sql<{ id: string; sealed: Buffer; retires_at: Date | null }>`
    SELECT id, sealed, retires_at FROM core.webhook_secrets
    WHERE organization_id = ${organizationId} AND endpoint_id IS NOT DISTINCT FROM ${endpointId}
      AND (retires_at IS NULL OR retires_at > ${now})
    ORDER BY retires_at DESC NULLS FIRST`.execute(db);
  return rows.map(({ id, sealed, retires_at }) => ({ id, sealed, retiresAt: retires_at }));
}

export async function retireSecret(
  tx: Db,
  organizationId: string,
  endpointId: string | null,
  retiresAt: Date,
): Promise<void> {
  await sql`
    UPDATE core.webhook_secrets SET retires_at = ${retiresAt}
    WHERE organization_id = ${organizationId} AND endpoint_id IS NOT DISTINCT FROM ${endpointId}
      AND retires_at IS NULL`.execute(tx);
}
