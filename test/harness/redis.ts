/** A real Redis (or Valkey) of a test's own: a random port, a folder of its own, nothing written. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './process.ts';

export interface TestRedis {
  url: string;
  port: number;
  /** `kill -9`. */
  stop(): Promise<void>;
  /** On the same port, empty. */
  start(): Promise<void>;
  /** Stops it and removes its folder. */
  close(): Promise<void>;
}

const exec = promisify(execFile);

/**
 * The server's program. Where there is none, root gets it from the system's packages; a developer
 * without it is told, and tests in the process only; a build that is to prove all of it fails.
 */
export async function findRedis(): Promise<string | null> {
  for (const name of ['redis-server', 'valkey-server']) if (await works(name)) return name;
  if (process.getuid?.() === 0 && (await works('apt-get'))) {
    await exec('apt-get', ['install', '-y', '--no-install-recommends', 'redis-server']).catch(
      () => {},
    );
    if (await works('redis-server')) return 'redis-server';
  }
  const message = 'There is no redis-server or valkey-server on this machine.';
  if (process.env['CI']) throw new Error(message);
  process.stderr.write(`${message} What needs one was not tested.\n`);
  return null;
}

function works(program: string): Promise<boolean> {
  return exec(program, ['--version']).then(
    () => true,
    () => false,
  );
}

export async function startRedis(program: string): Promise<TestRedis> {
  const port = await freePort();
  const dir = await mkdtemp(join(tmpdir(), 'cloakroom-redis-'));
  let child: ChildProcess | undefined;

  const start = async () => {
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir];
    child = spawn(program, [...args, '--save', '', '--appendonly', 'no'], { stdio: 'ignore' });
    await accepting(port);
  };
  const stop = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  await start();
  return {
    ...{ url: `redis://127.0.0.1:${port}`, port, stop, start },
    async close() {
      await stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function accepting(port: number): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt++) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error('Redis does not accept connections');
}
