/** The embedded PostgreSQL as its own processes see it: started, killed, taken over, shared. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createLog } from '../telemetry/log.ts';
import { type Database, openDatabase } from './index.ts';

const log = createLog('silent');
const HOLDER = join(import.meta.dirname, '../../../test/harness/database-holder.ts');
const NOBODY = 65_534;
const folders: string[] = [];
const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
  // A database whose server was killed ends by itself a moment later.
  const patient = { recursive: true, force: true, maxRetries: 50, retryDelay: 100 };
  for (const folder of folders.splice(0)) await rm(folder, patient);
});

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'cloakroom-pg-'));
  folders.push(made);
  return made;
}

/** Another process that opens the database and holds it; resolves with the first line it prints. */
async function hold(
  dataDir: string,
  prefix: string[] = [],
): Promise<{ child: ChildProcess; said: string }> {
  const [command = '', ...args] = [...prefix, process.execPath, HOLDER, dataDir];
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const said = await new Promise<string>((resolve) => {
    child.stdout?.setEncoding('utf8').once('data', (text: string) => resolve(text.trim()));
    child.once('exit', () => resolve('ended'));
  });
  return { child, said };
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function rowsOf(database: Database): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>('SELECT count(*) FROM public.kept');
  return rows[0]?.count ?? -1;
}

test('what was committed is there at the next start, the password is private and random', async () => {
  const dataDir = await folder();
  const first = await openDatabase({ dataDir, log });
  await first.pool.query('CREATE TABLE public.kept (n int); INSERT INTO public.kept VALUES (1)');
  await first.close();
  const second = await openDatabase({ dataDir, log });
  expect(await rowsOf(second)).toBe(1);
  const password = await readFile(join(dataDir, 'postgres/password'), 'utf8');
  expect(password.length).toBeGreaterThanOrEqual(32);
  expect(new URL(second.url).hostname).toBe('127.0.0.1');
  await second.close();
});

test('after kill -9 of the server the next one takes the database over, with all that was committed', async () => {
  const dataDir = await folder();
  for (let kills = 1; kills <= 3; kills++) {
    const { child, said } = await hold(dataDir);
    expect(said).toBe(`holds ${kills}`);
    await kill(child);
  }
  const database = await openDatabase({ dataDir, log });
  expect(await rowsOf(database)).toBe(3);
  await database.close();
});

test('a stale pid file whose number is now another process is removed, and that process left alone', async () => {
  const dataDir = await folder();
  await (await openDatabase({ dataDir, log })).close();
  const bystander = spawn('sleep', ['60'], { stdio: 'ignore' });
  children.push(bystander);
  await writeFile(join(dataDir, 'postgres/data/postmaster.pid'), `${bystander.pid}\n${dataDir}\n`);
  const database = await openDatabase({ dataDir, log });
  expect(await database.ping()).toBe(true);
  expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
  await database.close();
});

test('a second server on the same data directory is refused and told who has it', async () => {
  const dataDir = await folder();
  const { child } = await hold(dataDir);
  await expect(openDatabase({ dataDir, log })).rejects.toThrow(
    new RegExp(`Another Cloakroom runs on ${dataDir} \\(process ${child.pid}\\)`),
  );
});

test('a command joins the database of the server that runs, and leaves it running', async () => {
  const dataDir = await folder();
  const { child } = await hold(dataDir);
  const joined = await openDatabase({ dataDir, log, attach: true });
  expect(joined.embeddedPid()).toBeNull();
  expect(await rowsOf(joined)).toBe(1);
  await joined.close();
  expect(child.exitCode).toBeNull();
  const again = await openDatabase({ dataDir, log, attach: true });
  expect(await again.ping()).toBe(true);
  await again.close();
});

test('of two that start at once on an empty folder one has it and the other is refused', async () => {
  const dataDir = await folder();
  const both = await Promise.all([hold(dataDir), hold(dataDir)]);
  const said = both.map((one) => one.said).sort();
  expect(said[0]).toMatch(/^(Another Cloakroom runs|ended)/);
  expect(said[1]).toBe('holds 1');
});

test('it works in a folder that only its owner may enter, for root and for an ordinary user', async () => {
  const dataDir = await folder();
  await chmod(dataDir, 0o700);
  await (await openDatabase({ dataDir, log })).close();
  // Where the tests run as root, as in CI, the ordinary user is "nobody".
  if (process.getuid?.() === 0) {
    const theirs = await folder();
    await chmod(theirs, 0o700);
    await mkdir(join(theirs, 'data'));
    await chown(theirs, NOBODY, NOBODY);
    await chown(join(theirs, 'data'), NOBODY, NOBODY);
    const drop = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
    const { said } = await hold(join(theirs, 'data'), drop);
    expect(said).toBe('holds 1');
    const [pid] = (await readFile(join(theirs, 'data/postgres/data/postmaster.pid'), 'utf8')).split(
      '\n',
    );
    expect(await readFile(`/proc/${pid}/status`, 'utf8')).toMatch(
      new RegExp(`^Uid:\\s+${NOBODY}`, 'm'),
    );
  }
});

test('a database that dies is started again by itself', async () => {
  const dataDir = await folder();
  const database = await openDatabase({ dataDir, log });
  await database.pool.query('CREATE TABLE public.kept (n int); INSERT INTO public.kept VALUES (1)');
  const told: (string | null)[] = [];
  database.changes.subscribe('t', (key) => told.push(key));
  process.kill(database.embeddedPid() ?? 0, 'SIGKILL');
  const rows = () => rowsOf(database).catch(() => 0);
  await expect.poll(rows, { timeout: 30_000 }).toBe(1);
  // Whoever remembered something is told to forget it.
  for (let i = 0; i < 100 && told.length === 0; i++)
    await new Promise((done) => setTimeout(done, 50));
  expect(told).toContain(null);
  await database.close();
});
