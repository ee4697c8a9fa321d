/** What the kernel knows, in the account's words. */
import type { Organization, Session, User } from '../kernel/accounts/accounts.ts';
import type { Plan } from '../kernel/accounts/plan.ts';
import type { AuditRecord } from '../kernel/audit/audit.ts';
import type { KeyRow } from '../kernel/keys/keys.ts';
import type { Balance, Meter } from '../kernel/ledger/ledger.ts';
import type { WebhookDelivery, WebhookEndpoint } from '../kernel/webhooks/webhooks.ts';

const time = (at: Date) => at.toISOString();
const timeOrNull = (at: Date | null) => at?.toISOString() ?? null;

export const toSession = ({ token, expiresInS }: Session) => ({ token, expires_in: expiresInS });

export const toMember = ({ id, email, role, createdAt }: User) => ({
  ...{ id, email, role },
  created_at: time(createdAt),
});

export const toPlan = ({ id, name, limits }: Plan) => ({ id, name, limits: { ...limits } });

export const toOrganization = ({ id, name, timeZone, plan, createdAt }: Organization) => ({
  ...{ id, name, time_zone: timeZone, plan: toPlan(plan) },
  created_at: time(createdAt),
});

export const toKey = (row: KeyRow) => ({
  ...{ id: row.id, service: row.service, label: row.label, scopes: row.scopes },
  last_four: row.lastFour,
  is_active: row.isActive,
  expires_at: timeOrNull(row.expiresAt),
  last_used_at: timeOrNull(row.lastUsedAt),
  created_at: time(row.createdAt),
});

export const toMeter = (meter: Meter, { total, used, available, resetsAt }: Balance) => ({
  ...{ meter, total, used, available },
  resets_at: time(resetsAt),
});

export const toAuditEntry = ({ number, at, actor, action, target, details }: AuditRecord) => ({
  ...{ number, actor, action, target, details },
  at: time(at),
});

export const toEndpoint = (endpoint: WebhookEndpoint) => ({
  ...{ id: endpoint.id, url: endpoint.url, description: endpoint.description },
  types: endpoint.types,
  is_active: endpoint.isActive,
  disabled_reason: endpoint.disabledReason,
  failing_since: timeOrNull(endpoint.failingSince),
  created_at: time(endpoint.createdAt),
  updated_at: time(endpoint.updatedAt),
});

export const toDelivery = (delivery: WebhookDelivery) => ({
  ...{ id: delivery.id, url: delivery.url, type: delivery.type, status: delivery.status },
  webhook_id: delivery.endpointId,
  next_attempt_at: timeOrNull(delivery.nextAttemptAt),
  created_at: time(delivery.createdAt),
  finished_at: timeOrNull(delivery.finishedAt),
  attempts: delivery.attempts.map(({ number, at, durationMs, status, error, response }) => ({
    ...{ number, at: time(at), duration_ms: durationMs, status, error, response },
  })),
});
