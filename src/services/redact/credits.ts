/** One credit a page: whether they reach is asked before the work, taken is what was delivered. */
import type { Db } from '../../kernel/db/schema.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Kernel } from '../../kernel/index.ts';

const METER = 'redact.credits';

/** Fault `insufficient_credits` where fewer are left. */
export async function askCredits(kernel: Kernel, organizationId: string, amount: number) {
  const { available } = await kernel.ledger.balance(kernel.database.db, organizationId, METER);
  if (available < amount) throw spent(amount, available);
}

export async function takeCredits(
  tx: Db,
  kernel: Kernel,
  organizationId: string,
  amount: number,
): Promise<void> {
  const { taken, available } = await kernel.ledger.take(tx, organizationId, METER, amount);
  if (taken < amount) throw spent(amount, available);
}

export function creditBalance(kernel: Kernel, organizationId: string) {
  return kernel.ledger.balance(kernel.database.db, organizationId, METER);
}

function spent(amount: number, available: number): Fault {
  return new Fault(
    'insufficient_credits',
    `This needs ${amount} credit(s) and ${available} are left.`,
    { extra: { required: amount, available } },
  );
}
