/**
 * Webhooks as the Standard Webhooks specification says (webhook-id, webhook-timestamp,
 * webhook-signature). `emit` commits with its cause; delivery is a job that retries with growing
 * waits over a day.
 */
import type { Db } from '../db/schema.ts';

export interface WebhookEvent {
  organizationId: string;
  /** e.g. `email.sent`, `click.fraud`, `job.completed`. */
  type: string;
  /** The JSON body, exactly as it shall be sent. */
  payload: Record<string, unknown>;
  /**
   * Send to this address (signed with the organization's own secret) instead of to the
   * organization's endpoints that ask for this type.
   */
  url?: string;
}

export interface Webhooks {
  emit(tx: Db, event: WebhookEvent): Promise<void>;
  /** Fault `invalid_request` for an address that is no http(s) URL or is private and not allowed. */
  checkUrl(url: string, field: string): Promise<void>;
}
