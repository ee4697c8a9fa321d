/** docs/first-minute.md, run as it stands by bash on a fresh server with its own PostgreSQL. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { startProcess } from '../harness/process.ts';

const ROOT = resolve(import.meta.dirname, '../..');

async function bash(script: string, env: Record<string, string>) {
  const child = spawn('bash', ['-euo', 'pipefail', '-c', script], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  const [code] = (await once(child, 'close')) as [number];
  return { code, ...output };
}

test('the four services do their first work by the lines of the page', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'first-minute-'));
  const page = await readFile(join(ROOT, 'docs/first-minute.md'), 'utf8');
  const blocks = [...page.matchAll(/```bash\n([\s\S]*?)```/g)].map(([, code]) => code ?? '');
  expect(blocks.length).toBe(6);
  const server = await startProcess({ dataDir });
  try {
    const script = blocks
      .join('\necho "----"\n')
      .replace('http://127.0.0.1:8080', server.url)
      .replaceAll('letter_redacted.pdf', join(dataDir, 'letter_redacted.pdf'));
    const { code, stdout, stderr } = await bash(script, { CLOAKROOM_DATA_DIR: dataDir });
    expect({ code, stderr: code === 0 ? '' : stderr + stdout }).toEqual({ code: 0, stderr: '' });
    const [, sent, alias, click, verdict, redacted] = stdout.split('----\n') as string[];
    expect(JSON.parse(sent ?? '')).toMatchObject({ status: 'sent', to: 'friend@example.com' });
    expect(JSON.parse(alias ?? '')).toMatchObject({ stats: { emailsSent: 1 } });
    const [redirect = '', ...clickJson] = (click ?? '').split('\n');
    const [, id] = /^302 https:\/\/example\.com\/\?click=(clk_\w+)$/.exec(redirect) ?? [];
    expect(JSON.parse(clickJson.join('\n'))).toMatchObject({
      id,
      browser: 'Firefox',
      is_bot: false,
    });
    expect(JSON.parse(verdict ?? '')).toMatchObject({ verdict: 'block', ip: '203.0.113.7' });
    expect(redacted).toMatch(/"email": 1/);
    expect(redacted).toMatch(/x-cloakrr-verified: true/i);
    const pdf = await readFile(join(dataDir, 'letter_redacted.pdf'));
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    expect(pdf.includes('536-22-8726')).toBe(false);
  } finally {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}, 120_000);
