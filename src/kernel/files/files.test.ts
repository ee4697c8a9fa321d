/** Files on a real disk, which may be damaged or full, and their rows in a real database. */
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestDatabase } from '../../../test/harness/database.ts';
import type { Database } from '../db/index.ts';
import { Keyring } from '../keyring.ts';
import { createFiles, type Files } from './files.ts';

const ORG = 'org_1';
const MIB = 1024 * 1024;
const clock = { at: new Date('2026-11-21T01:00:00Z'), now: () => clock.at };
const keyring = new Keyring(randomBytes(32));
let database: Database;
let dir: string;
let files: Files;

beforeAll(async () => {
  database = await openTestDatabase();
  dir = await mkdtemp(join(tmpdir(), 'cloakroom-files-'));
  files = createFiles({ dir, keyring, database, clock });
});
afterAll(async () => {
  await database.close();
  await rm(dir, { recursive: true });
});

const later = (ms: number) => {
  clock.at = new Date(clock.at.getTime() + ms);
};
const keep = (id: string, organizationId = ORG, expiresAt?: Date) =>
  database.tx((tx) => files.keep(tx, id, organizationId, expiresAt));
const putKept = async (content: Buffer | Readable) => {
  const file = await files.put(content);
  await keep(file.id);
  return file;
};
const pathOf = (id: string) => join(dir, id.slice(-2), id);
const onDisk = async () =>
  (await readdir(dir, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
    .length;
const rows = async () => (await sql`SELECT id FROM core.files`.execute(database.db)).rows.length;

describe('a file comes back as it was', () => {
  test('from a buffer or a stream, with its size and digest', async () => {
    const content = randomBytes(200_000);
    for (const given of [content, Readable.from([content.subarray(0, 7), content.subarray(7)])]) {
      const file = await putKept(given);
      expect(file.sizeBytes).toBe(200_000);
      expect(file.sha256).toBe(createHash('sha256').update(content).digest('hex'));
      expect((await files.bytes(file.id, ORG)).equals(content)).toBe(true);
    }
  });

  test('even when it is empty', async () => {
    const file = await putKept(Buffer.alloc(0));
    expect(file.sizeBytes).toBe(0);
    expect(await files.bytes(file.id, ORG)).toEqual(Buffer.alloc(0));
  });

  test('and lies on disk sealed, readable by its owner alone', async () => {
    const file = await putKept(Buffer.from('a secret document '.repeat(5000)));
    expect((await readFile(pathOf(file.id))).includes('secret')).toBe(false);
    expect((await stat(pathOf(file.id))).mode & 0o777).toBe(0o600);
  });

  test('as many readers as there are at once', async () => {
    const file = await putKept(randomBytes(300_000));
    const all = await Promise.all(Array.from({ length: 10 }, () => files.bytes(file.id, ORG)));
    expect(new Set(all.map((bytes) => bytes.toString('hex'))).size).toBe(1);
  });
});

test('300 MB pass through without being held in memory', async () => {
  const piece = randomBytes(MIB);
  const before = process.memoryUsage().arrayBuffers;
  let peak = 0;
  async function* pieces() {
    for (let n = 0; n < 300; n++) {
      peak = Math.max(peak, process.memoryUsage().arrayBuffers);
      yield piece;
    }
  }
  const file = await putKept(Readable.from(pieces()));
  expect(file.sizeBytes).toBe(300 * MIB);
  let read = 0;
  for await (const part of await files.read(file.id, ORG)) {
    read += part.length;
    peak = Math.max(peak, process.memoryUsage().arrayBuffers);
  }
  expect(read).toBe(300 * MIB);
  expect(peak - before).toBeLessThan(100 * MIB);
  await database.tx((tx) => files.remove(tx, [file.id]));
  await files.sweep();
});

test('a reader that stops early lets go of the file', async () => {
  const file = await putKept(randomBytes(5 * MIB));
  const open = async () => (await readdir('/proc/self/fd', { withFileTypes: true })).length;
  const before = await open();
  for (let n = 0; n < 20; n++) {
    const stream = await files.read(file.id, ORG);
    for await (const _ of stream) break;
  }
  expect(await open()).toBeLessThan(before + 10);
});

describe('a file is nobody else’s', () => {
  const notFound = { code: 'not_found' };

  test('before it is kept, nor another organization’s after', async () => {
    const file = await files.put(Buffer.from('x'));
    await expect(files.read(file.id, ORG)).rejects.toMatchObject(notFound);
    await keep(file.id);
    await expect(files.read(file.id, 'org_2')).rejects.toMatchObject(notFound);
    await expect(files.bytes(file.id, 'org_2')).rejects.toMatchObject(notFound);
    await expect(keep(file.id, 'org_2')).rejects.toMatchObject(notFound);
    expect((await files.bytes(file.id, ORG)).toString()).toBe('x');
  });

  test('nor anything that an id could be made to point at', async () => {
    for (const id of ['', '../../etc/passwd', '/etc/passwd', 'file_x', "' OR 1=1 --"]) {
      await expect(files.read(id, ORG)).rejects.toMatchObject(notFound);
    }
  });

  test('and a keep that is rolled back keeps nothing', async () => {
    const file = await files.put(Buffer.from('x'));
    const failing = database.tx(async (tx) => {
      await files.keep(tx, file.id, ORG);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await expect(files.read(file.id, ORG)).rejects.toMatchObject(notFound);
  });
});

describe('what has ended is gone, from the disk too', () => {
  const HOUR = 3_600_000;

  test('an expired file at once, its bytes with the sweep', async () => {
    const file = await files.put(Buffer.from('x'));
    await keep(file.id, ORG, new Date(clock.at.getTime() + HOUR));
    expect((await files.bytes(file.id, ORG)).toString()).toBe('x');
    later(HOUR);
    await expect(files.read(file.id, ORG)).rejects.toMatchObject({ code: 'not_found' });
    await expect(keep(file.id)).rejects.toMatchObject({ code: 'not_found' });
    await files.sweep();
    await expect(stat(pathOf(file.id))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('an unkept file after an hour, a kept one never', async () => {
    const kept = await putKept(Buffer.from('kept'));
    const unkept = await files.put(Buffer.from('unkept'));
    later(HOUR - 1);
    await files.sweep();
    await stat(pathOf(unkept.id));
    later(1);
    expect(await files.sweep()).toBe(1);
    await expect(stat(pathOf(unkept.id))).rejects.toMatchObject({ code: 'ENOENT' });
    later(10_000 * HOUR);
    expect(await files.sweep()).toBe(0);
    expect((await files.bytes(kept.id, ORG)).toString()).toBe('kept');
  });

  test('a removed file with its transaction', async () => {
    const file = await putKept(Buffer.from('x'));
    await database.tx((tx) => files.remove(tx, [file.id]));
    await expect(files.read(file.id, ORG)).rejects.toMatchObject({ code: 'not_found' });
    await files.sweep();
    await expect(stat(pathOf(file.id))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('what a crash in the middle of an upload left behind, after a day', async () => {
    await sql`INSERT INTO core.files (id, created_at, expires_at)
      VALUES ('file_crash', ${clock.at}, ${new Date(clock.at.getTime() + 24 * HOUR)})`.execute(
      database.db,
    );
    await mkdir(join(dir, 'sh'), { recursive: true });
    await writeFile(`${pathOf('file_crash')}.part`, 'half');
    await files.sweep();
    await stat(`${pathOf('file_crash')}.part`);
    later(24 * HOUR);
    await files.sweep();
    await expect(stat(`${pathOf('file_crash')}.part`)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('hundreds of them, by two sweeps at once, each counted once', async () => {
    for (let n = 0; n < 250; n++) await files.put(Buffer.from('x'));
    later(HOUR);
    const swept = await Promise.all([files.sweep(), files.sweep()]);
    expect(swept[0] + swept[1]).toBe(250);
  });
});

describe('a failed upload leaves nothing behind', () => {
  const unchanged = async (work: () => Promise<unknown>) => {
    const before = [await onDisk(), await rows()];
    await work();
    expect([await onDisk(), await rows()]).toEqual(before);
  };

  test('when it is larger than allowed', () =>
    unchanged(async () => {
      const put = files.put(randomBytes(1001), { maxBytes: 1000 });
      await expect(put).rejects.toMatchObject({ code: 'payload_too_large' });
      await expect(files.put(randomBytes(1000), { maxBytes: 1000 })).resolves.toBeTruthy();
      later(3_600_000);
      await files.sweep();
    }));

  test('when its sender goes away', () =>
    unchanged(async () => {
      async function* cut() {
        yield randomBytes(200_000);
        throw new Error('aborted');
      }
      await expect(files.put(Readable.from(cut()))).rejects.toThrow('aborted');
    }));
});

test('damage on disk is told while reading, and to the log in which file', async () => {
  const file = await putKept(randomBytes(200_000));
  const stored = await readFile(pathOf(file.id));
  await writeFile(pathOf(file.id), stored.subarray(0, stored.length - 20));
  await expect(files.bytes(file.id, ORG)).rejects.toMatchObject({
    code: 'internal',
    message: 'The stored file is damaged.',
    internal: expect.stringContaining(file.id),
  });
  await rm(pathOf(file.id));
  await expect(files.bytes(file.id, ORG)).rejects.toMatchObject({ code: 'unavailable' });
});

test('a full disk is said clearly and costs nothing that was stored', async () => {
  const disk = await smallDisk(2 * MIB);
  try {
    const full = createFiles({ dir: disk.path, keyring, database, clock });
    const first = await full.put(randomBytes(MIB));
    const before = await rows();
    await expect(full.put(randomBytes(3 * MIB))).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/disk of this server is full/),
    });
    expect(await rows()).toBe(before);
    await keep(first.id);
    expect((await full.bytes(first.id, ORG)).length).toBe(MIB);
    // There is room again for what fits: nothing half was left.
    await full.put(randomBytes(MIB / 2));
  } finally {
    await disk.remove();
  }
});

/**
 * A file system of a given size, mounted in the namespace of a child process, which needs no rights;
 * /proc shows it to us.
 */
async function smallDisk(sizeBytes: number) {
  const mountPoint = await mkdtemp(join(tmpdir(), 'cloakroom-full-'));
  const mount = `mount -t tmpfs -o size=${sizeBytes} tmpfs ${mountPoint} && echo ready && exec sleep 600`;
  const child = spawn('unshare', ['--user', '--map-root-user', '--mount', 'sh', '-c', mount], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  return {
    path: `/proc/${child.pid}/root${mountPoint}`,
    async remove() {
      child.kill();
      await ended;
      await rm(mountPoint, { recursive: true });
    },
  };
}
