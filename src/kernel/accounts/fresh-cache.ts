/**
 * What authentication remembers for a second, so that a request rarely waits for the database. Each
 * entry is tagged with the things that it was made from (a user, a key, an organization). Whoever
 * changes one of them calls `touch` in the same transaction: other nodes hear of it at the commit;
 * this one remembers nothing of it from then on, so that a change holds here as soon as it commits.
 */
import type { Clock } from '../clock.ts';
import type { Database } from '../db/index.ts';
import type { Db } from '../db/schema.ts';

export interface FreshCache<T> {
  /** The entry, or what `load` finds; null is not remembered. */
  get(key: string, load: () => Promise<Tagged<T> | null>): Promise<T | null>;
  /** Before the commit that changes the thing: whatever was made from it is doubtful. */
  doubt(tag: string): void;
}

export interface Tagged<T> {
  value: T;
  tags: readonly string[];
}

interface Entry<T> extends Tagged<T> {
  loadedAtMs: number;
}

const TOPIC = 'accounts';
/** How long an entry holds on a node that does not hear of changes. */
const MAX_AGE_MS = 1_000;
/** Longer than any transaction may take. */
const DOUBT_MS = 120_000;
const MAX_ENTRIES = 10_000;

export function createFreshCache<T>(database: Database, clock: Clock): FreshCache<T> {
  const entries = new Map<string, Entry<T>>();
  const doubted = new Map<string, number>();
  // Raised by every change, so that what was read before one is not stored after it.
  let epoch = 0;
  const nowMs = () => clock.now().getTime();

  const forget = (tag: string | null) => {
    epoch++;
    if (tag === null) entries.clear();
    else for (const [key, { tags }] of entries) if (tags.includes(tag)) entries.delete(key);
  };
  const isDoubted = (tag: string) => {
    const untilMs = doubted.get(tag);
    if (untilMs === undefined) return false;
    if (untilMs > nowMs()) return true;
    doubted.delete(tag);
    return false;
  };
  database.changes.subscribe(TOPIC, forget);

  return {
    async get(key, load) {
      const found = entries.get(key);
      const ageMs = found ? nowMs() - found.loadedAtMs : Number.POSITIVE_INFINITY;
      if (found && ageMs >= 0 && ageMs < MAX_AGE_MS) return found.value;
      const begun = { epoch, loadedAtMs: nowMs() };
      const loaded = await load();
      entries.delete(key);
      if (!loaded) return null;
      if (begun.epoch === epoch && !loaded.tags.some(isDoubted)) {
        entries.set(key, { ...loaded, loadedAtMs: begun.loadedAtMs });
        if (entries.size > MAX_ENTRIES) entries.delete(entries.keys().next().value as string);
      }
      return loaded.value;
    },
    doubt(tag) {
      doubted.set(tag, nowMs() + DOUBT_MS);
      forget(tag);
    },
  };
}

/** Says to every node, when `tx` commits, that the thing has changed. */
export function publishChange(database: Database, tx: Db, tag: string): Promise<void> {
  return database.changes.publish(tx, TOPIC, tag);
}
