/**
 * Between the owner's mailbox and a correspondent. Both directions compose the message anew from its
 * content alone: no header, no Received line and no Message-ID of one side reaches the other.
 */

import { randomBytes } from 'node:crypto';
import type { Email } from 'postal-mime';
import type { Db } from '../../../kernel/db/schema.ts';
import { newId } from '../../../kernel/ids.ts';
import { domainOf, readAddress } from '../address.ts';
import type { MailDeps } from '../deps.ts';
import { queueMessage } from '../emails.ts';
import { type Attachment, compose } from '../outbound/compose.ts';
import { type AliasRow, findAliasById } from '../store/alias-store.ts';
import { ensureReverseAlias, findReverseAlias } from '../store/arrival-store.ts';
import { findLastSentTo } from '../store/message-store.ts';
import { reverseAddress } from './targets.ts';

/** To the owner, from an address through which the answer finds its way back. */
export async function forwardToOwner(
  tx: Db,
  deps: MailDeps,
  alias: AliasRow,
  { email, from, isAutomatic }: { email: Email; from: string; isAutomatic: boolean },
): Promise<void> {
  const { kernel, vault } = deps;
  const owner = readAddress(await kernel.accounts.ownerEmail(tx, alias.organizationId));
  // An owner without a real mailbox, as on a fresh installation, reads the log; loops are not begun.
  if (!owner || owner === from || from === '') return;
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
    headers: isAutomatic ? { 'Auto-Submitted': 'auto-replied' } : undefined,
  });
  await queueMessage(tx, deps, {
    ...{ id, organizationId: alias.organizationId, aliasId: alias.id, kind: 'forward' },
    head: { from: address, to: owner, subject: email.subject ?? '' },
    ...{ raw, messageId, recipients: [owner] },
  });
}

/** The owner's answer, out from the alias. Anybody else who writes to a reverse alias is not heard. */
export async function answerCorrespondent(
  tx: Db,
  deps: MailDeps,
  token: string,
  email: Email,
): Promise<void> {
  const { kernel, vault } = deps;
  const reverse = await findReverseAlias(tx, token);
  const alias = reverse && (await findAliasById(tx, reverse.aliasId));
  if (!alias || alias.deletedAt || !alias.isActive) return;
  const owner = readAddress(await kernel.accounts.ownerEmail(tx, alias.organizationId));
  if (!owner || readAddress(email.from?.address ?? '') !== owner) return;
  const now = kernel.clock.now();
  const to = vault.openText(reverse.correspondent, `reverse:${alias.id}`);
  const id = newId('msg_', now);
  const messageId = `${id}@${domainOf(alias.email)}`;
  const before = await findLastSentTo(tx, alias.id, vault.mac('address', to));
  const content = withoutAddress(contentOf(email), owner, alias.email);
  const raw = await compose({
    ...{ from: { address: alias.email }, to: [to], messageId, date: now },
    ...content,
    // Our own Message-ID of before keeps the thread together at the correspondent's.
    references: before ? [`${before.id}@${domainOf(alias.email)}`] : undefined,
  });
  await queueMessage(tx, deps, {
    ...{ id, organizationId: alias.organizationId, aliasId: alias.id, kind: 'answer' },
    head: { from: alias.email, to, subject: content.subject },
    ...{ raw, messageId, recipients: [to] },
  });
}

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
    attachments: email.attachments.map(({ filename, mimeType, content }) => ({
      filename: clean(filename ?? 'attachment'),
      contentType: mimeType,
      content:
        typeof content === 'string' ? Buffer.from(content) : Buffer.from(content as ArrayBuffer),
    })),
  };
}

/** What the owner's own mail program wrote of the owner's address, in signatures say, is the alias. */
function withoutAddress(content: Content, owner: string, alias: string): Content {
  const pattern = new RegExp(owner.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gi');
  return {
    ...content,
    subject: content.subject.replaceAll(pattern, alias),
    text: content.text?.replaceAll(pattern, alias),
    html: content.html?.replaceAll(pattern, alias),
  };
}

function clean(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, 500);
}
