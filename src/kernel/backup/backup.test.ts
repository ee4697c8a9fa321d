/** A backup of a real database and real files, proven, restored, and damaged in every way. */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestDatabase, testDatabase } from '../../../test/harness/database.ts';
import { createAudit } from '../audit/audit.ts';
import { systemClock as clock } from '../clock.ts';
import type { Database } from '../db/index.ts';
import { createFiles, type Files } from '../files/files.ts';
import { createJobs, jobType } from '../jobs/index.ts';
import { openKeyring } from '../keyring.ts';
import { createLog } from '../telemetry/log.ts';
import { backup } from './backup.ts';
import { restore, verifyBackup } from './restore.ts';

const log = createLog('silent');
const progress = () => {};
let dir: string;
let dataDir: string;
let archive: string;
let database: Database;
let files: Files;
let fileId: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cloakroom-backup-'));
  dataDir = join(dir, 'data');
  archive = join(dir, 'backup.tar.gz');
  database = await openTestDatabase();
  const keyring = await openKeyring(dataDir);
  files = createFiles({ dir: join(dataDir, 'files'), keyring, database, clock });
  const audit = createAudit({ clock });
  const jobs = createJobs({ database, log, clock });
  fileId = (await files.put(Buffer.alloc(200_000, 'secret'))).id;
  await files.put(Buffer.from('nobody keeps this'));
  await database.tx(async (tx) => {
    await files.keep(tx, fileId, 'org_1');
    for (let n = 0; n < 450; n++) {
      const details = { n, text: '"quotes", {braces}, \\ and \n lines', none: null };
      const entry = { organizationId: 'org_1', actor: 'cli', action: 'test', target: `"${n}"` };
      await audit.append(tx, { ...entry, details });
    }
    await jobs.send(jobType<{ n: number }>('later'), { n: 7 }, { tx });
  });
  await jobs.stop();
  await mkdir(join(dataDir, 'journal'));
  await writeFile(join(dataDir, 'journal', '000000000001.segment'), 'clicks');
  await backup(archive, { dataDir, database, clock, progress });
});
afterAll(async () => {
  await database.close();
  await rm(dir, { recursive: true, force: true });
});

const deps = () => ({ dataDir: join(dir, 'unused'), log, clock, progress });

/** The archive with its unpacked bytes changed. */
async function changed(change: (tar: Buffer) => Buffer): Promise<string> {
  const path = join(dir, 'changed.tar.gz');
  await writeFile(path, gzipSync(change(gunzipSync(await readFile(archive)))));
  return path;
}

describe('a backup', () => {
  test('is proven by a scratch restore, which leaves nothing behind', async () => {
    const proof = await verifyBackup(archive, deps());
    expect(proof).toMatchObject({ auditEntries: 450, filesRead: 1, files: 1 });
    expect(await readdir(dir)).toEqual(['backup.tar.gz', 'data']);
  });

  test('can be read by its owner alone and leaves no draft', async () => {
    expect((await stat(archive)).mode & 0o777).toBe(0o600);
    expect((await readdir(dataDir)).sort()).toEqual(['files', 'journal', 'keys']);
  });

  test('replaces no file', async () => {
    const before = await readFile(archive);
    const again = backup(archive, { dataDir, database, clock, progress });
    await expect(again).rejects.toMatchObject({ code: 'EEXIST' });
    expect((await readFile(archive)).equals(before)).toBe(true);
  });

  test('is restored into an empty folder, rows and files and all', async () => {
    const target = join(dir, 'restored');
    const restored = await restore(archive, { ...deps(), dataDir: target });
    expect(restored.files).toBe(1);
    expect(await readFile(join(target, 'journal', '000000000001.segment'), 'utf8')).toBe('clicks');
    const key = ['keys', 'installation.key'] as const;
    expect(await readFile(join(target, ...key))).toEqual(await readFile(join(dataDir, ...key)));
    await expect(restore(archive, { ...deps(), dataDir: target })).rejects.toThrow(/not empty/);
    await rm(target, { recursive: true });
  });
});

describe('a restore into a database of your own', () => {
  test('fills an empty one', async () => {
    const { url, drop } = await testDatabase({ isEmpty: true });
    const target = join(dir, 'beside');
    try {
      const restored = await restore(archive, { ...deps(), dataDir: target, databaseUrl: url });
      expect(restored).toMatchObject({ files: 1, rows: expect.any(Number) });
    } finally {
      await drop();
      await rm(target, { recursive: true, force: true });
    }
  });

  test('puts files where all nodes share them', async () => {
    const [target, filesDir] = [join(dir, 'node'), join(dir, 'shared')];
    await restore(archive, { ...deps(), dataDir: target, filesDir });
    expect(await readdir(join(filesDir, fileId.slice(-2)))).toEqual([fileId]);
    expect(await readdir(target)).not.toContain('files');
    const again = { ...deps(), dataDir: join(dir, 'other'), filesDir };
    await expect(restore(archive, again)).rejects.toThrow(/CLOAKROOM_FILES_DIR/);
    await Promise.all([target, filesDir].map((path) => rm(path, { recursive: true })));
  });

  test('makes nothing in one that is not empty', async () => {
    const { url, drop } = await testDatabase({ isEmpty: true });
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await client.query('CREATE TABLE theirs (n int)');
      const target = { dataDir: join(dir, 'refused'), databaseUrl: url };
      await expect(restore(archive, { ...deps(), ...target })).rejects.toThrow(/not empty/);
      const { rows } = await client.query(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace >= 16384 OR relname = 'theirs'",
      );
      expect(rows).toEqual([{ relname: 'theirs' }]);
    } finally {
      await client.end();
      await drop();
    }
  });
});

test('what a killed backup left is swept by the next', async () => {
  const left = join(dataDir, '.backup-999999999');
  await mkdir(left);
  const path = join(dir, 'next.tar.gz');
  await backup(path, { dataDir, database, clock, progress });
  await expect(stat(left)).rejects.toMatchObject({ code: 'ENOENT' });
  await rm(path);
});

describe('what is not the backup that was taken is refused', () => {
  const flip = (tar: Buffer, text: string) => {
    const at = tar.indexOf(text);
    expect(at).toBeGreaterThan(0);
    tar[at] = (tar[at] ?? 0) ^ 1;
    return tar;
  };

  test('a byte of a row, of a file, of the journal, of the manifest', async () => {
    for (const text of ['quotes', 'CRF1', 'clicks', '"format"']) {
      const path = await changed((tar) => flip(tar, text));
      await expect(verifyBackup(path, deps())).rejects.toThrow();
    }
  });

  test('cut off anywhere', async () => {
    const whole = await readFile(archive);
    const path = join(dir, 'cut.tar.gz');
    for (const length of [0, 20, whole.length / 2, whole.length - 10]) {
      await writeFile(path, whole.subarray(0, length));
      await expect(verifyBackup(path, deps())).rejects.toThrow();
    }
  });

  test('something that is no archive, or is not there', async () => {
    const path = join(dir, 'none.tar.gz');
    await writeFile(path, 'not an archive');
    await expect(verifyBackup(path, deps())).rejects.toThrow();
    await expect(verifyBackup(join(dir, 'nowhere'), deps())).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });

  test('a failed restore leaves the folder as it was', async () => {
    const target = join(dir, 'half');
    const path = await changed((tar) => flip(tar, 'clicks'));
    await expect(restore(path, { ...deps(), dataDir: target })).rejects.toThrow(/journal/);
    await expect(stat(target)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

test('a backup whose own database has a broken audit log is told', async () => {
  await database.tx(async (tx) => {
    await sql`SET LOCAL session_replication_role = replica`.execute(tx);
    await sql`UPDATE core.audit_entries SET actor = 'nobody' WHERE number = 9`.execute(tx);
  });
  const path = join(dir, 'broken.tar.gz');
  await backup(path, { dataDir, database, clock, progress });
  await expect(verifyBackup(path, deps())).rejects.toThrow(/broken at entry 9/);
});
