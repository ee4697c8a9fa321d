/** What an organization has used and has left. */
import type { Kernel } from '../../kernel/index.ts';
import type { Principal } from '../../kernel/principal.ts';
import { creditBalance } from './credits.ts';
import { countJobs } from './store.ts';

const THIRTY_DAYS_MS = 30 * 24 * 3_600_000;

export async function usageOf(kernel: Kernel, principal: Principal) {
  const { organizationId, organizationName } = principal;
  const since = new Date(kernel.clock.now().getTime() - THIRTY_DAYS_MS);
  const { available, used, total } = await creditBalance(kernel, organizationId);
  return {
    success: true as const,
    organization: { id: organizationId, name: organizationName },
    credits: { available, used, total },
    jobs: { last30Days: await countJobs(kernel.database.db, organizationId, since) },
  };
}
