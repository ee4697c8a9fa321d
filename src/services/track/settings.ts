/** What an organization can choose about its tracking. */
import type { Db } from '../../kernel/db/schema.ts';
import type { Kernel } from '../../kernel/index.ts';
import { actorOf, type Principal, requireRole } from '../../kernel/principal.ts';
import { LINKS_TOPIC } from './campaigns.ts';
import { ALL_LINKS } from './sources.ts';
import * as store from './store/campaign-store.ts';

interface Settings {
  store_full_ip: boolean;
}

export async function getSettings(db: Db, { organizationId }: Principal): Promise<Settings> {
  const settings = await store.readSettings(db, organizationId);
  return { store_full_ip: settings?.storeFullIp ?? false };
}

/** Whole addresses are personal data: only owners and admins decide on them, and the log says who. */
export async function changeSettings(
  { audit, database }: Kernel,
  tx: Db,
  principal: Principal,
  change: Settings,
): Promise<Settings> {
  requireRole(principal, 'owner', 'admin');
  const { organizationId, timeZone } = principal;
  await store.ensureSettings(tx, organizationId, timeZone);
  await store.setStoreFullIp(tx, organizationId, change.store_full_ip);
  await database.changes.publish(tx, LINKS_TOPIC, ALL_LINKS);
  await audit.append(tx, {
    organizationId,
    actor: actorOf(principal),
    action: 'track_settings.changed',
    target: `organization:${organizationId}`,
    details: { ...change },
  });
  return change;
}
