/** The commands that need an installation, beside a running server and without one. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ADMIN,
  cli,
  freePort,
  type ServerProcess,
  startProcess,
} from '../../test/harness/process.ts';

let dataDir: string;
let server: ServerProcess;
let env: Record<string, string>;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'cloakroom-beside-'));
  env = { CLOAKROOM_SMTP_PORT: String(await freePort()), PORT: String(await freePort()) };
  server = await startProcess({ dataDir, port: Number(env['PORT']), env });
});
afterAll(async () => {
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const run = (...args: string[]) => cli(dataDir, args, env);

/** What a command printed, without the line's end; it must have succeeded and said nothing else. */
async function printed(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.replace(/\n$/, '');
}

async function login(email: string, password: string): Promise<number> {
  const answer = await fetch(`${server.url}/account/api/v1/auth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  await answer.text();
  return answer.status;
}

describe('a key', () => {
  const PATTERNS = {
    mail: /^cm_sk_\S+$/,
    gate: /^ck_live_\S+$/,
    redact: /^clk_live_\S+$/,
    track: /^\S+:\S+$/,
  } as const;

  test.each(Object.entries(PATTERNS))('of %s is all that is printed', async (service, pattern) => {
    expect(await printed('key', 'create', service, '--label', 'test')).toMatch(pattern);
  });

  test('opens the server at once and is refused at once when it is revoked', async () => {
    const made = await printed('key', 'create', 'mail', '--label', 'short life', '--json');
    const { key, id } = JSON.parse(made) as { key: string; id: string };
    const status = async () => {
      const headers = { authorization: `Bearer ${key}` };
      const answer = await fetch(`${server.url}/mail/api/v1/aliases`, { headers });
      await answer.text();
      return answer.status;
    };
    expect(await status()).toBe(200);
    expect(await printed('key', 'revoke', id)).toBe(`Revoked ${id}.`);
    expect(await status()).toBe(401);
  });

  test('may do what its scopes say and lives as long as it was told', async () => {
    const made = JSON.parse(
      await printed(
        ...[
          'key',
          'create',
          'gate',
          '--label',
          'narrow',
          '--scope',
          'check',
          '--scope',
          'stats:read',
        ],
        ...['--expires', '12h', '--json'],
      ),
    );
    expect(made).toMatchObject({
      service: 'gate',
      label: 'narrow',
      scopes: ['check', 'stats:read'],
    });
    expect(Date.parse(made.expiresAt)).toBeGreaterThan(Date.now() + 11 * 3_600_000);
  });

  test('is listed by its last four characters and never whole', async () => {
    const key = await printed('key', 'create', 'redact', '--label', 'listed');
    const list = await printed('key', 'list', '--service', 'redact');
    expect(list).toContain(key.slice(-4));
    expect(list).not.toContain(key);
    expect(await printed('key', 'list', '--json')).not.toContain(key);
  });

  test('of an organization or with an id that is not there is refused', async () => {
    for (const args of [
      ['key', 'create', 'mail', '--label', 'x', '--org', 'org_none'],
      ['key', 'revoke', 'key_none'],
    ]) {
      const { code, stdout, stderr } = await run(...args);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).not.toMatch(/\n +at /);
    }
  });
});

describe('a user', () => {
  test('can sign in with the printed password, and after a reset with the new one alone', async () => {
    const email = 'ada@example.com';
    const first = await printed('user', 'create', email, '--role', 'admin');
    expect(await login(email, first)).toBe(200);
    const second = await printed('user', 'reset-password', email);
    expect(second).not.toBe(first);
    expect(await login(email, first)).toBe(401);
    expect(await login(email, second)).toBe(200);
  });

  test('may be given a password on standard input, which is not printed', async () => {
    const child = spawn(
      resolve('bin/cloakroom.js'),
      ['user', 'create', 'grace@example.com', '--password-stdin'],
      { env: { ...process.env, ...env, CLOAKROOM_DATA_DIR: dataDir }, stdio: 'pipe' },
    );
    child.stdin.end('a long enough password\n');
    let output = '';
    child.stdout.on('data', (piece) => {
      output += piece;
    });
    const [code] = await once(child, 'close');
    expect({ code, output }).toEqual({ code: 0, output: '' });
    expect(await login('grace@example.com', 'a long enough password')).toBe(200);
  });

  test('is made once, and an unknown one is not found', async () => {
    expect(await run('user', 'create', ADMIN.email)).toMatchObject({ code: 1, stdout: '' });
    expect(await run('user', 'reset-password', 'nobody@example.com')).toMatchObject({ code: 1 });
  });
});

test('a plan is changed, an unknown one refused', async () => {
  expect(await printed('org', 'set-plan', 'professional')).toMatch(/is on the plan professional/);
  expect(await run('org', 'set-plan', 'platinum')).toMatchObject({ code: 1, stdout: '' });
  await printed('org', 'set-plan', 'unlimited');
});

test('one-off credits are added to what a plan gives, and nothing is added by a mistake', async () => {
  await printed('org', 'set-plan', 'professional');
  const grant = (...args: string[]) => run('org', 'grant-credits', ...args, '--json');
  const { stdout } = await grant('redact.credits', '250');
  expect(JSON.parse(stdout)).toMatchObject({ granted: 250, available: 10_250 });
  expect(await grant('redact.credits', '-1')).toMatchObject({ code: 2 });
  expect(await grant('redact.credits', '0')).toMatchObject({ code: 2 });
  expect(await grant('money', '1')).toMatchObject({ code: 2 });
  await printed('org', 'set-plan', 'unlimited');
});

test('the audit log holds, and knows what the commands did', async () => {
  const { isWhole, chains } = JSON.parse(await printed('audit', 'verify', '--json'));
  expect(isWhole).toBe(true);
  expect(chains).toHaveLength(1);
  expect(chains[0].entries).toBeGreaterThan(5);
  expect(await printed('audit', 'verify')).toMatch(/whole$/);
});

test('migrate finds nothing to do', async () => {
  expect(await printed('migrate')).toBe('The database is up to date.');
});

test('doctor knows the running server for what it is', async () => {
  const { code, stdout } = await run('doctor');
  expect(code).toBe(0);
  expect(stdout).toContain(`${env['PORT']} is taken by a running Cloakroom`);
  expect(stdout).toMatch(/^ok +database +PostgreSQL \d/m);
});

test('a second server on the same data is refused with a reason', async () => {
  const { code, stderr } = await cli(dataDir, ['serve'], {
    ...{ PORT: String(await freePort()), CLOAKROOM_SMTP_PORT: String(await freePort()) },
  });
  expect(code).toBe(1);
  expect(stderr).toMatch(/Another Cloakroom runs on/);
  expect(stderr).not.toMatch(/\n +at /);
});

// Each of these starts PostgreSQL a few times; a busy machine takes its time over that.
const LONG_MS = 180_000;

test(
  'commands work without a server, too, and a server starts again after them',
  async () => {
    await server.stop();
    expect(await printed('key', 'create', 'mail', '--label', 'alone')).toMatch(/^cm_sk_/);
    expect(await printed('audit', 'verify')).toMatch(/whole$/);
    server = await startProcess({ dataDir, port: Number(env['PORT']), env });
  },
  LONG_MS,
);

test(
  'a backup beside the running server is proven, and restored it serves the same keys',
  async () => {
    const key = await printed('key', 'create', 'mail', '--label', 'kept');
    const [archive, target] = [join(dataDir, 'backup.tar.gz'), join(dataDir, 'restored')];
    expect(await printed('backup', archive)).toMatch(/^Wrote .*: \d+ rows, 0 files/);
    expect(await run('backup', archive)).toMatchObject({ code: 1, stdout: '' });
    const proof = JSON.parse(await printed('restore', '--verify', archive, '--json'));
    expect(proof).toMatchObject({ isGood: true, auditEntries: expect.any(Number) });
    expect(await run('restore', archive)).toMatchObject({
      ...{ code: 1, stderr: expect.stringMatching(/is not empty/) },
    });

    const done = await cli(target, ['restore', archive]);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    const twin = await startProcess({ dataDir: target });
    try {
      const headers = { authorization: `Bearer ${key}` };
      const answer = await fetch(`${twin.url}/mail/api/v1/aliases`, { headers });
      expect(await answer.json()).toMatchObject({ aliases: [] });
    } finally {
      await twin.stop();
    }
  },
  LONG_MS,
);

test('before the first start a key cannot be made, and the message says why', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'cloakroom-empty-'));
  const { code, stdout, stderr } = await cli(empty, ['key', 'create', 'mail', '--label', 'x']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/Start the server once/);
  await rm(empty, { recursive: true, force: true });
});
