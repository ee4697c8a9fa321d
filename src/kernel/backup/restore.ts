/**
 * Back from an archive: into an empty installation, or, to prove that the archive is good, into a
 * scratch one that is then examined and thrown away.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { Logger } from 'pino';
import { createAudit } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import { type Database, openDatabase } from '../db/index.ts';
import type { Db } from '../db/schema.ts';
import { createFiles } from '../files/files.ts';
import { createJobs } from '../jobs/index.ts';
import { openKeyring } from '../keyring.ts';
import { FORMAT, MANIFEST, type Manifest, PARTS } from './backup.ts';
import * as store from './store.ts';
import { readTar, type TarEntry } from './tar.ts';

export interface RestoreDeps {
  dataDir: string;
  /** Where files shall lie, where it is not `files` in the data directory. */
  filesDir?: string;
  databaseUrl?: string;
  installationKey?: string;
  log: Logger;
  clock: Clock;
  progress: (text: string) => void;
}

export interface Restored {
  takenAt: string;
  rows: number;
  files: number;
}

export interface Proof extends Restored {
  auditEntries: number;
  /** Files that were decrypted to the end and have the digest that the database names. */
  filesRead: number;
}

/** Fills an installation that has nothing yet. Throws, and changes nothing, where it has. */
export async function restore(archive: string, deps: RestoreDeps): Promise<Restored> {
  await refuseFull(deps.dataDir, 'CLOAKROOM_DATA_DIR');
  if (deps.filesDir) await refuseFull(deps.filesDir, 'CLOAKROOM_FILES_DIR');
  const manifest = await check(archive, deps.progress);
  try {
    const database = await open(deps);
    try {
      return await fill(archive, manifest, database, deps);
    } finally {
      await database.close();
    }
  } catch (error) {
    // The folders were empty: what is in them now is half a restore.
    for (const dir of [deps.dataDir, ...(deps.filesDir ? [deps.filesDir] : [])]) {
      for (const name of await readdir(dir).catch(() => [])) {
        await rm(join(dir, name), { recursive: true, force: true });
      }
    }
    throw error;
  }
}

async function refuseFull(dir: string, setting: string): Promise<void> {
  const here = await readdir(dir).catch(() => []);
  if (here.length === 0) return;
  throw new Error(`${dir} is not empty. Restore into an empty folder: set ${setting}.`);
}

/** Restores into a scratch installation and examines it: rows, audit chains, every file. */
export async function verifyBackup(archive: string, deps: RestoreDeps): Promise<Proof> {
  const manifest = await check(archive, deps.progress);
  const dataDir = await mkdtemp(join(tmpdir(), 'cloakroom-restore-'));
  try {
    const scratch = { ...deps, dataDir, filesDir: undefined, databaseUrl: undefined };
    const database = await open(scratch);
    try {
      const restored = await fill(archive, manifest, database, scratch);
      return { ...restored, ...(await examine(database, scratch)) };
    } finally {
      await database.close();
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function open({ dataDir, databaseUrl, log, clock }: RestoreDeps): Promise<Database> {
  const database = await openDatabase({ dataDir, databaseUrl, log });
  // Before anything is made in it: it may be somebody's.
  if (!(await store.isEmpty(database.db))) {
    await database.close();
    throw new Error('The database of DATABASE_URL is not empty. Restore into an empty one.');
  }
  await database.migrate();
  // The queue makes its tables by itself.
  const jobs = createJobs({ database, log, clock });
  await jobs.start();
  await jobs.stop();
  return database;
}

/** Every entry against its digest, before anything is touched; the manifest. */
async function check(archive: string, progress: RestoreDeps['progress']): Promise<Manifest> {
  const found: Record<string, string> = {};
  let manifest: Manifest | null = null;
  for await (const { path, content } of entriesOf(archive)) {
    progress(`Checking ${path} …`);
    if (path === MANIFEST) manifest = JSON.parse((await buffer(content)).toString());
    else found[path] = await digestOf(content);
  }
  if (!manifest) throw new Error('the archive is cut off: it has no manifest');
  const { format, digests } = manifest;
  if (format !== FORMAT) {
    throw new Error(`the archive has format ${format}; this version reads ${FORMAT}`);
  }
  for (const path of new Set([...Object.keys(digests), ...Object.keys(found)])) {
    if (digests[path] !== found[path]) throw new Error(`${path} is not what was backed up`);
  }
  return manifest;
}

function entriesOf(archive: string): AsyncGenerator<TarEntry> {
  const unpacked = createGunzip();
  // Its errors come out of `unpacked`, which is what is read.
  pipeline(createReadStream(archive), unpacked).catch(() => {});
  return readTar(unpacked);
}

async function digestOf(content: AsyncIterable<Buffer>): Promise<string> {
  const digest = createHash('sha256');
  for await (const piece of content) digest.update(piece);
  return digest.digest('hex');
}

async function fill(
  archive: string,
  manifest: Manifest,
  database: Database,
  deps: RestoreDeps,
): Promise<Restored> {
  let rows = 0;
  let files = 0;
  await database.db.transaction().execute(async (tx) => {
    await prepare(tx, manifest);
    for await (const { path, content } of entriesOf(archive)) {
      deps.progress(`Restoring ${path} …`);
      if (path === MANIFEST) continue;
      if (!path.startsWith('database/')) {
        await writeFile(deps, path, content);
        if (path.startsWith('files/')) files++;
        continue;
      }
      const [schema = '', table = ''] = path.split('/')[1]?.split('.') ?? [];
      const batch: string[] = JSON.parse((await buffer(content)).toString());
      await store.insertRows(tx, { schema, table }, batch);
      rows += batch.length;
    }
    for (const sequence of manifest.sequences) await store.writeSequence(tx, sequence);
    await compareCounts(tx, manifest);
  });
  return { takenAt: manifest.takenAt, rows, files };
}

async function prepare(tx: Db, manifest: Manifest): Promise<void> {
  if (JSON.stringify(manifest.migrations) !== JSON.stringify(await store.listMigrations(tx))) {
    throw new Error('the archive is of another version of Cloakroom: restore it with that one');
  }
  await store.suspendRules(tx).catch((cause) => {
    throw new Error('The database user must be a superuser for a restore.', { cause });
  });
  await store.emptyTables(tx, await store.listTables(tx));
}

async function compareCounts(tx: Db, { tables }: Manifest): Promise<void> {
  for (const [name, rows] of Object.entries(tables)) {
    const [schema = '', table = ''] = name.split('.');
    const count = await store.countRows(tx, { schema, table });
    if (count !== rows) throw new Error(`${name} has ${count} rows where there were ${rows}`);
  }
}

/** Writes a file below the data directory or the files' own, and nowhere else. */
async function writeFile(
  { dataDir, filesDir }: RestoreDeps,
  path: string,
  content: AsyncIterable<Buffer>,
): Promise<void> {
  const isInside = PARTS.includes(path.split('/')[0] ?? '') && normalize(path) === path;
  if (!isInside) throw new Error(`the archive holds ${path}, which is no part of an installation`);
  const isMoved = filesDir !== undefined && path.startsWith('files/');
  const target = isMoved ? join(filesDir, path.slice('files/'.length)) : join(dataDir, path);
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  await pipeline(content, createWriteStream(target, { flags: 'wx', mode: 0o600, flush: true }));
}

async function examine(
  database: Database,
  { dataDir, installationKey, clock, progress }: RestoreDeps,
): Promise<Pick<Proof, 'auditEntries' | 'filesRead'>> {
  const { db } = database;
  const audit = createAudit({ clock });
  let auditEntries = 0;
  for (const organizationId of await audit.organizations(db)) {
    progress(`Checking the audit log of ${organizationId} …`);
    const { entries, brokenAt } = await audit.verify(db, organizationId);
    if (brokenAt !== null) throw new Error(`the audit log is broken at entry ${brokenAt}`);
    auditEntries += entries;
  }
  const keyring = await openKeyring(dataDir, installationKey);
  const files = createFiles({ dir: join(dataDir, 'files'), keyring, database, clock });
  let filesRead = 0;
  for (const { id, organizationId, sha256 } of await store.keptFiles(db, clock.now())) {
    progress(`Reading file ${++filesRead} …`);
    const digest = await digestOf(await files.read(id, organizationId));
    if (digest !== sha256) throw new Error(`file ${id} is not what was stored`);
  }
  return { auditEntries, filesRead };
}
