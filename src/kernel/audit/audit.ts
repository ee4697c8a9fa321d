/**
 * The audit log: append-only, each entry carrying the hash of the one before it in the same
 * organization, so that a changed, removed or reordered entry breaks the chain.
 */
import type { Db } from '../db/schema.ts';

export interface AuditEntry {
  organizationId: string;
  /** `user:ID`, `key:ID`, `cli` or `system`. */
  actor: string;
  /** `key.created`, `user.password_changed`, `campaign.deleted`, … */
  action: string;
  /** The thing acted on, `key:ID`, say. */
  target: string;
  /** No secrets, no personal data. */
  details?: Record<string, unknown>;
}

export interface Audit {
  append(tx: Db, entry: AuditEntry): Promise<void>;
  /** Walks the chain; the first break, or null where every entry holds. */
  verify(db: Db, organizationId: string): Promise<{ entries: number; brokenAt: number | null }>;
}
