import { expect, test } from 'vitest';
import { createGroupCommit } from './group-commit.ts';

const never = () => false;

test('what arrives while a group commits waits for the next, and commits together', async () => {
  const groups: number[][] = [];
  const gates: (() => void)[] = [];
  const { add, drained } = createGroupCommit<number, number>(
    async (items) => {
      groups.push([...items]);
      await new Promise<void>((done) => gates.push(done));
      return items.map((item) => item * 10);
    },
    { largest: 100, isOfAll: never },
  );
  const first = add(1);
  await new Promise((done) => setImmediate(done));
  const others = [2, 3, 4].map(add);
  expect(groups).toEqual([[1]]);
  gates.shift()?.();
  expect(await first).toBe(10);
  await new Promise((done) => setImmediate(done));
  expect(groups).toEqual([[1], [2, 3, 4]]);
  gates.shift()?.();
  expect(await Promise.all(others)).toEqual([20, 30, 40]);
  await drained();
});

test('a crowd is cut into groups of the largest size, in the order of arrival', async () => {
  const groups: number[][] = [];
  const { add } = createGroupCommit<number, number>(
    async (items) => {
      groups.push([...items]);
      return [...items];
    },
    { largest: 3, isOfAll: never },
  );
  expect(await Promise.all([1, 2, 3, 4, 5, 6, 7].map(add))).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(groups).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
});

test('one that cannot be committed fails alone', async () => {
  const { add, drained } = createGroupCommit<number, number>(
    async (items) => {
      if (items.includes(3)) throw new Error('three');
      return [...items];
    },
    { largest: 100, isOfAll: never },
  );
  const settled = await Promise.allSettled([1, 2, 3, 4].map(add));
  expect(settled.map(({ status }) => status)).toEqual([
    ...['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
  ]);
  await drained();
  expect(await add(5)).toBe(5);
});

test('an error of all is told to all, without trying each', async () => {
  let tries = 0;
  const { add } = createGroupCommit<number, number>(
    async () => {
      tries++;
      throw new Error('away');
    },
    { largest: 100, isOfAll: (error) => (error as Error).message === 'away' },
  );
  const settled = await Promise.allSettled([1, 2, 3].map(add));
  expect(settled.every(({ status }) => status === 'rejected')).toBe(true);
  expect(tries).toBe(1);
});
