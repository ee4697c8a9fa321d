/** Whom an address of ours stands for, asked before the message is taken. */
import { domainOf, localOf, readAddress } from '../address.ts';
import type { MailDeps } from '../deps.ts';
import { configuredDomain, ownDomain } from '../domains/domains.ts';
import { readReturnPath } from '../reputation/return-path.ts';
import { type AliasRow, findAliasByEmail, findAliasById } from '../store/alias-store.ts';
import { findReverseAlias } from '../store/arrival-store.ts';
import { findVerifiedDomain } from '../store/domain-store.ts';

export type Target =
  | { kind: 'alias'; aliasId: string }
  | { kind: 'role'; organizationId: string; email: string }
  | { kind: 'reverse'; token: string }
  | { kind: 'bounce'; messageId: string; position: number }
  | { kind: 'unsubscribe'; messageId: string; position: number };

/** An answer of SMTP with its enhanced status code, RFC 3463. */
export interface Refusal {
  code: number;
  text: string;
}

/** Every domain has these, whoever its aliases belong to: RFC 5321 4.5.1, RFC 2142 4. */
const ROLES = new Set(['postmaster', 'abuse']);

const UNKNOWN: Refusal = { code: 550, text: '5.1.1 There is no such mailbox here' };
const INACTIVE: Refusal = { code: 550, text: '5.2.1 This mailbox is not in use at present' };

export async function resolveTarget(deps: MailDeps, text: string): Promise<Target | Refusal> {
  const { kernel, vault } = deps;
  const { db } = kernel.database;
  // Without a domain it is the server's own, RFC 5321 4.1.1.3.
  if (text.toLowerCase() === 'postmaster')
    return roleAt(deps, 'postmaster', configuredDomain(deps));
  const address = readAddress(text);
  if (!address) return UNKNOWN;
  const returned = readReturnPath(address, vault);
  if (returned) return { kind: returned.purpose, ...returned.recipient };
  if (ROLES.has(localOf(address))) return roleAt(deps, localOf(address), domainOf(address));
  const reverse = /^r\.([0-9a-f]{20,40})$/.exec(localOf(address))?.[1];
  if (reverse) {
    const found = await findReverseAlias(db, reverse);
    const target: Target = { kind: 'reverse', token: reverse };
    return judge(found && (await findAliasById(db, found.aliasId)), () => target);
  }
  return judge(await findAliasByEmail(db, address), ({ id }) => ({ kind: 'alias', aliasId: id }));
}

function judge(alias: AliasRow | undefined, use: (alias: AliasRow) => Target): Target | Refusal {
  if (!alias || alias.deletedAt) return UNKNOWN;
  return alias.isActive ? use(alias) : INACTIVE;
}

async function roleAt(deps: MailDeps, role: string, at: string): Promise<Target | Refusal> {
  const { config, database, accounts } = deps.kernel;
  const own = configuredDomain(deps);
  const name = at === config.bounceDomain ? own : at;
  if (name === own) {
    await ownDomain(database.db, deps, (await accounts.firstOrganization(database.db)).id);
  }
  const domain = await findVerifiedDomain(database.db, name);
  if (!domain) return UNKNOWN;
  return { kind: 'role', organizationId: domain.organizationId, email: `${role}@${name}` };
}

/** Where the owner answers to: on the alias's own domain. */
export function reverseAddress(token: string, aliasEmail: string): string {
  return `r.${token}@${domainOf(aliasEmail)}`;
}
