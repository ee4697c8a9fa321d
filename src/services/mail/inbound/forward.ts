/**
 * Between the owner's mailbox and a correspondent. Both directions compose the message anew from its
 * content alone: no header, no Received line and no Message-ID of one side reaches the other.
 */
import { randomBytes } from 'node:crypto';
import type { Email } from 'postal-mime';
import type { Db } from '../../../kernel/db/schema.ts';
import { newId } from '../../../kernel/ids.ts';
import { domainOf, readAddress } from '../address.ts';
import { DEVELOPMENT_DOMAIN, type MailDeps } from '../deps.ts';
import { queueMessage } from '../emails.ts';
import { type Attachment, compose } from '../outbound/compose.ts';
import { type AliasRow, findAliasByEmail, findAliasById } from '../store/alias-store.ts';
import { ensureReverseAlias, findReverseAlias } from '../store/arrival-store.ts';
import { findLastSentTo, hasOrigin } from '../store/message-store.ts';
import { headerOf } from './classify.ts';
import type { Arrival } from './receive.ts';
import { reverseAddress } from './targets.ts';

/** Says to ourselves, should the message come back, that it went through this alias before. */
const LOOP_HEADER = 'X-Loop';

/**
 * Where mail to the alias goes on to, or null where it ends here: an owner without a mailbox, or one
 * that is an alias or sends to its own, and what went through this alias before, would begin a loop.
 */
export async function ownerMailbox(
  tx: Db,
  deps: MailDeps,
  alias: AliasRow,
  { email, from }: { email: Email; from: string },
): Promise<string | null> {
  const owner = await readOwner(tx, deps, alias);
  if (!owner || owner === from || from === '') return null;
  if (headerOf(email, LOOP_HEADER.toLowerCase()) === alias.email) return null;
  return (await findAliasByEmail(tx, owner)) ? null : owner;
}

async function readOwner(tx: Db, { kernel }: MailDeps, alias: AliasRow): Promise<string | null> {
  const given = await kernel.accounts.ownerEmail(tx, alias.organizationId);
  // The development mailbox takes everybody's mail, the first owner's at localhost too.
  const isDevelopment = domainOf(alias.email) === DEVELOPMENT_DOMAIN;
  return readAddress(given) ?? (isDevelopment ? given.toLowerCase() : null);
}

/** To the owner, from an address through which the answer finds its way back. */
export async function forwardToOwner(
  tx: Db,
  deps: MailDeps,
  alias: AliasRow,
  {
    email,
    from,
    owner,
    isAutomatic,
    arrivedId,
  }: { email: Email; from: string; owner: string; isAutomatic: boolean; arrivedId: string },
): Promise<void> {
  const { kernel, vault } = deps;
  const now = kernel.clock.now();
  const fresh = randomBytes(16).toString('hex');
  const token = await ensureReverseAlias(tx, {
    ...{ token: fresh, organizationId: alias.organizationId, aliasId: alias.id, createdAt: now },
    correspondent: vault.seal(from, `reverse:${alias.id}`),
    correspondentMac: vault.mac('address', from),
  });
  const id = newId('msg_', now);
  const messageId = `${id}@${domainOf(alias.email)}`;
  const name = `${clean(email.from?.name || from)} via ${alias.email}`;
  const address = reverseAddress(token, alias.email);
  const raw = await compose({
    ...{ from: { address, name }, to: [owner], messageId, date: now },
    ...contentOf(email),
    headers: {
      [LOOP_HEADER]: alias.email,
      ...(isAutomatic ? { 'Auto-Submitted': 'auto-replied' } : {}),
    },
  });
  await queueMessage(tx, deps, {
    ...{ id, organizationId: alias.organizationId, aliasId: alias.id, kind: 'forward' },
    head: { from: address, to: owner, subject: email.subject ?? '' },
    ...{ raw, messageId, recipients: [owner], forwards: arrivedId },
  });
}

/**
 * The owner's answer, out from the alias. Not heard: anybody else who writes to a reverse alias, who
 * only says that he is the owner while the owner's domain denies it, and the owner's vacation notices.
 */
export async function answerCorrespondent(
  tx: Db,
  deps: MailDeps,
  token: string,
  { email, arrived, authentication }: Arrival,
): Promise<void> {
  if (arrived.kind !== 'mail' || authentication.dmarc === 'fail') return;
  const { kernel, vault } = deps;
  const reverse = await findReverseAlias(tx, token);
  const alias = reverse && (await findAliasById(tx, reverse.aliasId));
  if (!alias || alias.deletedAt || !alias.isActive) return;
  const owner = await readOwner(tx, deps, alias);
  if (!owner || email.from?.address?.toLowerCase() !== owner) return;
  const given = email.messageId?.trim() ?? '';
  // One mail of the owner may answer several correspondents, each once.
  const originMac = given === '' ? null : vault.mac('message-id', `${token} ${given}`);
  if (originMac && (await hasOrigin(tx, alias.id, originMac))) return;
  const { taken } = await kernel.ledger.take(tx, alias.organizationId, 'mail.sends', 1);
  if (taken === 0) return refuseAnswer(tx, deps, alias, { token, email, owner });
  const now = kernel.clock.now();
  const to = vault.openText(reverse.correspondent, `reverse:${alias.id}`);
  const id = newId('msg_', now);
  const messageId = `${id}@${domainOf(alias.email)}`;
  const before = await findLastSentTo(tx, alias.id, vault.mac('address', to));
  // In what the owner's program quotes, the correspondent is not to find the reverse alias.
  const content = replaceAddress(
    replaceAddress(contentOf(email), owner, alias.email),
    ...([reverseAddress(token, alias.email), to] as const),
  );
  const raw = await compose({
    ...{ from: { address: alias.email }, to: [to], messageId, date: now },
    ...content,
    // Our own Message-ID of before keeps the thread together at the correspondent's.
    references: before ? [`${before.id}@${domainOf(alias.email)}`] : undefined,
  });
  await queueMessage(tx, deps, {
    ...{ id, organizationId: alias.organizationId, aliasId: alias.id, kind: 'answer' },
    head: { from: alias.email, to, subject: content.subject },
    ...{ raw, messageId, originMac, recipients: [to] },
  });
}

/** The owner's mail program has its 250 already, so only a letter can say that nothing went out. */
async function refuseAnswer(
  tx: Db,
  deps: MailDeps,
  alias: AliasRow,
  { token, email, owner }: { token: string; email: Email; owner: string },
): Promise<void> {
  const now = deps.kernel.clock.now();
  const id = newId('msg_', now);
  const messageId = `${id}@${domainOf(alias.email)}`;
  const address = reverseAddress(token, alias.email);
  const subject = clean(`Not sent: ${email.subject ?? ''}`);
  const raw = await compose({
    ...{ from: { address, name: alias.email }, to: [owner], messageId, date: now, subject },
    text: 'Your answer was not sent: the sends of this month are used up on your plan. Wait for the next month or change the plan, then send it again.',
    headers: { [LOOP_HEADER]: alias.email, 'Auto-Submitted': 'auto-replied' },
  });
  await queueMessage(tx, deps, {
    ...{ id, organizationId: alias.organizationId, aliasId: alias.id, kind: 'forward' },
    head: { from: address, to: owner, subject },
    ...{ raw, messageId, recipients: [owner] },
  });
}

const MEDIA_TYPE = /^[\w.+-]{1,63}\/[\w.+-]{1,63}$/;

interface Content {
  subject: string;
  text?: string;
  html?: string;
  attachments: Attachment[];
}

function contentOf(email: Email): Content {
  return {
    subject: clean(email.subject ?? ''),
    text: email.text,
    html: email.html,
    attachments: email.attachments.map(({ filename, mimeType, content, contentId }) => ({
      filename: clean(filename ?? 'attachment'),
      contentType: MEDIA_TYPE.test(mimeType) ? mimeType : 'application/octet-stream',
      content:
        typeof content === 'string' ? Buffer.from(content) : Buffer.from(content as ArrayBuffer),
      cid: contentId && clean(contentId.replaceAll(/[<>\s]/g, '')),
    })),
  };
}

/** What a mail program wrote of an address, in signatures and above quotations say, is another. */
function replaceAddress(content: Content, address: string, by: string): Content {
  const pattern = new RegExp(address.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gi');
  const replace = (text: string) => text.replaceAll(pattern, () => by);
  return {
    ...content,
    subject: replace(content.subject),
    text: content.text && replace(content.text),
    html: content.html && replace(content.html),
  };
}

function clean(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, 500);
}
