/**
 * What session tokens are signed with: random keys in the database, sealed with the installation's
 * key, so that all nodes share them. A new one is made every thirty days. The old ones go on
 * verifying until the last token that they signed has died, and are deleted then.
 */
import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Database } from '../db/index.ts';
import { newId } from '../ids.ts';
import type { Keyring } from '../keyring.ts';
import * as store from './signing-key-store.ts';

export interface SigningKey {
  id: string;
  key: KeyObject;
}

export interface SigningKeys {
  /** The newest, made anew when it has served its time. */
  current(): Promise<SigningKey>;
  /** The one that a token names, or null. */
  byId(id: string): Promise<KeyObject | null>;
}

const PURPOSE = 'session-signing-keys';
const SERVES_MS = 30 * 86_400_000;
/** Longer than any token lives. */
const VERIFIES_MS = SERVES_MS + 2 * 86_400_000;

type Loaded = SigningKey & { createdAt: Date };

export function createSigningKeys({
  database,
  keyring,
  clock,
}: {
  database: Database;
  keyring: Keyring;
  clock: Clock;
}): SigningKeys {
  let known: readonly Loaded[] = [];
  let loading: Promise<readonly Loaded[]> | null = null;

  const read = async (): Promise<readonly Loaded[]> => {
    const rows = await store.listSigningKeys(database.db);
    known = rows.map(({ id, sealed, createdAt }) => ({
      ...{ id, createdAt },
      key: createSecretKey(keyring.open(PURPOSE, sealed, id)),
    }));
    return known;
  };
  // Tokens that name unknown keys cost one query at a time, however many come.
  const load = () => {
    loading ??= read().finally(() => {
      loading = null;
    });
    return loading;
  };
  const serving = (keys: readonly Loaded[]) => {
    const [newest] = keys;
    const ageMs = newest ? clock.now().getTime() - newest.createdAt.getTime() : SERVES_MS;
    return ageMs < SERVES_MS ? newest : undefined;
  };

  const rotate = async (): Promise<void> => {
    const now = clock.now();
    await database.tx(async (tx) => {
      await store.lockSigningKeys(tx);
      const [newest] = await store.listSigningKeys(tx);
      // Another node may have been first.
      if (newest && now.getTime() - newest.createdAt.getTime() < SERVES_MS) return;
      const id = newId('jwk_', now);
      const sealed = keyring.seal(PURPOSE, randomBytes(32), id);
      await store.insertSigningKey(tx, { id, sealed, createdAt: now });
      await store.deleteSigningKeysBefore(tx, new Date(now.getTime() - VERIFIES_MS));
    });
  };

  return {
    async current() {
      const found = serving(known) ?? serving(await load());
      if (found) return found;
      await rotate();
      const made = serving(await read());
      if (!made) throw new Error('a signing key that was just made is not there');
      return made;
    },
    async byId(id) {
      const matches = (key: Loaded) => key.id === id;
      return (known.find(matches) ?? (await load()).find(matches))?.key ?? null;
    },
  };
}
