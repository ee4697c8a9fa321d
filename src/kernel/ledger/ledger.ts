/**
 * Credits. Each organization has, per meter, a monthly quota from its plan and one-off credits that
 * an operator may add; the monthly ones are spent first. Every movement happens in the caller's
 * transaction, so a credit is taken exactly once with the work that it pays for.
 */
import type { Db } from '../db/schema.ts';

export type Meter = 'gate.credits' | 'redact.credits' | 'mail.sends';

export interface Balance {
  /** What the month and the one-off credits allow together. */
  total: number;
  used: number;
  available: number;
  /** When the monthly part starts anew. */
  resetsAt: Date;
}

export interface Ledger {
  /**
   * Takes up to `amount` credits (all or nothing unless `partial`) and says how many were taken and
   * what is left. Rows are locked: racing callers on any number of nodes never take one twice.
   */
  take(
    tx: Db,
    organizationId: string,
    meter: Meter,
    amount: number,
    options?: { partial?: boolean },
  ): Promise<{ taken: number; available: number }>;
  /** Gives back what a failed piece of work had paid; never more than was used this month. */
  refund(tx: Db, organizationId: string, meter: Meter, amount: number): Promise<void>;
  /** Adds one-off credits. */
  grant(tx: Db, organizationId: string, meter: Meter, amount: number): Promise<void>;
  balance(db: Db, organizationId: string, meter: Meter): Promise<Balance>;
}
