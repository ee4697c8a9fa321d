/** What the command line says of itself, of mistakes and of the machine, run as a user runs it. */
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cli, freePort } from '../../test/harness/process.ts';
import { COMMANDS } from './index.ts';

let dataDir: string;
const servers: Server[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'cloakroom-cli-'));
});
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function ports(): Promise<Record<string, string>> {
  return { PORT: String(await freePort()), CLOAKROOM_SMTP_PORT: String(await freePort()) };
}

describe('the command line explains itself', () => {
  test('with no command it lists them all and says that one is missing', async () => {
    const { code, stdout } = await cli(dataDir, []);
    expect(code).toBe(2);
    for (const { name } of COMMANDS) expect(stdout).toContain(`  ${name}`);
  });

  test('--help does so and succeeds', async () => {
    expect(await cli(dataDir, ['--help'])).toMatchObject({ code: 0, stderr: '' });
  });

  test.each(COMMANDS.map(({ name }) => name))(
    '%s --help shows usage, options and examples',
    async (name) => {
      const { code, stdout, stderr } = await cli(dataDir, [...name.split(' '), '--help']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain(`Usage: cloakroom ${name}`);
      expect(stdout).toContain('--json');
      expect(stdout).toContain(`  cloakroom ${name}`);
      expect(await readdir(dataDir)).toEqual([]);
    },
  );

  test('--version is the version', async () => {
    expect((await cli(dataDir, ['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('a wrong command line is told on standard error, with exit code 2', () => {
  test.each([
    [['nonsense'], /no command "nonsense"/],
    [['key'], /cloakroom key create/],
    [['key', 'make'], /cloakroom key create/],
    [['key', 'create'], /SERVICE is missing/],
    [['key', 'create', 'fax', '--label', 'x'], /"fax" is no service/],
    [['key', 'create', 'mail'], /--label NAME is missing/],
    [['key', 'create', 'mail', '--label'], /--label/],
    [['key', 'create', 'mail', '--label', ' '], /--label NAME is missing/],
    [['key', 'create', 'mail', 'gate', '--label', 'x'], /one argument too many/],
    [['key', 'create', 'mail', '--label', 'x', '--colour', 'red'], /--colour/],
    [['key', 'create', 'gate', '--label', 'x', '--scope', 'fly'], /no scope of gate.*check/],
    [['key', 'create', 'gate', '--label', 'x', '--expires', 'yesterday'], /no moment/],
    [['key', 'create', 'gate', '--label', 'x', '--expires', '2027-13-45'], /no moment/],
    [['key', 'create', 'gate', '--label', 'x', '--expires', '2020-01-01'], /in the past/],
    [['key', 'create', 'gate', '--label', 'x', '--expires', '0d'], /in the past/],
    [['user', 'create', 'a@example.com', '--role', 'king'], /"king" is no role/],
    [['serve', '--roles', 'api,chef'], /"chef" is no role/],
    [['serve', '--port', '99999'], /--port must be a whole number/],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await cli(dataDir, args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(await readdir(dataDir)).toEqual([]);
  });

  test('a setting that cannot be used is named, with exit code 1', async () => {
    const { code, stderr } = await cli(dataDir, ['key', 'list'], {
      CLOAKROOM_PROT: '1',
      PORT: 'x',
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/CLOAKROOM_PROT/);
    expect(stderr).toMatch(/PORT: write a whole number/);
  });
});

describe('doctor', () => {
  interface Report {
    isHealthy: boolean;
    findings: { name: string; status: string; found: string; advice: string }[];
  }
  const doctor = async (env: Record<string, string>) => {
    const { code, stdout } = await cli(dataDir, ['doctor', '--json'], {
      ...(await ports()),
      // Nobody answers there, and nobody outside is asked.
      CLOAKROOM_DNS_SERVERS: `127.0.0.1:${await freePort()}`,
      ...env,
    });
    const report = JSON.parse(stdout) as Report;
    const of = (name: string) => report.findings.find((finding) => finding.name === name);
    return { code, report, of };
  };

  test('finds a new installation fit to start, and makes nothing', async () => {
    const { code, report, of } = await doctor({});
    expect(code).toBe(0);
    expect(report.isHealthy).toBe(true);
    expect(of('installation key')).toMatchObject({ status: 'ok' });
    expect(of('HTTP port')).toMatchObject({ status: 'ok' });
    expect(await readdir(dataDir)).toEqual([]);
  });

  test('says for people what it says in JSON', async () => {
    const { code, stdout } = await cli(dataDir, ['doctor'], await ports());
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ok +Node +v24\./m);
    expect(stdout).toContain('Nothing stands in the way.');
  });

  test('names every setting that cannot be used', async () => {
    const { code, report } = await doctor({ PORT: 'x', CLOAKROOM_WORKERS: '0' });
    expect(code).toBe(1);
    const settings = report.findings.filter(({ name }) => name === 'settings');
    expect(settings).toHaveLength(2);
  });

  test('tells a port that another program holds, and what to set', async () => {
    const port = await freePort();
    const server = createServer((socket) => socket.end('not http'));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const { code, of } = await doctor({ PORT: String(port) });
    expect(code).toBe(1);
    expect(of('HTTP port')).toMatchObject({
      ...{ status: 'fail', found: `${port} is taken by another program` },
      advice: expect.stringContaining('PORT'),
    });
  });

  test('tells an address that this machine does not have', async () => {
    const { of } = await doctor({ HOST: '192.0.2.1' });
    expect(of('HTTP port')).toMatchObject({
      status: 'fail',
      advice: expect.stringContaining('HOST'),
    });
  });

  test('tells a lost installation key where there is data', async () => {
    await mkdir(join(dataDir, 'postgres'));
    const { code, of } = await doctor({});
    expect(code).toBe(1);
    expect(of('installation key')).toMatchObject({
      ...{ status: 'fail', advice: expect.stringMatching(/backup/) },
    });
  });

  test('tells a key that is none, and one that others can read', async () => {
    const path = join(dataDir, 'keys', 'installation.key');
    await mkdir(join(dataDir, 'keys'));
    await writeFile(path, 'short');
    const database = { DATABASE_URL: `postgres://nobody@127.0.0.1:${await freePort()}/none` };
    expect((await doctor(database)).of('installation key')).toMatchObject({ status: 'fail' });
    await writeFile(path, 'ab'.repeat(32));
    await chmod(path, 0o644);
    expect((await doctor(database)).of('installation key')).toMatchObject({ status: 'warn' });
    await chmod(path, 0o600);
    expect((await doctor(database)).of('installation key')).toMatchObject({ status: 'ok' });
  });

  test('tells a database, a relay and a Redis that do not answer', async () => {
    const { code, of } = await doctor({
      DATABASE_URL: `postgres://nobody@127.0.0.1:${await freePort()}/none`,
      CLOAKROOM_SMTP_URL: `smtp://127.0.0.1:${await freePort()}`,
      REDIS_URL: `redis://127.0.0.1:${await freePort()}`,
    });
    expect(code).toBe(1);
    for (const name of ['database', 'mail relay', 'Redis']) {
      expect(of(name)).toMatchObject({ status: 'fail', advice: expect.stringMatching(/./) });
    }
  });

  test('warns of name servers that do not answer', async () => {
    expect((await doctor({})).of('name servers')).toMatchObject({ status: 'warn' });
  });
});
