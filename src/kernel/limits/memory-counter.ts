/** Counts in the process: exact on one node. Windows that have ended are thrown away whole. */
import type { Clock } from '../clock.ts';
import type { Counter } from './limiter.ts';

export function createMemoryCounter(clock: Clock): Counter {
  const windows = new Map<number, Map<string, number>>();

  const countsOf = (endS: number): Map<string, number> => {
    const found = windows.get(endS);
    if (found) return found;
    const nowS = clock.now().getTime() / 1000;
    for (const end of windows.keys()) if (end <= nowS) windows.delete(end);
    const counts = new Map<string, number>();
    windows.set(endS, counts);
    return counts;
  };

  return {
    async add({ bucket, windowS, endS }, limit, cost) {
      const counts = countsOf(endS);
      const name = `${windowS} ${bucket}`;
      const before = counts.get(name) ?? 0;
      if (before + cost > limit) return { added: false, count: before };
      counts.set(name, before + cost);
      return { added: true, count: before + cost };
    },
    close: async () => windows.clear(),
  };
}
