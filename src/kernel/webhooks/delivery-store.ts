/** The SQL of deliveries and their attempts. */
import { sql } from 'kysely';
import type { Db } from '../db/schema.ts';
import type { Attempt } from './sender.ts';
import type { DeliveryQuery, WebhookAttempt, WebhookDelivery } from './webhooks.ts';

export interface NewDelivery {
  id: string;
  organizationId: string;
  endpointId: string | null;
  /** Only where there is no endpoint. */
  url: string | null;
  type: string;
  payload: Buffer;
  createdAt: Date;
}

/** A delivery whose turn it is, with where it goes now. */
export interface DueDelivery {
  id: string;
  organizationId: string;
  endpointId: string | null;
  url: string;
  payload: Buffer;
  endpointIsActive: boolean;
}

export interface Turn {
  id: string;
  round: number;
  /** Tries made in this round before this one. */
  tries: number;
}

export async function insertDeliveries(tx: Db, deliveries: NewDelivery[]): Promise<void> {
  const column = <K extends keyof NewDelivery>(name: K) => deliveries.map((row) => row[name]);
  await sql`
    INSERT INTO core.webhook_deliveries
      (id, organization_id, endpoint_id, url, type, payload, created_at, next_attempt_at)
    SELECT id, organization_id, endpoint_id, url, type, payload, created_at, created_at
    FROM unnest(${column('id')}::text[], ${column('organizationId')}::text[],
      ${column('endpointId')}::text[], ${column('url')}::text[], ${column('type')}::text[],
      ${column('payload')}::bytea[], ${column('createdAt')}::timestamptz[])
      AS given (id, organization_id, endpoint_id, url, type, payload, created_at)`.execute(tx);
}

/** The delivery if this turn is still its next one. */
export async function readDue(db: Db, turn: Turn): Promise<DueDelivery | null> {
  const { rows } = await sql<DueDelivery>`
    SELECT d.id, d.organization_id AS "organizationId", d.endpoint_id AS "endpointId",
      COALESCE(e.url, d.url) AS url, d.payload,
      COALESCE(e.is_active, true) AS "endpointIsActive"
    FROM core.webhook_deliveries d LEFT JOIN core.webhook_endpoints e ON e.id = d.endpoint_id
    WHERE d.id = ${turn.id} AND d.status = 'pending'
      AND d.round = ${turn.round} AND d.tries = ${turn.tries}`.execute(db);
  return rows[0] ?? null;
}

/** Writes an attempt down and moves the delivery on; false where the turn was taken meanwhile. */
export async function recordAttempt(
  tx: Db,
  turn: Turn,
  attempt: Attempt,
  outcome: { status: WebhookDelivery['status']; at: Date; nextAttemptAt: Date | null },
): Promise<boolean> {
  const finishedAt = outcome.status === 'pending' ? null : outcome.at;
  const { rows } = await sql`
    WITH moved AS (
      UPDATE core.webhook_deliveries SET status = ${outcome.status}, tries = tries + 1,
        next_attempt_at = ${outcome.nextAttemptAt}, finished_at = ${finishedAt}
      WHERE id = ${turn.id} AND status = 'pending'
        AND round = ${turn.round} AND tries = ${turn.tries}
      RETURNING id
    )
    INSERT INTO core.webhook_attempts
      (delivery_id, number, at, duration_ms, status, error, response)
    SELECT id, (SELECT count(*) + 1 FROM core.webhook_attempts a WHERE a.delivery_id = moved.id),
      ${outcome.at}::timestamptz, ${attempt.durationMs}::integer, ${attempt.status}::integer,
      ${attempt.error}::text, ${attempt.response}::text
    FROM moved RETURNING delivery_id`.execute(tx);
  return rows.length === 1;
}

/** Ends a delivery without an attempt: its endpoint was switched off. */
export async function giveUp(tx: Db, turn: Turn, now: Date): Promise<void> {
  await sql`
    UPDATE core.webhook_deliveries
    SET status = 'failed', next_attempt_at = NULL, finished_at = ${now}
    WHERE id = ${turn.id} AND status = 'pending' AND round = ${turn.round}`.execute(tx);
}

/** Begins a new round; null where the delivery is unknown, false while it is pending. */
export async function beginRound(
  tx: Db,
  organizationId: string,
  id: string,
  now: Date,
): Promise<Turn | false | null> {
  const { rows } = await sql<{ status: string; round: number }>`
    SELECT status, round FROM core.webhook_deliveries
    WHERE organization_id = ${organizationId} AND id = ${id} FOR UPDATE`.execute(tx);
  const [row] = rows;
  if (!row) return null;
  if (row.status === 'pending') return false;
  const round = row.round + 1;
  await sql`
    UPDATE core.webhook_deliveries SET status = 'pending', round = ${round}, tries = 0,
      next_attempt_at = ${now}, finished_at = NULL
    WHERE id = ${id}`.execute(tx);
  return { id, round, tries: 0 };
}

export async function listDeliveries(
  db: Db,
  organizationId: string,
  query: DeliveryQuery & { id?: string },
): Promise<WebhookDelivery[]> {
  const { limit, before, endpointId, status, id } = query;
  const { rows } = await sql<Omit<WebhookDelivery, 'attempts'>>`
    SELECT d.id, d.endpoint_id AS "endpointId", COALESCE(e.url, d.url) AS url, d.type, d.status,
      d.next_attempt_at AS "nextAttemptAt", d.created_at AS "createdAt",
      d.finished_at AS "finishedAt"
    FROM core.webhook_deliveries d LEFT JOIN core.webhook_endpoints e ON e.id = d.endpoint_id
    WHERE d.organization_id = ${organizationId}
      ${before === undefined ? sql`` : sql`AND d.id < ${before}`}
      ${endpointId === undefined ? sql`` : sql`AND d.endpoint_id = ${endpointId}`}
      ${status === undefined ? sql`` : sql`AND d.status = ${status}`}
      ${id === undefined ? sql`` : sql`AND d.id = ${id}`}
    ORDER BY d.id DESC LIMIT ${limit}`.execute(db);
  const attempts = await attemptsOf(
    db,
    rows.map((row) => row.id),
  );
  return rows.map((row) => ({ ...row, attempts: attempts.get(row.id) ?? [] }));
}

async function attemptsOf(db: Db, ids: string[]): Promise<Map<string, WebhookAttempt[]>> {
  const { rows } = await sql<WebhookAttempt & { deliveryId: string }>`
    SELECT delivery_id AS "deliveryId", number, at, duration_ms AS "durationMs", status, error,
      response
    FROM core.webhook_attempts WHERE delivery_id = ANY(${ids}) ORDER BY number`.execute(db);
  const attempts = new Map<string, WebhookAttempt[]>();
  for (const { deliveryId, ...attempt } of rows) {
    const list = attempts.get(deliveryId) ?? [];
    attempts.set(deliveryId, [...list, attempt]);
  }
  return attempts;
}

export async function deleteFinished(db: Db, before: Date): Promise<number> {
  const result = await sql`
    DELETE FROM core.webhook_deliveries
    WHERE status <> 'pending' AND created_at < ${before} AND finished_at < ${before}`.execute(db);
  return Number(result.numAffectedRows ?? 0);
}
