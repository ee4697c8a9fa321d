/** Addresses that get no more mail from an organization: who bounced, complained or asked for it. */
import type { Db } from '../../../kernel/db/schema.ts';
import { Fault, invalidField } from '../../../kernel/fault.ts';
import type { Principal } from '../../../kernel/principal.ts';
import { requireAddress } from '../address.ts';
import type { MailDeps } from '../deps.ts';
import type { Page } from '../store/campaign-store.ts';
import * as store from '../store/suppression-store.ts';

const WHY: Record<store.SuppressionReason, string> = {
  hard_bounce: 'mail to it bounced for good',
  complaint: 'it complained of being sent spam',
  unsubscribe: 'it unsubscribed',
  manual: 'it was put on the list by hand',
};

export interface Suppression {
  email: string;
  reason: store.SuppressionReason;
  createdAt: string;
}

/** Puts a recipient on the list, in the transaction of what happened. */
export async function suppress(
  tx: Db,
  { kernel, vault }: MailDeps,
  organizationId: string,
  /** `from`: the row that the sealed address stands in. */
  recipient: { address: Buffer; addressMac: Buffer; from: string },
  reason: store.SuppressionReason,
): Promise<void> {
  const { addressMac } = recipient;
  const address = vault.seal(
    vault.open(recipient.address, recipient.from),
    sealedFor(organizationId, addressMac),
  );
  const createdAt = kernel.clock.now();
  await store.insertSuppression(tx, organizationId, { address, addressMac, reason, createdAt });
}

/** Fault `invalid_request` naming why and since when, where one of the addresses is on the list. */
export async function refuseSuppressed(
  tx: Db,
  { vault }: MailDeps,
  organizationId: string,
  addresses: readonly string[],
): Promise<void> {
  const macs = addresses.map((address) => vault.mac('address', address));
  const [found] = await store.findSuppressions(tx, organizationId, macs);
  if (!found) return;
  const address = vault.openText(found.address, sealedFor(organizationId, found.addressMac));
  const since = found.createdAt.toISOString();
  throw invalidField(
    'to',
    `${address} is on the suppression list since ${since}: ${WHY[found.reason]}`,
  );
}

export async function listSuppressions(
  { kernel, vault }: MailDeps,
  { organizationId }: Principal,
  page: Page,
) {
  const { rows, total } = await store.listSuppressions(kernel.database.db, organizationId, page);
  const suppressions = rows.map(
    (row): Suppression => ({
      email: vault.openText(row.address, sealedFor(organizationId, row.addressMac)),
      reason: row.reason,
      createdAt: row.createdAt.toISOString(),
    }),
  );
  return { suppressions, pagination: { total, ...page } };
}

/** Fault `conflict` where it is on the list already. */
export async function addSuppression(
  tx: Db,
  { kernel, vault }: MailDeps,
  { organizationId }: Principal,
  text: string,
): Promise<Suppression> {
  const email = requireAddress(text, 'email');
  const addressMac = vault.mac('address', email);
  const createdAt = kernel.clock.now();
  const address = vault.seal(email, sealedFor(organizationId, addressMac));
  const row = { address, addressMac, reason: 'manual' as const, createdAt };
  if (await store.insertSuppression(tx, organizationId, row)) {
    return { email, reason: 'manual', createdAt: createdAt.toISOString() };
  }
  throw new Fault('conflict', 'This address is on the suppression list already.');
}

export async function removeSuppression(
  { kernel, vault }: MailDeps,
  { organizationId }: Principal,
  text: string,
): Promise<{ email: string; deleted: true }> {
  const email = requireAddress(text, 'email');
  const mac = vault.mac('address', email);
  const removed = await kernel.database.tx((tx) =>
    store.deleteSuppression(tx, organizationId, mac),
  );
  if (!removed) throw new Fault('not_found', 'This address is not on the suppression list.');
  return { email, deleted: true };
}

function sealedFor(organizationId: string, mac: Buffer): string {
  return `suppression:${organizationId}:${mac.toString('hex')}`;
}
