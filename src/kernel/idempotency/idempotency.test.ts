import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type AccountHalf,
  accountNode,
  openAccountHalf,
} from '../../../test/harness/account-half.ts';
import type { Db } from '../db/schema.ts';
import { Fault } from '../fault.ts';
import type { Principal } from '../principal.ts';
import type { Answer, Idempotency } from './idempotency.ts';

let half: AccountHalf;
let principal: Principal;
let runs: number;

beforeAll(async () => {
  half = await openAccountHalf();
  await sql`CREATE TABLE public.work (id bigint GENERATED ALWAYS AS IDENTITY, by text)`.execute(
    half.db,
  );
});
afterAll(() => half.close());
beforeEach(async () => {
  runs = 0;
  principal = await stranger();
});

async function stranger(): Promise<Principal> {
  const { id } = await half.organization();
  const { name, timeZone, plan } = await half.accounts.organization(half.db, id);
  const scopes = new Set<string>();
  return { kind: 'user', organizationId: id, organizationName: name, timeZone, plan, scopes };
}

/** Work that leaves a row behind. */
async function work(tx: Db): Promise<Answer> {
  runs++;
  const { rows } = await sql<{ id: number }>`
    INSERT INTO public.work (by) VALUES (${principal.organizationId}) RETURNING id`.execute(tx);
  return { status: 201, body: { id: rows[0]?.id, at: new Date(0), nothing: undefined } };
}
async function worked(): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    SELECT count(*) AS n FROM public.work WHERE by = ${principal.organizationId}`.execute(half.db);
  return rows[0]?.n ?? 0;
}
const request = { key: 'k1', operation: 'POST /x', fingerprint: { a: 1, b: [2, { c: 3 }] } };
const run = (
  given: Partial<typeof request> = {},
  does = work,
  on: Idempotency = half.idempotency,
) => on.run(principal, { ...request, ...given }, does);

describe('a repeat', () => {
  test('gets the first answer, to the letter, and does nothing', async () => {
    const first = await run();
    const second = await run();
    expect(second).toEqual(first);
    expect(JSON.stringify(second)).toBe(JSON.stringify(first));
    expect(first).toMatchObject({ status: 201, body: { at: '1970-01-01T00:00:00.000Z' } });
    expect([runs, await worked()]).toEqual([1, 1]);
  });

  test('is the same with its fields in another order', async () => {
    const first = await run();
    expect(await run({ fingerprint: { b: [2, { c: 3 }], a: 1 } })).toEqual(first);
  });

  test('with another body is refused', async () => {
    await run();
    for (const fingerprint of [
      { a: 1, b: [{ c: 3 }, 2] },
      { a: '1', b: [2, { c: 3 }] },
      undefined,
    ]) {
      await expect(run({ fingerprint } as never)).rejects.toMatchObject({ code: 'conflict' });
    }
    expect(await worked()).toBe(1);
  });

  test('of another operation, key or organization is none', async () => {
    await run();
    await run({ operation: 'POST /y' });
    await run({ key: 'K1' });
    expect(await worked()).toBe(3);
    principal = await stranger();
    await run();
    expect(await worked()).toBe(1);
  });

  test('after 24 hours is a new request', async () => {
    const first = await run();
    half.clock.advance(24 * 3600 - 1);
    expect(await run()).toEqual(first);
    half.clock.advance(1);
    expect(await run({ fingerprint: 'another' } as never)).not.toEqual(first);
    expect(await worked()).toBe(2);
  });
});

test('without a key everything just runs', async () => {
  await run({ key: undefined });
  await run({ key: undefined });
  expect(await worked()).toBe(2);
});

test.each(['', 'a b', 'ä', 'x'.repeat(256), 'a\nb', 'a\0'])(
  'the key %j is refused',
  async (key) => {
    await expect(run({ key })).rejects.toMatchObject({ code: 'invalid_request' });
    expect(runs).toBe(0);
  },
);

test('work that fails leaves nothing, and the key is free again', async () => {
  const fails = async (tx: Db) => {
    await work(tx);
    throw new Fault('conflict', 'no');
  };
  await expect(run({}, fails)).rejects.toMatchObject({ message: 'no' });
  expect(await worked()).toBe(0);
  expect(await run()).toMatchObject({ status: 201 });
  expect(await worked()).toBe(1);
});

describe('a hundred at once with one key', () => {
  test('run once on one node', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => run()));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect([runs, await worked()]).toEqual([1, 1]);
  });

  test('run once on ten nodes', async () => {
    const nodes = Array.from(
      { length: 10 },
      () => accountNode(half.database, half.keyring, half.clock).idempotency,
    );
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => run({}, work, nodes[i % 10])),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await worked()).toBe(1);
  });

  test('run until one succeeds', async () => {
    const failsTwice = async (tx: Db) => {
      const answer = await work(tx);
      if (runs <= 2) throw new Error('away');
      return answer;
    };
    const answers = await Promise.allSettled(
      Array.from({ length: 100 }, () => run({}, failsTwice)),
    );
    expect(answers.filter(({ status }) => status === 'rejected')).toHaveLength(2);
    expect(await worked()).toBe(1);
  });
});

describe('settling', () => {
  const settling = (settle: Answer['settle']) => async (tx: Db) => ({
    ...(await work(tx)),
    settle,
  });

  test('comes after the commit and betters the answer, for repeats too', async () => {
    const settle = async () => ({ state: 'sent', seen: await worked() });
    const first = await run({}, settling(settle));
    expect(first).toEqual({ status: 201, body: { state: 'sent', seen: 1 } });
    expect(await run()).toEqual(first);
  });

  test('that fails leaves the first answer standing', async () => {
    const fails = async () => {
      throw new Error('away');
    };
    const first = await run({}, settling(fails));
    expect(first).toMatchObject({ status: 201, body: { id: expect.any(Number) } });
    expect(await run()).toEqual(first);
  });

  test('that never comes, because the process died, leaves the first answer to repeats', async () => {
    let id: unknown;
    void run({}, async (tx) => {
      const answer = await work(tx);
      ({ id } = answer.body as { id: number });
      return { ...answer, settle: () => new Promise(() => {}) };
    });
    while ((await worked()) === 0) await new Promise((done) => setTimeout(done, 5));
    const survivor = accountNode(half.database, half.keyring, half.clock).idempotency;
    expect(await run({}, work, survivor)).toMatchObject({ status: 201, body: { id } });
    expect(await worked()).toBe(1);
  });

  test('works without a key', async () => {
    expect(
      await run(
        { key: undefined },
        settling(async () => 'settled'),
      ),
    ).toEqual({
      status: 201,
      body: 'settled',
    });
  });
});

test('neither key nor answer can be read in the database', async () => {
  const secret = 'ada@example.com';
  await run({ key: secret, fingerprint: secret as never }, async () => ({
    status: 200,
    body: secret,
  }));
  const { rows } = await sql<{ text: string }>`
    SELECT concat(encode(id, 'escape'), encode(fingerprint, 'escape'), encode(answer, 'escape'))
      AS text FROM core.idempotency_keys`.execute(half.db);
  expect(rows.length).toBeGreaterThan(0);
  for (const { text } of rows) expect(text).not.toContain(secret);
});

test('the sweep removes what has expired and nothing else', async () => {
  await half.idempotency.sweep();
  await run({ key: 'old' });
  half.clock.advance(3600);
  await run({ key: 'young' });
  half.clock.advance(23 * 3600);
  expect(await half.idempotency.sweep()).toBeGreaterThanOrEqual(1);
  await run({ key: 'young' });
  expect(await worked()).toBe(2);
});
