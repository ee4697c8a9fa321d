/** Other people's programs, a few at a time, with a folder of their own. None is optional. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const AT_ONCE = 3;
const TIMEOUT_MS = 240_000;

/** Standard output, as bytes in Latin-1. Throws where the program fails or warns. */
export async function run(program: string, ...parameters: string[]): Promise<string> {
  const { stdout } = await execute(program, parameters, {
    encoding: 'latin1',
    maxBuffer: 256 * 1024 * 1024,
    timeout: TIMEOUT_MS,
    // One thread each: several run at a time.
    env: { ...process.env, OMP_THREAD_LIMIT: '1' },
  });
  return stdout;
}

/** The same for UTF-8. */
export async function runText(program: string, ...parameters: string[]): Promise<string> {
  return Buffer.from(await run(program, ...parameters), 'latin1').toString('utf8');
}

/** Works through a list, a few at a time; the results stand in its order. */
export async function together<T, R>(
  list: readonly T[],
  work: (one: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < list.length; i = next++) results[i] = await work(list[i] as T, i);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

/** A folder that is gone once the work is done. */
export async function inScratch<R>(work: (folder: string) => Promise<R>): Promise<R> {
  const folder = await mkdtemp(join(tmpdir(), 'corpus-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
