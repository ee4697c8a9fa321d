/**
 * Who is calling: made by authentication, read by everything behind the edges. Whoever calls, calls
 * for one organization; nothing is ever looked up without its id.
 */

import type { Plan } from './accounts/plan.ts';
import { Fault } from './fault.ts';

export const SERVICES = ['mail', 'track', 'gate', 'redact'] as const;
export type ServiceName = (typeof SERVICES)[number];

export const ROLES = ['owner', 'admin', 'member', 'read-only'] as const;
export type Role = (typeof ROLES)[number];

export interface Principal {
  /** A person with a session token, or a key (Track's token from a key pair is a key, too). */
  kind: 'user' | 'key';
  organizationId: string;
  organizationName: string;
  /** IANA zone in which the organization counts its days. */
  timeZone: string;
  plan: Plan;
  /** Of a user. */
  userId?: string;
  role?: Role;
  /** Of a key: its id and what it may do. */
  keyId?: string;
  service?: ServiceName;
  scopes: ReadonlySet<string>;
}

/**
 * Fault `forbidden` unless the caller may do `scope`. A key needs the scope itself. A user may do
 * what the role allows: read-only the `:read` scopes, everybody else all of a service.
 */
export function requireScope(principal: Principal, scope: string): void {
  const allowed =
    principal.kind === 'key'
      ? principal.scopes.has(scope)
      : principal.role !== 'read-only' || scope.endsWith(':read');
  if (allowed) return;
  const message =
    principal.kind === 'key'
      ? `This API key lacks the permission "${scope}". Make a key that has it.`
      : `Your role "${principal.role}" does not allow "${scope}". Ask an owner or admin.`;
  throw new Fault('forbidden', message, { extra: { scope } });
}

/** Fault `forbidden` unless a user of one of the roles calls. */
export function requireRole(principal: Principal, ...roles: Role[]): void {
  if (principal.kind === 'user' && principal.role && roles.includes(principal.role)) return;
  throw new Fault('forbidden', `This needs the role ${roles.join(' or ')}.`);
}

/** What names the caller in the audit log: `user:ID` or `key:ID`. */
export function actorOf(principal: Principal): string {
  return principal.kind === 'user' ? `user:${principal.userId}` : `key:${principal.keyId}`;
}
