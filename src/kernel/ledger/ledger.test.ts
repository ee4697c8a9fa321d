import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type AccountHalf,
  accountNode,
  movableClock,
  openAccountHalf,
} from '../../../test/harness/account-half.ts';
import { UNLIMITED } from '../accounts/plan.ts';
import type { Balance } from './ledger.ts';

let half: AccountHalf;
let id: string;

beforeAll(async () => {
  half = await openAccountHalf();
});
afterAll(() => half.close());
beforeEach(async () => {
  half.clock.set('2026-11-21T10:00:00Z');
  id = (await half.organization('starter')).id;
});

/** Starter: 10,000 checks and 1,000 pages a month. */
const QUOTA = 1000;
const METER = 'redact.credits';

const take = (amount: number, options = {}) =>
  half.database.tx((tx) => half.ledger.take(tx, id, METER, amount, options));
const refund = (amount: number) =>
  half.database.tx((tx) => half.ledger.refund(tx, id, METER, amount));
const grant = (amount: number) =>
  half.database.tx((tx) => half.ledger.grant(tx, id, METER, amount));
const balance = () => half.ledger.balance(half.db, id, METER);
const figures = ({ total, used, available }: Balance) => ({ total, used, available });

describe('taking', () => {
  test('counts down from the plan’s quota', async () => {
    expect(figures(await balance())).toEqual({ total: QUOTA, used: 0, available: QUOTA });
    expect(await take(1)).toEqual({ taken: 1, available: QUOTA - 1 });
    expect(figures(await balance())).toEqual({ total: QUOTA, used: 1, available: QUOTA - 1 });
  });

  test('takes all or nothing, unless part of it is welcome', async () => {
    await take(QUOTA - 3);
    expect(await take(4)).toEqual({ taken: 0, available: 3 });
    expect(await take(4, { partial: true })).toEqual({ taken: 3, available: 0 });
    expect(await take(1, { partial: true })).toEqual({ taken: 0, available: 0 });
    expect(await take(0)).toEqual({ taken: 0, available: 0 });
  });

  test('spends the month before one-off credits', async () => {
    await grant(10);
    expect(figures(await balance())).toEqual({ total: 1010, used: 0, available: 1010 });
    await take(1005);
    half.clock.set('2026-12-01T00:00:00Z');
    expect(figures(await balance())).toEqual({ total: 1005, used: 0, available: 1005 });
  });

  test('does not happen when its transaction does not', async () => {
    const failing = half.database.tx(async (tx) => {
      await half.ledger.take(tx, id, METER, 5);
      throw new Error('cut off');
    });
    await expect(failing).rejects.toThrow('cut off');
    expect(figures(await balance())).toMatchObject({ used: 0 });
  });

  test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d credits', async (n) => {
    for (const move of [take, refund, grant])
      await expect(move(n)).rejects.toThrow('whole numbers');
    expect(figures(await balance())).toEqual({ total: QUOTA, used: 0, available: QUOTA });
  });

  test('of a plan without the figure counts down from a billion', async () => {
    id = (await half.organization('unlimited')).id;
    expect(await take(1)).toEqual({ taken: 1, available: UNLIMITED - 1 });
  });

  test('of nobody is an error, not a gift', async () => {
    id = 'org_none';
    await expect(take(1)).rejects.toThrow();
    await expect(balance()).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('refunds', () => {
  test('give back what was spent last, never more than was used', async () => {
    await grant(10);
    await take(1004);
    await refund(2);
    expect(figures(await balance())).toEqual({ total: 1010, used: 1002, available: 8 });
    await refund(1_000_000);
    expect(figures(await balance())).toEqual({ total: 1010, used: 0, available: 1010 });
    await refund(1);
    expect(figures(await balance())).toEqual({ total: 1010, used: 0, available: 1010 });
  });

  test('do not carry last month’s use into this one', async () => {
    await take(5);
    half.clock.set('2026-12-01T00:00:00Z');
    await refund(5);
    expect(figures(await balance())).toEqual({ total: QUOTA, used: 0, available: QUOTA });
  });
});

describe('months', () => {
  test('are those of UTC and begin anew at their first moment', async () => {
    half.clock.set('2026-11-30T23:59:59.999Z');
    await take(QUOTA);
    expect((await balance()).resetsAt.toISOString()).toBe('2026-12-01T00:00:00.000Z');
    half.clock.set('2026-12-01T00:00:00.000Z');
    expect(figures(await balance())).toEqual({ total: QUOTA, used: 0, available: QUOTA });
    expect(await take(1)).toEqual({ taken: 1, available: QUOTA - 1 });
    expect((await balance()).resetsAt.toISOString()).toBe('2027-01-01T00:00:00.000Z');
  });

  test('are not turned back by a node whose clock is behind', async () => {
    half.clock.set('2026-12-01T00:00:01Z');
    await take(10);
    half.clock.set('2026-11-30T23:59:59Z');
    expect(await take(1)).toEqual({ taken: 1, available: QUOTA - 11 });
    expect(figures(await balance())).toMatchObject({ used: 11 });
  });
});

test('a plan that became smaller than what was used leaves nothing, and no debt', async () => {
  id = (await half.organization('professional')).id;
  await take(5000);
  await half.database.tx((tx) => half.accounts.setPlan(tx, id, 'starter', 'cli'));
  expect(figures(await balance())).toEqual({ total: QUOTA, used: 5000, available: 0 });
  await grant(3);
  expect(await take(4, { partial: true })).toEqual({ taken: 3, available: 0 });
});

describe('races', () => {
  test('of 1,000 at the last credit, one gets it', async () => {
    await take(QUOTA - 1);
    const answers = await Promise.all(Array.from({ length: 1000 }, () => take(1)));
    expect(answers.filter(({ taken }) => taken === 1)).toHaveLength(1);
    expect(figures(await balance())).toEqual({ total: QUOTA, used: QUOTA, available: 0 });
  });

  test('of the very first takes lose none', async () => {
    await Promise.all(Array.from({ length: 40 }, () => take(1)));
    expect(figures(await balance())).toMatchObject({ used: 40 });
  });
});

type Move = { kind: 'take' | 'partial' | 'refund' | 'grant'; amount: number };
const move: fc.Arbitrary<Move> = fc.record({
  kind: fc.constantFrom('take', 'partial', 'refund', 'grant'),
  amount: fc.integer({ min: 0, max: 700 }),
});

/** What the ledger promises, in a dozen lines. */
function model() {
  const state = { used: 0, extra: 0, extraUsed: 0 };
  return (one: Move) => {
    const left = Math.max(QUOTA - state.used, 0);
    const available = left + state.extra;
    if (one.kind === 'grant') state.extra += one.amount;
    else if (one.kind === 'refund') {
      const extra = Math.min(one.amount, state.extraUsed);
      state.extraUsed -= extra;
      state.extra += extra;
      state.used -= Math.min(one.amount - extra, state.used);
    } else {
      const fits = available >= one.amount;
      const taken = fits ? one.amount : one.kind === 'partial' ? available : 0;
      const monthly = Math.min(taken, left);
      state.used += monthly;
      state.extra -= taken - monthly;
      state.extraUsed += taken - monthly;
      return { taken, available: available - taken };
    }
    return undefined;
  };
}

function apply({ kind, amount }: Move) {
  if (kind === 'refund') return refund(amount);
  if (kind === 'grant') return grant(amount);
  return take(amount, { partial: kind === 'partial' });
}

test('any sequence of moves gives what the model gives', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(move, { maxLength: 25 }), async (moves) => {
      id = (await half.organization('starter')).id;
      const expected = model();
      for (const one of moves) expect((await apply(one)) ?? undefined).toEqual(expected(one));
    }),
    { numRuns: 30 },
  );
}, 120_000);

test('racing takes, refunds and grants on two nodes lose and invent nothing', async () => {
  const other = accountNode(half.database, half.keyring, movableClock()).ledger;
  const taker = fc.record({
    amount: fc.integer({ min: 0, max: 700 }),
    partial: fc.boolean(),
    /** Of what was taken, this much of a hundred comes back. */
    refunded: fc.integer({ min: 0, max: 100 }),
    granted: fc.integer({ min: 0, max: 50 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(taker, { maxLength: 30 }), async (takers) => {
      id = (await half.organization('starter')).id;
      const kept = await Promise.all(
        takers.map(async ({ amount, partial, refunded, granted }, index) => {
          const ledger = index % 2 === 0 ? half.ledger : other;
          await half.database.tx((tx) => ledger.grant(tx, id, METER, granted));
          const { taken, available } = await half.database.tx((tx) =>
            ledger.take(tx, id, METER, amount, { partial }),
          );
          expect(available).toBeGreaterThanOrEqual(0);
          const back = Math.floor((taken * refunded) / 100);
          await half.database.tx((tx) => ledger.refund(tx, id, METER, back));
          return taken - back;
        }),
      );
      const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
      const total = QUOTA + sum(takers.map(({ granted }) => granted));
      expect(figures(await balance())).toEqual({
        ...{ total, used: sum(kept), available: total - sum(kept) },
      });
    }),
    { numRuns: 20 },
  );
}, 120_000);
