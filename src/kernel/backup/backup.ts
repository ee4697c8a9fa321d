/**
 * One archive with everything that an installation is: the database as it is at one moment, the files
 * that it names, the click journal, the keys. It is taken beside a running server.
 *
 * The journal's segments are linked aside before that moment and those that are new are added after
 * it: a click that is not in the database's picture is in the journal's, and none is twice, since the
 * database says how far it has taken the journal in.
 */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { link, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Clock } from '../clock.ts';
import type { Database } from '../db/index.ts';
import type { Db } from '../db/schema.ts';
import * as store from './store.ts';
import { TAR_END, tarHeader, tarPadding } from './tar.ts';

export const FORMAT = 1;
export const MANIFEST = 'manifest.json';

/** The archive's last entry: what must have come before it. */
export interface Manifest {
  format: number;
  takenAt: string;
  migrations: Record<string, string>;
  /** Rows by `schema.table`. */
  tables: Record<string, number>;
  sequences: store.SequenceState[];
  /** Hex SHA-256 of every other entry. */
  digests: Record<string, string>;
}

export interface BackupDeps {
  dataDir: string;
  /** Where files lie, where it is not `files` in the data directory. */
  filesDir?: string;
  database: Database;
  clock: Clock;
  progress: (text: string) => void;
}

export interface BackupSummary {
  rows: number;
  files: number;
  sizeBytes: number;
}

/** Folders of the data directory that go in as they are; files and journal have rules of their own. */
const FOLDERS = ['keys', 'mailbox', 'intel'];

/** Where the journal is linked to while it is copied; the process's number follows. */
const ASIDE = '.backup-';

/** All that a data directory holds besides PostgreSQL's own folder. */
export const PARTS: readonly string[] = [...FOLDERS, 'files', 'journal'];

/** Writes the archive (gzip, tar, mode 0600) to `path`, which must not exist. */
export async function backup(path: string, deps: BackupDeps): Promise<BackupSummary> {
  const draft = `${path}.part`;
  await sweepAside(deps.dataDir);
  const aside = join(deps.dataDir, `${ASIDE}${process.pid}`);
  const manifest: Manifest = {
    ...{ format: FORMAT, takenAt: deps.clock.now().toISOString() },
    ...{ migrations: {}, tables: {}, sequences: [], digests: {} },
  };
  const target = createWriteStream(draft, { flags: 'wx', mode: 0o600 });
  try {
    const entries = Readable.from(archive(manifest, aside, deps), { objectMode: false });
    await pipeline(entries, createGzip({ level: 1 }), target);
    await syncPath(draft);
    await link(draft, path);
    await syncPath(dirname(path));
  } finally {
    await rm(aside, { recursive: true, force: true });
    await rm(draft, { force: true });
  }
  return {
    rows: Object.values(manifest.tables).reduce((sum, rows) => sum + rows, 0),
    files: Object.keys(manifest.digests).filter((name) => name.startsWith('files/')).length,
    sizeBytes: (await stat(path)).size,
  };
}

async function* archive(
  manifest: Manifest,
  aside: string,
  deps: BackupDeps,
): AsyncGenerator<Buffer> {
  const { dataDir, database, progress } = deps;
  const journal = join(dataDir, 'journal');
  await linkAll(journal, aside);
  const tx = await database.db
    .startTransaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute();
  try {
    yield* copyDatabase(tx, manifest, progress);
    await linkAll(journal, aside);
    yield* copyFiles(tx, manifest, deps);
  } finally {
    await tx.rollback().execute();
  }
  for (const folder of FOLDERS) yield* copyFolder(join(dataDir, folder), folder, manifest);
  yield* copyFolder(aside, 'journal', manifest);
  progress('Finishing …');
  const last = Buffer.from(JSON.stringify(manifest, null, 1));
  yield* entryOf(MANIFEST, last);
  yield TAR_END;
}

async function* copyDatabase(
  tx: Db,
  manifest: Manifest,
  progress: BackupDeps['progress'],
): AsyncGenerator<Buffer> {
  await store.unhurried(tx);
  manifest.migrations = await store.listMigrations(tx);
  for (const table of await store.listTables(tx)) {
    const name = `${table.schema}.${table.table}`;
    let rows = 0;
    let part = 0;
    for await (const batch of store.readRows(tx, table)) {
      rows += batch.length;
      progress(`Copying ${name}: ${rows} rows …`);
      const path = `database/${name}/${String(++part).padStart(9, '0')}.json`;
      const content = Buffer.from(JSON.stringify(batch));
      manifest.digests[path] = createHash('sha256').update(content).digest('hex');
      yield* entryOf(path, content);
    }
    manifest.tables[name] = rows;
  }
  manifest.sequences = await store.readSequences(tx);
}

/** The files that the picture of the database knows; one that has ended since is let go. */
async function* copyFiles(
  tx: Db,
  manifest: Manifest,
  { dataDir, filesDir = join(dataDir, 'files'), clock, progress }: BackupDeps,
): AsyncGenerator<Buffer> {
  const kept = await store.keptFiles(tx, clock.now());
  for (const [index, { id }] of kept.entries()) {
    progress(`Copying file ${index + 1} of ${kept.length} …`);
    const path = join(id.slice(-2), id);
    yield* copyFile(join(filesDir, path), join('files', path), manifest);
  }
}

async function* copyFolder(
  folder: string,
  name: string,
  manifest: Manifest,
): AsyncGenerator<Buffer> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(ifThere);
  for (const file of found?.filter((one) => one.isFile()) ?? []) {
    const path = join(file.parentPath, file.name);
    yield* copyFile(path, join(name, relative(folder, path)), manifest);
  }
}

async function* copyFile(path: string, name: string, manifest: Manifest): AsyncGenerator<Buffer> {
  const file = await open(path, 'r').catch(ifThere);
  if (!file) return;
  const digest = createHash('sha256');
  try {
    // What grows meanwhile is copied as long as it was at first.
    const { size } = await file.stat();
    yield tarHeader(name, size);
    let copied = 0;
    if (size > 0) {
      for await (const piece of file.createReadStream({ end: size - 1, autoClose: false })) {
        copied += piece.length;
        digest.update(piece);
        yield piece;
      }
    }
    if (copied !== size) throw new Error(`${path} became shorter while it was copied`);
    yield tarPadding(size);
    manifest.digests[name] = digest.digest('hex');
  } finally {
    await file.close();
  }
}

function* entryOf(path: string, content: Buffer): Generator<Buffer> {
  yield tarHeader(path, content.length);
  yield content;
  yield tarPadding(content.length);
}

/** Takes away what a backup left that was killed: its links would keep the journal's space for ever. */
async function sweepAside(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    if (!name.startsWith(ASIDE) || isAlive(Number(name.slice(ASIDE.length)))) continue;
    await rm(join(dataDir, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Hard links cost nothing and outlive the removal of the original. */
async function linkAll(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const name of (await readdir(from).catch(ifThere)) ?? []) {
    if (name.endsWith('.new')) continue;
    await link(join(from, name), join(to, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST' && error.code !== 'ENOENT') throw error;
    });
  }
}

/** null for what is not there (any more). */
function ifThere(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
