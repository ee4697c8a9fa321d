/**
 * What a `kill -9` can leave in a database's folder: a postgres that still runs, or only its pid
 * file. One that runs on this very folder is ended; a pid that meanwhile belongs to something else
 * is left alone, and only the file is removed.
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';

const FAST_MS = 15_000;

export async function endLeftover(data: string, log: Logger): Promise<void> {
  const file = join(data, 'postmaster.pid');
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return;
  const pid = Number(text.split('\n', 1)[0]);
  if (await isPostgresOn(data, pid)) {
    log.warn({ pid }, 'a database left by an earlier server is being stopped');
    process.kill(pid, 'SIGINT');
    if (!(await gone(data, pid, FAST_MS))) {
      process.kill(pid, 'SIGQUIT');
      await gone(data, pid, FAST_MS);
    }
  }
  await rm(file, { force: true });
}

async function gone(data: string, pid: number, withinMs: number): Promise<boolean> {
  const endAtMs = Date.now() + withinMs;
  while (await isPostgresOn(data, pid)) {
    if (Date.now() > endAtMs) return false;
    await new Promise((done) => setTimeout(done, 20));
  }
  return true;
}

/** By what the kernel says the process was started with; a zombie no longer says anything. */
async function isPostgresOn(data: string, pid: number): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 1) return false;
  if (process.platform !== 'linux') return isAlive(pid);
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const words = commandLine.split('\0');
  return words.some((word) => /(^|\/)postgres$/.test(word)) && words.includes(data);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
