/** What can be seen on this machine: Node, the data directory, the disk, the keys, the ports. */
import { constants } from 'node:fs';
import { access, readdir, stat, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import type { Config } from '../../config.ts';
import { openKeyring } from '../../kernel/keyring.ts';
import { type Finding, ok } from './finding.ts';

const OLDEST_NODE = 24;
const MIB = 1024 * 1024;
/** Below this PostgreSQL and the click journal may stop at any moment. */
const LEAST_FREE_BYTES = 256 * MIB;
const COMFORTABLE_FREE_BYTES = 2048 * MIB;

export function checkNode(): Finding {
  const [major] = process.versions.node.split('.');
  if (Number(major) >= OLDEST_NODE) return ok('Node', process.version);
  const advice =
    'Run npm install and start by npm start or npx cloakroom: they bring the right one.';
  return { name: 'Node', status: 'fail', found: `${process.version} is too old`, advice };
}

export async function checkDataDir({ dataDir }: Config): Promise<Finding[]> {
  const name = 'data directory';
  const existing = await nearestExisting(dataDir);
  try {
    await access(existing, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    const advice = `Give the user that runs the server the right to write: chown -R USER ${existing}`;
    return [{ name, status: 'fail', found: `${existing} cannot be written to`, advice }];
  }
  if (existing !== dataDir) return [ok(name, `${dataDir} will be made at the first start`)];
  const { mode } = await stat(dataDir);
  if ((mode & 0o007) === 0) return [ok(name, dataDir)];
  const found = `${dataDir} can be entered by every user of this machine`;
  return [{ name, status: 'warn', found, advice: `chmod o-rwx ${dataDir}` }];
}

export async function checkDisk({ dataDir }: Config): Promise<Finding[]> {
  const { bavail, bsize, files, ffree } = await statfs(await nearestExisting(dataDir));
  const freeBytes = bavail * bsize;
  const found = `${Math.round(freeBytes / MIB)} MB free`;
  const advice = 'Make room, or move CLOAKROOM_DATA_DIR to a larger disk.';
  // Some file systems count no inodes and say 0 of 0.
  if (files > 0 && ffree < 1000) {
    return [{ name: 'disk', status: 'fail', found: `${ffree} files can still be made`, advice }];
  }
  if (freeBytes < LEAST_FREE_BYTES) return [{ name: 'disk', status: 'fail', found, advice }];
  if (freeBytes < COMFORTABLE_FREE_BYTES) return [{ name: 'disk', status: 'warn', found, advice }];
  return [ok('disk', found)];
}

export async function checkKeys({ dataDir, installationKey }: Config): Promise<Finding[]> {
  const name = 'installation key';
  const path = join(dataDir, 'keys', 'installation.key');
  const file = await stat(path).catch(() => null);
  if (!installationKey && !file) {
    const holds = await readdir(dataDir).catch(() => []);
    if (holds.length === 0) return [ok(name, 'will be made at the first start')];
    const advice = `Put it back from a backup (${path}, or CLOAKROOM_INSTALLATION_KEY). Without it nothing that is encrypted can be read.`;
    return [{ name, status: 'fail', found: 'missing, though there is data', advice }];
  }
  try {
    await openKeyring(dataDir, installationKey);
  } catch (error) {
    const advice = 'Put the key back from a backup.';
    return [{ name, status: 'fail', found: (error as Error).message, advice }];
  }
  if (installationKey) return [ok(name, 'set by CLOAKROOM_INSTALLATION_KEY')];
  if (file && (file.mode & 0o077) !== 0) {
    const found = `${path} can be read by others`;
    return [{ name, status: 'warn', found, advice: `chmod 600 ${path}` }];
  }
  return [ok(name, path)];
}

export async function checkPorts(config: Config): Promise<Finding[]> {
  return [
    await checkPort('HTTP port', 'PORT', config.host, config.port, isOurHttp),
    await checkPort('SMTP port', 'CLOAKROOM_SMTP_PORT', config.host, config.smtpPort, async () =>
      isOurHttp(config.host, config.port),
    ),
  ];
}

async function checkPort(
  name: string,
  setting: string,
  host: string,
  port: number,
  isOurs: (host: string, port: number) => Promise<boolean>,
): Promise<Finding> {
  if (port === 0) return ok(name, 'any free one');
  const code = await tryListen(host, port);
  if (code === null) return ok(name, `${port} is free`);
  if (code === 'EADDRINUSE' && (await isOurs(host, port))) {
    return ok(name, `${port} is taken by a running Cloakroom`);
  }
  const advice = {
    EADDRINUSE: `Stop the other program, or set ${setting} to another port.`,
    EACCES: `Ports below 1024 need a right: set ${setting} to a higher one, or allow it (setcap cap_net_bind_service).`,
    EADDRNOTAVAIL: `This machine has no address ${host}: set HOST to one that it has.`,
  }[code];
  const found = code === 'EADDRINUSE' ? `${port} is taken by another program` : `${port}: ${code}`;
  return {
    name,
    status: 'fail',
    found,
    advice: advice ?? 'Set HOST to an address of this machine.',
  };
}

/** Listens for a moment; the error's code, or null where that was possible. */
function tryListen(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, host, () => server.close(() => resolve(null)));
  });
}

async function isOurHttp(host: string, port: number): Promise<boolean> {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  const url = `http://${name.includes(':') ? `[${name}]` : name}:${port}/healthz`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(3000) }).catch(() => null);
  return answer?.ok ?? false;
}

async function nearestExisting(path: string): Promise<string> {
  const exists = await stat(path).then(
    () => true,
    () => false,
  );
  return exists || dirname(path) === path ? path : nearestExisting(dirname(path));
}
