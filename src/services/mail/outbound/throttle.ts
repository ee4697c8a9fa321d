/**
 * How much an alias, and an organization with all of its aliases, may send. A new address that sends
 * much looks like a spammer's to every receiver, so what it may send grows with its age; single
 * messages always have their 50 a day, 10 a minute.
 */
import { Fault } from '../../../kernel/fault.ts';
import { limitReached } from '../../../kernel/limits/refusal.ts';
import type { MailDeps } from '../deps.ts';
import type { AliasRow } from '../store/alias-store.ts';

const DAY_S = 86_400;
const MOST_A_DAY = 2_000;
const SINGLE_A_DAY = 50;
const SINGLE_A_MINUTE = 10;
const BULK_FIRST_DAY = 10;
/** One organization's burst does not hold up the others' mail. */
const ORGANIZATION_A_MINUTE = 600;

/** Fault `rate_limited` past the alias's share, `forbidden` for campaign mail from a risky one. */
export async function throttle(
  { kernel }: MailDeps,
  alias: Pick<AliasRow, 'id' | 'organizationId' | 'createdAt' | 'healthStatus' | 'lookedAt'>,
  isBulk: boolean,
  recipients: number,
): Promise<void> {
  if (isBulk && alias.healthStatus === 'risky' && !alias.lookedAt) {
    throw new Fault(
      'forbidden',
      'This alias is risky: too much of its mail bounced or was complained of. Look into it, then set isActive to true to go on: until then it sends no campaign mail.',
    );
  }
  const nowMs = kernel.clock.now().getTime();
  const ageDays = Math.max(0, Math.floor((nowMs - alias.createdAt.getTime()) / (DAY_S * 1000)));
  // Doubles daily: 10 the first day, 2,000 from the ninth on.
  const bulkADay = Math.min(MOST_A_DAY, BULK_FIRST_DAY * 2 ** Math.min(ageDays, 20));
  const one = 'This alias at its age';
  const windows: [who: string, bucket: string, limit: number, windowS: number][] = isBulk
    ? [[one, `mail:alias:${alias.id}:bulk`, bulkADay, DAY_S]]
    : [
        [
          one,
          `mail:alias:${alias.id}:minute`,
          Math.max(SINGLE_A_MINUTE, Math.min(60, bulkADay)),
          60,
        ],
        [one, `mail:alias:${alias.id}:day`, Math.max(SINGLE_A_DAY, bulkADay), DAY_S],
      ];
  windows.push([
    'Your organization',
    `mail:org:${alias.organizationId}`,
    ORGANIZATION_A_MINUTE,
    60,
  ]);
  for (const [who, bucket, limit, windowS] of windows) {
    const usage = await kernel.limiter.take(bucket, limit, windowS, recipients);
    if (usage.allowed) continue;
    const per = windowS === 60 ? 'minute' : 'day';
    throw limitReached(usage, kernel.clock, `${who} may send ${limit} of these a ${per}.`);
  }
}
