/**
 * Domains that aliases lie on. One has to be proven: by a TXT record that only its owner can set, and
 * by the DKIM key that its mail is signed with. The rest of what a mail domain needs is looked at and
 * said record by record, but its lack does not stop the sending.
 */
import { randomBytes } from 'node:crypto';
import { planLimit } from '../../../kernel/accounts/plan.ts';
import type { Db } from '../../../kernel/db/schema.ts';
import { Fault, invalidField } from '../../../kernel/fault.ts';
import { newId } from '../../../kernel/ids.ts';
import { actorOf, type Principal } from '../../../kernel/principal.ts';
import { readDomain } from '../address.ts';
import { DEVELOPMENT_DOMAIN, type MailDeps } from '../deps.ts';
import type { Page } from '../store/campaign-store.ts';
import * as store from '../store/domain-store.ts';
import { makeDkimKeys } from './dkim.ts';
import { checkRecords, type DnsRecord, expectedRecords } from './domain-records.ts';

export interface Domain {
  id: string;
  name: string;
  isVerified: boolean;
  createdAt: string;
  records: DnsRecord[];
}

export async function listDomains(deps: MailDeps, { organizationId }: Principal, page: Page) {
  const { db } = deps.kernel.database;
  await ownDomain(db, deps, organizationId);
  const { rows, total } = await store.listDomains(db, organizationId, page);
  return { domains: rows.map((row) => toWire(deps, row)), pagination: { total, ...page } };
}

/** Keys are made before the transaction begins: they take a while. */
export async function prepareDomain(deps: MailDeps, principal: Principal, text: string) {
  const name = readDomain(text);
  if (!name) throw invalidField('name', 'The name field must be a domain such as mail.example.com');
  return newDomain(deps, principal.organizationId, name, null);
}

/** Fault `conflict` where the organization has it, `plan_limit` past the plan's number. */
export async function addDomain(
  tx: Db,
  deps: MailDeps,
  principal: Principal,
  row: store.DomainRow,
): Promise<Domain> {
  const { organizationId, plan } = principal;
  const { total } = await store.listDomains(tx, organizationId, { limit: 1, offset: 0 });
  const limit = planLimit(plan, 'mail.domains');
  if (total >= limit) {
    throw new Fault(
      'plan_limit',
      `Your plan ${plan.name} allows ${limit} domains. Remove one or change the plan.`,
    );
  }
  if (!(await store.insertDomain(tx, row))) {
    throw new Fault('conflict', 'This domain is on your list already.');
  }
  const entry = { organizationId, actor: actorOf(principal), target: `domain:${row.id}` };
  await deps.kernel.audit.append(tx, { ...entry, action: 'domain.added' });
  return toWire(deps, row);
}

/** Looks every record up now. Fault `conflict` where another organization has proven the domain. */
export async function verifyDomain(
  deps: MailDeps,
  { organizationId }: Principal,
  id: string,
): Promise<Domain> {
  const { database, clock } = deps.kernel;
  const row = await requireDomain(database.db, organizationId, id);
  const records = await checkRecords(deps.resolver, expectedRecords(row, mailHost(deps)));
  const isProven = records.every(({ required, status }) => !required || status === 'ok');
  // A domain that stands by configuration alone needs no proof.
  const isConfigured = row.name === configuredDomain(deps);
  if (isProven && !row.verifiedAt) {
    await database.tx(async (tx) => {
      // Of two that prove it at once, one is the first.
      await store.lockName(tx, row.name);
      const owner = await store.findVerifiedDomain(tx, row.name);
      if (owner && owner.id !== id)
        throw new Fault('conflict', 'Another organization has proven that it owns this domain.');
      await store.setVerified(tx, id, clock.now());
    });
  }
  const isUnproven =
    !isProven && !isConfigured && records.every(({ status }) => status !== 'unknown');
  if (isUnproven && row.verifiedAt) await store.setVerified(database.db, id, null);
  const fresh = await requireDomain(database.db, organizationId, id);
  return { ...toWire(deps, fresh), records };
}

/** Fault `conflict` while aliases lie on it. */
export function deleteDomain(
  { kernel }: MailDeps,
  principal: Principal,
  id: string,
): Promise<{ id: string; deleted: true }> {
  const { organizationId } = principal;
  return kernel.database.tx(async (tx) => {
    const { name } = await requireDomain(tx, organizationId, id);
    const aliases = await store.countAliasesOn(tx, organizationId, name);
    if (aliases > 0) {
      throw new Fault('conflict', `${aliases} aliases lie on this domain. Delete them first.`);
    }
    await store.deleteDomain(tx, id);
    const entry = { organizationId, actor: actorOf(principal), target: `domain:${id}` };
    await kernel.audit.append(tx, { ...entry, action: 'domain.deleted' });
    return { id, deleted: true as const };
  });
}

/**
 * The domain that the configuration gives to the first organization, verified: one's own, or the
 * stand-in whose mail never leaves the machine.
 */
export async function ownDomain(db: Db, deps: MailDeps, organizationId: string): Promise<void> {
  const { accounts, clock } = deps.kernel;
  const name = configuredDomain(deps);
  if (await store.findDomain(db, organizationId, { name })) return;
  if ((await accounts.firstOrganization(db)).id !== organizationId) return;
  await store.insertDomain(db, await newDomain(deps, organizationId, name, clock.now()));
}

export function configuredDomain({ kernel }: MailDeps): string {
  return kernel.config.mailDomain ?? DEVELOPMENT_DOMAIN;
}

async function newDomain(
  { kernel, vault }: MailDeps,
  organizationId: string,
  name: string,
  verifiedAt: Date | null,
): Promise<store.DomainRow> {
  const createdAt = kernel.clock.now();
  const id = newId('dom_', createdAt);
  const token = randomBytes(16).toString('hex');
  const dkimKeys = await makeDkimKeys(id, vault);
  return { id, organizationId, name, token, dkimKeys, verifiedAt, createdAt };
}

async function requireDomain(db: Db, organizationId: string, id: string): Promise<store.DomainRow> {
  const found = await store.findDomain(db, organizationId, { id });
  if (!found) throw new Fault('not_found', 'There is no such domain.');
  return found;
}

/** The name under which the world reaches our SMTP server. */
function mailHost({ kernel }: MailDeps): string {
  return kernel.config.bounceDomain ?? new URL(kernel.site.url).hostname;
}

function toWire(deps: MailDeps, row: store.DomainRow): Domain {
  return {
    id: row.id,
    name: row.name,
    isVerified: row.verifiedAt !== null,
    createdAt: row.createdAt.toISOString(),
    records: expectedRecords(row, mailHost(deps)),
  };
}
