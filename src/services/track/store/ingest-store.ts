/** What shipping writes: clicks, visitors' marks and the cursor, all by one transaction. */
import { sql } from 'kysely';
import { rawQuery } from '../../../kernel/db/index.ts';
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
  campaignIds: readonly number[],
  visitors: readonly string[],
): Promise<Map<string, VisitorMark>> {
  const { rows } = await rawQuery<VisitorMark>(
    tx,
    `SELECT v.campaign_id AS "campaignId", v.visitor,
       (extract(epoch FROM v.unique_at) * 1000)::float8 AS "uniqueAtMs",
       (extract(epoch FROM v.minute_at) * 1000)::float8 AS "minuteAtMs",
       v.minute_clicks AS "minuteClicks",
       (extract(epoch FROM v.expires_at) * 1000)::float8 AS "expiresAtMs"
     FROM track.visitors v
     JOIN unnest($1::int[], $2::text[]) AS wanted (campaign_id, visitor)
       ON wanted.campaign_id = v.campaign_id AND wanted.visitor = v.visitor`,
    [campaignIds, visitors],
  );
  return new Map(rows.map((mark) => [markKey(mark.campaignId, mark.visitor), mark]));
}

export async function writeMarks(tx: Db, marks: readonly VisitorMark[]): Promise<void> {
  if (marks.length === 0) return;
  await rawQuery(
    tx,
    `INSERT INTO track.visitors AS v
       (campaign_id, visitor, unique_at, minute_at, minute_clicks, expires_at)
     SELECT campaign_id, visitor, to_timestamp(unique_at / 1000), to_timestamp(minute_at / 1000),
       minute_clicks, to_timestamp(expires_at / 1000)
     FROM unnest($1::int[], $2::text[], $3::float8[], $4::float8[], $5::int[], $6::float8[])
       AS m (campaign_id, visitor, unique_at, minute_at, minute_clicks, expires_at)
     ON CONFLICT (campaign_id, visitor) DO UPDATE SET unique_at = excluded.unique_at,
       minute_at = excluded.minute_at, minute_clicks = excluded.minute_clicks,
       expires_at = excluded.expires_at`,
    [
      marks.map((mark) => mark.campaignId),
      marks.map((mark) => mark.visitor),
      marks.map((mark) => mark.uniqueAtMs),
      marks.map((mark) => mark.minuteAtMs),
      marks.map((mark) => mark.minuteClicks),
      marks.map((mark) => mark.expiresAtMs),
    ],
  );
}

const COLUMNS: [name: string, type: string, of: (judged: JudgedClick) => unknown][] = [
  ['id', 'text', ({ click }) => click.id],
  ['organization_id', 'text', ({ click }) => click.organizationId],
  ['campaign_id', 'int', ({ click }) => click.campaignId],
  ['created_at', 'float8', ({ click }) => click.atMs],
  ['is_counted', 'bool', ({ click }) => click.isCounted],
  ['ip', 'text', ({ click }) => click.ip],
  ['visitor', 'text', ({ click }) => click.visitor],
  ['network', 'text', ({ click }) => click.network],
  ['country', 'text', ({ click }) => click.country],
  ['city', 'text', ({ click }) => click.city],
  ['asn', 'int8', ({ click }) => click.asn],
  ['device', 'text', ({ click }) => click.device],
  ['os', 'text', ({ click }) => click.os],
  ['browser', 'text', ({ click }) => click.browser],
  ['is_bot', 'bool', ({ click }) => click.isBot],
  ['is_vpn', 'bool', ({ click }) => click.isVpn],
  ['is_datacenter', 'bool', ({ click }) => click.isDatacenter],
  ['is_diverted', 'bool', ({ click }) => click.isDiverted],
  ['is_unique', 'bool', ({ isUnique }) => isUnique],
  ['fraud_at_click', 'text', ({ fraud }) => fraud],
  ['fraud', 'text', ({ fraud }) => fraud],
  ['cost', 'numeric', ({ click }) => click.cost],
  ['has_own_cost', 'bool', ({ click }) => click.hasOwnCost],
  ['traffic_source_id', 'int', ({ click }) => click.trafficSourceId],
  ['external_id', 'text', ({ click }) => click.externalId],
  ['subs', 'jsonb', ({ click }) => (click.params ? JSON.stringify(click.params) : '{}')],
];

const names = COLUMNS.map(([name]) => name).join(', ');
const values = COLUMNS.map(([name]) =>
  name === 'created_at' ? 'to_timestamp(created_at / 1000)' : name,
).join(', ');
const arrays = COLUMNS.map(([, type], index) => `$${index + 1}::${type}[]`).join(', ');
const INSERT = `INSERT INTO track.clicks (${names}) SELECT ${values}
  FROM unnest(${arrays}) AS c (${names}) ON CONFLICT (id) DO NOTHING RETURNING id`;

/** Inserts clicks; gives back the ids of those that were not there yet. */
export async function insertClicks(tx: Db, judged: readonly JudgedClick[]): Promise<string[]> {
  const { rows } = await rawQuery<{ id: string }>(
    tx,
    INSERT,
    COLUMNS.map(([, , of]) => judged.map(of)),
  );
  return rows.map(({ id }) => id);
}

/** Forgets marks that say nothing any more. */
export async function sweepMarks(db: Db, now: Date): Promise<number> {
  const { numAffectedRows } = await sql`DELETE FROM track.visitors
    WHERE expires_at < ${now}`.execute(db);
  return Number(numAffectedRows ?? 0);
}
