/**
 * Worker threads for documents, with bounds of time and memory: a file that kills its worker fails
 * alone, and the event loop stays free.
 */
import { fileURLToPath } from 'node:url';
import { MessageChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { Fault } from '../../../kernel/fault.ts';
import type { Progress } from '../document.ts';
import type { OcrSettings } from '../formats/image/ocr/reader.ts';
import type { Examination, Redacted, RedactOptions } from '../redact.ts';
import type { Outcome, Task } from './worker.ts';

export interface Work {
  bytes: Uint8Array;
  fileName: string;
  options: RedactOptions;
}

export interface Bounds {
  onProgress?: (progress: Progress) => void;
  /** Stops the work. */
  signal?: AbortSignal;
  timeoutMs?: number;
}

export interface WorkPool {
  countPages(work: Work, bounds?: Bounds): Promise<number>;
  examine(work: Work, bounds?: Bounds): Promise<Examination>;
  redact(work: Work, bounds?: Bounds): Promise<Redacted>;
  close(): Promise<void>;
}

const DEFAULT_TIMEOUT_MS = 120_000;
const WORKER_HEAP_MB = 1536;
/** Waiting documents beyond this many are refused rather than kept in memory. */
const MOST_WAITING = 64;

/** `ocr`: how pictures are read; default: in English. */
export function createPool(threads: number, ocr?: OcrSettings): WorkPool {
  let pool: Piscina<Task, Outcome> | null = null;
  const open = () => {
    if (pool) return pool;
    pool = new Piscina<Task, Outcome>({
      filename: fileURLToPath(new URL('./worker.ts', import.meta.url)),
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: 60_000,
      maxQueue: MOST_WAITING,
      resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB },
    });
    // An answer that was on its way when its worker was ended. Unheard, it would end the server.
    pool.on('error', () => {});
    return pool;
  };
  const run = async <T>(kind: Task['kind'], work: Work, bounds: Bounds = {}): Promise<T> =>
    (await runTask(open(), { ...work, kind, ocr }, bounds)) as T;
  return {
    countPages: (work, bounds) => run('count', work, bounds),
    examine: (work, bounds) => run('examine', work, bounds),
    redact: (work, bounds) => run('redact', work, bounds),
    async close() {
      await pool?.destroy();
      pool = null;
    },
  };
}

async function runTask(
  pool: Piscina<Task, Outcome>,
  task: Task,
  { onProgress, signal, timeoutMs = DEFAULT_TIMEOUT_MS }: Bounds,
): Promise<unknown> {
  const clock = AbortSignal.timeout(timeoutMs);
  const { port1, port2 } = new MessageChannel();
  if (onProgress) port1.on('message', onProgress);
  try {
    const outcome = await pool.run(onProgress ? { ...task, port: port2 } : task, {
      signal: signal ? AbortSignal.any([signal, clock]) : clock,
      transferList: onProgress ? [port2] : [],
    });
    if ('result' in outcome) return outcome.result;
    const { code, message, internal } = outcome.fault;
    throw new Fault(code, message, { internal });
  } catch (error) {
    if (error instanceof Fault) throw error;
    if (signal?.aborted) throw error;
    throw workerFault(error, clock.aborted);
  } finally {
    port1.close();
  }
}

function workerFault(error: unknown, isLate: boolean): Fault {
  const { code, message = '' } = error as { code?: string; message?: string };
  if (isLate) {
    return new Fault('unreadable_file', 'The file took too long to process and was given up.');
  }
  if (/queue/i.test(message)) {
    return new Fault('unavailable', 'Too many documents are waiting. Try again in a minute.', {
      retryAfterS: 60,
    });
  }
  return new Fault(
    'unreadable_file',
    'The file needs more memory or time than a document may have.',
    { internal: `the worker ended: ${code ?? 'unknown'}` },
  );
}
