/** What shipping writes: clicks, visitors' marks and the cursor, all by one transaction. */
import { sql } from 'kysely';
import type { Db } from '../../../kernel/db/schema.ts';
import { type JudgedClick, markKey, type VisitorMark } from '../ingest/visits.ts';

/** Any number, the same in every node: who judges visitors does so alone. */
const SHIPPING_LOCK = 7_265_170_020;

export interface Cursor {
  segment: number;
  position: number;
}

/** Waits for whoever else writes or judges clicks, on any node, and keeps them out until the end. */
export async function lockShipping(tx: Db): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(${SHIPPING_LOCK})`.execute(tx);
}

export async function readCursor(db: Db, journalId: string): Promise<Cursor | null> {
  const { rows } = await sql<Cursor>`SELECT segment, position FROM track.journals
    WHERE id = ${journalId}`.execute(db);
  return rows[0] ?? null;
}

export async function moveCursor(tx: Db, journalId: string, to: Cursor, at: Date): Promise<void> {
  await sql`INSERT INTO track.journals (id, segment, position, shipped_at)
    VALUES (${journalId}, ${to.segment}, ${to.position}, ${at})
    ON CONFLICT (id) DO UPDATE SET segment = excluded.segment, position = excluded.position,
      shipped_at = excluded.shipped_at`.execute(tx);
}

/** The marks of these visitors, by `markKey`. */
export async function readMarks(
  tx: Db,
  wanted: readonly { campaignId: number; visitor: string }[],
): Promise<Map<string, VisitorMark>> {
  const { rows } = await sql<VisitorMark>`
    SELECT v.campaign_id AS "campaignId", v.visitor,
      (extract(epoch FROM v.unique_at) * 1000)::float8 AS "uniqueAtMs",
      (extract(epoch FROM v.minute_at) * 1000)::float8 AS "minuteAtMs",
      v.minute_clicks AS "minuteClicks",
      (extract(epoch FROM v.expires_at) * 1000)::float8 AS "expiresAtMs"
    FROM track.visitors v
    JOIN json_to_recordset(${JSON.stringify(wanted)}::json) AS w ("campaignId" int, visitor text)
      ON w."campaignId" = v.campaign_id AND w.visitor = v.visitor`.execute(tx);
  return new Map(rows.map((mark) => [markKey(mark.campaignId, mark.visitor), mark]));
}

export async function writeMarks(tx: Db, marks: readonly VisitorMark[]): Promise<void> {
  if (marks.length === 0) return;
  await sql`
    INSERT INTO track.visitors AS v
      (campaign_id, visitor, unique_at, minute_at, minute_clicks, expires_at)
    SELECT "campaignId", visitor, to_timestamp("uniqueAtMs" / 1000),
      to_timestamp("minuteAtMs" / 1000), "minuteClicks", to_timestamp("expiresAtMs" / 1000)
    FROM json_to_recordset(${JSON.stringify(marks)}::json) AS m ("campaignId" int, visitor text,
      "uniqueAtMs" float8, "minuteAtMs" float8, "minuteClicks" int, "expiresAtMs" float8)
    ON CONFLICT (campaign_id, visitor) DO UPDATE SET unique_at = excluded.unique_at,
      minute_at = excluded.minute_at, minute_clicks = excluded.minute_clicks,
      expires_at = excluded.expires_at`.execute(tx);
}

/**
 * Inserts clicks; gives back the ids of those that were not there yet. The rows travel as one JSON
 * text: PostgreSQL takes it apart in a process of its own, where the arrays of `unnest` would be put
 * together, escaped value by value, by the one that answers visitors (20 µs a click against 2).
 */
export async function insertClicks(tx: Db, judged: readonly JudgedClick[]): Promise<string[]> {
  const rows = judged.map(({ click, isUnique, fraud }) => ({ ...click, isUnique, fraud }));
  const { rows: inserted } = await sql<{ id: string }>`
    INSERT INTO track.clicks (id, organization_id, campaign_id, created_at, is_counted, ip, visitor,
      network, country, city, asn, device, os, browser, is_bot, is_vpn, is_datacenter, is_diverted,
      is_unique, fraud_at_click, fraud, cost, has_own_cost, traffic_source_id, external_id, subs)
    SELECT id, "organizationId", "campaignId", to_timestamp("atMs" / 1000), "isCounted", ip, visitor,
      network, country, city, asn, device, os, browser, "isBot", "isVpn", "isDatacenter",
      "isDiverted", "isUnique", fraud, fraud, cost, "hasOwnCost", "trafficSourceId", "externalId",
      coalesce(params, '{}')
    FROM json_to_recordset(${JSON.stringify(rows)}::json) AS c (id text, "organizationId" text,
      "campaignId" int, "atMs" float8, "isCounted" bool, ip text, visitor text, network text,
      country text, city text, asn int8, device text, os text, browser text, "isBot" bool,
      "isVpn" bool, "isDatacenter" bool, "isDiverted" bool, "isUnique" bool, fraud text,
      cost numeric, "hasOwnCost" bool, "trafficSourceId" int, "externalId" text, params jsonb)
    ON CONFLICT (id) DO NOTHING RETURNING id`.execute(tx);
  return inserted.map(({ id }) => id);
}

/** Forgets marks that say nothing any more. */
export async function sweepMarks(db: Db, now: Date): Promise<number> {
  const { numAffectedRows } = await sql`DELETE FROM track.visitors
    WHERE expires_at < ${now}`.execute(db);
  return Number(numAffectedRows ?? 0);
}
