/**
 * The composition root: config → database → kernel → intel → services → edges. Reads top to bottom
 * as the story of the program; `start()` returns `stop()`.
 */
import type { AddressInfo } from 'node:net';
import { collectDefaultMetrics } from 'prom-client';
import { createAccountEdge } from './account/index.ts';
import type { Config } from './config.ts';
import { openIntel } from './intel/index.ts';
import { nowOrOnceBack } from './kernel/db/index.ts';
import type { App, Edge } from './kernel/http/edge.ts';
import { addRootRoutes } from './kernel/http/root.ts';
import { createHttp } from './kernel/http/server.ts';
import { type Kernel, PROCESS_ROLES, type ProcessRole, type Service } from './kernel/index.ts';
import { type KernelOptions, openKernel } from './kernel/open.ts';
import { createGate } from './services/gate/index.ts';
import { createMail } from './services/mail/index.ts';
import { createRedact } from './services/redact/index.ts';
import { createTrack } from './services/track/index.ts';

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
  // Links go on without the database, so a process for nothing else starts without it, too.
  const isPatient = roles.size === 1 && roles.has('edge');
  const kernel = await openKernel(config, { ...options, isPatient });
  const { log, metrics } = kernel;
  collectDefaultMetrics({ register: metrics });

  const intel = await openIntel({ dataDir: config.dataDir, log, clock: kernel.clock });
  const gate = createGate(kernel, { intel });
  const track = createTrack(kernel, { intel, decide: gate.decide, ownsFlow: gate.ownsFlow });
  const mail = createMail(kernel, { trackLinks: track.trackLinks });
  const redact = createRedact(kernel);
  const services: Service[] = [mail, track, gate, redact];
  const close = async () => {
    for (const service of services.toReversed()) await service.stop?.();
    await kernel.close();
  };
  try {
    const bringUp = { config, kernel, roles, services, isPatient };
    const { url, lower } = await bringUpServices(bringUp);
    const stop = async () => {
      await lower();
      await close();
      log.info('stopped');
    };
    return { url, kernel, smtpPort: mail.smtpPort(), stop };
  } catch (error) {
    await close();
    throw error;
  }
}

interface BringUp {
  config: Config;
  kernel: Kernel;
  roles: ReadonlySet<ProcessRole>;
  services: readonly Service[];
  isPatient: boolean;
}

/** From parts that know each other to a server that answers; `lower` makes it silent again. */
async function bringUpServices({ config, kernel, roles, services, isPatient }: BringUp) {
  const { log } = kernel;
  for (const service of services) await service.prove?.(roles);
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
  const begin = async () => {
    if (isPatient) await kernel.database.migrate();
    await announceOwner(kernel);
    await kernel.jobs.start();
  };
  const waiting = isPatient ? await nowOrOnceBack(begin, log) : await begin();
  for (const service of services) await service.start?.(roles);

  const edges = [createAccountEdge(kernel), ...services.map(({ edge }) => edge)];
  const raw = roles.has('edge') ? services.flatMap((service) => service.raw ?? []) : [];
  const { app, documents } = await createHttp(edgesOf(roles, edges), raw, kernel);
  addRootRoutes(app, documents, kernel, roles);
  const url = await listen(app, config);
  kernel.site.url = config.publicUrl ?? url;
  log.info({ url, roles: [...roles] }, 'ready');

  const lower = async () => {
    await app.close();
    await waiting?.giveUp();
  };
  return { url, lower };
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
