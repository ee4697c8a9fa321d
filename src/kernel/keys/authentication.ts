/**
 * The caller behind a key. A key is found by its HMAC under the installation's key: who can time the
 * look-up learns about HMACs that only the server can compute, not about keys.
 */
import { createFreshCache } from '../accounts/fresh-cache.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../db/index.ts';
import { Fault } from '../fault.ts';
import type { Keyring } from '../keyring.ts';
import type { Principal, ServiceName } from '../principal.ts';
import type { Keys, KeysDeps } from './keys.ts';
import { hasForm } from './secrets.ts';
import * as store from './store.ts';

type KeyAuthentication = Pick<Keys, 'authenticate' | 'grant' | 'authenticateGrant' | 'doubt'>;

export const PURPOSE = 'api-keys';
const NOTE_USE_EVERY_MS = 60_000;
const MAX_REMEMBERED_USES = 100_000;

export function macOf(keyring: Keyring, secret: string): Buffer {
  return keyring.mac(PURPOSE, secret);
}

export function createKeyAuthentication({ database, keyring, clock }: KeysDeps): KeyAuthentication {
  const cache = createFreshCache<store.PresentedKey>(database, clock);
  const noteUse = createUseNotes(database, clock);

  const tagged = (key: store.PresentedKey | null) =>
    key && { value: key, tags: [key.id, key.organizationId] };
  const holding = (key: store.PresentedKey | null): store.PresentedKey => {
    const now = clock.now();
    const holds =
      key &&
      !key.isRevoked &&
      (!key.expiresAt || key.expiresAt > now) &&
      (!key.retiresAt || key.retiresAt > now);
    if (!holds) throw new Fault('unauthenticated', 'This API key is not valid.');
    noteUse(key);
    return key;
  };
  const present = async (service: ServiceName, presented: string) => {
    if (!hasForm(service, presented)) {
      throw new Fault('unauthenticated', 'This API key is not valid.');
    }
    const lookup = macOf(keyring, presented);
    const load = async () => tagged(await store.findByLookup(database.db, lookup));
    return holding(await cache.get(lookup.toString('base64'), load));
  };

  return {
    authenticate: async (service, presented) => toPrincipal(await present(service, presented)),
    async grant(service, presented) {
      const key = await present(service, presented);
      return { secretId: key.secretId, endsAt: endOf(key) };
    },
    async authenticateGrant(secretId) {
      const load = async () => tagged(await store.findBySecretId(database.db, secretId));
      return toPrincipal(holding(await cache.get(`id:${secretId}`, load)));
    },
    doubt: cache.doubt,
  };
}

function toPrincipal(key: store.PresentedKey): Principal {
  const { organizationId, organizationName, timeZone, plan, service } = key;
  return {
    ...{ kind: 'key', organizationId, organizationName, timeZone, plan, service },
    keyId: key.id,
    scopes: new Set(key.scopes),
  };
}

function endOf({ expiresAt, retiresAt }: store.PresentedKey): Date | null {
  if (!expiresAt || !retiresAt) return expiresAt ?? retiresAt;
  return expiresAt < retiresAt ? expiresAt : retiresAt;
}

/** Writes a key's last use at most once a minute, and lets no request wait for it. */
function createUseNotes(database: Database, clock: Clock) {
  const notedAtMs = new Map<string, number>();
  return ({ id, lastUsedAt }: store.PresentedKey): void => {
    const now = clock.now();
    const lastMs = Math.max(notedAtMs.get(id) ?? 0, lastUsedAt?.getTime() ?? 0);
    if (now.getTime() - lastMs < NOTE_USE_EVERY_MS) return;
    if (notedAtMs.size >= MAX_REMEMBERED_USES) notedAtMs.clear();
    notedAtMs.set(id, now.getTime());
    // A use that could not be written is of no further interest: the next minute brings another.
    store.noteUse(database.db, id, now).catch(() => notedAtMs.delete(id));
  };
}
