/** Accounts, keys, limits, credits and idempotency over a database of one's own, with a clock to move. */
import { randomBytes } from 'node:crypto';
import { createAccounts } from '../../src/kernel/accounts/accounts.ts';
import { createAudit } from '../../src/kernel/audit/audit.ts';
import type { Clock } from '../../src/kernel/clock.ts';
import type { Database } from '../../src/kernel/db/index.ts';
import { createIdempotency } from '../../src/kernel/idempotency/idempotency.ts';
import { Keyring } from '../../src/kernel/keyring.ts';
import { createKeys } from '../../src/kernel/keys/keys.ts';
import { createLedger } from '../../src/kernel/ledger/ledger.ts';
import { createLimiter } from '../../src/kernel/limits/limiter.ts';
import { createLog } from '../../src/kernel/telemetry/log.ts';
import { openTestDatabase } from './database.ts';

export const PASSWORD = 'correct horse battery staple';

export interface MovableClock extends Clock {
  set(at: Date | string): void;
  advance(seconds: number): void;
}

export function movableClock(start = '2026-11-21T10:00:00Z'): MovableClock {
  let nowMs = Date.parse(start);
  return {
    now: () => new Date(nowMs),
    set(at) {
      nowMs = new Date(at).getTime();
    },
    advance(seconds) {
      nowMs += seconds * 1000;
    },
  };
}

/** What one node has of its own, over a database that it may share with others. */
export function accountNode(database: Database, keyring: Keyring, clock: Clock) {
  const log = createLog('silent');
  const audit = createAudit({ clock });
  const limiter = createLimiter({ clock, log });
  const keys = createKeys({ database, keyring, clock, audit });
  const accounts = createAccounts({ database, keyring, clock, limiter, audit, keys });
  const ledger = createLedger({ clock });
  const idempotency = createIdempotency({ database, clock, keyring, log });
  return { audit, limiter, keys, accounts, ledger, idempotency };
}

export async function openAccountHalf(clock: MovableClock = movableClock()) {
  const database = await openTestDatabase();
  const keyring = new Keyring(randomBytes(32));
  let serial = 0;
  const node = accountNode(database, keyring, clock);
  return {
    ...{ database, db: database.db, keyring, clock },
    ...node,
    /** A new organization with its owner. */
    async organization(planId = 'unlimited') {
      const email = `owner${++serial}@example.com`;
      const owner = { email, password: PASSWORD };
      const { id } = await database.tx((tx) =>
        node.accounts.createOrganization(tx, { name: `Organization ${serial}`, planId, owner }),
      );
      const [user] = await node.accounts.members(database.db, id);
      if (!user) throw new Error('an organization without an owner');
      return { id, email, ownerId: user.id };
    },
    close: () => database.close(),
  };
}

export type AccountHalf = Awaited<ReturnType<typeof openAccountHalf>>;
