/** One worker as the pool sees it: a process that is given a document and answers, or ends. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Bounds } from './pool.ts';
import type { Outcome, Said, Task } from './worker.ts';

const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url));
/** By these the runtime ends on a fault of its own; running out of memory is SIGABRT or SIGKILL. */
const CRASHES: readonly unknown[] = ['SIGTRAP', 'SIGILL', 'SIGSEGV', 'SIGBUS', 'SIGFPE'];
/** A worker that keeps more than this share of its memory after a document makes way for a new one. */
const MOST_KEPT = 1 / 3;

/** It ended without an answer. */
export class WorkerEnded extends Error {
  /** A signal's name or an exit code. */
  readonly how: string;
  readonly isCrash: boolean;

  constructor(how: string) {
    super(`the worker ended: ${how}`);
    this.how = how;
    this.isCrash = CRASHES.includes(how);
  }
}

export interface WorkerProcess {
  /** One at a time. `halt` ends the process. Fails with `WorkerEnded`. */
  run(task: Task, onProgress: Bounds['onProgress'], halt: AbortSignal): Promise<Outcome>;
  isSwollen(): boolean;
  /** At once, whatever it does. */
  end(): void;
  ended: Promise<unknown>;
}

export function startWorker(memoryMb: number): WorkerProcess {
  const child = fork(WORKER, [String(memoryMb)], {
    execArgv: [`--max-old-space-size=${Math.floor(memoryMb / 2)}`],
    serialization: 'advanced',
    // A group of its own, which the programs that it starts end with.
    detached: true,
    // What libraries have to say of a file is nobody's business.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  let keptBytes = 0;
  let how: string | null = null;
  let fail: (error: WorkerEnded) => void = () => {};
  const end = () => endGroup(child.pid);
  const ended = new Promise<void>((resolve) => {
    const gone = (what: string) => {
      how ??= what;
      fail(new WorkerEnded(how));
      resolve();
    };
    child.once('exit', (code, signal) => {
      end();
      gone(signal ?? `exit ${code}`);
    });
    // It could not be started, or could not be spoken to: then it is of no use.
    child.on('error', (error) => {
      end();
      gone((error as NodeJS.ErrnoException).code ?? error.name);
    });
  });
  return {
    ended,
    end,
    isSwollen: () => keptBytes > MOST_KEPT * memoryMb * 1024 * 1024,
    async run(task, onProgress, halt) {
      const answer = Promise.withResolvers<Outcome>();
      const hear = (said: Said) => {
        if ('progress' in said) return onProgress?.(said.progress);
        keptBytes = said.keptBytes;
        answer.resolve(said.outcome);
      };
      fail = answer.reject;
      if (how !== null) fail(new WorkerEnded(how));
      else child.send(task, () => {}); // What cannot be sent is told by its end.
      child.on('message', hear);
      halt.addEventListener('abort', end);
      if (halt.aborted) end();
      try {
        return await answer.promise;
      } finally {
        halt.removeEventListener('abort', end);
        child.off('message', hear);
      }
    },
  };
}

function endGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Nobody is left in it.
  }
}
