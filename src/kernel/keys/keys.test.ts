import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type AccountHalf,
  accountNode,
  openAccountHalf,
} from '../../../test/harness/account-half.ts';
import { Fault } from '../fault.ts';
import { SERVICES, type ServiceName } from '../principal.ts';
import { type NewKey, SCOPES } from './keys.ts';

let half: AccountHalf;
let organizationId: string;

beforeAll(async () => {
  half = await openAccountHalf();
});
afterAll(() => half.close());
beforeEach(async () => {
  organizationId = (await half.organization()).id;
});

function create(service: ServiceName, more: Partial<NewKey> = {}) {
  const key = { organizationId, service, label: 'shop', ...more };
  return half.database.tx((tx) => half.keys.create(tx, key, 'user:1'));
}
const rotate = (id: string, overlapS: number) =>
  half.database.tx((tx) => half.keys.rotate(tx, organizationId, id, overlapS, 'user:1'));
const revoke = (id: string) =>
  half.database.tx((tx) => half.keys.revoke(tx, organizationId, id, 'user:1'));
const refused = (code: string) => expect.objectContaining({ name: 'Fault', code });

describe.each(SERVICES)('a key of %s', (service) => {
  test('has the form of its service and at least 160 random bits', async () => {
    const forms = {
      mail: /^cm_sk_([0-9a-f]{40,})$/,
      track: /^tk_live_([0-9a-f]{40,}):([0-9a-f]{40,})$/,
      gate: /^ck_live_([0-9a-f]{40,})$/,
      redact: /^clk_live_([0-9a-f]{40,})$/,
    };
    const { row, secret } = await create(service);
    const [, body = ''] = forms[service].exec(secret) ?? [];
    expect(body).not.toBe('');
    expect(row).toMatchObject({ firstFour: body.slice(0, 4), lastFour: body.slice(-4) });
    expect(row).toMatchObject({ isActive: true, scopes: SCOPES[service], lastUsedAt: null });
  });

  test('opens its own service, for its organization, with its scopes', async () => {
    const scopes = [SCOPES[service][0] as string];
    const { row, secret } = await create(service, { scopes });
    const principal = await half.keys.authenticate(service, secret);
    expect(principal).toMatchObject({ kind: 'key', organizationId, service, keyId: row.id });
    expect([...principal.scopes]).toEqual(scopes);
    expect(principal.plan.id).toBe('unlimited');
    for (const other of SERVICES.filter((name) => name !== service)) {
      await expect(half.keys.authenticate(other, secret)).rejects.toEqual(
        refused('unauthenticated'),
      );
    }
  });

  test('cannot be read in the database, in no column', async () => {
    const { secret } = await create(service);
    const { rows } = await sql<{ text: string }>`
      SELECT (to_jsonb(k)::text || to_jsonb(s)::text || encode(s.lookup, 'hex')
        || encode(s.lookup, 'escape')) AS text
      FROM core.api_keys k JOIN core.api_key_secrets s ON s.key_id = k.id`.execute(half.db);
    const random = secret.split(/_live_|_sk_|:/).filter((part) => part.length > 8);
    for (const { text } of rows) for (const part of random) expect(text).not.toContain(part);
  });

  test('that is expired is as good as none', async () => {
    const expiresAt = new Date(half.clock.now().getTime() + 60_000);
    const { row, secret } = await create(service, { expiresAt });
    await half.keys.authenticate(service, secret);
    half.clock.advance(60);
    await expect(half.keys.authenticate(service, secret)).rejects.toEqual(
      refused('unauthenticated'),
    );
    expect(await half.keys.activeAmong(half.db, [row.id])).toEqual(new Set());
    expect(await half.keys.list(half.db, organizationId)).toMatchObject([{ isActive: false }]);
  });
});

describe('what could not be a key is refused', () => {
  test.each([
    '',
    'ck_live_',
    'ck_live_ÿ',
    `ck_live_${'0'.repeat(48)}`,
    `ck_live_${'0'.repeat(47)}'`,
    `ck_live_${'0'.repeat(100_000)}`,
    'ck_live_\0',
    'Bearer x',
  ])('%#', async (presented) => {
    await expect(half.keys.authenticate('gate', presented)).rejects.toEqual(
      refused('unauthenticated'),
    );
  });

  test('and so is half of a pair, or the halves of two', async () => {
    const [a, b] = [await create('track'), await create('track')];
    const [key = '', secret = ''] = a.secret.split(':');
    const [, otherSecret = ''] = b.secret.split(':');
    for (const presented of [key, secret, `${key}:`, `${key}:${otherSecret}`, `${secret}:${key}`]) {
      await expect(half.keys.authenticate('track', presented)).rejects.toEqual(
        refused('unauthenticated'),
      );
    }
  });
});

describe('making a key', () => {
  test.each([
    ['an empty label', { label: ' ' }, 'label'],
    ['a label that is too long', { label: 'x'.repeat(101) }, 'label'],
    ['a label with control characters', { label: 'a\nb' }, 'label'],
    ['no scope', { scopes: [] }, 'scopes'],
    ['a scope of another service', { scopes: ['check', 'emails:send'] }, 'scopes'],
    ['an expiry in the past', { expiresAt: new Date(0) }, 'expires_at'],
    ['an expiry that is no time', { expiresAt: new Date(Number.NaN) }, 'expires_at'],
  ])('refuses %s, naming the field, and writes nothing', async (_, more, field) => {
    const error = await create('gate', more).catch((fault: Fault) => fault);
    expect(error).toBeInstanceOf(Fault);
    expect(error).toMatchObject({ code: 'invalid_request', fields: { [field]: [/./] } });
    expect(await half.keys.list(half.db, organizationId)).toEqual([]);
  });

  test('numbers keys for the whole installation, lists them oldest first and by service', async () => {
    const made = [await create('gate'), await create('mail'), await create('gate')];
    const numbers = made.map(({ row }) => row.number);
    expect(new Set(numbers).size).toBe(3);
    const ids = (rows: { id: string }[]) => rows.map(({ id }) => id);
    expect(ids(await half.keys.list(half.db, organizationId))).toEqual(
      made.map(({ row }) => row.id),
    );
    expect(ids(await half.keys.list(half.db, organizationId, 'mail'))).toEqual([made[1]?.row.id]);
  });
});

describe('revoking', () => {
  test('holds as soon as it commits, not before', async () => {
    const { row, secret } = await create('gate');
    await half.keys.authenticate('gate', secret);
    await half.database.tx(async (tx) => {
      await half.keys.revoke(tx, organizationId, row.id, 'user:1');
      await half.keys.authenticate('gate', secret);
    });
    await expect(half.keys.authenticate('gate', secret)).rejects.toEqual(
      refused('unauthenticated'),
    );
    expect(await half.keys.activeAmong(half.db, [row.id])).toEqual(new Set());
  });

  test('that is rolled back changes nothing', async () => {
    const { row, secret } = await create('gate');
    const failing = half.database.tx(async (tx) => {
      await half.keys.revoke(tx, organizationId, row.id, 'user:1');
      throw new Error('cut off');
    });
    await expect(failing).rejects.toThrow('cut off');
    await half.keys.authenticate('gate', secret);
  });

  test('holds on another node within a second, and at once where commits confirm it', async () => {
    const other = accountNode(half.database, half.keyring, half.clock);
    const { row, secret } = await create('gate');
    await other.keys.authenticate('gate', secret);
    await revoke(row.id);
    expect(await other.keys.activeAmong(half.db, [row.id])).toEqual(new Set());
    half.clock.advance(1);
    await expect(other.keys.authenticate('gate', secret)).rejects.toEqual(
      refused('unauthenticated'),
    );
  });

  test('twice is the same as once, in the audit log, too', async () => {
    const { row } = await create('mail');
    await revoke(row.id);
    await revoke(row.id);
    const entries = await half.audit.list(half.db, organizationId, { limit: 10 });
    expect(entries.map(({ action }) => action).filter((a) => a === 'key.revoked')).toHaveLength(1);
  });

  test('another organization’s key is not to be found', async () => {
    const { row } = await create('gate');
    organizationId = (await half.organization()).id;
    await expect(revoke(row.id)).rejects.toEqual(refused('not_found'));
    await expect(rotate(row.id, 0)).rejects.toEqual(refused('not_found'));
    await expect(half.keys.reveal(half.db, organizationId, row.id)).rejects.toEqual(
      refused('not_found'),
    );
  });
});

describe('rotating', () => {
  test('gives a new secret to the same key; the old one holds for the overlap and no longer', async () => {
    const { row, secret: old } = await create('redact');
    const { row: rotated, secret } = await rotate(row.id, 120);
    expect(rotated).toMatchObject({ id: row.id, number: row.number, lastFour: secret.slice(-4) });
    for (const presented of [old, secret]) {
      expect((await half.keys.authenticate('redact', presented)).keyId).toBe(row.id);
    }
    half.clock.advance(120);
    await expect(half.keys.authenticate('redact', old)).rejects.toEqual(refused('unauthenticated'));
    await half.keys.authenticate('redact', secret);
  });

  test('without overlap ends the old secret at once, also one from an earlier rotation', async () => {
    const { row, secret: first } = await create('gate');
    const { secret: second } = await rotate(row.id, 3600);
    const { secret: third } = await rotate(row.id, 0);
    for (const old of [first, second]) {
      await expect(half.keys.authenticate('gate', old)).rejects.toEqual(refused('unauthenticated'));
    }
    await half.keys.authenticate('gate', third);
    expect(await half.keys.reveal(half.db, organizationId, row.id)).toBe(third);
  });

  test('does not bring a revoked key back', async () => {
    const { row } = await create('gate');
    await revoke(row.id);
    await expect(rotate(row.id, 0)).rejects.toEqual(refused('conflict'));
  });
});

test('only Gate’s keys can be revealed', async () => {
  const gate = await create('gate');
  expect(await half.keys.reveal(half.db, organizationId, gate.row.id)).toBe(gate.secret);
  const mail = await create('mail');
  await expect(half.keys.reveal(half.db, organizationId, mail.row.id)).rejects.toEqual(
    refused('not_found'),
  );
});

test('the last use is written, at most once a minute', async () => {
  const { row, secret } = await create('mail');
  const lastUse = async () => (await half.keys.list(half.db, organizationId))[0]?.lastUsedAt;
  const use = () => half.keys.authenticate('mail', secret);
  /** It is written beside the request: in a moment, not at once. */
  const written = async (at: Date) => {
    while ((await lastUse())?.getTime() !== at.getTime()) {
      await new Promise((done) => setTimeout(done, 5));
    }
  };
  expect(row.lastUsedAt).toBeNull();
  const first = half.clock.now();
  await use();
  await written(first);
  half.clock.advance(59);
  await use();
  // A use of another key that comes after it is written: had there been one of ours, so would it.
  const other = await create('mail');
  await half.keys.authenticate('mail', other.secret);
  const otherUsedAt = async () =>
    (await half.keys.list(half.db, organizationId)).find(({ id }) => id === other.row.id)
      ?.lastUsedAt;
  while (!(await otherUsedAt())) await new Promise((done) => setTimeout(done, 5));
  expect(await lastUse()).toEqual(first);
  half.clock.advance(1);
  await use();
  await written(half.clock.now());
});
