/**
 * Flows and rules of the accounts that are checked now, in memory. A change holds at once on the node
 * that took it, and on the others when they hear of it.
 */
import type { Accounts } from '../../kernel/accounts/accounts.ts';
import type { Database } from '../../kernel/db/index.ts';
import type { Db } from '../../kernel/db/schema.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Flow, Rule } from './judge/settings.ts';
import { listFlows } from './store/flow-store.ts';
import { listRules } from './store/rule-store.ts';

export interface AccountSettings {
  /** IANA zone of the organization's days. */
  timeZone: string;
  flows: ReadonlyMap<number, Flow>;
  /** In the order in which they are looked at. */
  rules: readonly Rule[];
}

export interface SettingsCache {
  of(organizationId: string): Promise<AccountSettings>;
  /** Runs a change in a transaction of its own; afterwards every node sees it. */
  change<T>(organizationId: string, work: (tx: Db) => Promise<T>): Promise<T>;
  /** For a change in somebody else's transaction: publishes with it; `forget` follows the commit. */
  publish(tx: Db, organizationId: string): Promise<void>;
  forget(organizationId: string): void;
  close(): void;
}

interface Kept {
  settings: Promise<AccountSettings>;
  /** To be loaded again; holds where that fails, for a database that is away is no change. */
  isOutdated: boolean;
}

const TOPIC = 'gate.settings';
const KEPT = 5_000;

export function createSettingsCache(
  database: Database,
  accounts: Pick<Accounts, 'organization'>,
): SettingsCache {
  const kept = new Map<string, Kept>();
  const outdate = (entry: Kept | undefined) => {
    if (entry) entry.isOutdated = true;
  };
  const forget = (organizationId: string) => outdate(kept.get(organizationId));
  const close = database.changes.subscribe(TOPIC, (organizationId) =>
    organizationId === null ? [...kept.values()].forEach(outdate) : forget(organizationId),
  );

  const load = async (organizationId: string): Promise<AccountSettings> => {
    const [flows, rules, { timeZone }] = await Promise.all([
      listFlows(database.db, organizationId),
      listRules(database.db, organizationId),
      accounts.organization(database.db, organizationId),
    ]);
    return { flows: new Map(flows.map((flow) => [flow.id, flow])), rules, timeZone };
  };

  const publish = (tx: Db, organizationId: string) =>
    database.changes.publish(tx, TOPIC, organizationId);
  return {
    of(organizationId) {
      const known = kept.get(organizationId);
      if (known && !known.isOutdated) return known.settings;
      if (kept.size >= KEPT) kept.clear();
      // The promise is kept, not its result: a change during the loading is a change of it, too.
      const entry: Kept = { settings: load(organizationId), isOutdated: false };
      kept.set(organizationId, entry);
      entry.settings = entry.settings.catch((error: unknown) => {
        entry.isOutdated = true;
        if (known && !(error instanceof Fault)) return known.settings;
        throw error;
      });
      return entry.settings;
    },
    async change(organizationId, work) {
      const result = await database.tx(async (tx) => {
        const done = await work(tx);
        await publish(tx, organizationId);
        return done;
      });
      forget(organizationId);
      return result;
    },
    publish,
    forget,
    close,
  };
}
