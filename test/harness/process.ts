/**
 * The server as its own process, started as a user starts it, so that it can be killed. Everything
 * it leaves behind stays in its data directory for the next start.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
export const ADMIN = { email: 'owner@example.com', password: 'correct horse battery staple' };

export interface ServerProcess {
  url: string;
  pid: number;
  /** What it wrote so far, for a failing test's message. */
  output(): string;
  /** `kill -9`: no handler of ours runs. */
  kill(): Promise<void>;
  /** SIGTERM and a clean end. */
  stop(): Promise<void>;
}

export interface ServerProcessOptions {
  dataDir: string;
  /** Keep it over restarts, so that clients need not be told. */
  port?: number;
  env?: Record<string, string>;
  args?: string[];
}

/** Starts `cloakroom serve` and resolves once `/readyz` says yes. */
export async function startProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const port = options.port ?? (await freePort());
  const child = spawn(
    process.execPath,
    [join(ROOT, 'src/main.ts'), 'serve', ...(options.args ?? [])],
    {
      cwd: ROOT,
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        PORT: String(port),
        CLOAKROOM_SMTP_PORT: String(await freePort()),
        CLOAKROOM_DATA_DIR: options.dataDir,
        CLOAKROOM_ADMIN_EMAIL: ADMIN.email,
        CLOAKROOM_ADMIN_PASSWORD: ADMIN.password,
        CLOAKROOM_LOG_LEVEL: 'warn',
        ...options.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const url = `http://127.0.0.1:${port}`;
  await ready(url, child, () => output);
  const gone = once(child, 'exit');
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await gone;
  };
  return {
    url,
    pid: child.pid ?? 0,
    output: () => output,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}

async function ready(url: string, child: ChildProcess, output: () => string): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt++) {
    if (child.exitCode !== null) throw new Error(`the server ended at its start:\n${output()}`);
    const answer = await fetch(`${url}/readyz`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  child.kill('SIGKILL');
  throw new Error(`the server was not ready after 30 s:\n${output()}`);
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Runs the CLI beside a server (or without one) and gives back what it printed. */
export async function cli(
  dataDir: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(join(ROOT, 'bin/cloakroom.js'), args, {
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      CLOAKROOM_DATA_DIR: dataDir,
      CLOAKROOM_LOG_LEVEL: 'warn',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code: code ?? 1, stdout, stderr };
}
