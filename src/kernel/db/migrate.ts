/**
 * Brings the database to what this program expects. Each file of `migrations/` runs once, in its own
 * transaction, in the order of the names, under a lock that lets many nodes start at once. A database
 * that knows more than the program, or a landed migration that was changed since, stops the start.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';

/** Any number, the same in every node. */
const LOCK = 7_265_170_001;

interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

export async function migrate(
  pool: pg.Pool,
  dir: string = join(import.meta.dirname, 'migrations'),
): Promise<{ applied: string[] }> {
  const migrations = await readMigrations(dir);
  const client = await pool.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
    await client.query('SET statement_timeout = 0');
    await client.query(`CREATE TABLE IF NOT EXISTS public.cloakroom_migrations (
      name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`);
    const { rows } = await client.query<{ name: string; checksum: string }>(
      'SELECT name, checksum FROM public.cloakroom_migrations',
    );
    const known = new Map(rows.map((row) => [row.name, row.checksum]));
    refuseStrangers(migrations, known);
    const due = migrations.filter(({ name }) => !known.has(name));
    for (const migration of due) await apply(client, migration);
    return { applied: due.map(({ name }) => name) };
  } finally {
    // A destroyed connection lets go of the lock and of the changed setting.
    client.release(true);
  }
}

async function readMigrations(dir: string): Promise<Migration[]> {
  const names = (await readdir(dir)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (file) => {
      const sql = await readFile(join(dir, file), 'utf8');
      const checksum = createHash('sha256').update(sql).digest('hex');
      return { name: file.replace(/\.sql$/, ''), sql, checksum };
    }),
  );
}

function refuseStrangers(migrations: Migration[], known: Map<string, string>): void {
  const mine = new Map(migrations.map(({ name, checksum }) => [name, checksum]));
  for (const [name, checksum] of known) {
    const expected = mine.get(name);
    if (expected === undefined) {
      throw new Error(
        `The database is newer than this program: it has the migration ${name}. Start the newer version.`,
      );
    }
    if (expected !== checksum) {
      throw new Error(
        `The migration ${name} is not the one that made this database. Start the version that did.`,
      );
    }
  }
}

async function apply(client: pg.PoolClient, { name, sql, checksum }: Migration): Promise<void> {
  try {
    await client.query('BEGIN');
    await client.query(sql);
    await client.query('INSERT INTO public.cloakroom_migrations (name, checksum) VALUES ($1, $2)', [
      name,
      checksum,
    ]);
    await client.query('COMMIT');
  } catch (cause) {
    await client.query('ROLLBACK').catch(() => {});
    throw new Error(`The migration ${name} failed: ${(cause as Error).message}`, { cause });
  }
}
