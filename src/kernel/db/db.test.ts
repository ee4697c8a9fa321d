/** Transactions, migrations and news of changes, on the run's real PostgreSQL. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { openTestDatabase, testDatabase } from '../../../test/harness/database.ts';
import { Fault } from '../fault.ts';
import { toFault } from '../http/to-fault.ts';
import { createLog } from '../telemetry/log.ts';
import { type Database, isDatabaseAway, openDatabase, rawQuery } from './index.ts';
import { migrate } from './migrate.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
  await database.pool.query(
    'CREATE TABLE public.counter (n int); INSERT INTO public.counter VALUES (0)',
  );
});
afterAll(() => database.close());

async function until(isTrue: () => boolean): Promise<void> {
  for (let i = 0; i < 100 && !isTrue(); i++) await new Promise((done) => setTimeout(done, 20));
  expect(isTrue()).toBe(true);
}

test('a transaction that PostgreSQL asks to repeat is repeated', async () => {
  const add = () =>
    database.tx(async (tx) => {
      await sql`SET TRANSACTION ISOLATION LEVEL SERIALIZABLE`.execute(tx);
      const { rows } = await rawQuery<{ n: number }>(tx, 'SELECT n FROM public.counter');
      await rawQuery(tx, 'UPDATE public.counter SET n = $1', [(rows[0]?.n ?? 0) + 1]);
    });
  await Promise.all(Array.from({ length: 4 }, add));
  const { rows } = await database.pool.query('SELECT n FROM public.counter');
  expect(rows).toEqual([{ n: 4 }]);
});

test('news of a change comes with the commit, in order, and never of what was rolled back', async () => {
  const heard: (string | null)[] = [];
  const end = database.changes.subscribe('things', (key) => heard.push(key));
  await database.tx(async (tx) => {
    await database.changes.publish(tx, 'things', 'one');
    await database.changes.publish(tx, 'things', 'with spaces\nand lines');
  });
  const lost = database.tx(async (tx) => {
    await database.changes.publish(tx, 'things', 'never');
    throw new Error('no');
  });
  await expect(lost).rejects.toThrow('no');
  await database.tx((tx) => database.changes.publish(tx, 'others', 'not for us'));
  await database.tx((tx) => database.changes.publish(tx, 'things', 'last'));
  await until(() => heard.includes('last'));
  expect(heard).toEqual(['one', 'with spaces\nand lines', 'last']);
  end();
});

test('figures come as numbers, days as text, moments as dates', async () => {
  const { rows } = await database.pool.query(
    `SELECT 9007199254740991::int8 AS big, 1.10::numeric AS money, '2026-02-28'::date AS day,
       '2026-02-28T23:30:00-02:00'::timestamptz AS at`,
  );
  expect(rows[0]).toEqual({
    ...{ big: Number.MAX_SAFE_INTEGER, money: '1.10', day: '2026-02-28' },
    at: new Date('2026-03-01T01:30:00Z'),
  });
  await expect(database.pool.query('SELECT 9007199254740993::int8')).rejects.toThrow(
    /out of range/,
  );
});

test('a database that is away is a fault that says to come again, a wrong query is not', async () => {
  const { url, drop } = await testDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'away-'));
  const other = await openDatabase({ dataDir, databaseUrl: url, log: createLog('silent') });
  const wrong = await other.pool.query('SELECT nothing').catch((error) => error);
  expect(isDatabaseAway(wrong)).toBe(false);
  await drop();
  const away = await other.pool.query('SELECT 1').catch((error) => error);
  expect(isDatabaseAway(away)).toBe(true);
  expect(toFault(away)).toMatchObject({ code: 'unavailable', retryAfterS: 5 });
  expect(toFault(away)).toBeInstanceOf(Fault);
  await other.close();
  await rm(dataDir, { recursive: true });
});

async function withMigrations(work: (pool: pg.Pool, dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'migrations-'));
  const admin = new pg.Client({ connectionString: inject('databaseServer') });
  await admin.connect();
  const name = `m_${Date.now()}`;
  await admin.query(`CREATE DATABASE ${name}`);
  const url = new URL(inject('databaseServer'));
  url.pathname = `/${name}`;
  const pool = new pg.Pool({ connectionString: url.href });
  pool.on('error', () => {});
  try {
    await work(pool, dir);
  } finally {
    await pool.end();
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.end();
    await rm(dir, { recursive: true });
  }
}

test('migrations run once, in order, however many nodes start at once', () =>
  withMigrations(async (pool, dir) => {
    await writeFile(join(dir, '0002_b.sql'), 'INSERT INTO t VALUES (2)');
    await writeFile(join(dir, '0001_a.sql'), 'CREATE TABLE t (n int); INSERT INTO t VALUES (1)');
    const runs = await Promise.all(Array.from({ length: 5 }, () => migrate(pool, dir)));
    expect(runs.flatMap(({ applied }) => applied)).toEqual(['0001_a', '0002_b']);
    expect((await pool.query('SELECT n FROM t')).rows).toEqual([{ n: 1 }, { n: 2 }]);
  }));

test('a migration that fails leaves nothing, a changed or unknown one stops the start', () =>
  withMigrations(async (pool, dir) => {
    await writeFile(join(dir, '0001_a.sql'), 'CREATE TABLE t (n int)');
    await writeFile(join(dir, '0002_b.sql'), 'CREATE TABLE u (n int); SELECT 1 / 0');
    await expect(migrate(pool, dir)).rejects.toThrow(/0002_b failed: division by zero/);
    expect((await pool.query("SELECT to_regclass('u') AS u, to_regclass('t') AS t")).rows).toEqual([
      { u: null, t: 't' },
    ]);
    await writeFile(join(dir, '0002_b.sql'), 'CREATE TABLE u (n int)');
    expect(await migrate(pool, dir)).toEqual({ applied: ['0002_b'] });
    await writeFile(join(dir, '0001_a.sql'), 'CREATE TABLE t (n bigint)');
    await expect(migrate(pool, dir)).rejects.toThrow(
      /0001_a is not the one that made this database/,
    );
    await rm(join(dir, '0001_a.sql'));
    await expect(migrate(pool, dir)).rejects.toThrow(
      /newer than this program: it has the migration 0001_a/,
    );
  }));
