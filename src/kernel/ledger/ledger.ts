/**
 * Credits. Each organization has, per meter, a monthly quota from its plan and one-off credits that
 * an operator may add; the monthly ones are spent first. Every movement happens in the caller's
 * transaction, so a credit is taken exactly once with the work that it pays for.
 */
import type { Clock } from '../clock.ts';
import type { Db } from '../db/schema.ts';
import { Fault } from '../fault.ts';
import * as store from './store.ts';

/** Each meter with the plan's figure that is its monthly quota. */
const QUOTA = {
  'gate.credits': 'gate.credits_per_month',
  'redact.credits': 'redact.credits_per_month',
  'mail.sends': 'mail.sends_per_month',
} as const;

export type Meter = keyof typeof QUOTA;
export const METERS = Object.keys(QUOTA) as Meter[];

export interface Balance {
  /** What the month and the one-off credits allow together. */
  total: number;
  used: number;
  available: number;
  /** When the monthly part starts anew. */
  resetsAt: Date;
}

/** Amounts are whole numbers from 0. Months are those of UTC. */
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

export function createLedger({ clock }: { clock: Clock }): Ledger {
  const row = (organizationId: string, meter: Meter): store.MeterRow => ({
    ...{ organizationId, meter, quota: QUOTA[meter] },
    month: `${clock.now().toISOString().slice(0, 7)}-01`,
  });

  return {
    take: async (tx, organizationId, meter, amount, { partial = false } = {}) =>
      store.takeCredits(tx, row(organizationId, meter), counted(amount), partial),
    refund: async (tx, organizationId, meter, amount) =>
      store.refundCredits(tx, row(organizationId, meter), counted(amount)),
    grant: async (tx, organizationId, meter, amount) =>
      store.grantCredits(tx, row(organizationId, meter), counted(amount)),

    async balance(db, organizationId, meter) {
      const found = await store.readBalance(db, row(organizationId, meter));
      if (!found) throw new Fault('not_found', 'There is no such organization.');
      const { quota, used, extra, extraUsed } = found;
      const now = clock.now();
      return {
        total: quota + extra + extraUsed,
        used: used + extraUsed,
        // A plan may have become smaller than what the month has used.
        available: Math.max(quota - used, 0) + extra,
        resetsAt: new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1)),
      };
    },
  };
}

function counted(amount: number): number {
  if (Number.isSafeInteger(amount) && amount >= 0) return amount;
  throw new Error(`credits are whole numbers from 0: ${amount}`);
}
