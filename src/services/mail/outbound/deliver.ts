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
import { findVerifiedDomain } from '../store/domain-store.ts';
import { insertEvent } from '../store/message-store.ts';
import { nextAttempt } from './retry.ts';
import type { Handed } from './transport.ts';

export const deliverJob = jobType<{ messageId: string }>('mail.deliver', {
  concurrency: 8,
  singleton: true,
});

/** Longer than one try can take. */
const CLAIM_MS = 60_000;
/** How many messages an hour go to one domain, for one organization, before the rest waits. */
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
    const until = new Date(now.getTime() + CLAIM_MS);
    const recipient = await deliveries.claimNext(db, messageId, now, until);
    if (!recipient) break;
    const handed = await handOn(deps, message, recipient, raw);
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

async function handOn(
  deps: MailDeps,
  message: deliveries.Outgoing,
  recipient: deliveries.DueRecipient,
  raw: Buffer,
): Promise<Handed> {
  const { kernel, vault } = deps;
  const bucket = `mail:to:${message.organizationId}:${recipient.domain}`;
  const { allowed } = await kernel.limiter.take(bucket, PER_DOMAIN_PER_MINUTE, 60);
  if (!allowed)
    return { kind: 'deferred', reason: `waiting: ${recipient.domain} has had enough for now` };
  const domainName = domainOf(message.aliasEmail);
  const domain = await findVerifiedDomain(kernel.database.db, domainName);
  if (!domain)
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
  handed: Handed,
): Promise<void> {
  const { kernel } = deps;
  const at = kernel.clock.now();
  const { id, organizationId, aliasId } = message;
  const outcome = outcomeOf(handed, recipient.attempts, message.createdAt, at);
  if (!(await deliveries.recordOutcome(tx, id, recipient.position, outcome))) return;
  const type = outcome.status === 'queued' ? 'deferred' : outcome.status;
  await insertEvent(tx, id, { at, type, detail: 'error' in outcome ? outcome.error : null });
  if (message.kind === 'forward' || outcome.status === 'queued') return;
  const payload = { messageId: id, aliasId, timestamp: at.toISOString() };
  if (outcome.status === 'sent') {
    await kernel.webhooks.emit(tx, {
      organizationId,
      type: 'email.sent',
      payload: { event: 'email.sent', ...payload },
    });
  } else {
    if (outcome.bounceKind === 'hard') {
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

function outcomeOf(handed: Handed, attempts: number, firstAt: Date, at: Date): deliveries.Outcome {
  if (handed.kind === 'taken') return { status: 'sent', at };
  if (handed.kind === 'refused') {
    return { status: 'bounced', at, error: handed.reason, bounceKind: 'hard' };
  }
  const nextAttemptAt = nextAttempt(attempts, firstAt, at);
  if (nextAttemptAt) return { status: 'queued', error: handed.reason, nextAttemptAt };
  const error = `given up after 72 h: ${handed.reason}`;
  return { status: 'bounced', at, error, bounceKind: 'soft' };
}
