/** What is reached by a connection: the database with its clock, name servers, Redis, the relay. */
import { promises as dns } from 'node:dns';
import { stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Config } from '../../config.ts';
import { createLog } from '../../kernel/telemetry/log.ts';
import { identify } from './database-store.ts';
import { type Finding, ok } from './finding.ts';

const PATIENCE_MS = 5_000;
/** Session tokens and webhook signatures are compared by the second. */
const LARGEST_SKEW_MS = 5_000;

export async function checkDatabase(config: Config): Promise<Finding[]> {
  const { dataDir, databaseUrl } = config;
  if (!databaseUrl && !(await isThere(join(dataDir, 'keys')))) {
    return [ok('database', 'will be made at the first start')];
  }
  const { openDatabase } = await import('../../kernel/db/index.ts');
  const log = createLog('silent');
  try {
    const database = await openDatabase({ dataDir, databaseUrl, log, attach: true });
    try {
      const { version, now } = await identify(database.db);
      return [ok('database', `PostgreSQL ${version}`), compareClocks(now, new Date())];
    } finally {
      await database.close();
    }
  } catch (error) {
    const advice = databaseUrl
      ? 'Check DATABASE_URL: that the server runs, and that name, user and password are right.'
      : 'Stop whatever holds the data directory, then start the server and read its log.';
    const found = (error as Error).message || String((error as NodeJS.ErrnoException).code);
    return [{ name: 'database', status: 'fail', found, advice }];
  }
}

function compareClocks(theirs: Date, ours: Date): Finding {
  const skewMs = Math.abs(theirs.getTime() - ours.getTime());
  if (skewMs <= LARGEST_SKEW_MS) return ok('clock', `${ours.toISOString()}, as the database`);
  const found = `this clock and the database's are ${Math.round(skewMs / 1000)} s apart`;
  const advice = 'Turn on time synchronisation (NTP) on both machines.';
  return { name: 'clock', status: 'fail', found, advice };
}

export async function checkDns({ dnsServers, publicUrl, mailDomain }: Config): Promise<Finding[]> {
  const name = 'name servers';
  const resolver = new dns.Resolver({ timeout: PATIENCE_MS / 2, tries: 2 });
  if (dnsServers) resolver.setServers([...dnsServers]);
  const servers = resolver.getServers().join(', ');
  const code = await failureOf(resolver.resolveNs('.'));
  // "No such record" is an answer, too: somebody is there.
  if (code !== null && !['ENODATA', 'ENOTFOUND'].includes(code)) {
    const found = `no answer from ${servers || 'any'} (${code})`;
    const advice =
      'Mail to other domains, domain verification and webhooks need DNS. Set CLOAKROOM_DNS_SERVERS, or mend the network.';
    return [{ name, status: 'warn', found, advice }];
  }
  const findings = [ok(name, servers)];
  for (const host of [publicUrl && new URL(publicUrl).hostname, mailDomain]) {
    if (host) findings.push(await checkName(host, resolver));
  }
  return findings;
}

async function checkName(host: string, resolver: dns.Resolver): Promise<Finding> {
  const failures = await Promise.all([
    failureOf(resolver.resolve4(host)),
    failureOf(resolver.resolve6(host)),
    failureOf(resolver.resolveMx(host)),
  ]);
  if (failures.includes(null)) return ok(`name ${host}`, 'resolves');
  const advice = 'Add an A, AAAA or MX record, or wait until a new one is known everywhere.';
  return { name: `name ${host}`, status: 'warn', found: 'does not resolve', advice };
}

export async function checkRedis({ redisUrl }: Config): Promise<Finding[]> {
  return redisUrl ? [await checkReachable('Redis', 'REDIS_URL', redisUrl, 6379)] : [];
}

export async function checkRelay({ smtpUrl }: Config): Promise<Finding[]> {
  if (!smtpUrl) return [];
  const port = new URL(smtpUrl).protocol === 'smtps:' ? 465 : 587;
  return [await checkReachable('mail relay', 'CLOAKROOM_SMTP_URL', smtpUrl, port)];
}

/** Whether somebody listens at an address; nothing is said to them. */
async function checkReachable(
  name: string,
  setting: string,
  address: string,
  defaultPort: number,
): Promise<Finding> {
  const { hostname, port } = new URL(address);
  const place = `${hostname}:${port || defaultPort}`;
  const failure = await new Promise<string | null>((resolve) => {
    const socket = connect(Number(port || defaultPort), hostname.replace(/^\[|\]$/g, ''));
    const end = (result: string | null) => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(PATIENCE_MS, () => end('no answer'));
    socket.once('connect', () => end(null));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
  if (failure === null) return ok(name, `${place} answers`);
  const advice = `Start it, or mend ${setting}.`;
  return { name, status: 'fail', found: `${place}: ${failure}`, advice };
}

/** The error code of a look-up, or null where it succeeded. */
async function failureOf(lookup: Promise<unknown>): Promise<string | null> {
  return lookup.then(
    () => null,
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
