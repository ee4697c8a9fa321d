/** The chain under appends, races and somebody with all rights over the database. */
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openTestDatabase } from '../../../test/harness/database.ts';
import type { Database } from '../db/index.ts';
import type { Db } from '../db/schema.ts';
import { createAudit } from './audit.ts';

const at = new Date('2026-11-21T01:00:00.123Z');
const audit = createAudit({ clock: { now: () => at } });
let database: Database;
let db: Db;
let organizationId: string;
let serial = 0;

beforeAll(async () => {
  database = await openTestDatabase();
  db = database.db;
});
afterAll(() => database.close());
beforeEach(() => {
  organizationId = `org_${++serial}`;
});

function append(details: Record<string, unknown> = {}, target = 'key:1'): Promise<void> {
  const entry = { organizationId, actor: 'user:1', action: 'key.created', target, details };
  return database.tx((tx) => audit.append(tx, entry));
}

async function appendMany(count: number): Promise<void> {
  for (let n = 1; n <= count; n++) await append({ n }, `key:${n}`);
}

/** What somebody with all rights over the database does: the triggers are switched off. */
async function tamper(statement: ReturnType<typeof sql>): Promise<void> {
  await database.tx(async (tx) => {
    await sql`SET LOCAL session_replication_role = replica`.execute(tx);
    await statement.execute(tx);
  });
}

describe('a chain that nobody touched holds', () => {
  test('with no entry, one and many', async () => {
    expect(await audit.verify(db, organizationId)).toEqual({ entries: 0, brokenAt: null });
    await append();
    expect(await audit.verify(db, organizationId)).toEqual({ entries: 1, brokenAt: null });
    await appendMany(20);
    expect(await audit.verify(db, organizationId)).toEqual({ entries: 21, brokenAt: null });
  });

  test('whatever the entries say', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()),
        fc.string(),
        (details, target) => append(details, target),
      ),
      { numRuns: 150 },
    );
    expect(await audit.verify(db, organizationId)).toMatchObject({ brokenAt: null });
  });

  test('over more entries than are read at once', async () => {
    await database.tx(async (tx) => {
      for (let n = 0; n < 2_100; n++) {
        const entry = { organizationId, actor: 'cli', action: 'test', target: String(n) };
        await audit.append(tx, entry);
      }
    });
    expect(await audit.verify(db, organizationId)).toEqual({ entries: 2_100, brokenAt: null });
  });

  test('when many append at once', async () => {
    await Promise.all(Array.from({ length: 40 }, () => append()));
    expect(await audit.verify(db, organizationId)).toEqual({ entries: 40, brokenAt: null });
  });

  test('while others append to it', async () => {
    const writing = appendMany(60);
    for (let n = 0; n < 20; n++) {
      expect(await audit.verify(db, organizationId)).toMatchObject({ brokenAt: null });
    }
    await writing;
  });

  test('without the entries of a transaction that was rolled back', async () => {
    await append();
    const failing = database.tx(async (tx) => {
      await audit.append(tx, { organizationId, actor: 'cli', action: 'x', target: 'y' });
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await append();
    expect(await audit.verify(db, organizationId)).toEqual({ entries: 2, brokenAt: null });
  });
});

describe('tampering shows at the first entry that does not hold', () => {
  beforeEach(() => appendMany(5));

  const brokenAt = async () => (await audit.verify(db, organizationId)).brokenAt;
  const ours = () => sql`organization_id = ${organizationId}`;

  test.each(['actor', 'action', 'target'])('a changed %s', async (column) => {
    const name = sql.ref(column);
    await tamper(sql`UPDATE core.audit_entries SET ${name} = 'x' WHERE ${ours()} AND number = 3`);
    expect(await brokenAt()).toBe(3);
  });

  test('changed details, time or hash', async () => {
    await tamper(
      sql`UPDATE core.audit_entries SET details = '{"n": 9}' WHERE ${ours()} AND number = 4`,
    );
    expect(await brokenAt()).toBe(4);
    await tamper(
      sql`UPDATE core.audit_entries SET at = at + interval '1 ms' WHERE ${ours()} AND number = 3`,
    );
    expect(await brokenAt()).toBe(3);
    await tamper(
      sql`UPDATE core.audit_entries SET hash = sha256('x') WHERE ${ours()} AND number = 2`,
    );
    expect(await brokenAt()).toBe(2);
  });

  test('a removed entry', async () => {
    await tamper(sql`DELETE FROM core.audit_entries WHERE ${ours()} AND number = 2`);
    expect(await brokenAt()).toBe(2);
  });

  test('a removed entry with the rest moved up', async () => {
    await tamper(sql`DELETE FROM core.audit_entries WHERE ${ours()} AND number = 2`);
    for (const number of [3, 4, 5]) {
      await tamper(sql`
        UPDATE core.audit_entries SET number = ${number - 1} WHERE ${ours()} AND number = ${number}`);
    }
    await tamper(sql`UPDATE core.audit_heads SET entries = 4 WHERE ${ours()}`);
    expect(await brokenAt()).toBe(2);
  });

  test('two entries in each other’s place', async () => {
    await tamper(
      sql`UPDATE core.audit_entries SET number = number + 100 WHERE ${ours()} AND number IN (2, 3)`,
    );
    await tamper(
      sql`UPDATE core.audit_entries SET number = 105 - number WHERE ${ours()} AND number > 100`,
    );
    expect(await brokenAt()).toBe(2);
  });

  test('a tail cut off', async () => {
    await tamper(sql`DELETE FROM core.audit_entries WHERE ${ours()} AND number >= 4`);
    expect(await brokenAt()).toBe(4);
    await tamper(sql`UPDATE core.audit_heads SET entries = 3 WHERE ${ours()}`);
    expect(await brokenAt()).toBe(3);
  });

  test('everything cut off, or the head alone', async () => {
    await tamper(sql`DELETE FROM core.audit_heads WHERE ${ours()}`);
    expect(await brokenAt()).toBe(1);
    expect(await audit.organizations(db)).toContain(organizationId);
  });

  test('an entry put behind the end', async () => {
    await tamper(sql`
      INSERT INTO core.audit_entries
      SELECT organization_id, 6, at, actor, action, target, details, hash
      FROM core.audit_entries WHERE ${ours()} AND number = 5`);
    expect(await brokenAt()).toBe(6);
  });

  test('a chain of another organization put in its place', async () => {
    const mine = organizationId;
    organizationId = `org_${++serial}`;
    await appendMany(5);
    await tamper(sql`DELETE FROM core.audit_entries WHERE organization_id = ${mine}`);
    await tamper(sql`
      UPDATE core.audit_entries SET organization_id = ${mine} WHERE ${ours()}`);
    expect((await audit.verify(db, mine)).brokenAt).toBe(1);
  });
});

describe('the database itself refuses', () => {
  beforeEach(() => appendMany(2));

  test.each([
    'UPDATE core.audit_entries SET actor = actor',
    'DELETE FROM core.audit_entries WHERE number = 1',
    'TRUNCATE core.audit_entries',
    'DELETE FROM core.audit_heads',
    'TRUNCATE core.audit_heads',
    'UPDATE core.audit_heads SET entries = entries - 1',
    "UPDATE core.audit_heads SET hash = sha256('x')",
    'UPDATE core.audit_heads SET entries = entries + 2',
  ])('%s', async (statement) => {
    await expect(sql.raw(statement).execute(db)).rejects.toThrow(/append-only/);
    expect(await audit.verify(db, organizationId)).toEqual({ entries: 2, brokenAt: null });
  });
});

test('the log lists newest first, page by page, each organization its own', async () => {
  await appendMany(5);
  const first = await audit.list(db, organizationId, { limit: 3 });
  expect(first.map(({ target }) => target)).toEqual(['key:5', 'key:4', 'key:3']);
  const rest = await audit.list(db, organizationId, { limit: 3, before: first.at(-1)?.number });
  expect(rest).toEqual([
    expect.objectContaining({ number: 2, details: { n: 2 } }),
    {
      organizationId,
      number: 1,
      at,
      actor: 'user:1',
      action: 'key.created',
      target: 'key:1',
      details: { n: 1 },
    },
  ]);
  expect(await audit.list(db, 'org_another', { limit: 3 })).toEqual([]);
});
