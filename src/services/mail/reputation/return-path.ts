/**
 * Addresses that carry their own proof: the envelope sender of each recipient (VERP), to which its
 * bounces and complaints come back, and the token of an unsubscribe link. The HMAC keeps strangers
 * from inventing bounces and from unsubscribing others.
 */
import { sameSecret } from '../../../kernel/keyring.ts';
import { localOf } from '../address.ts';
import type { Vault } from '../vault.ts';

/** One recipient of one message. */
export interface Recipient {
  messageId: string;
  position: number;
}

type Purpose = 'bounce' | 'unsubscribe';

/** `b-MESSAGE-POSITION-TAG`, 64 characters at most. */
export function returnPath(recipient: Recipient, domain: string, vault: Vault): string {
  return `b-${token(recipient, 'bounce', vault)}@${domain}`;
}

export function unsubscribeToken(recipient: Recipient, vault: Vault): string {
  return token(recipient, 'unsubscribe', vault);
}

/** The mailbox for those whose client unsubscribes by mail. */
export function unsubscribeAddress(recipient: Recipient, domain: string, vault: Vault): string {
  return `u-${token(recipient, 'unsubscribe', vault)}@${domain}`;
}

/** Whose bounce or wish an address stands for, or null where it is not one of ours. */
export function readReturnPath(
  address: string,
  vault: Vault,
): { purpose: Purpose; recipient: Recipient } | null {
  const local = localOf(address).toLowerCase();
  const purpose = local.startsWith('b-') ? 'bounce' : local.startsWith('u-') ? 'unsubscribe' : null;
  const recipient = purpose && readToken(local.slice(2), purpose, vault);
  return purpose && recipient ? { purpose, recipient } : null;
}

export function readToken(text: string, purpose: Purpose, vault: Vault): Recipient | null {
  const [, id, position] = /^([a-z0-9]{1,30})-(\d{1,4})-[0-9a-f]{20}$/.exec(text) ?? [];
  if (!id || !position) return null;
  const recipient = { messageId: `msg_${id}`, position: Number(position) };
  return sameSecret(token(recipient, purpose, vault), text) ? recipient : null;
}

function token({ messageId, position }: Recipient, purpose: Purpose, vault: Vault): string {
  const name = `${messageId.replace(/^msg_/, '')}-${position}`;
  return `${name}-${vault.tag(`${purpose}:${name}`)}`;
}
