/**
 * The audit log: append-only, each entry carrying the hash of the one before it in the same
 * organization, so that a changed, removed or reordered entry breaks the chain. A row per
 * organization keeps the chain's length and last hash, so that a tail cut off shows as well.
 */
import type { Clock } from '../clock.ts';
import type { Db } from '../db/schema.ts';
import { chainHash, GENESIS, storable } from './chain.ts';
import * as store from './store.ts';

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

/** An entry as it was written. */
export interface AuditRecord extends Required<AuditEntry> {
  /** Its place in the organization's chain, from 1. */
  number: number;
  at: Date;
}

export interface Audit {
  /**
   * Appends in the caller's transaction. The chain stays locked until that commits: append last,
   * after the rows that the entry is about are locked.
   */
  append(tx: Db, entry: AuditEntry): Promise<void>;
  /** Newest first; `before` is the number of the last one seen. */
  list(
    db: Db,
    organizationId: string,
    page: { limit: number; before?: number },
  ): Promise<AuditRecord[]>;
  /** The organizations that have a chain. */
  organizations(db: Db): Promise<string[]>;
  /** Walks the chain; the number of the first entry that does not hold, or null where all do. */
  verify(db: Db, organizationId: string): Promise<{ entries: number; brokenAt: number | null }>;
}

export function createAudit({ clock }: { clock: Clock }): Audit {
  return {
    async append(tx, { organizationId, actor, action, target, details = {} }) {
      const head = await store.lockHead(tx, organizationId, GENESIS);
      const record = storable({
        ...{ organizationId, actor, action, target, details },
        number: head.entries + 1,
        at: clock.now(),
      });
      await store.insertEntry(tx, record, chainHash(head.hash, record));
    },
    list: store.listEntries,
    organizations: store.listOrganizations,
    verify,
  };
}

async function verify(
  db: Db,
  organizationId: string,
): Promise<{ entries: number; brokenAt: number | null }> {
  let hash: Buffer = GENESIS;
  let entries = 0;
  for (;;) {
    // Entries may be appended meanwhile: each round goes as far as the head that it began with.
    const head = (await store.readHead(db, organizationId)) ?? { entries: 0, hash: GENESIS };
    while (entries < head.entries) {
      const batch = await store.entriesAfter(db, organizationId, entries, head.entries);
      for (const { record, hash: written } of batch) {
        hash = chainHash(hash, record);
        if (record.number !== entries + 1 || !hash.equals(written)) {
          return { entries, brokenAt: entries + 1 };
        }
        entries = record.number;
      }
      if (batch.length === 0) return { entries, brokenAt: entries + 1 };
    }
    if (!hash.equals(head.hash)) return { entries, brokenAt: entries };
    if (!(await store.hasEntryAfter(db, organizationId, head.entries))) {
      return { entries, brokenAt: null };
    }
    // Something lies behind the head: either the head has moved on since, or somebody put it there.
    const moved = await store.readHead(db, organizationId);
    if ((moved?.entries ?? 0) === head.entries) return { entries, brokenAt: entries + 1 };
  }
}
