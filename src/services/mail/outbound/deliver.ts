/**
 * Tries the recipients of a message whose time has come, and writes down what became of each. The
 * claim commits before the first byte is sent and the outcome after the last: a process that dies
 * between the two may have handed a message on without knowing, and once its claim has ended the
 * message is sent again under the same Message-ID. SMTP allows no narrower window (RFC 5321 6.1).
 */
import type { Db } from '../../../kernel/db/schema.ts';
import { jobType } from '../../../kernel/jobs/index.ts';
import { domainOf } from '../address.ts';
import type { MailDeps } from '../deps.ts';
import { signDkim } from '../domains/dkim.ts';
import { noteHealth } from '../reputation/reputation.ts';
import { returnPath, unsubscribeAddress, unsubscribeToken } from '../reputation/return-path.ts';
import { suppress } from '../reputation/suppressions.ts';
import * as deliveries from '../store/delivery-store.ts';
import { findDomain } from '../store/domain-store.ts';
import { insertEvent } from '../store/message-store.ts';
import { findSuppressions } from '../store/suppression-store.ts';
import { nextAttempt } from './retry.ts';
import type { Handed } from './transport.ts';

export const deliverJob = jobType<{ messageId: string }>('mail.deliver', {
  concurrency: 8,
  singleton: true,
});

/** After a process died its claims end so soon; while it lives it renews them. */
const CLAIM_MS = 60_000;
/** How many messages go to one domain, for one organization, before the rest waits. */
const PER_DOMAIN_PER_MINUTE = 300;

/** One round; says what state the message is in. */
export async function deliver(
  deps: MailDeps,
  messageId: string,
): Promise<deliveries.Settled | undefined> {
  const { kernel, vault } = deps;
  const { db } = kernel.database;
  const message = await deliveries.findOutgoing(db, messageId);
  if (!message?.raw) return undefined;
  const raw = vault.open(message.raw, `${messageId}:raw`);
  for (;;) {
    const now = kernel.clock.now();
    const recipient = await deliveries.claimNext(db, messageId, now, claimEnd(deps));
    if (!recipient) break;
    const handed = await whileHeld(deps, messageId, recipient.position, () =>
      handOn(deps, message, recipient, raw),
    );
    await kernel.database.tx((tx) => conclude(tx, deps, message, recipient, handed));
  }
  return kernel.database.tx(async (tx) => {
    const settled = await deliveries.settleMessage(tx, messageId);
    // What another process holds comes due when its claim ends: it may have died with it.
    if (settled.status === 'queued' && settled.nextAttemptAt) {
      const later = { tx, startAfter: settled.nextAttemptAt, singletonKey: messageId };
      await kernel.jobs.send(deliverJob, { messageId }, later);
    }
    return settled;
  });
}

function claimEnd({ kernel }: MailDeps): Date {
  return new Date(kernel.clock.now().getTime() + CLAIM_MS);
}

/** A server may take minutes to answer (RFC 5321 4.5.3.2): nobody else tries in the meantime. */
async function whileHeld<T>(
  deps: MailDeps,
  messageId: string,
  position: number,
  work: () => Promise<T>,
): Promise<T> {
  const { database, log } = deps.kernel;
  const renewal = setInterval(() => {
    deliveries
      .extendClaim(database.db, messageId, position, claimEnd(deps))
      .catch((err: unknown) => log.warn({ err, messageId }, 'a claim could not be renewed'));
  }, CLAIM_MS / 4);
  try {
    return await work();
  } finally {
    clearInterval(renewal);
  }
}

async function handOn(
  deps: MailDeps,
  message: deliveries.Outgoing,
  recipient: deliveries.DueRecipient,
  raw: Buffer,
): Promise<Handed | Dropped> {
  const { kernel, vault } = deps;
  const { db } = kernel.database;
  const { organizationId } = message;
  // Who bounced, complained or unsubscribed since the message was taken gets it no more.
  const [suppressed] =
    message.kind === 'send' && recipient.attempts > 1
      ? await findSuppressions(db, organizationId, [recipient.addressMac])
      : [];
  if (suppressed) return { kind: 'dropped', reason: 'the recipient is on the suppression list' };
  const bucket = `mail:to:${organizationId}:${recipient.domain}`;
  const { allowed } = await kernel.limiter.take(bucket, PER_DOMAIN_PER_MINUTE, 60);
  if (!allowed)
    return { kind: 'deferred', reason: `waiting: ${recipient.domain} has had enough for now` };
  const domainName = domainOf(message.aliasEmail);
  // The organization's own: with a domain's next owner its keys are not ours to sign with.
  const domain = await findDomain(db, organizationId, { name: domainName });
  if (!domain?.verifiedAt)
    return { kind: 'deferred', reason: `the domain ${domainName} is not verified any more` };
  const id = { messageId: message.id, position: recipient.position };
  const to = vault.openText(recipient.address, `${message.id}:${recipient.position}`);
  const bounceDomain = kernel.config.bounceDomain ?? domainName;
  const listed = message.isBulk ? withUnsubscribe(raw, deps, id, bounceDomain) : raw;
  const signed = await signDkim(listed, domain, vault);
  const from = message.kind === 'forward' ? '' : returnPath(id, bounceDomain, vault);
  return deps.transportFor(domainName).send({ from, to }, signed);
}

/** One click and it is done, by web (RFC 8058) or by mail (RFC 2369). */
function withUnsubscribe(
  raw: Buffer,
  { kernel, vault }: MailDeps,
  recipient: { messageId: string; position: number },
  domain: string,
): Buffer {
  const url = `${kernel.site.url}/mail/u/${unsubscribeToken(recipient, vault)}`;
  const address = unsubscribeAddress(recipient, domain, vault);
  const headers = `List-Unsubscribe: <${url}>, <mailto:${address}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n`;
  return Buffer.concat([Buffer.from(headers), raw]);
}

async function conclude(
  tx: Db,
  deps: MailDeps,
  message: deliveries.Outgoing,
  recipient: deliveries.DueRecipient,
  handed: Handed | Dropped,
): Promise<void> {
  const { kernel } = deps;
  const at = kernel.clock.now();
  const { id, organizationId, aliasId } = message;
  const outcome = outcomeOf(handed, recipient.attempts, message.createdAt, at);
  if (!(await deliveries.recordOutcome(tx, id, recipient.position, outcome))) return;
  await deliveries.settleMessage(tx, id);
  const type = outcome.status === 'queued' ? 'deferred' : outcome.status;
  await insertEvent(tx, id, { at, type, detail: 'error' in outcome ? outcome.error : null });
  if (outcome.status === 'queued') return;
  if (message.kind === 'forward') return noteForward(tx, message.answersId, at, outcome);
  const payload = { messageId: id, aliasId, timestamp: at.toISOString() };
  if (outcome.status === 'sent') {
    await kernel.webhooks.emit(tx, {
      organizationId,
      type: 'email.sent',
      payload: { event: 'email.sent', ...payload },
    });
  } else {
    if (outcome.status === 'bounced' && outcome.bounceKind === 'hard') {
      const found = await deliveries.findRecipient(tx, id, recipient.position);
      if (found)
        await suppress(
          tx,
          deps,
          organizationId,
          { from: `${id}:${recipient.position}`, ...found },
          'hard_bounce',
        );
    }
    const failed = { event: 'email.failed', ...payload, error: outcome.error };
    await kernel.webhooks.emit(tx, { organizationId, type: 'email.failed', payload: failed });
  }
  await noteHealth(tx, deps, organizationId, aliasId);
}

/** The log of what came in says whether the owner has it. */
async function noteForward(
  tx: Db,
  arrivedId: string | null,
  at: Date,
  outcome: deliveries.Outcome,
): Promise<void> {
  if (arrivedId === null) return;
  const type = outcome.status === 'sent' ? 'forwarded' : 'forward_failed';
  await insertEvent(tx, arrivedId, { at, type, detail: 'error' in outcome ? outcome.error : null });
}

/** Not sent at all, because of something that has happened since. */
interface Dropped {
  kind: 'dropped';
  reason: string;
}

function outcomeOf(
  handed: Handed | Dropped,
  attempts: number,
  firstAt: Date,
  at: Date,
): deliveries.Outcome {
  if (handed.kind === 'taken') return { status: 'sent', at };
  if (handed.kind === 'refused') {
    return { status: 'bounced', at, error: handed.reason, bounceKind: handed.bounce };
  }
  if (handed.kind === 'dropped') return { status: 'failed', error: handed.reason };
  const nextAttemptAt = nextAttempt(attempts, firstAt, at);
  if (nextAttemptAt) return { status: 'queued', error: handed.reason, nextAttemptAt };
  const error = `given up after 72 h: ${handed.reason}`;
  return { status: 'bounced', at, error, bounceKind: 'soft' };
}
