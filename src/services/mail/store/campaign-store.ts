/** Campaigns in the database. */
import { sql } from 'kysely';
import type { Db } from '../../../kernel/db/schema.ts';

export interface CampaignRow {
  id: string;
  name: string;
  isDefault: boolean;
  aliasCount: number;
  createdAt: Date;
}

export interface Page {
  limit: number;
  offset: number;
  /** Only what was there by then (ISO 8601), so that arrivals do not move the pages. */
  asOf?: string;
}

/** Of a table's `created_at`: the page's moment. */
export function byThen(createdAt: string, { asOf }: Page) {
  return asOf === undefined ? sql`true` : sql`${sql.ref(createdAt)} <= ${asOf}::timestamptz`;
}

const COLUMNS = sql`c.id, c.name, c.is_default AS "isDefault", c.created_at AS "createdAt",
  (SELECT count(*) FROM mail.aliases a
    WHERE a.campaign_id = c.id AND a.deleted_at IS NULL AND NOT a.is_role) AS "aliasCount"
  FROM mail.campaigns c`;

/** The default campaign's id; made where there is none yet. */
export async function ensureDefaultCampaign(
  db: Db,
  organizationId: string,
  fresh: { id: string; createdAt: Date },
): Promise<string> {
  const find = () =>
    sql<{ id: string }>`SELECT id FROM mail.campaigns
    WHERE organization_id = ${organizationId} AND is_default`.execute(db);
  const found = (await find()).rows[0];
  if (found) return found.id;
  await sql`INSERT INTO mail.campaigns (id, organization_id, name, is_default, created_at)
    VALUES (${fresh.id}, ${organizationId}, 'Default', true, ${fresh.createdAt})
    ON CONFLICT DO NOTHING`.execute(db);
  return (await find()).rows[0]?.id ?? fresh.id;
}

export async function insertCampaign(
  tx: Db,
  row: { id: string; organizationId: string; name: string; createdAt: Date },
): Promise<void> {
  const { id, organizationId, name, createdAt } = row;
  await sql`INSERT INTO mail.campaigns (id, organization_id, name, created_at)
    VALUES (${id}, ${organizationId}, ${name}, ${createdAt})`.execute(tx);
}

export async function listCampaigns(
  db: Db,
  organizationId: string,
  page: Page,
): Promise<{ rows: CampaignRow[]; total: number }> {
  const where = sql`WHERE c.organization_id = ${organizationId} AND ${byThen('c.created_at', page)}`;
  const { rows } = await sql<CampaignRow>`SELECT ${COLUMNS}
    ${where} ORDER BY c.created_at DESC, c.id DESC LIMIT ${page.limit} OFFSET ${page.offset}`.execute(
    db,
  );
  const counted = await sql<{ total: number }>`SELECT count(*) AS total FROM mail.campaigns c
    ${where}`.execute(db);
  return { rows, total: counted.rows[0]?.total ?? 0 };
}

export async function findCampaign(
  db: Db,
  organizationId: string,
  id: string,
): Promise<CampaignRow | undefined> {
  const { rows } = await sql<CampaignRow>`SELECT ${COLUMNS}
    WHERE c.organization_id = ${organizationId} AND c.id = ${id}`.execute(db);
  return rows[0];
}

export async function renameCampaign(tx: Db, id: string, name: string): Promise<void> {
  await sql`UPDATE mail.campaigns SET name = ${name} WHERE id = ${id}`.execute(tx);
}

/** Its aliases, deleted ones too, go to another campaign first. */
export async function deleteCampaign(tx: Db, id: string, moveTo: string): Promise<void> {
  await sql`UPDATE mail.aliases SET campaign_id = ${moveTo} WHERE campaign_id = ${id}`.execute(tx);
  await sql`DELETE FROM mail.campaigns WHERE id = ${id}`.execute(tx);
}
