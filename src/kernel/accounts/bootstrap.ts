/** The first organization and its owner, so that a new installation needs nobody to set it up. */
import { randomBytes } from 'node:crypto';
import type { Accounts, AccountsDeps } from './accounts.ts';
import type { Organizations } from './organizations.ts';
import * as store from './store.ts';

const DEFAULT_EMAIL = 'owner@localhost';
const FIRST_ORGANIZATION = { name: 'My organization', planId: 'unlimited' };

export function createBootstrap({
  database,
  organizations,
}: AccountsDeps & { organizations: Organizations }): Accounts['bootstrap'] {
  return async ({ email = DEFAULT_EMAIL, password }) => {
    if (await store.firstOrganization(database.db)) return null;
    // 120 random bits in 20 characters.
    const made = password === undefined ? randomBytes(15).toString('base64url') : undefined;
    return database.tx(async (tx) => {
      await store.lockBootstrap(tx);
      if (await store.firstOrganization(tx)) return null;
      const owner = { email, password: password ?? (made as string) };
      await organizations.createOrganization(tx, { ...FIRST_ORGANIZATION, owner });
      return { email, password: made };
    });
  };
}
