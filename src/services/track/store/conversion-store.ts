/** The SQL of conversions. */
import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../../kernel/db/schema.ts';

export type ConversionStatus = 'approved' | 'pending' | 'rejected';

export interface ConversionRow {
  id: number;
  clickId: string;
  campaignId: number;
  /** '' where none was given. */
  transactionId: string;
  payout: string;
  currency: string;
  status: ConversionStatus;
  isLate: boolean;
  createdAt: Date;
}

/** What a conversion has to know of its click and campaign. */
export interface ConvertedClick {
  id: string;
  organizationId: string;
  campaignId: number;
  createdAt: Date;
  hasOwnCost: boolean;
  costModel: string | null;
  costValue: string | null;
  currency: string;
  attributionWindowDays: number;
  postbackToken: string | null;
}

const CONVERSIONS = sql`SELECT id, click_id AS "clickId", campaign_id AS "campaignId",
  transaction_id AS "transactionId", payout::text AS payout, currency, status,
  is_late AS "isLate", created_at AS "createdAt" FROM track.conversions`;

/**
 * The click with its campaign, deleted ones included. Holds the click until the transaction ends, so
 * that of many postbacks at once each finds what the one before it left.
 */
export async function lockClick(tx: Db, id: string): Promise<ConvertedClick | null> {
  const { rows } = await sql<ConvertedClick>`
    SELECT c.id, c.organization_id AS "organizationId", c.campaign_id AS "campaignId",
      c.created_at AS "createdAt", c.has_own_cost AS "hasOwnCost",
      k.cost_model AS "costModel", k.cost_value::text AS "costValue",
      k.cost_currency AS currency, k.attribution_window_days AS "attributionWindowDays",
      k.postback_token AS "postbackToken"
    FROM track.clicks c JOIN track.campaigns k ON k.id = c.campaign_id
    WHERE c.id = ${id} FOR UPDATE OF c`.execute(tx);
  return rows[0] ?? null;
}

export async function clickExists(db: Db, id: string): Promise<boolean> {
  const { rows } = await sql`SELECT 1 FROM track.clicks WHERE id = ${id}`.execute(db);
  return rows.length > 0;
}

export async function findByTransaction(
  tx: Db,
  clickId: string,
  transactionId: string,
): Promise<ConversionRow | null> {
  const { rows } = await sql<ConversionRow>`${CONVERSIONS}
    WHERE click_id = ${clickId} AND transaction_id = ${transactionId}`.execute(tx);
  return rows[0] ?? null;
}

export interface NewConversion {
  transactionId: string;
  payout: string;
  status: ConversionStatus;
  isLate: boolean;
}

export async function insertConversion(
  tx: Db,
  click: ConvertedClick,
  { transactionId, payout, status, isLate }: NewConversion,
  now: Date,
): Promise<ConversionRow> {
  const { rows } = await sql<{ id: number }>`
    INSERT INTO track.conversions (organization_id, campaign_id, click_id, transaction_id, payout,
      currency, status, is_late, cost, created_at, updated_at)
    VALUES (${click.organizationId}, ${click.campaignId}, ${click.id}, ${transactionId},
      ${payout}::numeric, ${click.currency}, ${status}, ${isLate}, ${costOf(click, payout)},
      ${now}, ${now}) RETURNING id`.execute(tx);
  return readConversion(tx, (rows[0] as { id: number }).id);
}

export async function updateConversion(
  tx: Db,
  click: ConvertedClick,
  id: number,
  { payout, status }: { payout: string; status: ConversionStatus },
  now: Date,
): Promise<ConversionRow> {
  await sql`UPDATE track.conversions SET payout = ${payout}::numeric, status = ${status},
    cost = ${costOf(click, payout)}, updated_at = ${now} WHERE id = ${id}`.execute(tx);
  return readConversion(tx, id);
}

export interface ConversionFilter {
  organizationId: string;
  campaignId?: number | undefined;
  clickId?: string | undefined;
  status?: ConversionStatus | undefined;
  /** Days of the zone, both included. */
  from?: string | undefined;
  to?: string | undefined;
  timeZone: string;
}

/** Newest first; behind the conversion `after`, or from `offset` on. */
export async function listConversions(
  db: Db,
  filter: ConversionFilter,
  { limit, offset = 0, after }: { limit: number; offset?: number; after?: number | undefined },
): Promise<ConversionRow[]> {
  const behind = after === undefined ? sql`` : sql` AND id < ${after}::bigint`;
  const { rows } = await sql<ConversionRow>`${CONVERSIONS} WHERE ${conditions(filter)}${behind}
    ORDER BY id DESC LIMIT ${limit} OFFSET ${offset}`.execute(db);
  return rows;
}

export async function countMatchingConversions(db: Db, filter: ConversionFilter): Promise<number> {
  const { rows } = await sql<{ total: number }>`SELECT count(*) AS total
    FROM track.conversions WHERE ${conditions(filter)}`.execute(db);
  return rows[0]?.total ?? 0;
}

async function readConversion(tx: Db, id: number): Promise<ConversionRow> {
  const { rows } = await sql<ConversionRow>`${CONVERSIONS} WHERE id = ${id}`.execute(tx);
  return rows[0] as ConversionRow;
}

/** What an approved conversion costs by the campaign's model; nothing where the click had its own. */
function costOf({ hasOwnCost, costModel, costValue }: ConvertedClick, payout: string) {
  if (hasOwnCost || costValue === null) return sql`0`;
  if (costModel === 'cpa') return sql`${costValue}::numeric`;
  if (costModel === 'revshare') return sql`${payout}::numeric * ${costValue}::numeric / 100`;
  return sql`0`;
}

function conditions(filter: ConversionFilter): RawBuilder<unknown> {
  const { timeZone } = filter;
  const all = [sql`organization_id = ${filter.organizationId}`];
  if (filter.campaignId !== undefined) all.push(sql`campaign_id = ${filter.campaignId}::bigint`);
  if (filter.clickId !== undefined) all.push(sql`click_id = ${filter.clickId}`);
  if (filter.status !== undefined) all.push(sql`status = ${filter.status}`);
  if (filter.from !== undefined) {
    all.push(sql`created_at >= ${filter.from}::date::timestamp AT TIME ZONE ${timeZone}`);
  }
  if (filter.to !== undefined) {
    all.push(sql`created_at < (${filter.to}::date + 1)::timestamp AT TIME ZONE ${timeZone}`);
  }
  return sql.join(all, sql` AND `);
}
