/** Gate's own key endpoints, over the kernel's key ring. */
import { Fault } from '../../kernel/fault.ts';
import type { Kernel } from '../../kernel/index.ts';
import type { KeyRow } from '../../kernel/keys/keys.ts';
import { actorOf, type Principal } from '../../kernel/principal.ts';

/** Newest first. Revoked ones stay listed. */
export async function listKeys(kernel: Kernel, { organizationId }: Principal): Promise<KeyRow[]> {
  const rows = await kernel.keys.list(kernel.database.db, organizationId, 'gate');
  return rows.toSorted((a, b) => b.number - a.number);
}

/** A key for checks and nothing else: it goes into files on other people's machines. */
export function createKey(
  kernel: Kernel,
  principal: Principal,
  label: string,
): Promise<{ row: KeyRow; secret: string }> {
  const { organizationId } = principal;
  return kernel.database.tx((tx) =>
    kernel.keys.create(
      tx,
      { organizationId, service: 'gate', label, scopes: ['check'] },
      actorOf(principal),
    ),
  );
}

export async function revokeKey(
  kernel: Kernel,
  principal: Principal,
  number: number,
): Promise<void> {
  const { organizationId } = principal;
  await kernel.database.tx(async (tx) => {
    const rows = await kernel.keys.list(tx, organizationId, 'gate');
    const row = rows.find((one) => one.number === number);
    if (!row) throw new Fault('not_found', 'There is no key of this id.');
    if (row.isActive) await kernel.keys.revoke(tx, organizationId, row.id, actorOf(principal));
  });
}
