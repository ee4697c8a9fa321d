/** Campaigns: what aliases are grouped by. Each organization has a default one that stays. */
import type { Db } from '../../kernel/db/schema.ts';
import { Fault, invalidField } from '../../kernel/fault.ts';
import { newId } from '../../kernel/ids.ts';
import type { Principal } from '../../kernel/principal.ts';
import type { MailDeps } from './deps.ts';
import * as store from './store/campaign-store.ts';

export interface Campaign {
  id: string;
  name: string;
  aliasCount: number;
  createdAt: string;
}

/** The default campaign's id, made at the first use. */
export function defaultCampaign(db: Db, { kernel }: MailDeps, organizationId: string) {
  const createdAt = kernel.clock.now();
  return store.ensureDefaultCampaign(db, organizationId, {
    id: newId('clx', createdAt),
    createdAt,
  });
}

export async function listCampaigns(
  deps: MailDeps,
  { organizationId }: Principal,
  page: store.Page,
) {
  const { db } = deps.kernel.database;
  await defaultCampaign(db, deps, organizationId);
  const { rows, total } = await store.listCampaigns(db, organizationId, page);
  return { campaigns: rows.map(toWire), pagination: { total, ...page } };
}

export async function createCampaign(
  tx: Db,
  deps: MailDeps,
  { organizationId }: Principal,
  name: string,
): Promise<Campaign> {
  await defaultCampaign(tx, deps, organizationId);
  const createdAt = deps.kernel.clock.now();
  const id = newId('clx', createdAt);
  await store.insertCampaign(tx, { id, organizationId, name: readName(name), createdAt });
  return toWire(await requireCampaign(tx, organizationId, id));
}

export function renameCampaign(
  { kernel }: MailDeps,
  { organizationId }: Principal,
  id: string,
  name: string,
): Promise<Campaign> {
  return kernel.database.tx(async (tx) => {
    await requireCampaign(tx, organizationId, id);
    await store.renameCampaign(tx, id, readName(name));
    return toWire(await requireCampaign(tx, organizationId, id));
  });
}

/** Its aliases go to the default campaign. Fault `conflict` for the default one. */
export function deleteCampaign(
  deps: MailDeps,
  { organizationId }: Principal,
  id: string,
): Promise<{ id: string; deleted: true }> {
  return deps.kernel.database.tx(async (tx) => {
    const { isDefault } = await requireCampaign(tx, organizationId, id);
    if (isDefault) throw new Fault('conflict', 'The default campaign cannot be deleted.');
    await store.deleteCampaign(tx, id, await defaultCampaign(tx, deps, organizationId));
    return { id, deleted: true as const };
  });
}

/** Fault `not_found` for another organization's. */
export async function requireCampaign(
  db: Db,
  organizationId: string,
  id: string,
): Promise<store.CampaignRow> {
  const found = await store.findCampaign(db, organizationId, id);
  if (!found) throw new Fault('not_found', 'There is no such campaign.');
  return found;
}

function readName(text: string): string {
  const name = text.trim();
  if (name !== '' && !name.includes('\0')) return name;
  throw invalidField('name', 'The name field must not be blank');
}

function toWire({ id, name, aliasCount, createdAt }: store.CampaignRow): Campaign {
  return { id, name, aliasCount, createdAt: createdAt.toISOString() };
}
