/** The summary of a period, from what happened in it. */
import type { Principal } from '../../kernel/principal.ts';
import type { MailDeps } from './deps.ts';
import { percent, scoreOf } from './reputation/health.ts';
import { readTotals } from './store/analytics-store.ts';

export const PERIODS = ['7d', '14d', '30d'] as const;
export type Period = (typeof PERIODS)[number];

const DAY_MS = 86_400_000;

export async function summarize(
  { kernel }: MailDeps,
  { organizationId }: Principal,
  period: Period,
) {
  const days = Number.parseInt(period, 10);
  const since = new Date(kernel.clock.now().getTime() - days * DAY_MS);
  const totals = await readTotals(kernel.database.db, organizationId, since);
  const { sent, bounced, complained, messagesAnswered } = totals;
  return {
    period,
    overview: { totalAliases: totals.aliases, activeAliases: totals.activeAliases },
    health: { ...totals.health, score: scoreOf(totals.health) },
    emails: { totalSent: sent, totalReceived: totals.received, totalBounces: bounced },
    rates: {
      bounceRate: percent(bounced, sent),
      replyRate: percent(messagesAnswered, sent - bounced),
      complaintRate: percent(complained, sent),
    },
  };
}
