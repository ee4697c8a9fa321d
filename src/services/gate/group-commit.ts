/**
 * Work that arrives while a transaction runs waits for the next one, and commits together with it.
 * Under load many share the price of one commit; without load nobody waits for anybody.
 */

/** Does the work of all in one transaction: as many results as items, in their order. */
export type CommitGroup<Item, Result> = (items: readonly Item[]) => Promise<Result[]>;

export interface GroupCommit<Item, Result> {
  /** Resolves when the item's transaction has committed. */
  add(item: Item): Promise<Result>;
  /** Resolves when nothing waits or runs. */
  drained(): Promise<void>;
}

export interface GroupOptions {
  /** Items in a transaction; bounds how long the last of a crowd waits for the first. */
  largest: number;
  /**
   * Whether an error is of the whole group, and not of one item in it: the database is away, say.
   * After any other, which has written nothing, each item is tried by itself.
   */
  isOfAll(error: unknown): boolean;
}

export function createGroupCommit<Item, Result>(
  commit: CommitGroup<Item, Result>,
  { largest, isOfAll }: GroupOptions,
): GroupCommit<Item, Result> {
  interface Waiting {
    item: Item;
    resolve(result: Result): void;
    reject(error: unknown): void;
  }
  let waiting: Waiting[] = [];
  let running: Promise<void> | null = null;

  const settle = async (group: Waiting[]): Promise<void> => {
    try {
      const results = await commit(group.map(({ item }) => item));
      for (const [i, { resolve }] of group.entries()) resolve(results[i] as Result);
    } catch (error) {
      if (group.length === 1 || isOfAll(error)) for (const { reject } of group) reject(error);
      // One that cannot be committed must not take the others along: each by itself shows which.
      else for (const one of group) await settle([one]);
    }
  };

  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      const group = waiting.slice(0, largest);
      waiting = waiting.slice(largest);
      await settle(group);
    }
    running = null;
  };

  return {
    add(item) {
      return new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        // A turn of the loop later, so that requests of the same moment come together.
        running ??= new Promise<void>((done) => setImmediate(done)).then(run);
      });
    },
    async drained() {
      while (running) await running;
    },
  };
}
