/** The secrets that messages are signed with: sealed at rest, rotated with a day of overlap. */
import type { Clock } from '../clock.ts';
import type { Db } from '../db/schema.ts';
import { newId } from '../ids.ts';
import type { Keyring } from '../keyring.ts';
import * as store from './endpoint-store.ts';
import { newSecret } from './signature.ts';

const PURPOSE = 'webhook-secrets';
const OVERLAP_MS = 86_400_000;

export interface Secrets {
  /** The newest; made where there is none yet. */
  current(tx: Db, organizationId: string, endpointId: string | null): Promise<string>;
  /** All that sign now, newest first. */
  signing(tx: Db, organizationId: string, endpointId: string | null): Promise<string[]>;
  rotate(tx: Db, organizationId: string, endpointId: string | null): Promise<string>;
}

export function createSecrets({ keyring, clock }: { keyring: Keyring; clock: Clock }): Secrets {
  const add = (tx: Db, organizationId: string, endpointId: string | null) => {
    const now = clock.now();
    const id = newId('whs_', now);
    const sealed = keyring.seal(PURPOSE, newSecret(), id);
    return store.insertSecret(tx, { id, organizationId, endpointId, sealed, createdAt: now });
  };

  const signing = async (tx: Db, organizationId: string, endpointId: string | null) => {
    const read = () => store.readSecrets(tx, organizationId, endpointId, clock.now());
    let rows = await read();
    if (!rows.some(({ retiresAt }) => retiresAt === null)) {
      await add(tx, organizationId, endpointId);
      rows = await read();
    }
    return rows.map(({ id, sealed }) => keyring.open(PURPOSE, sealed, id).toString());
  };

  const current = async (tx: Db, organizationId: string, endpointId: string | null) => {
    const [newest] = await signing(tx, organizationId, endpointId);
    if (newest === undefined) throw new Error('a secret that was just made is not there');
    return newest;
  };

  return {
    current,
    signing,
    async rotate(tx, organizationId, endpointId) {
      const retiresAt = new Date(clock.now().getTime() + OVERLAP_MS);
      await store.retireSecret(tx, organizationId, endpointId, retiresAt);
      await add(tx, organizationId, endpointId);
      return current(tx, organizationId, endpointId);
    },
  };
}
