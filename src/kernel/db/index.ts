/**
 * The database: the embedded PostgreSQL of the data directory, or one of the operator's own. What the
 * rest of the kernel gets is a query builder, transactions that are tried again where PostgreSQL asks
 * for it, and news of changes.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CompiledQuery, Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Logger } from 'pino';
import { type Changes, openChanges } from './changes.ts';
import { type Embedded, readConnection, startEmbedded } from './embedded.ts';
import { type Lock, lockDirectory } from './lock.ts';
import { migrate } from './migrate.ts';
import type { Db, Schema } from './schema.ts';

export { isDatabaseAway, nowOrOnceBack } from './away.ts';
export type { Changes } from './changes.ts';

export interface DatabaseOptions {
  dataDir: string;
  /** An external PostgreSQL, 14 or newer. */
  databaseUrl?: string;
  log: Logger;
  poolSize?: number;
  /** Use the database of the server that runs on this data directory, if one does. */
  attach?: boolean;
  /** Open although the database is away; `migrate` then waits to be called again. */
  isPatient?: boolean;
}

export interface Database {
  db: Db;
  pool: pg.Pool;
  url: string;
  changes: Changes;
  /** Runs `work` in a transaction; serialization failures and deadlocks are tried again. */
  tx<T>(work: (tx: Db) => Promise<T>): Promise<T>;
  /** Whether it answers now, within two seconds. */
  ping(): Promise<boolean>;
  /** Refuses a PostgreSQL that is too old, then brings it to what this program expects. */
  migrate(): Promise<{ applied: string[] }>;
  /** The embedded server's process, where there is one of ours. */
  embeddedPid(): number | null;
  close(): Promise<void>;
}

const OLDEST_VERSION = 140_000;
const RETRIES = 5;
const POOL_SIZE = 20;

// int8 as a number: our counts stay far below 2^53, and a larger one is an error worth hearing.
pg.types.setTypeParser(pg.types.builtins.INT8, (text) => {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error(`int8 out of range: ${text}`);
  return value;
});
// A date is a day, not a moment in somebody's time zone.
pg.types.setTypeParser(pg.types.builtins.DATE, (text) => text);

export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { log } = options;
  const { url, embedded, lock } = await locate(options);
  const release = async () => {
    await embedded?.stop();
    await lock?.release();
  };
  const pool = new pg.Pool({
    connectionString: url,
    max: options.poolSize ?? POOL_SIZE,
    // Also how long a request waits for its turn when all connections are busy.
    connectionTimeoutMillis: 20_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    options: '-c TimeZone=UTC -c statement_timeout=60000 -c lock_timeout=30000',
  });
  // An idle connection that breaks is replaced; whoever queries next learns whether all is well.
  pool.on('error', () => {});
  // One that breaks between two queries of a transaction tells nobody else: the next query fails.
  pool.on('connect', (client) => client.on('error', () => {}));
  try {
    if (!options.isPatient) await refuseOldVersion(pool);
    const changes = await openChanges(url, log, options);
    const db: Db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
    return {
      ...{ db, pool, url, changes },
      tx: (work) => transaction(db, work),
      ping: () => ping(pool),
      async migrate() {
        await refuseOldVersion(pool);
        return migrate(pool);
      },
      embeddedPid: () => embedded?.pid() ?? null,
      async close() {
        await changes.close();
        await db.destroy();
        await release();
      },
    };
  } catch (error) {
    await pool.end().catch(() => {});
    await release();
    throw error;
  }
}

/** A query in plain SQL on whatever `tx` is: for hot paths, and for libraries that bring their own. */
export async function rawQuery<Row>(
  tx: Db,
  text: string,
  values: readonly unknown[] = [],
): Promise<{ rows: Row[]; rowCount: number }> {
  const { rows, numAffectedRows } = await tx.executeQuery(CompiledQuery.raw(text, [...values]));
  return { rows: rows as Row[], rowCount: Number(numAffectedRows ?? rows.length) };
}

interface Located {
  url: string;
  embedded?: Embedded;
  lock?: Lock;
}

async function locate({ dataDir, databaseUrl, log, attach }: DatabaseOptions): Promise<Located> {
  const dir = join(dataDir, 'postgres');
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  // Joining a server needs no lock; being one does, and so does starting its database for a while.
  if (attach && databaseUrl) return { url: databaseUrl };
  for (let attempt = 0; ; attempt++) {
    const lock = await lockDirectory(dataDir);
    if ('release' in lock) {
      if (databaseUrl) return { url: databaseUrl, lock };
      try {
        const embedded = await startEmbedded(dir, log);
        return { url: embedded.url, embedded, lock };
      } catch (error) {
        await lock.release();
        throw error;
      }
    }
    const url = attach ? await readConnection(dir) : null;
    if (url) return { url };
    // A server that is just starting writes its address in a moment; a command ends in one.
    if (attempt >= (attach ? 100 : 15)) throw alreadyRuns(dataDir, lock.heldBy);
    await new Promise((done) => setTimeout(done, 100));
  }
}

function alreadyRuns(dataDir: string, holder: string): Error {
  return new Error(
    `Another Cloakroom runs on ${dataDir} (process ${holder}). Stop it, or set CLOAKROOM_DATA_DIR to another folder.`,
  );
}

async function refuseOldVersion(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ version: string; number: string }>(
    "SELECT current_setting('server_version') AS version, current_setting('server_version_num') AS number",
  );
  if (Number(rows[0]?.number) >= OLDEST_VERSION) return;
  throw new Error(`PostgreSQL ${rows[0]?.version} is too old: 14 or newer is needed.`);
}

async function transaction<T>(db: Db, work: (tx: Db) => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      const { code } = error as { code?: string };
      const mayTryAgain = code === '40001' || code === '40P01';
      if (!mayTryAgain || attempt >= RETRIES) throw error;
      await new Promise((done) => setTimeout(done, 2 ** attempt * (5 + Math.random() * 10)));
    }
  }
}

async function ping(pool: pg.Pool): Promise<boolean> {
  const answer = pool.query('SELECT 1').then(
    () => true,
    () => false,
  );
  const tooLate = new Promise<boolean>((done) => setTimeout(done, 2_000, false).unref());
  return Promise.race([answer, tooLate]);
}
