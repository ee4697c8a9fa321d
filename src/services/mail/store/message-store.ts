/** Messages in the database: what the log shows. */
import { sql } from 'kysely';
import type { Db } from '../../../kernel/db/schema.ts';
import { byThen, type Page } from './campaign-store.ts';

export type Direction = 'INBOUND' | 'OUTBOUND';
export type MessageKind = 'send' | 'answer' | 'forward' | 'mail' | 'auto_reply';
export type MessageStatus = 'queued' | 'sent' | 'failed' | 'bounced' | 'received';

export interface NewMessage {
  id: string;
  organizationId: string;
  aliasId: string;
  direction: Direction;
  kind: MessageKind;
  status: MessageStatus;
  isBulk?: boolean;
  head: Buffer;
  raw: Buffer | null;
  messageIdMac: Buffer | null;
  correspondentMac: Buffer | null;
  /** What an arrival answers; of a forward, the arrival. */
  answersId?: string | null;
  /** Of the owner's mail that this answer was made from. */
  originMac?: Buffer | null;
  authentication?: unknown;
  createdAt: Date;
  receivedAt?: Date | null;
}

export interface MessageRow {
  id: string;
  direction: Direction;
  status: MessageStatus;
  aliasId: string;
  head: Buffer;
  sentAt: Date | null;
  receivedAt: Date | null;
  error: string | null;
  events: { at: string; type: string; detail: string | null }[];
}

export interface MessageFilter {
  id?: string;
  aliasId?: string;
  direction?: Direction;
}

/** False for a message that came in before: its Message-ID has reached this alias already. */
export async function insertMessage(tx: Db, m: NewMessage): Promise<boolean> {
  const authentication = m.authentication ? JSON.stringify(m.authentication) : null;
  const { numAffectedRows } =
    await sql`INSERT INTO mail.messages (id, organization_id, alias_id, direction, kind, status, is_bulk,
      head, raw, message_id_mac, correspondent_mac, answers_id, origin_mac, authentication,
      created_at, received_at)
    VALUES (${m.id}, ${m.organizationId}, ${m.aliasId}, ${m.direction}, ${m.kind}, ${m.status},
      ${m.isBulk ?? false}, ${m.head}, ${m.raw}, ${m.messageIdMac}, ${m.correspondentMac},
      ${m.answersId ?? null}, ${m.originMac ?? null}, ${authentication}::jsonb, ${m.createdAt}, ${m.receivedAt ?? null})
    ON CONFLICT (alias_id, message_id_mac) WHERE direction = 'INBOUND' DO NOTHING`.execute(tx);
  return numAffectedRows === 1n;
}

/** Whether the owner's mail of this Message-ID has gone out from the alias. */
export async function hasOrigin(db: Db, aliasId: string, originMac: Buffer): Promise<boolean> {
  const { rows } = await sql`SELECT FROM mail.messages
    WHERE alias_id = ${aliasId} AND origin_mac = ${originMac}`.execute(db);
  return rows.length > 0;
}

export async function insertEvent(
  tx: Db,
  messageId: string,
  event: { at: Date; type: string; detail?: string | null },
): Promise<void> {
  await sql`INSERT INTO mail.events (message_id, at, type, detail)
    VALUES (${messageId}, ${event.at}, ${event.type}, ${event.detail ?? null})`.execute(tx);
}

/** Newest first; forwards to the owner are not part of the log. */
export async function listMessages(
  db: Db,
  organizationId: string,
  { id, aliasId, direction }: MessageFilter,
  page: Page,
): Promise<{ rows: MessageRow[]; total: number }> {
  const where = sql`WHERE m.organization_id = ${organizationId} AND m.kind <> 'forward'
    AND ${byThen('m.created_at', page)}
    AND (${id ?? null}::text IS NULL OR m.id = ${id ?? null})
    AND (${aliasId ?? null}::text IS NULL OR m.alias_id = ${aliasId ?? null})
    AND (${direction ?? null}::text IS NULL OR m.direction = ${direction ?? null})`;
  const { rows } =
    await sql<MessageRow>`SELECT m.id, m.direction, m.status, m.alias_id AS "aliasId",
      m.head, m.sent_at AS "sentAt", m.received_at AS "receivedAt", m.error,
      COALESCE((SELECT jsonb_agg(jsonb_build_object('at',
          to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
          'type', e.type, 'detail', e.detail) ORDER BY e.number)
        FROM mail.events e WHERE e.message_id = m.id), '[]') AS events
    FROM mail.messages m ${where}
    ORDER BY m.created_at DESC, m.id DESC LIMIT ${page.limit} OFFSET ${page.offset}`.execute(db);
  const counted = await sql<{ total: number }>`
    SELECT count(*) AS total FROM mail.messages m ${where}`.execute(db);
  return { rows, total: counted.rows[0]?.total ?? 0 };
}

export interface Answered {
  id: string;
  organizationId: string;
  aliasId: string;
}

/** The outbound message that one of these Message-IDs names. */
export async function findByMessageIds(
  db: Db,
  aliasId: string,
  macs: readonly Buffer[],
): Promise<Answered | undefined> {
  const { rows } = await sql<Answered>`
    SELECT id, organization_id AS "organizationId", alias_id AS "aliasId" FROM mail.messages
    WHERE message_id_mac = ANY(${[...macs]}) AND alias_id = ${aliasId} AND direction = 'OUTBOUND'
    ORDER BY created_at DESC LIMIT 1`.execute(db);
  return rows[0];
}

/** The last one that went from the alias to this correspondent. */
export async function findLastSentTo(
  db: Db,
  aliasId: string,
  addressMac: Buffer,
): Promise<Answered | undefined> {
  const { rows } = await sql<Answered>`
    SELECT m.id, m.organization_id AS "organizationId", m.alias_id AS "aliasId"
    FROM mail.messages m JOIN mail.recipients r ON r.message_id = m.id
    WHERE m.alias_id = ${aliasId} AND m.kind IN ('send', 'answer') AND r.address_mac = ${addressMac}
    ORDER BY m.created_at DESC LIMIT 1`.execute(db);
  return rows[0];
}

export async function markAnswered(tx: Db, id: string, at: Date): Promise<void> {
  await sql`UPDATE mail.messages SET answered_at = COALESCE(answered_at, ${at}) WHERE id = ${id}`.execute(
    tx,
  );
}
