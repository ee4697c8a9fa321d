/** Organizations, people, roles and the first start. */
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type AccountHalf,
  accountNode,
  openAccountHalf,
  PASSWORD,
} from '../../../test/harness/account-half.ts';
import { openTestDatabase } from '../../../test/harness/database.ts';
import type { Db } from '../db/schema.ts';
import { ROLES, type Role } from '../principal.ts';
import { UNLIMITED } from './plan.ts';

let half: AccountHalf;
let id: string;
let ownerId: string;
let email: string;
let serial = 0;

beforeAll(async () => {
  half = await openAccountHalf();
});
afterAll(() => half.close());
beforeEach(async () => {
  ({ id, ownerId, email } = await half.organization());
});

const tx = <T>(work: (tx: Db) => Promise<T>) => half.database.tx(work);
const add = (role: Role, given: { email?: string; password?: string } = {}, to = id) =>
  tx((t) => {
    const user = { email: `m${++serial}@example.com`, password: PASSWORD, role, ...given };
    return half.accounts.addMember(t, to, user, 'user:1');
  });
const changeRole = (userId: string, role: Role) =>
  tx((t) => half.accounts.changeRole(t, id, userId, role, 'user:1'));
const remove = (userId: string) => tx((t) => half.accounts.removeMember(t, id, userId, 'user:1'));
const actions = async () =>
  (await half.audit.list(half.db, id, { limit: 100 })).map(({ action }) => action);
const fault = (code: string) => expect.objectContaining({ name: 'Fault', code });
const invalid = (field: string) => ({ code: 'invalid_request', fields: { [field]: [/./] } });

describe('the first start', () => {
  /** Nodes over a database that nobody has started yet. */
  async function fresh<T>(work: (make: () => AccountHalf['accounts'], db: Db) => Promise<T>) {
    const database = await openTestDatabase();
    try {
      return await work(
        () => accountNode(database, half.keyring, half.clock).accounts,
        database.db,
      );
    } finally {
      await database.close();
    }
  }

  test('makes the owner that the settings name, on the unlimited plan', () =>
    fresh(async (make, db) => {
      const accounts = make();
      await expect(accounts.firstOrganization(db)).rejects.toEqual(fault('not_found'));
      const given = { email: 'Ada@Example.com', password: PASSWORD };
      expect(await accounts.bootstrap(given)).toEqual({ email: given.email });
      const { plan, timeZone, id: first } = await accounts.firstOrganization(db);
      expect([plan.id, timeZone]).toEqual(['unlimited', 'UTC']);
      expect(await accounts.ownerEmail(db, first)).toBe('ada@example.com');
      await accounts.login('ada@example.com', PASSWORD, '10.0.0.1');
    }));

  test('makes up a password and tells it once', () =>
    fresh(async (make) => {
      const made = await make().bootstrap({});
      expect(made?.email).toBe('owner@localhost');
      expect(made?.password?.length).toBeGreaterThanOrEqual(20);
      await make().login('owner@localhost', made?.password ?? '', '10.0.0.1');
      expect(await make().bootstrap({})).toBeNull();
    }));

  test('of many nodes at once makes one owner', () =>
    fresh(async (make, db) => {
      const made = await Promise.all(Array.from({ length: 10 }, () => make().bootstrap({})));
      expect(made.filter((owner) => owner !== null)).toHaveLength(1);
      const { rows } = await sql`SELECT 1 FROM core.organizations`.execute(db);
      expect(rows).toHaveLength(1);
    }));

  test('with settings that cannot be used makes nothing', () =>
    fresh(async (make, db) => {
      await expect(make().bootstrap({ email: 'nobody' })).rejects.toMatchObject(invalid('email'));
      await expect(make().bootstrap({ password: 'short' })).rejects.toMatchObject(
        invalid('password'),
      );
      await expect(make().firstOrganization(db)).rejects.toEqual(fault('not_found'));
    }));
});

describe('plans', () => {
  test('are the four of a new installation, in order, with the figures of the contract', async () => {
    const plans = await half.accounts.plans(half.db);
    expect(plans.map((plan) => plan.id)).toEqual([
      'starter',
      'professional',
      'enterprise',
      'unlimited',
    ]);
    const figure = (name: string) => plans.map(({ limits }) => limits[name]);
    expect(figure('track.requests_per_minute')).toEqual([60, 300, 1000, 1000]);
    expect(figure('track.requests_per_day')).toEqual([10_000, 100_000, undefined, undefined]);
    expect(figure('mail.requests_per_hour')).toEqual([1000, 1000, 1000, 1000]);
    expect(figure('redact.requests_per_minute')).toEqual([60, 60, 60, 60]);
    id = (await half.organization('unlimited')).id;
    for (const meter of ['gate.credits', 'redact.credits', 'mail.sends'] as const) {
      expect((await half.ledger.balance(half.db, id, meter)).total).toBe(UNLIMITED);
    }
  });

  test('can be an operator’s own', async () => {
    await sql`
      INSERT INTO core.plans VALUES ('club', 'Club', 9, '{"mail.aliases": 3}')`.execute(half.db);
    await tx((t) => half.accounts.setPlan(t, id, 'club', 'cli'));
    const { plan } = await half.accounts.organization(half.db, id);
    expect(plan).toEqual({ id: 'club', name: 'Club', limits: { 'mail.aliases': 3 } });
    await sql`UPDATE core.organizations SET plan_id = 'unlimited' WHERE id = ${id}`.execute(
      half.db,
    );
    await sql`DELETE FROM core.plans WHERE id = 'club'`.execute(half.db);
  });

  test('that do not exist are refused, naming those that do', async () => {
    const setting = tx((t) => half.accounts.setPlan(t, id, 'gold', 'cli'));
    await expect(setting).rejects.toMatchObject({ fields: { plan: [/starter, professional/] } });
    const nobody = tx((t) => half.accounts.setPlan(t, 'org_none', 'starter', 'cli'));
    await expect(nobody).rejects.toEqual(fault('not_found'));
  });
});

describe('an organization', () => {
  const update = (change: { name?: string; timeZone?: string }, of = id) =>
    tx((t) => half.accounts.updateOrganization(t, of, change, 'user:1'));

  test('changes its name and time zone, each by itself', async () => {
    expect(await update({ name: ' Ada & Co ' })).toMatchObject({
      ...{ name: 'Ada & Co', timeZone: 'UTC' },
    });
    expect(await update({ timeZone: 'Europe/Berlin' })).toMatchObject({
      ...{ name: 'Ada & Co', timeZone: 'Europe/Berlin' },
    });
    expect(await actions()).toContain('organization.updated');
  });

  test.each(['Mars/Olympus', '', '+02:00', 'Europe/Berlin; DROP', '../etc/passwd', 'UTC\0'])(
    'is in no such time zone as %j',
    async (timeZone) => {
      await expect(update({ timeZone })).rejects.toMatchObject(invalid('time_zone'));
    },
  );

  test.each(['', ' ', 'x'.repeat(101), 'a\nb', 'a\0b'])('is not called %j', async (name) => {
    await expect(update({ name })).rejects.toMatchObject(invalid('name'));
  });

  test('that is not there is not found', async () => {
    await expect(update({ name: 'x' }, 'org_none')).rejects.toEqual(fault('not_found'));
    await expect(half.accounts.organization(half.db, 'org_none')).rejects.toEqual(
      fault('not_found'),
    );
    await expect(half.accounts.ownerEmail(half.db, 'org_none')).rejects.toEqual(fault('not_found'));
  });
});

describe('people', () => {
  test('are listed with the owners first', async () => {
    for (const role of ROLES.toReversed()) {
      half.clock.advance(1);
      await add(role);
    }
    const listed = await half.accounts.members(half.db, id);
    expect(listed.map(({ role }) => role)).toEqual([
      'owner',
      'owner',
      'read-only',
      'member',
      'admin',
    ]);
    expect(listed[0]).toMatchObject({ id: ownerId, email });
  });

  test('have one address each in the whole installation, however it is written', async () => {
    await add('member', { email: 'Grace@Example.com' });
    const other = await half.organization();
    for (const to of [id, other.id]) {
      await expect(add('member', { email: ' gRACE@example.COM' }, to)).rejects.toEqual(
        fault('conflict'),
      );
    }
  });

  test('added at once with one address become one', async () => {
    const adding = Array.from({ length: 10 }, () => add('member', { email: 'once@example.com' }));
    const results = await Promise.allSettled(adding);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test.each([
    '',
    'ada',
    'ada@',
    '@example.com',
    'a@b@c',
    'a b@example.com',
    'a@exa mple.com',
    'a..b@example.com',
    'a@-example.com',
    'a@example..com',
    `${'a'.repeat(65)}@example.com`,
    `a@${'b'.repeat(64)}.com`,
    'a@example.com\r\nBcc: b@example.com',
    'ä@example.com',
    'a@exämple.com',
    "a@example.com'; --",
    '<a@example.com>',
  ])('do not have the address %j', async (address) => {
    await expect(add('member', { email: address })).rejects.toMatchObject(invalid('email'));
  });

  test.each(['ada+cloak@example.com', "o'hara@example.co.uk", 'owner@localhost', 'a@x1-y.example'])(
    'may have the address %j',
    async (address) => {
      expect(await add('member', { email: address })).toMatchObject({ email: address });
    },
  );

  test.each(['', 'short', 'x'.repeat(257)])('do not have the password %j', async (password) => {
    await expect(add('member', { password })).rejects.toMatchObject(invalid('password'));
  });

  test('do not have a role that is none', async () => {
    await expect(add('god' as Role)).rejects.toMatchObject(invalid('role'));
  });

  test('change roles and leave; each change is in the audit log', async () => {
    const user = await add('member');
    expect(await changeRole(user.id, 'admin')).toEqual({ ...user, role: 'admin' });
    expect(await half.accounts.member(half.db, id, user.id)).toEqual({ ...user, role: 'admin' });
    await remove(user.id);
    await expect(half.accounts.member(half.db, id, user.id)).rejects.toEqual(fault('not_found'));
    expect((await actions()).slice(0, 3)).toEqual([
      'user.removed',
      'user.role_changed',
      'user.added',
    ]);
    await add('member', { email: user.email });
  });

  test('of another organization are not to be found', async () => {
    const stranger = await half.organization();
    await expect(changeRole(stranger.ownerId, 'member')).rejects.toEqual(fault('not_found'));
    await expect(remove(stranger.ownerId)).rejects.toEqual(fault('not_found'));
    await expect(half.accounts.member(half.db, id, stranger.ownerId)).rejects.toEqual(
      fault('not_found'),
    );
  });
});

describe('the last owner', () => {
  test('can neither leave nor become anything less', async () => {
    await add('admin');
    await expect(remove(ownerId)).rejects.toEqual(fault('conflict'));
    for (const role of ROLES.filter((name) => name !== 'owner')) {
      await expect(changeRole(ownerId, role)).rejects.toEqual(fault('conflict'));
    }
    const { id: second } = await add('owner');
    await remove(ownerId);
    await expect(remove(second)).rejects.toEqual(fault('conflict'));
  });

  test('stays when two owners leave at the same moment', async () => {
    const { id: second } = await add('owner');
    const results = await Promise.allSettled([remove(ownerId), changeRole(second, 'member')]);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const owners = (await half.accounts.members(half.db, id)).filter(
      ({ role }) => role === 'owner',
    );
    expect(owners).toHaveLength(1);
  });
});

test('no password can be read in the database', async () => {
  const { rows } = await sql<{ text: string; password_hash: string }>`
    SELECT to_jsonb(u)::text AS text, password_hash FROM core.users u`.execute(half.db);
  for (const { text, password_hash } of rows) {
    expect(text).not.toContain(PASSWORD);
    expect(password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  }
  const hashes = rows.map(({ password_hash }) => password_hash);
  expect(new Set(hashes).size).toBe(hashes.length);
});
