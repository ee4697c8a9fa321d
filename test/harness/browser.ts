/** A real browser, for what a page does by itself. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
  ...['--lang=en-US'],
];

/** The name that this very browser has in a person's hands: without a window it says "Headless". */
export async function personsUserAgent(): Promise<string> {
  const { stdout } = await run('chromium', ['--version']);
  const major = /\b(\d+)\.\d+\.\d+/.exec(stdout)?.[1];
  if (!major) throw new Error(`chromium says of its version: ${stdout}`);
  return `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${major}.0.0.0 Safari/537.36`;
}

/**
 * Opens the address in Chromium, lets the page do for five seconds of its own time what it does, and
 * answers the document that then stands there, as HTML.
 */
export async function browse(url: string, userAgent: string): Promise<string> {
  const profile = await mkdtemp(join(tmpdir(), 'browser-'));
  const ours = [`--user-data-dir=${profile}`, `--user-agent=${userAgent}`];
  const asked = ['--virtual-time-budget=5000', '--dump-dom', url];
  try {
    const { stdout } = await run('chromium', [...FLAGS, ...ours, ...asked], {
      ...{ timeout: 60_000, maxBuffer: 16 << 20 },
    });
    return stdout;
  } finally {
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
