/**
 * The composition root: config → database → kernel → intel → services → edges. Reads top to bottom
 * as the story of the program; `start()` returns `stop()`.
 */
import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { createAccountEdge } from './account/index.ts';
import { type Config, publicUrl } from './config.ts';
import { openIntel } from './intel/index.ts';
import { createAccounts } from './kernel/accounts/accounts.ts';
import { createAudit } from './kernel/audit/audit.ts';
import { type Clock, systemClock } from './kernel/clock.ts';
import { openDatabase } from './kernel/db/index.ts';
import { createFiles } from './kernel/files/files.ts';
import type { App, Edge } from './kernel/http/edge.ts';
import { addRootRoutes } from './kernel/http/root.ts';
import { createHttp } from './kernel/http/server.ts';
import { createIdempotency } from './kernel/idempotency/idempotency.ts';
import { type Kernel, PROCESS_ROLES, type ProcessRole, type Service } from './kernel/index.ts';
import { createJobs } from './kernel/jobs/index.ts';
import { openKeyring } from './kernel/keyring.ts';
import { createKeys } from './kernel/keys/keys.ts';
import { createLedger } from './kernel/ledger/ledger.ts';
import { createLimiter } from './kernel/limits/limiter.ts';
import { createLog } from './kernel/telemetry/log.ts';
import { createWebhooks } from './kernel/webhooks/webhooks.ts';
import { createGate } from './services/gate/index.ts';
import { createMail } from './services/mail/index.ts';
import { createRedact } from './services/redact/index.ts';
import { createTrack } from './services/track/index.ts';

export interface KernelOptions {
  /** Join the server that runs on the same data directory, if one does (for the CLI). */
  attach?: boolean;
  clock?: Clock;
  log?: Logger;
}

export type OpenKernel = Kernel & { close(): Promise<void> };

/** All that the services stand on, ready to use; `close()` lets go of it in the reverse order. */
export async function openKernel(config: Config, options: KernelOptions = {}): Promise<OpenKernel> {
  const { clock = systemClock, log = createLog(config.logLevel), attach = false } = options;
  const { dataDir } = config;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const metrics = new Registry();
  const keyring = await openKeyring(dataDir, config.installationKey);
  const database = await openDatabase({ dataDir, databaseUrl: config.databaseUrl, log, attach });
  await database.migrate();

  const limiter = createLimiter({ redisUrl: config.redisUrl, clock, log });
  const audit = createAudit({ clock });
  const keys = createKeys({ database, keyring, clock, audit });
  const accounts = createAccounts({ database, keyring, clock, limiter, audit, keys });
  const ledger = createLedger({ clock });
  const idempotency = createIdempotency({ database, keyring, clock, log });
  const jobs = createJobs({ database, log, clock });
  const files = createFiles({ dir: join(dataDir, 'files'), keyring, database, clock });
  const webhooks = createWebhooks({
    database,
    keyring,
    jobs,
    clock,
    log,
    audit,
    allowPrivate: config.webhookAllowPrivate,
  });
  const site = { url: publicUrl(config) };
  const close = async () => {
    await jobs.stop();
    await limiter.close();
    await database.close();
  };
  return {
    ...{ config, site, log, clock, metrics, keyring, database, accounts, keys, limiter, ledger },
    ...{ idempotency, jobs, webhooks, files, audit, close },
  };
}

export interface StartOptions extends KernelOptions {
  roles?: readonly ProcessRole[];
}

export interface Running {
  /** Where it listens, e.g. `http://127.0.0.1:8080`. */
  url: string;
  kernel: Kernel;
  /** Where mail comes in; null without the smtp role. */
  smtpPort: number | null;
  /** Drains requests and jobs, then closes everything. */
  stop(): Promise<void>;
}

/** Starts a server process in the given roles (all of them, unless told otherwise). */
export async function start(config: Config, options: StartOptions = {}): Promise<Running> {
  const roles = new Set(options.roles ?? PROCESS_ROLES);
  const kernel = await openKernel(config, options);
  const { log, metrics } = kernel;
  collectDefaultMetrics({ register: metrics });
  await announceOwner(kernel);

  const intel = await openIntel({ dataDir: config.dataDir, log, clock: kernel.clock });
  const gate = createGate(kernel, { intel });
  const track = createTrack(kernel, { intel, decide: gate.decide });
  const mail = createMail(kernel, { trackLinks: track.trackLinks });
  const redact = createRedact(kernel);
  const services: Service[] = [mail, track, gate, redact];

  if (roles.has('worker')) {
    for (const service of services) service.work?.(kernel.jobs);
    kernel.webhooks.work(kernel.jobs);
    kernel.jobs.schedule([
      ...services.flatMap((service) => service.schedule ?? []),
      { name: 'files-sweep', cron: '*/10 * * * *', handler: () => kernel.files.sweep() },
      { name: 'webhooks-sweep', cron: '27 3 * * *', handler: () => kernel.webhooks.sweep() },
      { name: 'idempotency-sweep', cron: '17 * * * *', handler: () => kernel.idempotency.sweep() },
    ]);
  }
  await kernel.jobs.start();
  for (const service of services) await service.start?.(roles);

  const edges = [createAccountEdge(kernel), ...services.map(({ edge }) => edge)];
  const raw = roles.has('edge') ? services.flatMap((service) => service.raw ?? []) : [];
  const { app, documents } = await createHttp(edgesOf(roles, edges), raw, kernel);
  addRootRoutes(app, documents, kernel, roles);
  const url = await listen(app, config);
  kernel.site.url = config.publicUrl ?? url;
  log.info({ url, roles: [...roles] }, 'ready');

  const stop = async () => {
    await app.close();
    for (const service of services.toReversed()) await service.stop?.();
    await kernel.close();
    log.info('stopped');
  };
  return { url, kernel, smtpPort: mail.smtpPort(), stop };
}

/** The edge role alone answers Track, whose links and postbacks it exists for. */
function edgesOf(roles: ReadonlySet<ProcessRole>, edges: Edge[]): Edge[] {
  if (roles.has('api')) return edges;
  return roles.has('edge') ? edges.filter(({ service }) => service === 'track') : [];
}

async function listen(app: App, config: Config): Promise<string> {
  await app.listen({ host: config.host, port: config.port });
  const { port } = app.server.address() as AddressInfo;
  return `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`;
}

/** At the first start the owner's made-up password is printed once, where a person looks. */
async function announceOwner({ accounts, config }: Kernel): Promise<void> {
  const made = await accounts.bootstrap({
    email: config.adminEmail,
    password: config.adminPassword,
  });
  if (!made?.password) return;
  process.stdout.write(
    `\nYour account (shown once):\n  email     ${made.email}\n  password  ${made.password}\n\n`,
  );
}
