/** The SQL of credits; the arithmetic under the lock is in `core.take_credits`. */
import { sql } from 'kysely';
import { UNLIMITED } from '../accounts/plan.ts';
import type { Db } from '../db/schema.ts';

/** `month` is its first day, `YYYY-MM-01`; `quota` the name of the plan's figure. */
export interface MeterRow {
  organizationId: string;
  meter: string;
  month: string;
  quota: string;
}

export async function takeCredits(
  tx: Db,
  { organizationId, meter, month, quota }: MeterRow,
  amount: number,
  partial: boolean,
): Promise<{ taken: number; available: number }> {
  const { rows } = await sql<{ taken: number; available: number }>`
    SELECT taken, available FROM core.take_credits(${organizationId}, ${meter}, ${month}::date,
      ${quota}, ${UNLIMITED}, ${amount}, ${partial})`.execute(tx);
  return rows[0] as { taken: number; available: number };
}

/** What was spent last comes back first: one-off credits, then the month's. */
export async function refundCredits(
  tx: Db,
  { organizationId, meter, month }: MeterRow,
  amount: number,
): Promise<void> {
  await sql`SELECT core.lock_balance(${organizationId}, ${meter}, ${month}::date)`.execute(tx);
  await sql`
    UPDATE core.balances SET extra_used = extra_used - LEAST(${amount}::bigint, extra_used),
      extra = extra + LEAST(${amount}::bigint, extra_used),
      used = GREATEST(used - GREATEST(${amount}::bigint - extra_used, 0), 0)
    WHERE organization_id = ${organizationId} AND meter = ${meter}`.execute(tx);
}

export async function grantCredits(
  tx: Db,
  { organizationId, meter, month }: MeterRow,
  amount: number,
): Promise<void> {
  await sql`SELECT core.lock_balance(${organizationId}, ${meter}, ${month}::date)`.execute(tx);
  await sql`
    UPDATE core.balances SET extra = extra + ${amount}::bigint
    WHERE organization_id = ${organizationId} AND meter = ${meter}`.execute(tx);
}

export async function readBalance(
  db: Db,
  { organizationId, meter, month, quota }: MeterRow,
): Promise<{ quota: number; used: number; extra: number; extraUsed: number } | null> {
  const { rows } = await sql<{ quota: number; used: number; extra: number; extraUsed: number }>`
    SELECT COALESCE((p.limits ->> ${quota})::bigint, ${UNLIMITED}::bigint) AS quota,
      CASE WHEN b.month >= ${month}::date THEN b.used ELSE 0::bigint END AS used,
      COALESCE(b.extra, 0::bigint) AS extra,
      CASE WHEN b.month >= ${month}::date THEN b.extra_used ELSE 0::bigint END AS "extraUsed"
    FROM core.organizations o JOIN core.plans p ON p.id = o.plan_id
      LEFT JOIN core.balances b ON b.organization_id = o.id AND b.meter = ${meter}
    WHERE o.id = ${organizationId}`.execute(db);
  return rows[0] ?? null;
}
