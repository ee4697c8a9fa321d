/** What every service is given, and what it gives back to the composition root. */
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Config } from '../config.ts';
import type { Accounts } from './accounts/accounts.ts';
import type { Audit } from './audit/audit.ts';
import type { Clock } from './clock.ts';
import type { Database } from './db/index.ts';
import type { Files } from './files/files.ts';
import type { Edge, RawHandler } from './http/edge.ts';
import type { Idempotency } from './idempotency/idempotency.ts';
import type { Jobs, ScheduleEntry } from './jobs/index.ts';
import type { Keyring } from './keyring.ts';
import type { Keys } from './keys/keys.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { Limiter } from './limits/limiter.ts';
import type { Webhooks } from './webhooks/webhooks.ts';

export interface Kernel {
  config: Config;
  /** Where the world reaches this server, without a slash at the end. Known for sure once it listens. */
  site: { url: string };
  log: Logger;
  clock: Clock;
  metrics: Registry;
  keyring: Keyring;
  database: Database;
  accounts: Accounts;
  keys: Keys;
  limiter: Limiter;
  ledger: Ledger;
  idempotency: Idempotency;
  jobs: Jobs;
  webhooks: Webhooks;
  files: Files;
  audit: Audit;
}

/**
 * What a process does: `api` answers the four APIs, `edge` the tracking links, `smtp` takes mail,
 * `worker` does jobs. One process may do all.
 */
export const PROCESS_ROLES = ['api', 'edge', 'smtp', 'worker'] as const;
export type ProcessRole = (typeof PROCESS_ROLES)[number];

export interface Service {
  edge: Edge;
  /** Tells the jobs what this service works on. Called in the `worker` role, before they start. */
  work?(jobs: Jobs): void;
  /** What runs by the clock. */
  schedule?: ScheduleEntry[];
  /** Handlers that answer before Fastify (the redirect). */
  raw?: RawHandler;
  /** Throws where the service cannot work as it is set up; asked before anything is begun. */
  prove?(roles: ReadonlySet<ProcessRole>): Promise<void>;
  /** Starts what this service runs in these roles (listeners, shippers), stops it again. */
  start?(roles: ReadonlySet<ProcessRole>): Promise<void>;
  stop?(): Promise<void>;
}
