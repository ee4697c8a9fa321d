/**
 * Webhooks as the Standard Webhooks specification says (webhook-id, webhook-timestamp,
 * webhook-signature). `emit` commits with its cause; delivery is a job that retries with growing
 * waits over a day. A receiver may get a message twice, with the same `webhook-id`: never not at all.
 */
import type { Logger } from 'pino';
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../db/index.ts';
import type { Db } from '../db/schema.ts';
import { invalidField } from '../fault.ts';
import type { Jobs } from '../jobs/index.ts';
import type { Keyring } from '../keyring.ts';
import { createDelivery } from './delivery.ts';
import { createEndpoints } from './endpoints.ts';
import type { WebhookType } from './event-types.ts';
import { createSecrets } from './secrets.ts';
import { createSender, type Resolve } from './sender.ts';

export { ALL_TYPES, WEBHOOK_TYPES, type WebhookType } from './event-types.ts';

export interface WebhookEvent {
  organizationId: string;
  type: WebhookType;
  /** The JSON body, exactly as it shall be sent. */
  payload: Record<string, unknown>;
  /**
   * Send to this address (signed with the organization's own secret) instead of to the
   * organization's endpoints that ask for this type.
   */
  url?: string;
}

export interface WebhookEndpoint {
  id: string;
  url: string;
  description: string;
  /** Types it is sent, or `*` for all. */
  types: string[];
  isActive: boolean;
  /** Why it was switched off by itself: it answered 410, or nothing succeeded for five days. */
  disabledReason: 'gone' | 'failing' | null;
  /** The first failure since the last success. */
  failingSince: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

export interface EndpointInput {
  url: string;
  types: readonly string[];
  description?: string;
}

export interface WebhookAttempt {
  /** From 1. */
  number: number;
  at: Date;
  durationMs: number;
  /** null where there was no answer. */
  status: number | null;
  error: string | null;
  /** The first 500 bytes of the answer. */
  response: string;
}

export interface WebhookDelivery {
  /** The `webhook-id` of every attempt. */
  id: string;
  /** null where the address came with the event. */
  endpointId: string | null;
  url: string;
  type: string;
  status: 'pending' | 'delivered' | 'failed';
  nextAttemptAt: Date | null;
  createdAt: Date;
  finishedAt: Date | null;
  attempts: WebhookAttempt[];
}

export interface DeliveryQuery {
  /** 1–100. */
  limit: number;
  /** The id of the last delivery seen. */
  before?: string;
  endpointId?: string;
  status?: WebhookDelivery['status'];
}

/** Every function throws Fault `not_found` for another organization's ids. */
export interface Webhooks {
  /** Commits with `tx`; many events at once cost little more than one. */
  emit(tx: Db, events: WebhookEvent | readonly WebhookEvent[]): Promise<void>;
  /** Fault `invalid_request` for an address that is no http(s) URL or is private and not allowed. */
  checkUrl(url: string, field: string): Promise<void>;

  /** The secret is shown here, and by `secret`. Fault `invalid_request` for a bad url or type. */
  createEndpoint(
    tx: Db,
    organizationId: string,
    input: EndpointInput,
    actor: string,
  ): Promise<{ endpoint: WebhookEndpoint; secret: string }>;
  /** Oldest first. */
  listEndpoints(db: Db, organizationId: string): Promise<WebhookEndpoint[]>;
  getEndpoint(db: Db, organizationId: string, id: string): Promise<WebhookEndpoint>;
  /** Switching on (`isActive: true`) forgets past failures. */
  updateEndpoint(
    tx: Db,
    organizationId: string,
    id: string,
    change: Partial<EndpointInput> & { isActive?: boolean },
    actor: string,
  ): Promise<WebhookEndpoint>;
  /** Its deliveries go with it. */
  deleteEndpoint(tx: Db, organizationId: string, id: string, actor: string): Promise<void>;
  /** The secret of an endpoint, or (null) the organization's own, made when first asked for. */
  secret(tx: Db, organizationId: string, endpointId: string | null): Promise<string>;
  /** A new secret; the old one signs along for a day, so that receivers can change over. */
  rotateSecret(
    tx: Db,
    organizationId: string,
    endpointId: string | null,
    actor: string,
  ): Promise<string>;

  /** Newest first, each with its attempts. */
  listDeliveries(db: Db, organizationId: string, query: DeliveryQuery): Promise<WebhookDelivery[]>;
  getDelivery(db: Db, organizationId: string, id: string): Promise<WebhookDelivery>;
  /**
   * Sends again at once, under the same id, and retries as at first. Fault `conflict` while it is
   * pending or its endpoint is switched off.
   */
  resend(tx: Db, organizationId: string, deliveryId: string, actor: string): Promise<void>;

  /** Takes up deliveries in this process. */
  work(jobs: Jobs): void;
  /** Removes deliveries that ended more than 30 days ago; says how many. For the schedule. */
  sweep(): Promise<number>;
}

export interface WebhooksDeps {
  database: Database;
  keyring: Keyring;
  jobs: Jobs;
  clock: Clock;
  log: Logger;
  audit: Audit;
  /** Whether private and loopback addresses may be sent to. */
  allowPrivate: boolean;
  /** How names are resolved; the system's way unless given. */
  resolve?: Resolve;
  /** For one whole attempt; 15,000 unless given. */
  timeoutMs?: number;
  /** 0 ≤ x < 1, for the spread of retries. */
  random?: () => number;
}

export function createWebhooks(deps: WebhooksDeps): Webhooks {
  const sender = createSender(deps);
  const secrets = createSecrets(deps);
  const checkUrl = async (url: string, field: string) => {
    const refusal = await sender.refusal(url);
    if (refusal) throw invalidField(field, `The ${field} field ${refusal}`);
  };
  return {
    checkUrl,
    ...createEndpoints({ ...deps, secrets, checkUrl }),
    ...createDelivery({ ...deps, secrets, sender }),
  };
}
