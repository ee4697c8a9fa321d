/** Aliases in the database, with what was sent, answered and bounced. */
import { sql } from 'kysely';
import type { Db } from '../../../kernel/db/schema.ts';
import type { HealthStatus, Received } from '../reputation/health.ts';
import { byThen, type Page } from './campaign-store.ts';

export interface AliasRow {
  id: string;
  organizationId: string;
  email: string;
  isActive: boolean;
  healthStatus: HealthStatus;
  campaignId: string;
  campaignName: string;
  createdAt: Date;
  deletedAt: Date | null;
  /** An address that every domain has, such as postmaster@. On no list, and nobody's to change. */
  isRole: boolean;
  /** When somebody said to go on with it, since it turned risky. */
  lookedAt: Date | null;
}

export interface AliasStats {
  emailsSent: number;
  repliesReceived: number;
  bounces: number;
}

export interface AliasFilter {
  id?: string;
  campaignId?: string;
  isActive?: boolean;
}

const COLUMNS = sql`a.id, a.organization_id AS "organizationId", a.email, a.is_active AS "isActive",
  a.health_status AS "healthStatus", a.campaign_id AS "campaignId", c.name AS "campaignName",
  a.created_at AS "createdAt", a.deleted_at AS "deletedAt", a.is_role AS "isRole",
  a.looked_at AS "lookedAt"`;
const FROM = sql`FROM mail.aliases a JOIN mail.campaigns c ON c.id = a.campaign_id`;
/** What went out and reached a mail server's decision: handed on, refused for good, or come back. */
const SENT = sql`FROM mail.messages m JOIN mail.recipients r ON r.message_id = m.id
  WHERE m.alias_id = a.id AND m.kind IN ('send', 'answer')`;

/** False where the address was ever given to anybody. */
export async function insertAlias(
  tx: Db,
  row: { id: string; organizationId: string; campaignId: string; email: string; createdAt: Date },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    INSERT INTO mail.aliases (id, organization_id, campaign_id, email, created_at)
    VALUES (${row.id}, ${row.organizationId}, ${row.campaignId}, ${row.email}, ${row.createdAt})
    ON CONFLICT (email) WHERE NOT is_role DO NOTHING`.execute(tx);
  return numAffectedRows === 1n;
}

export async function listAliases(
  db: Db,
  organizationId: string,
  { id, campaignId, isActive }: AliasFilter,
  page: Page,
): Promise<{ rows: (AliasRow & AliasStats)[]; total: number }> {
  const where = sql`WHERE a.organization_id = ${organizationId} AND a.deleted_at IS NULL
    AND NOT a.is_role AND ${byThen('a.created_at', page)}
    AND (${id ?? null}::text IS NULL OR a.id = ${id ?? null})
    AND (${campaignId ?? null}::text IS NULL OR a.campaign_id = ${campaignId ?? null})
    AND (${isActive ?? null}::boolean IS NULL OR a.is_active = ${isActive ?? null})`;
  const { rows } = await sql<AliasRow & AliasStats>`SELECT ${COLUMNS},
      (SELECT count(*) ${SENT} AND r.status IN ('sent', 'bounced')) AS "emailsSent",
      (SELECT count(*) ${SENT} AND r.status = 'bounced') AS bounces,
      (SELECT count(*) FROM mail.messages m WHERE m.alias_id = a.id AND m.kind = 'mail'
        AND m.answers_id IS NOT NULL) AS "repliesReceived"
    ${FROM} ${where} ORDER BY a.created_at DESC, a.id DESC LIMIT ${page.limit} OFFSET ${page.offset}`.execute(
    db,
  );
  const counted = await sql<{ total: number }>`SELECT count(*) AS total ${FROM} ${where}`.execute(
    db,
  );
  return { rows, total: counted.rows[0]?.total ?? 0 };
}

/** Deleted ones are not found. */
export async function findAlias(
  db: Db,
  organizationId: string,
  id: string,
): Promise<AliasRow | undefined> {
  const { rows } = await sql<AliasRow>`SELECT ${COLUMNS} ${FROM}
    WHERE a.organization_id = ${organizationId} AND a.id = ${id} AND a.deleted_at IS NULL
      AND NOT a.is_role`.execute(db);
  return rows[0];
}

/** The organization's role address; made where there is none yet. */
export async function ensureRoleAlias(
  tx: Db,
  row: { id: string; organizationId: string; campaignId: string; email: string; createdAt: Date },
): Promise<AliasRow> {
  await sql`
    INSERT INTO mail.aliases (id, organization_id, campaign_id, email, created_at, is_role)
    VALUES (${row.id}, ${row.organizationId}, ${row.campaignId}, ${row.email}, ${row.createdAt}, true)
    ON CONFLICT (organization_id, email) WHERE is_role DO NOTHING`.execute(tx);
  const { rows } = await sql<AliasRow>`SELECT ${COLUMNS} ${FROM}
    WHERE a.organization_id = ${row.organizationId} AND a.email = ${row.email} AND a.is_role`.execute(
    tx,
  );
  const [found] = rows;
  if (!found) throw new Error(`the role address ${row.id} has gone`);
  return found;
}

/** Whoever's it is, deleted or not; but on a domain that another has proven since, nobody's. */
export async function findAliasByEmail(db: Db, email: string): Promise<AliasRow | undefined> {
  const { rows } = await sql<AliasRow>`SELECT ${COLUMNS} ${FROM} WHERE a.email = ${email}
    AND NOT a.is_role AND NOT EXISTS (SELECT FROM mail.domains d WHERE d.name = split_part(a.email, '@', 2)
      AND d.verified_at IS NOT NULL AND d.organization_id <> a.organization_id)`.execute(db);
  return rows[0];
}

export async function findAliasById(db: Db, id: string): Promise<AliasRow | undefined> {
  const { rows } = await sql<AliasRow>`SELECT ${COLUMNS} ${FROM} WHERE a.id = ${id}`.execute(db);
  return rows[0];
}

export async function updateAlias(
  tx: Db,
  id: string,
  change: { isActive?: boolean; campaignId?: string; lookedAt?: Date },
): Promise<void> {
  await sql`UPDATE mail.aliases SET is_active = COALESCE(${change.isActive ?? null}, is_active),
    looked_at = COALESCE(${change.lookedAt ?? null}, looked_at),
    campaign_id = COALESCE(${change.campaignId ?? null}, campaign_id) WHERE id = ${id}`.execute(tx);
}

export async function deleteAlias(tx: Db, id: string, at: Date): Promise<void> {
  await sql`UPDATE mail.aliases SET deleted_at = ${at}, is_active = false WHERE id = ${id}`.execute(
    tx,
  );
}

/** Locks the organization's count, so that many creations at once do not pass the plan's limit. */
export async function countAliases(tx: Db, organizationId: string): Promise<number> {
  await sql`SELECT pg_advisory_xact_lock(hashtext(${`mail.aliases:${organizationId}`}))`.execute(
    tx,
  );
  const { rows } = await sql<{ count: number }>`SELECT count(*) FROM mail.aliases
    WHERE organization_id = ${organizationId} AND deleted_at IS NULL AND NOT is_role`.execute(tx);
  return rows[0]?.count ?? 0;
}

/** What counts for the health of an alias. */
export async function readReceived(db: Db, aliasId: string, since: Date): Promise<Received> {
  const { rows } = await sql<Received>`SELECT
      count(*) FILTER (WHERE r.status IN ('sent', 'bounced')) AS sent,
      count(*) FILTER (WHERE r.status = 'bounced') AS bounced,
      count(*) FILTER (WHERE r.complained_at IS NOT NULL) AS complained
    FROM mail.messages m JOIN mail.recipients r ON r.message_id = m.id
    WHERE m.alias_id = ${aliasId} AND m.kind IN ('send', 'answer') AND m.created_at >= ${since}`.execute(
    db,
  );
  return rows[0] ?? { sent: 0, bounced: 0, complained: 0 };
}

/** Whether it was another before. */
export async function setHealth(tx: Db, aliasId: string, status: HealthStatus): Promise<boolean> {
  const { numAffectedRows } = await sql`UPDATE mail.aliases SET health_status = ${status},
      looked_at = CASE WHEN ${status} <> 'risky' THEN looked_at END
    WHERE id = ${aliasId} AND health_status <> ${status}`.execute(tx);
  return numAffectedRows === 1n;
}

/** Aliases whose health may have changed by the passing of days. */
export async function listUnhealthy(db: Db): Promise<AliasRow[]> {
  const { rows } = await sql<AliasRow>`SELECT ${COLUMNS} ${FROM}
    WHERE a.health_status <> 'healthy' AND a.deleted_at IS NULL`.execute(db);
  return rows;
}
