/** Decisions in the database: written in batches, read by page, by window, and to be judged again. */
import { sql } from 'kysely';
import { rawQuery } from '../../../kernel/db/index.ts';
import type { Db } from '../../../kernel/db/schema.ts';
import type { Counters, GateReading } from '../judge/gates.ts';
import type { Decision, WeighedSignal } from '../judge/judge.ts';
import type { Observation } from '../judge/observation.ts';
import type { Overrides, Thresholds, Verdict } from '../judge/settings.ts';

/** Everything that a decision was made by. */
export interface DecisionRecord {
  seen: Omit<Observation, 'signals'>;
  signals: WeighedSignal[];
  gates: GateReading[];
  overrides: Overrides;
  counters: Counters | null;
  thresholds: Thresholds;
  ruleId: number | null;
  page: Decision['page'];
  would: Decision['would'];
}

export interface NewDecision {
  organizationId: string;
  at: Date;
  flowId: number | null;
  keyId: string | null;
  verdict: Verdict;
  score: number;
  reasons: readonly string[];
  ruleMatched: string | null;
  record: DecisionRecord;
}

export interface StoredDecision {
  id: number;
  at: Date;
  flow_id: number | null;
  ip: string;
  country: string | null;
  asn: number | null;
  org: string | null;
  device: string;
  verdict: Verdict;
  score: number;
  reasons: string[];
  rule_matched: string | null;
}

export async function insertDecisions(tx: Db, rows: readonly NewDecision[]): Promise<void> {
  const seen = rows.map(({ record }) => record.seen);
  await rawQuery(
    tx,
    `INSERT INTO gate.decisions (organization_id, at, flow_id, key_id, ip, country, asn, org, device,
       verdict, score, reasons, rule_matched, record)
     SELECT organization_id, at, flow_id, key_id, ip, country, asn, org, device, verdict, score,
       string_to_array(reasons, ','), rule_matched, record::json
     FROM unnest($1::text[], $2::timestamptz[], $3::bigint[], $4::text[], $5::inet[], $6::text[],
       $7::bigint[], $8::text[], $9::text[], $10::text[], $11::int[], $12::text[], $13::text[],
       string_to_array($14, E'\\x1e'))
       AS t (organization_id, at, flow_id, key_id, ip, country, asn, org, device, verdict, score,
         reasons, rule_matched, record)`,
    [
      rows.map((r) => r.organizationId),
      rows.map((r) => r.at),
      rows.map((r) => r.flowId),
      rows.map((r) => r.keyId),
      seen.map((s) => s.ip),
      seen.map((s) => s.country),
      seen.map((s) => s.asn),
      seen.map((s) => s.org),
      seen.map((s) => s.device),
      rows.map((r) => r.verdict),
      rows.map((r) => r.score),
      rows.map((r) => r.reasons.join(',')),
      rows.map((r) => r.ruleMatched),
      // JSON holds no control character; joined, records need no second escaping.
      rows.map((r) => JSON.stringify(r.record)).join('\x1e'),
    ],
  );
}

const COLUMNS = sql`id, at, flow_id, host(ip) AS ip, country, asn, org, device, verdict, score,
  reasons, rule_matched`;

export interface DecisionPage {
  limit: number;
  /** The id of the last decision seen. */
  before?: number;
  verdict?: Verdict;
  flowId?: number;
}

/** Newest first. */
export async function listDecisions(
  db: Db,
  organizationId: string,
  { limit, before, verdict, flowId }: DecisionPage,
): Promise<StoredDecision[]> {
  const { rows } = await sql<StoredDecision>`SELECT ${COLUMNS} FROM gate.decisions
    WHERE organization_id = ${organizationId}
      ${before === undefined ? sql`` : sql`AND id < ${before}`}
      ${verdict === undefined ? sql`` : sql`AND verdict = ${verdict}`}
      ${flowId === undefined ? sql`` : sql`AND flow_id = ${flowId}`}
    ORDER BY id DESC LIMIT ${limit}`.execute(db);
  return rows;
}

export async function findDecision(
  db: Db,
  organizationId: string,
  id: number,
): Promise<(StoredDecision & { record: DecisionRecord }) | null> {
  const { rows } = await sql<StoredDecision & { record: DecisionRecord }>`
    SELECT ${COLUMNS}, record FROM gate.decisions
    WHERE organization_id = ${organizationId} AND id = ${id}`.execute(db);
  return rows[0] ?? null;
}

/** How often each value of something occurs among a flow's decisions since a moment. */
export interface Tally {
  what: 'verdict' | 'country' | 'device' | 'reason';
  value: string;
  decisions: number;
}

export async function tallyDecisions(db: Db, flowId: number, since: Date): Promise<Tally[]> {
  const { rows } = await sql<Tally>`
    WITH d AS (
      SELECT verdict, country, device, reasons FROM gate.decisions
      WHERE flow_id = ${flowId} AND at >= ${since}
    )
    SELECT 'verdict' AS what, verdict AS value, count(*) AS decisions FROM d GROUP BY verdict
    UNION ALL SELECT 'country', country, count(*) FROM d WHERE country IS NOT NULL GROUP BY country
    UNION ALL SELECT 'device', device, count(*) FROM d GROUP BY device
    UNION ALL SELECT 'reason', reason, count(*) FROM d, unnest(reasons) AS reason GROUP BY reason
    ORDER BY 3 DESC, 2`.execute(db);
  return rows;
}

export interface TimelineRow {
  /** The start of the hour or day, as text in the flow's zone. */
  d: string;
  verdict: Verdict;
  decisions: number;
}

export async function timelineOf(
  db: Db,
  flowId: number,
  since: Date,
  { unit, timeZone }: { unit: 'hour' | 'day'; timeZone: string },
): Promise<TimelineRow[]> {
  const format = unit === 'hour' ? 'YYYY-MM-DD HH24:00:00' : 'YYYY-MM-DD';
  const { rows } = await sql<TimelineRow>`
    SELECT to_char(at AT TIME ZONE ${timeZone}::text, ${format}::text) AS d, verdict,
      count(*) AS decisions
    FROM gate.decisions WHERE flow_id = ${flowId} AND at >= ${since}
    GROUP BY 1, 2 ORDER BY 1, 2`.execute(db);
  return rows;
}

export interface Replayable {
  id: number;
  at: Date;
  verdict: Verdict;
  reasons: string[];
  record: DecisionRecord;
}

/** The latest decisions of a flow since a moment, oldest first. */
export async function listReplayable(
  db: Db,
  flowId: number,
  since: Date,
  limit: number,
): Promise<Replayable[]> {
  const { rows } = await sql<Replayable>`
    SELECT id, at, verdict, reasons, record FROM gate.decisions
    WHERE flow_id = ${flowId} AND at >= ${since} ORDER BY id DESC LIMIT ${limit}`.execute(db);
  return rows.reverse();
}
