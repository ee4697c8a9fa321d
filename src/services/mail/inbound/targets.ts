/** Whom an address of ours stands for, asked before the message is taken. */
import type { Db } from '../../../kernel/db/schema.ts';
import { domainOf, localOf, readAddress } from '../address.ts';
import { readReturnPath } from '../reputation/return-path.ts';
import { findAliasByEmail } from '../store/alias-store.ts';
import { findReverseAlias } from '../store/arrival-store.ts';
import type { Vault } from '../vault.ts';

export type Target =
  | { kind: 'alias'; aliasId: string }
  | { kind: 'reverse'; token: string }
  | { kind: 'bounce'; messageId: string; position: number }
  | { kind: 'unsubscribe'; messageId: string; position: number };

/** An answer of SMTP with its enhanced status code, RFC 3463. */
export interface Refusal {
  code: number;
  text: string;
}

const UNKNOWN: Refusal = { code: 550, text: '5.1.1 There is no such mailbox here' };
const INACTIVE: Refusal = { code: 550, text: '5.2.1 This mailbox is not in use at present' };

export async function resolveTarget(db: Db, text: string, vault: Vault): Promise<Target | Refusal> {
  const address = readAddress(text);
  if (!address) return UNKNOWN;
  const returned = readReturnPath(address, vault);
  if (returned) return { kind: returned.purpose, ...returned.recipient };
  const reverse = /^r\.([0-9a-f]{20,40})$/.exec(localOf(address))?.[1];
  if (reverse) {
    const found = await findReverseAlias(db, reverse);
    return found ? { kind: 'reverse', token: reverse } : UNKNOWN;
  }
  const alias = await findAliasByEmail(db, address);
  if (!alias || alias.deletedAt) return UNKNOWN;
  return alias.isActive ? { kind: 'alias', aliasId: alias.id } : INACTIVE;
}

/** Where the owner answers to: on the alias's own domain. */
export function reverseAddress(token: string, aliasEmail: string): string {
  return `r.${token}@${domainOf(aliasEmail)}`;
}
