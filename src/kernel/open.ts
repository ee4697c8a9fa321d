/**
 * Opens the kernel: everything that the services stand on, from one configuration. The server does it
 * first of all; commands do it without the services, which they need not load.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { type Config, publicUrl } from '../config.ts';
import { createAccounts } from './accounts/accounts.ts';
import { createAudit } from './audit/audit.ts';
import { type Clock, systemClock } from './clock.ts';
import { openDatabase } from './db/index.ts';
import { createFiles } from './files/files.ts';
import { createIdempotency } from './idempotency/idempotency.ts';
import type { Kernel } from './index.ts';
import { createJobs } from './jobs/index.ts';
import { openKeyring } from './keyring.ts';
import { createKeys } from './keys/keys.ts';
import { createLedger } from './ledger/ledger.ts';
import { createLimiter } from './limits/limiter.ts';
import { createLog } from './telemetry/log.ts';
import { createWebhooks } from './webhooks/webhooks.ts';

export interface KernelOptions {
  /** Join the server that runs on the same data directory, if one does (for the CLI). */
  attach?: boolean;
  /** Open without the database where it is away; the caller migrates once it is back. */
  isPatient?: boolean;
  clock?: Clock;
  log?: Logger;
}

export type OpenKernel = Kernel & { close(): Promise<void> };

/** All that the services stand on, ready to use; `close()` lets go of it in the reverse order. */
export async function openKernel(config: Config, options: KernelOptions = {}): Promise<OpenKernel> {
  const {
    clock = systemClock,
    log = createLog(config.logLevel),
    attach = false,
    isPatient = false,
  } = options;
  const { dataDir } = config;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const metrics = new Registry();
  const keyring = await openKeyring(dataDir, config.installationKey);
  const { databaseUrl } = config;
  const database = await openDatabase({ dataDir, databaseUrl, log, attach, isPatient });
  if (!isPatient) await database.migrate();

  const limiter = createLimiter({ redisUrl: config.redisUrl, clock, log });
  const audit = createAudit({ clock });
  const keys = createKeys({ database, keyring, clock, audit });
  const accounts = createAccounts({ database, keyring, clock, limiter, audit, keys });
  const ledger = createLedger({ clock });
  const idempotency = createIdempotency({ database, keyring, clock, log });
  const jobs = createJobs({ database, log, clock });
  const filesDir = config.filesDir ?? join(dataDir, 'files');
  const files = createFiles({ dir: filesDir, keyring, database, clock });
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
