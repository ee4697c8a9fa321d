/**
 * What is counted in the transaction that records decisions: visits of flows and of addresses, and
 * decisions by day. Rows are written in the order of their keys, so that nodes never wait for each
 * other in a circle.
 */
import { sql } from 'kysely';
import { rawQuery } from '../../../kernel/db/index.ts';
import type { Db } from '../../../kernel/db/schema.ts';

export interface FlowVisits {
  flowId: number;
  day: string;
  visits: number;
}

/** Adds visits, one row a flow; answers the counts that result. */
export async function addFlowVisits(
  tx: Db,
  rows: readonly FlowVisits[],
): Promise<Map<number, { total: number; today: number }>> {
  const sorted = [...rows].sort((a, b) => a.flowId - b.flowId);
  // A node whose clock is a little behind counts into the day that has begun already.
  const result = await rawQuery<{ flow_id: number; total: number; today: number }>(
    tx,
    `INSERT INTO gate.flow_visits AS v (flow_id, day, total, today)
     SELECT flow_id, day, visits, visits
     FROM unnest($1::bigint[], $2::date[], $3::bigint[]) AS t (flow_id, day, visits)
     ON CONFLICT (flow_id) DO UPDATE SET
       total = v.total + excluded.total,
       today = CASE WHEN v.day >= excluded.day THEN v.today ELSE 0 END + excluded.today,
       day = greatest(v.day, excluded.day)
     RETURNING flow_id, total, today`,
    [sorted.map((r) => r.flowId), sorted.map((r) => r.day), sorted.map((r) => r.visits)],
  );
  return new Map(result.rows.map(({ flow_id, total, today }) => [flow_id, { total, today }]));
}

export interface AddressVisits {
  flowId: number;
  day: string;
  address: string;
  visits: number;
}

/** Adds visits of addresses; answers the counts by `addressKey`. */
export async function addAddressVisits(
  tx: Db,
  rows: readonly AddressVisits[],
): Promise<Map<string, number>> {
  const sorted = [...rows].sort((a, b) => (addressKey(a) < addressKey(b) ? -1 : 1));
  const result = await rawQuery<{ place: number; visits: number }>(
    tx,
    `WITH given AS (
       SELECT * FROM unnest($1::bigint[], $2::date[], $3::inet[], $4::int[]) WITH ORDINALITY
         AS t (flow_id, day, address, visits, place)
     ), counted AS (
       INSERT INTO gate.address_days AS a (flow_id, day, address, visits)
       SELECT flow_id, day, address, visits FROM given ORDER BY place
       ON CONFLICT (flow_id, day, address) DO UPDATE SET visits = a.visits + excluded.visits
       RETURNING flow_id, day, address, visits
     )
     SELECT g.place, c.visits FROM counted c JOIN given g USING (flow_id, day, address)`,
    [
      sorted.map((r) => r.flowId),
      sorted.map((r) => r.day),
      sorted.map((r) => r.address),
      sorted.map((r) => r.visits),
    ],
  );
  const counts = new Map<string, number>();
  for (const { place, visits } of result.rows) {
    const row = sorted[place - 1];
    if (row) counts.set(addressKey(row), visits);
  }
  return counts;
}

export function addressKey({ flowId, day, address }: Omit<AddressVisits, 'visits'>): string {
  return `${flowId} ${day} ${address}`;
}

export interface DayCount {
  organizationId: string;
  day: string;
  verdict: string;
  /** Empty: not known. */
  country: string;
  decisions: number;
}

export async function addDayCounts(tx: Db, rows: readonly DayCount[]): Promise<void> {
  const keyOf = (r: DayCount) => `${r.organizationId} ${r.day} ${r.verdict} ${r.country}`;
  const sorted = [...rows].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  await rawQuery(
    tx,
    `INSERT INTO gate.day_counts AS c (organization_id, day, verdict, country, decisions)
     SELECT * FROM unnest($1::text[], $2::date[], $3::text[], $4::text[], $5::bigint[])
     ON CONFLICT (organization_id, day, verdict, country)
     DO UPDATE SET decisions = c.decisions + excluded.decisions`,
    [
      sorted.map((r) => r.organizationId),
      sorted.map((r) => r.day),
      sorted.map((r) => r.verdict),
      sorted.map((r) => r.country),
      sorted.map((r) => r.decisions),
    ],
  );
}

export async function countAll(db: Db, organizationId: string): Promise<number> {
  const { rows } = await sql<{ total: number | null }>`
    SELECT sum(decisions)::bigint AS total FROM gate.day_counts
    WHERE organization_id = ${organizationId}`.execute(db);
  return rows[0]?.total ?? 0;
}

/** Counts from `firstDay` on. */
export async function readDayCounts(
  db: Db,
  organizationId: string,
  firstDay: string,
): Promise<DayCount[]> {
  const { rows } = await sql<DayCount>`
    SELECT organization_id AS "organizationId", day, verdict, country, decisions
    FROM gate.day_counts WHERE organization_id = ${organizationId} AND day >= ${firstDay}
    ORDER BY day`.execute(db);
  return rows;
}

/** Forgets what no cap can ask for any more; says how many rows. */
export async function deleteAddressDaysBefore(db: Db, day: string): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM gate.address_days WHERE day < ${day}`.execute(db);
  return Number(numAffectedRows ?? 0);
}
