/** Keeps an alias's health in step with what happens to its mail, and says when it changes. */
import type { Db } from '../../../kernel/db/schema.ts';
import type { MailDeps } from '../deps.ts';
import * as store from '../store/alias-store.ts';
import { HEALTH_DAYS, healthOf } from './health.ts';

const DAY_MS = 86_400_000;

/** In the transaction of whatever happened. */
export async function noteHealth(
  tx: Db,
  { kernel }: MailDeps,
  organizationId: string,
  aliasId: string,
): Promise<void> {
  const now = kernel.clock.now();
  const since = new Date(now.getTime() - HEALTH_DAYS * DAY_MS);
  const status = healthOf(await store.readReceived(tx, aliasId, since));
  if (!(await store.setHealth(tx, aliasId, status))) return;
  const type = 'alias.health_changed';
  const payload = { event: type, aliasId, healthStatus: status, timestamp: now.toISOString() };
  await kernel.webhooks.emit(tx, { organizationId, type, payload });
}

/** What happened leaves the window by the passing of days alone. For the schedule. */
export async function refreshHealth(deps: MailDeps): Promise<void> {
  const { database } = deps.kernel;
  for (const { id, organizationId } of await store.listUnhealthy(database.db)) {
    await database.tx((tx) => noteHealth(tx, deps, organizationId, id));
  }
}
