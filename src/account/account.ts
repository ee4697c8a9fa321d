/**
 * What the people of an organization may do with it. Everybody sees it; keys are for everybody but
 * readers; people, webhooks and the audit log are for owners and admins; owners are for owners.
 */
import type { Organization, User } from '../kernel/accounts/accounts.ts';
import type { AuditRecord } from '../kernel/audit/audit.ts';
import type { Db } from '../kernel/db/schema.ts';
import { Fault } from '../kernel/fault.ts';
import type { Kernel } from '../kernel/index.ts';
import type { KeyRow } from '../kernel/keys/keys.ts';
import { type Balance, METERS, type Meter } from '../kernel/ledger/ledger.ts';
import { actorOf, type Principal, type Role, requireRole } from '../kernel/principal.ts';
import type { NewKeyBody, NewMemberBody } from './schema.ts';

/** The id of the person who calls. Keys open nothing here. */
function userOf(principal: Principal): string {
  if (principal.userId === undefined) throw new Fault('unauthenticated', 'Sign in first.');
  return principal.userId;
}

export async function me(
  { accounts, database: { db } }: Kernel,
  principal: Principal,
): Promise<{ user: User; organization: Organization }> {
  const { organizationId } = principal;
  return {
    user: await accounts.member(db, organizationId, userOf(principal)),
    organization: await accounts.organization(db, organizationId),
  };
}

export function changePassword(
  { accounts, database }: Kernel,
  principal: Principal,
  passwords: { current: string; next: string },
): Promise<void> {
  return database.tx((tx) => accounts.changePassword(tx, userOf(principal), passwords));
}

export function updateOrganization(
  { accounts, database }: Kernel,
  principal: Principal,
  change: { name?: string; timeZone?: string },
): Promise<Organization> {
  requireRole(principal, 'owner', 'admin');
  const { organizationId } = principal;
  return database.tx((tx) =>
    accounts.updateOrganization(tx, organizationId, change, actorOf(principal)),
  );
}

export async function usage(
  { ledger, database: { db } }: Kernel,
  { organizationId }: Principal,
): Promise<[Meter, Balance][]> {
  return Promise.all(
    METERS.map(
      async (meter): Promise<[Meter, Balance]> => [
        meter,
        await ledger.balance(db, organizationId, meter),
      ],
    ),
  );
}

export function addMember(
  { accounts }: Kernel,
  tx: Db,
  principal: Principal,
  member: NewMemberBody,
): Promise<User> {
  requireRole(principal, 'owner', 'admin');
  requireOwnerFor(principal, member.role);
  return accounts.addMember(tx, principal.organizationId, member, actorOf(principal));
}

export function changeRole(
  { accounts, database }: Kernel,
  principal: Principal,
  userId: string,
  role: Role,
): Promise<User> {
  requireRole(principal, 'owner', 'admin');
  const { organizationId } = principal;
  return database.tx(async (tx) => {
    const member = await accounts.member(tx, organizationId, userId);
    requireOwnerFor(principal, member.role);
    requireOwnerFor(principal, role);
    return accounts.changeRole(tx, organizationId, userId, role, actorOf(principal));
  });
}

export function removeMember(
  { accounts, database }: Kernel,
  principal: Principal,
  userId: string,
): Promise<void> {
  requireRole(principal, 'owner', 'admin');
  const { organizationId } = principal;
  return database.tx(async (tx) => {
    const member = await accounts.member(tx, organizationId, userId);
    requireOwnerFor(principal, member.role);
    await accounts.removeMember(tx, organizationId, userId, actorOf(principal));
  });
}

/** Admins neither make owners nor unmake them. */
function requireOwnerFor(principal: Principal, role: Role): void {
  if (role === 'owner') requireRole(principal, 'owner');
}

export function createKey(
  { keys, database }: Kernel,
  principal: Principal,
  { service, label, scopes, expires_at: expiresAt }: NewKeyBody,
): Promise<{ row: KeyRow; secret: string }> {
  const { organizationId } = principal;
  const key = { organizationId, service, label, scopes };
  const expiry = expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) };
  return database.tx((tx) => keys.create(tx, { ...key, ...expiry }, actorOf(principal)));
}

export function rotateKey(
  { keys, database }: Kernel,
  principal: Principal,
  id: string,
  overlapS: number,
): Promise<{ row: KeyRow; secret: string }> {
  const { organizationId } = principal;
  return database.tx((tx) => keys.rotate(tx, organizationId, id, overlapS, actorOf(principal)));
}

export function revokeKey(
  { keys, database }: Kernel,
  principal: Principal,
  id: string,
): Promise<void> {
  const { organizationId } = principal;
  return database.tx((tx) => keys.revoke(tx, organizationId, id, actorOf(principal)));
}

/** Newest first; `next` is the number to go on from, or null at the end. */
export async function auditLog(
  { audit, database: { db } }: Kernel,
  principal: Principal,
  { limit = 50, before }: { limit?: number; before?: number },
): Promise<{ entries: AuditRecord[]; next: number | null }> {
  requireRole(principal, 'owner', 'admin');
  const found = await audit.list(db, principal.organizationId, { limit: limit + 1, before });
  const entries = found.slice(0, limit);
  return { entries, next: found.length > limit ? (entries.at(-1)?.number ?? null) : null };
}
