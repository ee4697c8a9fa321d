/** Who works and who waits: so many at once, in the order of their coming. */
import { Fault } from '../../../kernel/fault.ts';

export interface Turns {
  /**
   * Resolves when it is one's turn, with what is to be called afterwards.
   * Fault `unavailable` where too many wait, or it was waited too long.
   */
  take(signal: AbortSignal, patienceMs: number): Promise<() => void>;
}

export function createTurns(atOnce: number, mostWaiting: number): Turns {
  let free = atOnce;
  const waiting = new Set<() => void>();
  const give = () => {
    const [next] = waiting;
    if (next) next();
    else free++;
  };
  return {
    async take(signal, patienceMs) {
      signal.throwIfAborted();
      if (free > 0) {
        free--;
        return give;
      }
      if (waiting.size >= mostWaiting) throw tooMany();
      const patience = AbortSignal.timeout(patienceMs);
      const over = AbortSignal.any([signal, patience]);
      await new Promise<void>((resolve, reject) => {
        const begin = () => {
          waiting.delete(begin);
          over.removeEventListener('abort', leave);
          resolve();
        };
        const leave = () => {
          waiting.delete(begin);
          reject(signal.aborted ? signal.reason : tooMany());
        };
        over.addEventListener('abort', leave, { once: true });
        waiting.add(begin);
      });
      return give;
    },
  };
}

function tooMany(): Fault {
  return new Fault('unavailable', 'Too many documents are waiting. Try again in a minute.', {
    retryAfterS: 60,
  });
}
