/**
 * What becomes of a message that was taken: a bounce or complaint changes what is known of the message
 * that it is about, mail to an alias is matched to what it answers and forwarded to the owner, the
 * owner's answer goes out from the alias. All of it in one transaction with the arrival's end, so a
 * job that comes twice finds nothing left to do.
 */
import type { Email } from 'postal-mime';
import type { Db } from '../../../kernel/db/schema.ts';
import { newId } from '../../../kernel/ids.ts';
import { jobType } from '../../../kernel/jobs/index.ts';
import { readAddress } from '../address.ts';
import { defaultCampaign } from '../campaigns.ts';
import type { MailDeps } from '../deps.ts';
import { noteHealth } from '../reputation/reputation.ts';
import { readReturnPath } from '../reputation/return-path.ts';
import { suppress } from '../reputation/suppressions.ts';
import { unsubscribe } from '../reputation/unsubscribe.ts';
import { type AliasRow, ensureRoleAlias, findAliasById } from '../store/alias-store.ts';
import { deleteArrival, lockArrival } from '../store/arrival-store.ts';
import * as deliveries from '../store/delivery-store.ts';
import * as messages from '../store/message-store.ts';
import { type Authentication, authenticateMessage } from './authentication.ts';
import { type Arrived, classify, headerOf, parseMessage } from './classify.ts';
import { answerCorrespondent, forwardToOwner, ownerMailbox } from './forward.ts';
import type { Client } from './smtp-server.ts';
import type { Target } from './targets.ts';

export const receiveJob = jobType<{ arrivalId: string }>('mail.receive', {
  retryLimit: 10,
  singleton: true,
});

export interface Arrival {
  email: Email;
  arrived: Arrived;
  raw: Buffer;
  authentication: Authentication;
  /** Of the envelope: who writes, where the message does not say. */
  sender: string;
}

export async function receive(deps: MailDeps, arrivalId: string): Promise<void> {
  const { kernel, vault } = deps;
  // Name servers are asked before the transaction: they may take their time.
  const seen = await kernel.database.tx((tx) => lockArrival(tx, arrivalId));
  if (!seen) return;
  const raw = vault.open(seen.raw, `${arrivalId}:raw`);
  const client = JSON.parse(vault.openText(seen.envelope, `${arrivalId}:envelope`)) as Client;
  const email = await parseMessage(raw).catch(() => unreadable(raw, client.sender));
  const authentication = await authenticateMessage(raw, client, deps.resolver);
  const arrived = classify(email, client.sender);
  const { sender } = client;
  const arrival: Arrival = { email, arrived, raw, authentication, sender };
  await kernel.database.tx(async (tx) => {
    if (!(await lockArrival(tx, arrivalId))) return;
    for (const target of seen.targets) await dispatch(tx, deps, target, arrival);
    await deleteArrival(tx, arrivalId);
  });
}

/** We have said that we took it: what no parser can read reaches the owner as a file. */
function unreadable(raw: Buffer, sender: string): Email {
  return {
    ...{ headers: [], headerLines: [], from: { name: '', address: sender } },
    subject: 'A message that could not be read',
    text: 'This message is damaged or too deeply nested. It is attached as it came.',
    attachments: [
      {
        filename: 'message.eml',
        mimeType: 'application/octet-stream',
        disposition: 'attachment',
        content: raw.toString('latin1'),
      },
    ],
  };
}

async function dispatch(tx: Db, deps: MailDeps, target: Target, arrival: Arrival): Promise<void> {
  switch (target.kind) {
    case 'bounce':
      return noteReturn(tx, deps, target, arrival.arrived);
    case 'unsubscribe':
      return unsubscribe(tx, deps, target);
    case 'alias': {
      const alias = await findAliasById(tx, target.aliasId);
      return alias && takeMail(tx, deps, alias, arrival);
    }
    case 'role':
      return takeMail(tx, deps, await roleAlias(tx, deps, target), arrival);
    case 'reverse':
      return answerCorrespondent(tx, deps, target.token, arrival);
  }
}

/** The return path's tag proves that this is about a message that we sent. */
async function noteReturn(
  tx: Db,
  deps: MailDeps,
  { messageId, position }: { messageId: string; position: number },
  arrived: Arrived,
): Promise<void> {
  const { kernel } = deps;
  const message = await deliveries.findOutgoing(tx, messageId);
  if (!message || (arrived.kind !== 'bounce' && arrived.kind !== 'complaint')) return;
  const at = kernel.clock.now();
  const { organizationId, aliasId } = message;
  const from = `${messageId}:${position}`;
  const about = { messageId, aliasId, timestamp: at.toISOString() };
  if (arrived.kind === 'bounce') {
    const { bounce, detail } = arrived;
    const recipient = await deliveries.recordBounce(tx, messageId, position, {
      at,
      error: detail,
      kind: bounce,
    });
    if (!recipient) return;
    await messages.insertEvent(tx, messageId, { at, type: 'bounced', detail });
    await deliveries.settleMessage(tx, messageId);
    if (message.kind === 'forward') return;
    if (bounce === 'hard')
      await suppress(tx, deps, organizationId, { ...recipient, from }, 'hard_bounce');
    const payload = { event: 'email.bounced', ...about, bounce, error: detail };
    await kernel.webhooks.emit(tx, { organizationId, type: 'email.bounced', payload });
  } else {
    const recipient = await deliveries.recordComplaint(tx, messageId, position, at);
    if (!recipient) return;
    const type = 'email.complained';
    await messages.insertEvent(tx, messageId, {
      at,
      type: 'complained',
      detail: arrived.feedbackType,
    });
    await suppress(tx, deps, organizationId, { ...recipient, from }, 'complaint');
    const payload = { event: type, ...about, feedbackType: arrived.feedbackType };
    await kernel.webhooks.emit(tx, { organizationId, type, payload });
  }
  await noteHealth(tx, deps, organizationId, aliasId);
}

async function roleAlias(
  tx: Db,
  deps: MailDeps,
  { organizationId, email }: { organizationId: string; email: string },
): Promise<AliasRow> {
  const createdAt = deps.kernel.clock.now();
  const campaignId = await defaultCampaign(tx, deps, organizationId);
  const id = newId('clx', createdAt);
  return ensureRoleAlias(tx, { id, organizationId, campaignId, email, createdAt });
}

async function takeMail(tx: Db, deps: MailDeps, alias: AliasRow, arrival: Arrival): Promise<void> {
  const { kernel, vault } = deps;
  const { email, arrived, authentication, raw, sender } = arrival;
  if (arrived.kind === 'complaint') {
    // A feedback loop reports to an address that was registered with it; what it reports is our proof.
    const about = readReturnPath(arrived.returnPath, vault);
    if (about?.purpose === 'bounce') return noteReturn(tx, deps, about.recipient, arrived);
  }
  // A report to the alias itself carries no proof: what it claims is not believed, and nobody wants
  // it but who minds the domain.
  const isReport = arrived.kind !== 'mail' && arrived.kind !== 'auto_reply';
  if (isReport && !alias.isRole) return;
  const at = kernel.clock.now();
  const id = newId('msg_', at);
  const from = readAddress(email.from?.address ?? '') ?? readAddress(sender) ?? '';
  const given = email.messageId?.replace(/^<|>$/g, '') ?? '';
  const messageIdMac = given === '' ? null : vault.mac('message-id', given);
  const isMail = arrived.kind === 'mail';
  const answered = isMail ? await findAnswered(tx, deps, alias.id, email, from) : undefined;
  const owner = await ownerMailbox(tx, deps, alias, { email, from });
  const isNew = await messages.insertMessage(tx, {
    ...{ id, organizationId: alias.organizationId, aliasId: alias.id, direction: 'INBOUND' },
    ...{ kind: isMail ? 'mail' : 'auto_reply', status: 'received', messageIdMac },
    // What is not forwarded is nowhere else.
    raw: owner === null ? vault.seal(raw, `${id}:raw`) : null,
    head: vault.sealHead({ from, to: alias.email, subject: email.subject ?? '' }, `${id}:head`),
    correspondentMac: vault.mac('address', from),
    ...{ answersId: answered?.id, authentication, createdAt: at, receivedAt: at },
  });
  // Sent twice by a server that did not hear our answer.
  if (!isNew) return;
  await messages.insertEvent(tx, id, { at, type: isMail ? 'received' : 'auto_reply' });
  if (answered) {
    await messages.markAnswered(tx, answered.id, at);
    const type = 'email.replied';
    const { organizationId } = alias;
    const payload = {
      event: type,
      messageId: answered.id,
      replyId: id,
      aliasId: alias.id,
      timestamp: at.toISOString(),
    };
    await kernel.webhooks.emit(tx, { organizationId, type, payload });
  }
  if (owner !== null) {
    await forwardToOwner(tx, deps, alias, {
      email,
      from,
      owner,
      isAutomatic: !isMail,
      arrivedId: id,
    });
  }
}

/** By the Message-IDs that it names; else the last that went from the alias to this correspondent. */
async function findAnswered(
  tx: Db,
  { vault }: MailDeps,
  aliasId: string,
  email: Email,
  from: string,
): Promise<messages.Answered | undefined> {
  const named = `${email.inReplyTo ?? ''} ${email.references ?? headerOf(email, 'references')}`;
  const ids = [...named.matchAll(/<([^<>\s]{1,500})>/g)].slice(-50).map(([, id]) => id ?? '');
  const macs = ids.map((id) => vault.mac('message-id', id));
  const byId = macs.length > 0 ? await messages.findByMessageIds(tx, aliasId, macs) : undefined;
  return byId ?? (await messages.findLastSentTo(tx, aliasId, vault.mac('address', from)));
}
