/** Visitors judged from the command line, without a server and without a network. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cli } from '../../test/harness/process.ts';

let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'cloakroom-cli-'));
});
afterAll(() => rm(dataDir, { recursive: true }));

const check = (...args: string[]) => cli(dataDir, ['check', ...args]);

async function judged(...args: string[]) {
  const { code, stdout, stderr } = await check(...args, '--offline', '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
/** Within the block that Google documents for its crawler. */
const GOOGLEBOT = ['66.249.66.1', '--ua', 'Mozilla/5.0 (compatible; Googlebot/2.1)'];

describe('check', () => {
  test('lets an ordinary browser pass and makes nothing', async () => {
    const { verdict, score, reasons } = await judged('2a02:810a::1', '--ua', FIREFOX);
    expect({ verdict, score, reasons }).toEqual({
      verdict: 'allow',
      score: 0,
      reasons: ['rep_trusted'],
    });
    expect(await readdir(dataDir)).toEqual([]);
  });

  test('blocks a script that says that it is one, and shows the weights', async () => {
    const { code, stdout } = await check('3.5.140.2', '--ua', 'python-requests/2.32', '--offline');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^block \(score 100\): .*known_bot/);
    expect(stdout).toMatch(/^known_bot +80 +python-requests/m);
  });

  test('refuses a genuine crawler openly, or admits it where told to', async () => {
    expect(await judged(...GOOGLEBOT)).toMatchObject({
      ...{ verdict: 'block', reasons: ['verified_bot_refused'] },
    });
    expect(await judged(...GOOGLEBOT, '--allow-known-bots')).toMatchObject({ verdict: 'allow' });
  });

  test('holds a hosting network against nobody where told to', async () => {
    const visitor = ['3.5.140.2', '--ua', FIREFOX];
    expect((await judged(...visitor)).reasons).toContain('datacenter');
    expect((await judged(...visitor, '--allow-datacenter')).reasons).not.toContain('datacenter');
  });

  test('reads headers', async () => {
    const headers = [
      '--header',
      `User-Agent: ${FIREFOX}`,
      '--header',
      'Sec-CH-UA: "Chromium";v="140"',
    ];
    const { reasons, facts } = await judged('2a02:810a::1', ...headers);
    expect(reasons).toContain('header_mismatch');
    expect(facts).toMatchObject({ browser: 'Firefox', os: 'Linux' });
  });

  test.each([
    [[], /IP is missing/],
    [['999.1.1.1'], /"999.1.1.1" is no IP address/],
    [['example.com'], /no IP address/],
    [['1.1.1.1', '--header', 'nonsense'], /NAME:VALUE/],
  ])('refuses %j', async (args, message) => {
    const { code, stdout, stderr } = await check(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });
});
