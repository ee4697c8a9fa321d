/**
 * Work that happens later, on pg-boss: a job commits with its cause, and is run at least once. A
 * handler makes that "once" by concluding in one transaction of its own and by finding its work done
 * when it comes again. A worker says every few seconds that it lives; the jobs of one that does not
 * are run again elsewhere within half a minute.
 */
import { fromKysely, PgBoss } from 'pg-boss';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Database } from '../db/index.ts';
import type { Db } from '../db/schema.ts';

export interface JobOptions {
  /** Runs after the first that failed; default 3. */
  retryLimit?: number;
  /** Wait before the first retry; each further one waits twice as long. Default 5. */
  retryDelayS?: number;
  /** The waits do not become longer than this. Default: no bound. */
  longestDelayS?: number;
  /** A run that takes longer is stopped and retried. Default 900. */
  expireInS?: number;
  /** Runs at once in one process. Default 4. */
  concurrency?: number;
  /**
   * Of jobs of one group (see `SendOptions.group`), about how many run at once on all nodes: two
   * workers that look at the same moment may take one more. For fairness, not for exclusion.
   */
  perGroup?: number;
  /** While one waits, no second one with the same key is made: every `send` then names a key. */
  singleton?: boolean;
}

/** The name of a kind of job, with the type of its data. */
export interface JobType<T extends object> extends JobOptions {
  name: string;
  /** Never set: carries the type. */
  data?: T;
}

export interface JobContext {
  id: string;
  /** 1 on the first run. */
  attempt: number;
  /** Aborted when the job's time is over or the server stops. */
  signal: AbortSignal;
}

export interface ScheduleEntry {
  name: string;
  /** Five fields, UTC. */
  cron: string;
  handler: () => Promise<unknown>;
}

export interface SendOptions {
  /** Commits the job with its cause. */
  tx?: Db;
  startAfter?: Date;
  /** Of a singleton type. */
  singletonKey?: string;
  /** Whose job it is, for types with `perGroup`: nobody's backlog holds all the workers. */
  group?: string;
}

export interface Jobs {
  /** Registers a handler. Before `start`. */
  work<T extends object>(
    type: JobType<T>,
    handler: (data: T, context: JobContext) => Promise<void>,
  ): void;
  send<T extends object>(type: JobType<T>, data: T, options?: SendOptions): Promise<void>;
  /** What runs by the clock, on one node at a time: one table in code. Before `start`. */
  schedule(table: readonly ScheduleEntry[]): void;
  start(): Promise<void>;
  /** Lets running jobs end (up to 20 s), takes no new ones. */
  stop(): Promise<void>;
}

const SCHEMA = 'jobs';
const POLL_S = 2;
const DRAIN_MS = 20_000;
const HEARTBEAT_S = 10;

export function jobType<T extends object>(name: string, options: JobOptions = {}): JobType<T> {
  return { name, ...options };
}

interface Registered {
  type: JobType<object>;
  handler(data: object, context: JobContext): Promise<void>;
}

export function createJobs({
  database,
  log,
}: {
  database: Database;
  log: Logger;
  clock: Clock;
}): Jobs {
  const registered: Registered[] = [];
  let entries: readonly ScheduleEntry[] = [];
  const queues = new Map<string, Promise<void>>();
  let boss: PgBoss | null = null;
  let starting: Promise<PgBoss> | null = null;

  /** Started by the first `send` or by `start`, whichever comes first. */
  const ready = (): Promise<PgBoss> => {
    starting ??= open(database, registered.length + entries.length > 0, log).then(
      (opened) => {
        boss = opened;
        return opened;
      },
      (error) => {
        starting = null;
        throw error;
      },
    );
    return starting;
  };
  const queue = (on: PgBoss, type: JobType<object>): Promise<void> => {
    let made = queues.get(type.name);
    if (!made) {
      made = makeQueue(on, type);
      queues.set(type.name, made);
      made.catch(() => queues.delete(type.name));
    }
    return made;
  };

  return {
    work(type, handler) {
      registered.push({ type, handler: handler as Registered['handler'] });
    },
    async send(type, data, { tx, startAfter, singletonKey, group } = {}) {
      const on = await ready();
      await queue(on, type);
      await on.send(type.name, data, {
        startAfter,
        singletonKey,
        group: group === undefined ? undefined : { id: group },
        db: tx && fromKysely(tx),
      });
    },
    schedule(table) {
      entries = table;
    },
    async start() {
      const on = await ready();
      for (const { type, handler } of registered) {
        await queue(on, type);
        await workOn(on, type, handler, log);
      }
      for (const entry of entries) await keepSchedule(on, entry, log);
    },
    async stop() {
      await starting?.catch(() => {});
      await boss?.stop({ graceful: true, timeout: DRAIN_MS, close: true });
      boss = null;
    },
  };
}

async function open(database: Database, isWorker: boolean, log: Logger): Promise<PgBoss> {
  const boss = new PgBoss({
    connectionString: database.url,
    max: 8,
    schema: SCHEMA,
    supervise: isWorker,
    schedule: isWorker,
    useListenNotify: isWorker,
    superviseIntervalSeconds: 5,
    monitorIntervalSeconds: 5,
    cronMonitorIntervalSeconds: 15,
    cronWorkerIntervalSeconds: 5,
  });
  boss.on('error', (err) => log.warn({ err }, 'the job queue met an error'));
  await boss.start();
  return boss;
}

async function makeQueue(boss: PgBoss, type: JobType<object>): Promise<void> {
  await boss.createQueue(type.name, {
    policy: type.singleton ? 'short' : 'standard',
    retryLimit: type.retryLimit ?? 3,
    retryDelay: type.retryDelayS ?? 5,
    retryBackoff: true,
    ...(type.longestDelayS === undefined ? {} : { retryDelayMax: type.longestDelayS }),
    expireInSeconds: type.expireInS ?? 900,
    heartbeatSeconds: HEARTBEAT_S,
    deleteAfterSeconds: 86_400,
    // Workers hear of a job when its transaction commits; polling is the floor below that.
    notify: true,
  });
}

async function workOn(
  boss: PgBoss,
  { name, concurrency = 4, perGroup }: JobType<object>,
  handler: Registered['handler'],
  log: Logger,
): Promise<void> {
  const options = {
    includeMetadata: true,
    pollingIntervalSeconds: POLL_S,
    // Retries come due without a NOTIFY.
    notifyPollingIntervalSeconds: POLL_S,
    heartbeatRefreshSeconds: 3,
    groupConcurrency: perGroup,
  } as const;
  for (let worker = 0; worker < concurrency; worker++) {
    const id = await boss.work<object, void, typeof options>(name, options, async ([job]) => {
      if (!job) return;
      const attempt = job.retryCount + 1;
      try {
        await handler(job.data, { id: job.id, attempt, signal: job.signal });
      } catch (err) {
        log.warn({ err, job: name, id: job.id, attempt }, 'a job failed');
        throw err;
      } finally {
        // Whoever found a job looks for the next at once: a backlog is not drained by the clock.
        boss.notifyWorker(id);
      }
    });
  }
}

async function keepSchedule(boss: PgBoss, entry: ScheduleEntry, log: Logger): Promise<void> {
  const name = `schedule.${entry.name}`;
  const type = { name, retryLimit: 0, concurrency: 1 };
  await makeQueue(boss, type);
  await workOn(boss, type, async () => void (await entry.handler()), log);
  await boss.schedule(name, entry.cron, {}, { tz: 'UTC' });
}
