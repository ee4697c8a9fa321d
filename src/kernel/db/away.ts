/** Tells the faults of a database that is away, or cannot write, from the mistakes of a query. */
import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import { Fault } from '../fault.ts';

/** SQLSTATE classes and codes, PostgreSQL manual, appendix A. */
const AWAY = /^(08...|57P0[1-5]|53300|ECONNREFUSED|ECONNRESET|EPIPE|ENOENT|ETIMEDOUT|ENOTFOUND)$/;
const AWAY_WORDS =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|pool after calling end/;

/** Whether the database could not be reached, or ended the connection. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, severity } = error as { code?: unknown; severity?: unknown };
  // A FATAL message ends its connection, whatever it says.
  if (severity === 'FATAL') return true;
  const isNetwork = 'syscall' in error || 'severity' in error || code === undefined;
  if (typeof code === 'string' && AWAY.test(code) && isNetwork) return true;
  if (error instanceof AggregateError && error.errors.some(isDatabaseAway)) return true;
  return code === undefined && AWAY_WORDS.test(error.message);
}

const RETRY_MS = 1_000;

/**
 * Does the work now, or, where the database is away, goes on and does it once it is back. Whatever
 * else goes wrong then is logged and tried again: what needs no database must not end for it.
 */
export async function nowOrOnceBack(work: () => Promise<void>, log: Logger): Promise<Backlog> {
  const over = new AbortController();
  const retry = async () => {
    while (!over.signal.aborted) {
      await setTimeout(RETRY_MS, null, { signal: over.signal }).catch(() => {});
      if (over.signal.aborted) return;
      try {
        return await work();
      } catch (err) {
        if (!isDatabaseAway(err)) log.error({ err }, 'the database is back and cannot be used');
      }
    }
  };
  let running = Promise.resolve();
  try {
    await work();
  } catch (error) {
    if (!isDatabaseAway(error)) throw error;
    log.warn('the database is away: what needs it waits');
    running = retry();
  }
  return {
    async giveUp() {
      over.abort();
      await running;
    },
  };
}

export interface Backlog {
  giveUp(): Promise<void>;
}

/** The fault that such an error is to a caller, or null where it is none of these. */
export function databaseFault(error: unknown): Fault | null {
  if (isDatabaseAway(error)) {
    return new Fault(
      'unavailable',
      'The database is away. Nothing was changed; try again shortly.',
      {
        retryAfterS: 5,
        cause: error,
        internal: 'the database is away',
      },
    );
  }
  const isFull = ['53100', '53200', '58030'].includes(String((error as { code?: unknown })?.code));
  if (!isFull) return null;
  return new Fault(
    'unavailable',
    'The server has no room to write. Nothing was changed; try again once there is some.',
    {
      retryAfterS: 60,
      cause: error,
      internal: 'the database cannot write: disk or memory is full',
    },
  );
}
