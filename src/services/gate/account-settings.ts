/**
 * Flows and rules of the accounts that are checked now, in memory. A change holds at once on the node
 * that took it, and on the others when they hear of it.
 */
import type { Accounts } from '../../kernel/accounts/accounts.ts';
import type { Database } from '../../kernel/db/index.ts';
import type { Db } from '../../kernel/db/schema.ts';
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

const TOPIC = 'gate.settings';
const KEPT = 5_000;

export function createSettingsCache(
  database: Database,
  accounts: Pick<Accounts, 'organization'>,
): SettingsCache {
  const kept = new Map<string, Promise<AccountSettings>>();
  const forget = (organizationId: string) => kept.delete(organizationId);
  const close = database.changes.subscribe(TOPIC, (organizationId) =>
    organizationId === null ? kept.clear() : forget(organizationId),
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
      if (known) return known;
      // The promise is kept, not its result: a change during the loading drops the promise with it.
      const loading = load(organizationId);
      loading.catch(() => {
        if (kept.get(organizationId) === loading) kept.delete(organizationId);
      });
      if (kept.size >= KEPT) kept.clear();
      kept.set(organizationId, loading);
      return loading;
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
