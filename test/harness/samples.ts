/**
 * The code samples of the original API references, read from the references themselves. Their line
 * breaks were lost where the pages were saved; each test puts back those that its language needs and
 * changes nothing else but the base URL and the credentials.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ORIGINALS = resolve(import.meta.dirname, '../../../shared/contracts/original');

/** The text of a reference: `000` Mail, `001` Track, `002` Gate, `003` Redact. */
export function readOriginal(number: '000' | '001' | '002' | '003'): string {
  const name = readdirSync(ORIGINALS).find((file) => file.startsWith(number));
  if (!name) throw new Error(`${ORIGINALS} has no reference ${number}`);
  return readFileSync(join(ORIGINALS, name), 'utf8');
}

/** Runs a program to its end; fails loudly with what it wrote where it does not end well. */
export async function runProgram(
  command: string,
  args: string[],
  options: { env?: Record<string, string>; cwd?: string } = {},
): Promise<string> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`${command} ended with ${code}:\n${stderr}\n${stdout}`);
  return stdout;
}
