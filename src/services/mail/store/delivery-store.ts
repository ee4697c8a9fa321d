/** The outgoing queue: recipients of messages, claimed by whoever tries them. */
import { sql } from 'kysely';
import type { Db } from '../../../kernel/db/schema.ts';
import type { MessageKind, MessageStatus } from './message-store.ts';

export interface NewRecipient {
  messageId: string;
  position: number;
  address: Buffer;
  addressMac: Buffer;
  domain: string;
  nextAttemptAt: Date;
}

export interface DueRecipient {
  position: number;
  address: Buffer;
  addressMac: Buffer;
  domain: string;
  attempts: number;
}

export interface Outgoing {
  id: string;
  organizationId: string;
  aliasId: string;
  aliasEmail: string;
  kind: MessageKind;
  isBulk: boolean;
  head: Buffer;
  raw: Buffer | null;
  /** Of a forward: the message that came in. */
  answersId: string | null;
  createdAt: Date;
}

export async function insertRecipients(tx: Db, rows: readonly NewRecipient[]): Promise<void> {
  for (const row of rows) {
    await sql`INSERT INTO mail.recipients
        (message_id, position, address, address_mac, domain, status, next_attempt_at)
      VALUES (${row.messageId}, ${row.position}, ${row.address}, ${row.addressMac}, ${row.domain},
        'queued', ${row.nextAttemptAt})`.execute(tx);
  }
}

export async function findOutgoing(db: Db, id: string): Promise<Outgoing | undefined> {
  const { rows } = await sql<Outgoing>`SELECT m.id, m.organization_id AS "organizationId",
      m.alias_id AS "aliasId", a.email AS "aliasEmail", m.kind, m.is_bulk AS "isBulk", m.head, m.raw,
      m.answers_id AS "answersId", m.created_at AS "createdAt"
    FROM mail.messages m JOIN mail.aliases a ON a.id = m.alias_id WHERE m.id = ${id}`.execute(db);
  return rows[0];
}

/**
 * Takes one recipient whose time has come; nobody else tries it until `until`. The claim is committed
 * before anything is sent, so two workers never send the same.
 */
export async function claimNext(
  db: Db,
  messageId: string,
  now: Date,
  until: Date,
): Promise<DueRecipient | undefined> {
  const { rows } = await sql<DueRecipient>`UPDATE mail.recipients
    SET claimed_until = ${until}, attempts = attempts + 1
    WHERE (message_id, position) = (
      SELECT message_id, position FROM mail.recipients
      WHERE message_id = ${messageId} AND status = 'queued' AND next_attempt_at <= ${now}
        AND (claimed_until IS NULL OR claimed_until <= ${now})
      ORDER BY position LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING position, address, address_mac AS "addressMac", domain, attempts`.execute(db);
  return rows[0];
}

/** Whoever holds a recipient goes on holding it until then. */
export async function extendClaim(
  db: Db,
  messageId: string,
  position: number,
  until: Date,
): Promise<void> {
  await sql`UPDATE mail.recipients SET claimed_until = ${until}
    WHERE message_id = ${messageId} AND position = ${position} AND status = 'queued'`.execute(db);
}

export type Outcome =
  | { status: 'sent'; at: Date }
  | { status: 'bounced'; at: Date; error: string; bounceKind: 'hard' | 'soft' }
  | { status: 'failed'; error: string }
  | { status: 'queued'; error: string; nextAttemptAt: Date };

/** What a try came to. A recipient that is no longer queued stays as it is. */
export async function recordOutcome(
  tx: Db,
  messageId: string,
  position: number,
  outcome: Outcome,
): Promise<boolean> {
  const at = 'at' in outcome ? outcome.at : null;
  const isBounce = outcome.status === 'bounced';
  const { numAffectedRows } = await sql`UPDATE mail.recipients SET status = ${outcome.status},
      claimed_until = NULL,
      error = ${'error' in outcome ? outcome.error : null},
      sent_at = COALESCE(sent_at, ${outcome.status === 'sent' ? at : null}),
      bounced_at = ${isBounce ? at : null},
      bounce_kind = ${isBounce ? outcome.bounceKind : null},
      next_attempt_at = ${outcome.status === 'queued' ? outcome.nextAttemptAt : sql`next_attempt_at`}
    WHERE message_id = ${messageId} AND position = ${position} AND status = 'queued'`.execute(tx);
  return numAffectedRows === 1n;
}

/** A bounce that came back later. False where it is known already. */
export async function recordBounce(
  tx: Db,
  messageId: string,
  position: number,
  bounce: { at: Date; error: string; kind: 'hard' | 'soft' },
): Promise<{ address: Buffer; addressMac: Buffer } | undefined> {
  const { rows } = await sql<{ address: Buffer; addressMac: Buffer }>`UPDATE mail.recipients
    SET status = 'bounced', bounced_at = ${bounce.at}, bounce_kind = ${bounce.kind}, error = ${bounce.error}
    WHERE message_id = ${messageId} AND position = ${position} AND status IN ('queued', 'sent')
    RETURNING address, address_mac AS "addressMac"`.execute(tx);
  return rows[0];
}

export async function recordComplaint(
  tx: Db,
  messageId: string,
  position: number,
  at: Date,
): Promise<{ address: Buffer; addressMac: Buffer } | undefined> {
  const { rows } = await sql<{ address: Buffer; addressMac: Buffer }>`UPDATE mail.recipients
    SET complained_at = ${at}
    WHERE message_id = ${messageId} AND position = ${position} AND complained_at IS NULL
    RETURNING address, address_mac AS "addressMac"`.execute(tx);
  return rows[0];
}

export async function findRecipient(
  db: Db,
  messageId: string,
  position: number,
): Promise<{ address: Buffer; addressMac: Buffer } | undefined> {
  const { rows } = await sql<{ address: Buffer; addressMac: Buffer }>`
    SELECT address, address_mac AS "addressMac" FROM mail.recipients
    WHERE message_id = ${messageId} AND position = ${position}`.execute(db);
  return rows[0];
}

export interface Settled {
  status: MessageStatus;
  error: string | null;
  sentAt: Date | null;
  nextAttemptAt: Date | null;
}

/**
 * The message's state from its recipients': queued while one is, else sent if one was taken, else
 * failed (refused by the next hop) or bounced. Its content goes once nobody waits for it; that of a
 * forward that nobody took is nowhere else, and stays.
 */
export async function settleMessage(tx: Db, id: string): Promise<Settled> {
  const { rows } = await sql<Settled>`
    WITH state AS (
      SELECT CASE
          WHEN bool_or(status = 'queued') THEN 'queued'
          WHEN bool_or(status = 'sent') THEN 'sent'
          WHEN bool_or(sent_at IS NOT NULL) THEN 'bounced'
          ELSE 'failed' END AS status,
        max(error) AS error, min(sent_at) AS sent_at,
        min(GREATEST(next_attempt_at, claimed_until)) FILTER (WHERE status = 'queued')
          AS next_attempt_at
      FROM mail.recipients WHERE message_id = ${id})
    UPDATE mail.messages m SET status = s.status, error = s.error, sent_at = s.sent_at,
      raw = CASE WHEN s.status = 'queued' OR (m.kind = 'forward' AND s.status <> 'sent')
        THEN m.raw END
    FROM state s WHERE m.id = ${id}
    RETURNING m.status, m.error, m.sent_at AS "sentAt", s.next_attempt_at AS "nextAttemptAt"`.execute(
    tx,
  );
  const [row] = rows;
  if (!row) throw new Error(`message ${id} has gone`);
  return row;
}

/** Messages with a recipient whose time has come and that nobody holds: a net below the jobs. */
export async function listOverdue(db: Db, before: Date): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`SELECT DISTINCT message_id AS id FROM mail.recipients
    WHERE status = 'queued' AND next_attempt_at < ${before}
      AND (claimed_until IS NULL OR claimed_until < ${before}) LIMIT 1000`.execute(db);
  return rows.map(({ id }) => id);
}
