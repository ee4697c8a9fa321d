/**
 * Sending: the message is durably queued with its recipients and its job before anything is answered,
 * then tried at once; the answer says how far it got within five seconds.
 */
import type { Db } from '../../kernel/db/schema.ts';
import { Fault, invalidField } from '../../kernel/fault.ts';
import type { Answer } from '../../kernel/idempotency/idempotency.ts';
import { newId } from '../../kernel/ids.ts';
import type { Principal } from '../../kernel/principal.ts';
import { domainOf, requireAddress } from './address.ts';
import { requireAlias, requireEverHadAlias } from './aliases.ts';
import type { MailDeps } from './deps.ts';
import { type Attachment, checkHeaders, compose, oneLine } from './outbound/compose.ts';
import { deliver, deliverJob } from './outbound/deliver.ts';
import { throttle } from './outbound/throttle.ts';
import { refuseSuppressed } from './reputation/suppressions.ts';
import type { AliasRow } from './store/alias-store.ts';
import type { Page } from './store/campaign-store.ts';
import { insertRecipients, type Settled } from './store/delivery-store.ts';
import * as store from './store/message-store.ts';

export interface SendRequest {
  aliasId: string;
  to: string;
  cc?: string[];
  bcc?: string[];
  subject: string;
  text?: string;
  html?: string;
  replyTo?: string;
  inReplyTo?: string;
  headers?: Record<string, string>;
  attachments?: Attachment[];
  bulk?: boolean;
  trackLinks?: boolean;
}

export interface Sent {
  id: string;
  status: store.MessageStatus;
  aliasId: string;
  to: string;
  subject: string;
  sentAt: string | null;
  error?: string;
}

const SETTLE_MS = 5_000;
/** Until then the request itself tries; a job is the net below a process that dies. */
const JOB_AFTER_MS = 15_000;
const MAX_RECIPIENTS = 50;
const MAX_MESSAGE_BYTES = 25 * 1024 * 1024;

/**
 * The request with its links measured, where it asks for that. Before the transaction of the sending:
 * the links are kept by another service in one of its own. Fault `not_found` without the alias.
 */
export async function measureLinks(
  { kernel, trackLinks }: MailDeps,
  { organizationId }: Principal,
  request: SendRequest,
): Promise<SendRequest> {
  if (!request.trackLinks || !trackLinks) return request;
  await requireAlias(kernel.database.db, organizationId, request.aliasId);
  const { text, html } = request;
  return { ...request, ...(await trackLinks({ organizationId, text, html })) };
}

/** Within the caller's transaction; `settle` tries the delivery after the commit. */
export async function sendEmail(
  tx: Db,
  deps: MailDeps,
  principal: Principal,
  request: SendRequest,
): Promise<Answer> {
  const { organizationId } = principal;
  if (!request.text && !request.html) {
    throw invalidField('text', 'At least one of text or html is required');
  }
  const alias = await requireAlias(tx, organizationId, request.aliasId);
  if (!alias.isActive)
    throw invalidField('aliasId', 'This alias is inactive. Activate it to send from it');
  const recipients = recipientsOf(request);
  await refuseSuppressed(tx, deps, organizationId, recipients);
  const isBulk = request.bulk === true || recipients.length > 1;
  await throttle(deps, alias, isBulk, recipients.length);
  await takeSends(tx, deps, principal, recipients.length);
  const id = await enqueue(tx, deps, alias, recipients, { ...request, isBulk });
  const { to, subject, aliasId } = request;
  const body: Sent = { id, status: 'queued', aliasId, to, subject, sentAt: null };
  return { status: 201, body, settle: async () => ({ ...body, ...(await settled(deps, id)) }) };
}

function recipientsOf({ to, cc = [], bcc = [] }: SendRequest): string[] {
  const all = [
    requireAddress(to, 'to'),
    ...cc.map((address) => requireAddress(address, 'cc')),
    ...bcc.map((address) => requireAddress(address, 'bcc')),
  ];
  const once = [...new Set(all)];
  if (once.length <= MAX_RECIPIENTS) return once;
  throw invalidField('to', `A message may have at most ${MAX_RECIPIENTS} recipients`);
}

async function takeSends(
  tx: Db,
  { kernel }: MailDeps,
  { organizationId, plan }: Principal,
  count: number,
) {
  const { taken } = await kernel.ledger.take(tx, organizationId, 'mail.sends', count);
  if (taken === count) return;
  throw new Fault(
    'plan_limit',
    `The sends of this month are used up on your plan ${plan.name}. Wait for the next month or change the plan.`,
  );
}

async function enqueue(
  tx: Db,
  deps: MailDeps,
  alias: AliasRow,
  recipients: readonly string[],
  request: SendRequest & { isBulk: boolean },
): Promise<string> {
  const { kernel } = deps;
  const now = kernel.clock.now();
  const id = newId('msg_', now);
  const { organizationId, id: aliasId, email } = alias;
  const { text, html } = request;
  const messageId = `${id}@${domainOf(email)}`;
  const raw = await compose({
    from: { address: email },
    to: [requireAddress(request.to, 'to')],
    cc: request.cc,
    replyTo: request.replyTo && requireAddress(request.replyTo, 'replyTo'),
    subject: oneLine(request.subject, 'subject'),
    ...{ text, html, messageId, date: now },
    inReplyTo: request.inReplyTo && oneLine(request.inReplyTo, 'inReplyTo'),
    references: request.inReplyTo ? [request.inReplyTo] : undefined,
    headers: checkHeaders(request.headers ?? {}),
    attachments: request.attachments,
  });
  if (raw.length > MAX_MESSAGE_BYTES) {
    throw new Fault('payload_too_large', 'The message is larger than 25 MB with its attachments.');
  }
  const head = { from: email, to: request.to, subject: request.subject };
  await queueMessage(tx, deps, {
    ...{ id, organizationId, aliasId, kind: 'send', isBulk: request.isBulk, head, raw, messageId },
    recipients,
  });
  return id;
}

/** Writes an outgoing message, its recipients and its job. */
export async function queueMessage(
  tx: Db,
  { kernel, vault }: MailDeps,
  message: {
    id: string;
    organizationId: string;
    aliasId: string;
    kind: 'send' | 'answer' | 'forward';
    isBulk?: boolean;
    head: { from: string; to: string; subject: string };
    raw: Buffer;
    messageId: string;
    recipients: readonly string[];
    originMac?: Buffer | null;
    /** Of a forward: the message that came in. */
    forwards?: string;
  },
): Promise<void> {
  const now = kernel.clock.now();
  const { id, recipients } = message;
  await store.insertMessage(tx, {
    ...{ id, organizationId: message.organizationId, aliasId: message.aliasId },
    ...{ direction: 'OUTBOUND', kind: message.kind, status: 'queued', isBulk: message.isBulk },
    head: vault.sealHead(message.head, `${id}:head`),
    raw: vault.seal(message.raw, `${id}:raw`),
    messageIdMac: vault.mac('message-id', message.messageId),
    correspondentMac: vault.mac('address', recipients[0] ?? ''),
    ...{ originMac: message.originMac, answersId: message.forwards },
    createdAt: now,
  });
  await insertRecipients(
    tx,
    recipients.map((address, position) => ({
      ...{ messageId: id, position, domain: domainOf(address), nextAttemptAt: now },
      address: vault.seal(address, `${id}:${position}`),
      addressMac: vault.mac('address', address),
    })),
  );
  await store.insertEvent(tx, id, { at: now, type: 'queued' });
  // The API's request tries by itself at once; nobody else does.
  const startAfter = message.kind === 'send' ? new Date(now.getTime() + JOB_AFTER_MS) : undefined;
  await kernel.jobs.send(deliverJob, { messageId: id }, { tx, startAfter, singletonKey: id });
}

/** The state reached within five seconds; the try goes on behind that. */
async function settled(deps: MailDeps, id: string): Promise<Partial<Sent>> {
  const { log } = deps.kernel;
  const tried = deliver(deps, id).catch((err: unknown) => {
    // The message is queued, and its job will come.
    log.warn({ err, messageId: id }, 'the first try of a message failed');
    return undefined;
  });
  const tooLate = new Promise<undefined>((done) => {
    setTimeout(() => done(undefined), SETTLE_MS).unref();
  });
  const state: Settled | undefined = await Promise.race([tried, tooLate]);
  if (!state) return {};
  const { status, sentAt, error } = state;
  return { status, sentAt: sentAt?.toISOString() ?? null, ...(error ? { error } : {}) };
}

/** The log, newest first. Fault `not_found` for an id that is not there. */
export async function listEmails(
  { kernel, vault }: MailDeps,
  { organizationId }: Principal,
  filter: store.MessageFilter,
  page: Page,
) {
  const { db } = kernel.database;
  if (filter.aliasId !== undefined) await requireEverHadAlias(db, organizationId, filter.aliasId);
  const { rows, total } = await store.listMessages(db, organizationId, filter, page);
  if (filter.id !== undefined && total === 0) {
    throw new Fault('not_found', 'There is no such message.');
  }
  const emails = rows.map((row) => ({
    id: row.id,
    direction: row.direction,
    status: row.status,
    aliasId: row.aliasId,
    ...vault.openHead(row.head, `${row.id}:head`),
    sentAt: row.sentAt?.toISOString() ?? null,
    receivedAt: row.receivedAt?.toISOString() ?? null,
    error: row.error,
    events: row.events,
  }));
  return { emails, pagination: { total, ...page } };
}
