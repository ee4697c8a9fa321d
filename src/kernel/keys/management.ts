/** Making, rotating, revoking and listing keys. */
import { publishChange } from '../accounts/fresh-cache.ts';
import type { Db } from '../db/schema.ts';
import { Fault, invalidField } from '../fault.ts';
import { newId } from '../ids.ts';
import { macOf, PURPOSE } from './authentication.ts';
import type { KeyRow, Keys, KeysDeps, NewKey } from './keys.ts';
import { SCOPES } from './scopes.ts';
import { makeSecret } from './secrets.ts';
import * as store from './store.ts';

type KeyManagement = Pick<Keys, 'create' | 'rotate' | 'revoke' | 'list' | 'reveal' | 'activeAmong'>;

const MAX_LABEL_LENGTH = 100;
const MAX_OVERLAP_S = 30 * 86_400;

export function createKeyManagement(
  deps: KeysDeps & { doubt: (tag: string) => void },
): KeyManagement {
  const { database, clock, keyring, audit, doubt } = deps;

  const addSecret = async (tx: Db, row: Pick<KeyRow, 'id' | 'service'>): Promise<string> => {
    const { secret, firstFour, lastFour } = makeSecret(row.service);
    const id = newId('sec_', clock.now());
    await store.insertSecret(tx, {
      ...{ id, firstFour, lastFour, keyId: row.id, createdAt: clock.now() },
      lookup: macOf(keyring, secret),
      sealed: row.service === 'gate' ? keyring.seal(PURPOSE, secret, row.id) : null,
    });
    return secret;
  };
  const mustFind = async (db: Db, organizationId: string, id: string): Promise<KeyRow> =>
    (await store.findKey(db, organizationId, id, clock.now())) ?? notFound();

  return {
    async create(tx, key, actor) {
      const { organizationId, service } = key;
      const id = newId('key_', clock.now());
      await store.insertKey(tx, { ...checked(key, clock.now()), id, createdAt: clock.now() });
      const secret = await addSecret(tx, { id, service });
      const row = await mustFind(tx, organizationId, id);
      const details = { service, scopes: row.scopes };
      const target = `key:${id}`;
      await audit.append(tx, { organizationId, actor, action: 'key.created', target, details });
      return { row, secret };
    },

    async rotate(tx, organizationId, id, overlapS, actor) {
      if (!Number.isInteger(overlapS) || overlapS < 0 || overlapS > MAX_OVERLAP_S) {
        throw invalidField(
          'overlap_s',
          `The overlap_s field must be a whole number of seconds from 0 to ${MAX_OVERLAP_S}`,
        );
      }
      if (!(await store.lockKey(tx, organizationId, id))) return notFound();
      const before = await mustFind(tx, organizationId, id);
      if (!before.isActive) {
        throw new Fault('conflict', 'This key has been revoked or has expired. Make a new one.');
      }
      await store.retireSecrets(tx, id, new Date(clock.now().getTime() + overlapS * 1000));
      const secret = await addSecret(tx, before);
      doubt(id);
      await publishChange(database, tx, id);
      const entry = { organizationId, actor, action: 'key.rotated', target: `key:${id}` };
      await audit.append(tx, { ...entry, details: { overlapS } });
      return { row: await mustFind(tx, organizationId, id), secret };
    },

    async revoke(tx, organizationId, id, actor) {
      if (!(await store.lockKey(tx, organizationId, id))) return notFound();
      if (!(await store.revokeKey(tx, id, clock.now()))) return;
      doubt(id);
      await publishChange(database, tx, id);
      await audit.append(tx, { organizationId, actor, action: 'key.revoked', target: `key:${id}` });
    },

    list: (db, organizationId, service) => store.listKeys(db, organizationId, clock.now(), service),

    async reveal(db, organizationId, id) {
      const sealed = await store.sealedSecret(db, organizationId, id);
      return sealed ? keyring.open(PURPOSE, sealed, id).toString('utf8') : notFound();
    },

    async activeAmong(tx, ids) {
      return new Set(await store.activeAmong(tx, ids, clock.now()));
    },
  };
}

function checked(key: NewKey, now: Date) {
  const { organizationId, service, scopes = SCOPES[service], expiresAt = null } = key;
  const label = key.label.trim();
  if (label === '' || label.length > MAX_LABEL_LENGTH || /\p{Cc}/u.test(label)) {
    throw invalidField(
      'label',
      `The label field must be text of 1 to ${MAX_LABEL_LENGTH} characters`,
    );
  }
  if (scopes.length === 0 || scopes.some((scope) => !SCOPES[service].includes(scope))) {
    const known = SCOPES[service].join(', ');
    throw invalidField('scopes', `The scopes field must hold one or more of: ${known}`);
  }
  if (expiresAt && !(expiresAt > now)) {
    throw invalidField('expires_at', 'The expires_at field must be a time in the future');
  }
  return { organizationId, service, label, scopes: [...new Set(scopes)], expiresAt };
}

function notFound(): never {
  throw new Fault('not_found', 'There is no such key.');
}
