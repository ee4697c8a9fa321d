/**
 * One server a data directory. The lock is a listening socket named after the directory: the
 * operating system frees it when its process ends, however it ends. Who comes second asks the socket
 * who holds it.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { realpath, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Lock {
  release(): Promise<void>;
}

/** The lock, or the process id of the server that has it. */
export async function lockDirectory(dir: string): Promise<Lock | { heldBy: string }> {
  const path = await socketPath(dir);
  for (let attempt = 0; attempt < 3; attempt++) {
    const server = await listen(path);
    if (server) return { release: () => new Promise((done) => server.close(() => done())) };
    const heldBy = await ask(path);
    if (heldBy) return { heldBy };
    // A socket file whose process is gone; abstract ones vanish with their process.
    if (!path.startsWith('\0')) await rm(path, { force: true });
  }
  return { heldBy: 'unknown' };
}

async function socketPath(dir: string): Promise<string> {
  const name = createHash('sha256')
    .update(await realpath(dir))
    .digest('hex')
    .slice(0, 32);
  return process.platform === 'linux' ? `\0cloakroom-${name}` : join(tmpdir(), `cloakroom-${name}`);
}

async function listen(path: string): Promise<Server | null> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.end(String(process.pid));
  });
  server.listen(path);
  server.unref();
  try {
    await once(server, 'listening');
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return null;
    throw error;
  }
}

async function ask(path: string): Promise<string | null> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(path);
    socket.setEncoding('utf8').setTimeout(2_000, () => socket.destroy());
    socket.on('data', (text) => {
      answer += text;
    });
    socket.on('error', () => resolve(null));
    socket.on('close', () => resolve(answer || 'a process that does not answer'));
  });
}
