/**
 * The pool that documents are worked in: a process each, with bounds of time and memory. A file that
 * takes its process down fails alone. Threads would not do: memory outside of V8's heap has no bound
 * there, and what V8 itself trips over (freeing WebAssembly code in several threads is enough) ends
 * the whole process.
 */
import { Fault } from '../../../kernel/fault.ts';
import type { Progress } from '../document.ts';
import type { OcrSettings } from '../formats/image/ocr/reader.ts';
import type { Examination, Redacted, RedactOptions } from '../redact.ts';
import { createTurns } from './turns.ts';
import type { Outcome, Task } from './worker.ts';
import { startWorker, WorkerEnded, type WorkerProcess } from './worker-process.ts';

export interface Work {
  bytes: Uint8Array;
  fileName: string;
  options: RedactOptions;
}

export interface Bounds {
  onProgress?: (progress: Progress) => void;
  /** Stops the work. */
  signal?: AbortSignal;
  /** Of the work itself; as long again may it wait for its turn. */
  timeoutMs?: number;
}

/**
 * Faults: those of the document, `unreadable_file` where it takes too long or too much memory,
 * `unavailable` where too many wait.
 */
export interface WorkPool {
  countPages(work: Work, bounds?: Bounds): Promise<number>;
  examine(work: Work, bounds?: Bounds): Promise<Examination>;
  redact(work: Work, bounds?: Bounds): Promise<Redacted>;
  /** Why the model cannot be used; null where it can, or there is none. */
  problemOfModel(): Promise<string | null>;
  close(): Promise<void>;
}

export interface PoolSettings {
  /** How pictures are read; default: in English. */
  ocr?: OcrSettings;
  /** Folder of a model that finds names beside the tagger; default: none. */
  modelDir?: string;
  /** What a document may take of the machine's memory, half of it within V8's heap. */
  memoryMb?: number;
}

const DEFAULT_TIMEOUT_MS = 120_000;
const MEMORY_MB = 3072;
/** Waiting documents beyond this many are refused rather than kept in memory. */
const MOST_WAITING = 64;
const IDLE_MS = 60_000;

/** `size`: documents at once. */
export function createPool(size: number, settings: PoolSettings = {}): WorkPool {
  const { ocr, modelDir, memoryMb = MEMORY_MB } = settings;
  const turns = createTurns(size, MOST_WAITING);
  const workers = createWorkers(memoryMb);
  const closing = new AbortController();
  const run = async <T>(kind: Task['kind'], work: Work, bounds: Bounds = {}): Promise<T> => {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, onProgress } = bounds;
    const signal = AbortSignal.any([closing.signal, ...(bounds.signal ? [bounds.signal] : [])]);
    const done = await turns.take(signal, timeoutMs);
    try {
      const told = { onProgress, signal, timeoutMs };
      return (await attempt(workers, { ...work, kind, ocr, modelDir }, told)) as T;
    } finally {
      done();
    }
  };
  return {
    countPages: (work, bounds) => run('count', work, bounds),
    examine: (work, bounds) => run('examine', work, bounds),
    redact: (work, bounds) => run('redact', work, bounds),
    async problemOfModel() {
      if (modelDir === undefined) return null;
      return run('prove', { bytes: new Uint8Array(), fileName: '', options: {} });
    },
    async close() {
      closing.abort();
      await workers.close();
    },
  };
}

type Told = Pick<Bounds, 'onProgress'> & { signal: AbortSignal; timeoutMs: number };

/** Where the runtime has crashed, not the file been too much, the file has a second try. */
async function attempt(workers: Workers, task: Task, told: Told): Promise<unknown> {
  const { onProgress, signal, timeoutMs } = told;
  const clock = AbortSignal.timeout(timeoutMs);
  const halt = AbortSignal.any([signal, clock]);
  for (let tries = 1; ; tries++) {
    try {
      return resultOf(await workers.use((worker) => worker.run(task, onProgress, halt)));
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (clock.aborted) throw tooLong();
      if (!(error instanceof WorkerEnded)) throw error;
      if (!error.isCrash || tries === 2) throw tooMuch(error);
    }
  }
}

function resultOf(outcome: Outcome): unknown {
  if ('result' in outcome) return outcome.result;
  const { code, message, internal } = outcome.fault;
  throw new Fault(code, message, { internal });
}

interface Workers {
  use(run: (worker: WorkerProcess) => Promise<Outcome>): Promise<Outcome>;
  close(): Promise<void>;
}

/** Started when needed, kept for the next document, ended when there is none for a while. */
function createWorkers(memoryMb: number): Workers {
  const all = new Set<WorkerProcess>();
  const idle = new Map<WorkerProcess, NodeJS.Timeout>();
  const start = () => {
    const worker = startWorker(memoryMb);
    all.add(worker);
    worker.ended.then(() => {
      all.delete(worker);
      clearTimeout(idle.get(worker));
      idle.delete(worker);
    });
    return worker;
  };
  const rest = (worker: WorkerProcess) => {
    // One that an earlier document has swollen would not leave the next its share.
    if (worker.isSwollen()) return worker.end();
    idle.set(
      worker,
      setTimeout(() => worker.end(), IDLE_MS),
    );
  };
  return {
    async use(run) {
      const [[resting, timer] = []] = [...idle].reverse();
      clearTimeout(timer);
      if (resting) idle.delete(resting);
      const worker = resting ?? start();
      const outcome = await run(worker);
      rest(worker);
      return outcome;
    },
    async close() {
      for (const worker of all) worker.end();
      await Promise.all([...all].map(({ ended }) => ended));
    },
  };
}

function tooLong(): Fault {
  return new Fault('unreadable_file', 'The file took too long to process and was given up.');
}

function tooMuch({ how }: WorkerEnded): Fault {
  const message = 'The file needs more memory or time than a document may have.';
  return new Fault('unreadable_file', message, { internal: `the worker ended: ${how}` });
}
