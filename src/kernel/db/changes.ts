/**
 * Tells every node that something changed, by LISTEN/NOTIFY, so that caches can be short of memory
 * without being short of truth. A subscriber is given the key that changed, or null after a time in
 * which it may have missed something: then everything it remembers is doubtful.
 */
import { randomUUID } from 'node:crypto';
import { CompiledQuery } from 'kysely';
import pg from 'pg';
import type { Logger } from 'pino';
import { isDatabaseAway } from './away.ts';
import type { Db } from './schema.ts';

export interface Changes {
  /** Goes out when the transaction commits, to this node as well. Keys up to 7,000 bytes. */
  publish(tx: Db, topic: string, key: string): Promise<void>;
  /** Returns the end of the subscription. */
  subscribe(topic: string, listener: (key: string | null) => void): () => void;
  close(): Promise<void>;
}

const CHANNEL = 'cloakroom_changes';
const RECONNECT_MS = 250;

export async function openChanges(
  url: string,
  log: Logger,
  { isPatient = false } = {},
): Promise<Changes> {
  const listeners = new Map<string, Set<(key: string | null) => void>>();
  let client: pg.Client | null = null;
  let closing = false;

  const tell = (topic: string, key: string | null) => {
    for (const listener of listeners.get(topic) ?? []) listener(key);
  };

  const listen = async () => {
    const fresh = new pg.Client({ connectionString: url, keepAlive: true });
    fresh.on('error', () => {});
    fresh.on('notification', ({ payload = '' }) => {
      const [, topic = '', key = ''] = /^[^ ]+ ([^ ]+) (.*)$/s.exec(payload) ?? [];
      tell(topic, key);
    });
    try {
      await fresh.connect();
      await fresh.query(`LISTEN ${CHANNEL}`);
    } catch (error) {
      await fresh.end().catch(() => {});
      throw error;
    }
    fresh.once('end', () => {
      client = null;
      if (!closing) void reconnect();
    });
    client = fresh;
  };

  const reconnect = async () => {
    log.warn('the connection for changes was lost');
    while (!closing) {
      await new Promise((done) => setTimeout(done, RECONNECT_MS));
      try {
        await listen();
        for (const topic of listeners.keys()) tell(topic, null);
        return;
      } catch {
        // The database is still away; the next try comes.
      }
    }
  };

  await listen().catch((error: unknown) => {
    if (!isPatient || !isDatabaseAway(error)) throw error;
    void reconnect();
  });
  return {
    async publish(tx, topic, key) {
      // PostgreSQL folds equal notifications of a transaction; the id keeps that from mattering.
      const payload = `${randomUUID()} ${topic} ${key}`;
      await tx.executeQuery(CompiledQuery.raw('SELECT pg_notify($1, $2)', [CHANNEL, payload]));
    },
    subscribe(topic, listener) {
      const set = listeners.get(topic) ?? new Set();
      listeners.set(topic, set.add(listener));
      return () => set.delete(listener);
    },
    async close() {
      closing = true;
      await client?.end();
    },
  };
}
