/** Aliases: addresses on the organization's verified domains, each given once and never again. */
import { planLimit } from '../../kernel/accounts/plan.ts';
import type { Db } from '../../kernel/db/schema.ts';
import { Fault, invalidField } from '../../kernel/fault.ts';
import { newId } from '../../kernel/ids.ts';
import type { Principal } from '../../kernel/principal.ts';
import { domainOf, localOf, requireAddress } from './address.ts';
import { makeAliasName } from './alias-name.ts';
import { defaultCampaign, requireCampaign } from './campaigns.ts';
import { DEVELOPMENT_DOMAIN, type MailDeps } from './deps.ts';
import { ownDomain } from './domains/domains.ts';
import * as store from './store/alias-store.ts';
import type { Page } from './store/campaign-store.ts';
import { findDefaultDomain, findDomain } from './store/domain-store.ts';

const ATTEMPTS = 5;
/** Return paths, unsubscribing and answers have addresses of these forms. */
const OURS = /^([bu]-|r\.)/;
/** RFC 2142, and what others send by themselves. */
const RESERVED = new Set([
  'postmaster',
  'abuse',
  'hostmaster',
  'webmaster',
  'mailer-daemon',
  'noc',
  'security',
]);

export async function listAliases(
  { kernel }: MailDeps,
  { organizationId }: Principal,
  filter: store.AliasFilter,
  page: Page,
) {
  const { db } = kernel.database;
  if (filter.campaignId !== undefined) await requireCampaign(db, organizationId, filter.campaignId);
  const { rows, total } = await store.listAliases(db, organizationId, filter, page);
  if (filter.id !== undefined && total === 0) throw missing();
  const aliases = rows.map((row) => ({
    id: row.id,
    email: row.email,
    isActive: row.isActive,
    healthStatus: row.healthStatus,
    campaign: { id: row.campaignId, name: row.campaignName },
    stats: {
      emailsSent: row.emailsSent,
      repliesReceived: row.repliesReceived,
      bounces: row.bounces,
    },
  }));
  return { aliases, pagination: { total, ...page } };
}

/** Fault `conflict` for an address that was ever given, `plan_limit` past the plan's number. */
export async function createAlias(
  tx: Db,
  deps: MailDeps,
  { organizationId, plan }: Principal,
  given: { email?: string; campaignId?: string },
) {
  await ownDomain(tx, deps, organizationId);
  const campaignId =
    given.campaignId === undefined
      ? await defaultCampaign(tx, deps, organizationId)
      : (await requireCampaign(tx, organizationId, given.campaignId)).id;
  const limit = planLimit(plan, 'mail.aliases');
  if ((await store.countAliases(tx, organizationId)) >= limit) {
    throw new Fault(
      'plan_limit',
      `Your plan ${plan.name} allows ${limit} aliases. Delete one or change the plan.`,
    );
  }
  const createdAt = deps.kernel.clock.now();
  const id = newId('clx', createdAt);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const email = given.email
      ? await chosenAddress(tx, organizationId, given.email)
      : await generatedAddress(tx, organizationId);
    if (await store.insertAlias(tx, { id, organizationId, campaignId, email, createdAt })) {
      return toWire(await requireAlias(tx, organizationId, id));
    }
    if (given.email) break;
  }
  throw new Fault(
    'conflict',
    'This address has been given already. An address is never given twice.',
  );
}

export function updateAlias(
  { kernel }: MailDeps,
  { organizationId }: Principal,
  id: string,
  change: { isActive?: boolean; campaignId?: string },
) {
  return kernel.database.tx(async (tx) => {
    await requireAlias(tx, organizationId, id);
    if (change.campaignId !== undefined)
      await requireCampaign(tx, organizationId, change.campaignId);
    // Whoever switches a risky alias on has looked at it.
    const lookedAt = change.isActive ? kernel.clock.now() : undefined;
    await store.updateAlias(tx, id, { ...change, lookedAt });
    return toWire(await requireAlias(tx, organizationId, id));
  });
}

export function deleteAlias(
  { kernel }: MailDeps,
  { organizationId }: Principal,
  id: string,
): Promise<{ id: string; deleted: true }> {
  return kernel.database.tx(async (tx) => {
    await requireAlias(tx, organizationId, id);
    await store.deleteAlias(tx, id, kernel.clock.now());
    return { id, deleted: true as const };
  });
}

/** Fault `not_found` for another organization's; a deleted one still has its log. */
export async function requireEverHadAlias(
  db: Db,
  organizationId: string,
  id: string,
): Promise<void> {
  if ((await store.findAliasById(db, id))?.organizationId !== organizationId) throw missing();
}

/** Fault `not_found` for another organization's, or a deleted one. */
export async function requireAlias(
  db: Db,
  organizationId: string,
  id: string,
): Promise<store.AliasRow> {
  const found = await store.findAlias(db, organizationId, id);
  if (!found) throw missing();
  return found;
}

async function chosenAddress(tx: Db, organizationId: string, text: string): Promise<string> {
  const email = requireAddress(text, 'email');
  const domain = await findDomain(tx, organizationId, { name: domainOf(email) });
  if (!domain?.verifiedAt) {
    throw invalidField(
      'email',
      `The email field must lie on one of your verified domains, which ${domainOf(email)} is not`,
    );
  }
  const local = localOf(email);
  if (OURS.test(local) || RESERVED.has(local)) {
    throw invalidField(
      'email',
      `The email field must not begin with b-, u- or r. nor be ${local}@`,
    );
  }
  return email;
}

async function generatedAddress(tx: Db, organizationId: string): Promise<string> {
  const domain = await findDefaultDomain(tx, organizationId, DEVELOPMENT_DOMAIN);
  if (!domain) {
    throw invalidField(
      'email',
      'You have no verified domain yet. Add one under /api/v1/domains and verify it',
    );
  }
  return `${makeAliasName()}@${domain.name}`;
}

function toWire(row: store.AliasRow) {
  return {
    id: row.id,
    email: row.email,
    isActive: row.isActive,
    healthStatus: row.healthStatus,
    campaign: { id: row.campaignId, name: row.campaignName },
    createdAt: row.createdAt.toISOString(),
  };
}

function missing(): Fault {
  return new Fault('not_found', 'There is no such alias.');
}
