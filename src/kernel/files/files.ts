/**
 * Blobs at rest: streamed, encrypted (AES-256-GCM in chunks, each bound to its file and place), with
 * an end. On local disk; S3 meets the same interface later.
 *
 * The row comes before the bytes and goes after them, so whatever a crash leaves on disk has a row
 * that says when it may be swept: no walk over the disk is ever needed.
 */
import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import type { Clock } from '../clock.ts';
import type { Database } from '../db/index.ts';
import type { Db } from '../db/schema.ts';
import { Fault } from '../fault.ts';
import { newId } from '../ids.ts';
import type { Keyring } from '../keyring.ts';
import { DamagedFile, openStream, sealStream } from './sealed-stream.ts';
import * as store from './store.ts';

export interface StoredFile {
  id: string;
  sizeBytes: number;
  /** Hex SHA-256 of the plain content. */
  sha256: string;
}

export interface Files {
  /**
   * Stores a stream durably (fsync before it resolves). The file belongs to nobody until `keep` is
   * called with its id in a transaction; unkept ones are swept after an hour.
   * Fault `payload_too_large` past `maxBytes`, `unavailable` when the disk is full; what was written
   * is removed.
   */
  put(content: Readable | Uint8Array, options?: { maxBytes?: number }): Promise<StoredFile>;
  /** Makes the file the organization's, until `expiresAt`. Fault `not_found` where it is gone. */
  keep(tx: Db, fileId: string, organizationId: string, expiresAt?: Date): Promise<void>;
  /** Fault `not_found` where it is gone or expired; a damaged file fails while read. */
  read(fileId: string, organizationId: string): Promise<Readable>;
  bytes(fileId: string, organizationId: string): Promise<Buffer>;
  /** Marks for removal with the transaction; the bytes follow. */
  remove(tx: Db, fileIds: readonly string[]): Promise<void>;
  /** Removes what has expired or was never kept; says how many files went. For the schedule. */
  sweep(): Promise<number>;
}

export interface FilesDeps {
  dir: string;
  keyring: Keyring;
  database: Database;
  clock: Clock;
}

const HOUR_MS = 3_600_000;
/** No upload takes longer; what is still unfinished by then was cut off by a crash. */
const LONGEST_UPLOAD_MS = 24 * HOUR_MS;

export function createFiles({ dir, keyring, database, clock }: FilesDeps): Files {
  const { db } = database;
  const master = keyring.derive('files');
  const after = (ms: number) => new Date(clock.now().getTime() + ms);
  // The end of an id is random: some 1,300 folders of even size.
  const pathOf = (id: string) => join(dir, id.slice(-2), id);

  const read = async (fileId: string, organizationId: string): Promise<Readable> => {
    if (!(await store.isReadable(db, fileId, organizationId, clock.now()))) throw gone();
    return Readable.from(readSealed(pathOf(fileId), master, fileId), { objectMode: false });
  };

  return {
    async put(content, { maxBytes = Number.POSITIVE_INFINITY } = {}) {
      const id = newId('file_', clock.now());
      await store.insertFile(db, id, clock.now(), after(LONGEST_UPLOAD_MS));
      const path = pathOf(id);
      try {
        const facts = await writeSealed(path, content, { master, id, maxBytes });
        await store.finishFile(db, id, facts, after(HOUR_MS));
        return { id, ...facts };
      } catch (error) {
        await removeBytes(path);
        // With the database away the row stays for the sweep.
        await store.deleteFiles(db, [id]).catch(() => {});
        throw diskFault(error);
      }
    },
    async keep(tx, fileId, organizationId, expiresAt) {
      const kept = await store.keepFile(tx, fileId, organizationId, clock.now(), expiresAt ?? null);
      if (!kept) throw gone();
    },
    read,
    async bytes(fileId, organizationId) {
      return Buffer.concat(await (await read(fileId, organizationId)).toArray());
    },
    remove: (tx, fileIds) => store.expireFiles(tx, fileIds, clock.now()),
    async sweep() {
      let swept = 0;
      for (;;) {
        const ids = await database.tx(async (tx) => {
          const expired = await store.lockExpired(tx, clock.now());
          for (const id of expired) await removeBytes(pathOf(id));
          await store.deleteFiles(tx, expired);
          return expired;
        });
        if (ids.length === 0) return swept;
        swept += ids.length;
      }
    },
  };
}

/** Writes beside, makes it durable, then moves it into place: nobody ever sees half a file. */
async function writeSealed(
  path: string,
  content: Readable | Uint8Array,
  { master, id, maxBytes }: { master: Buffer; id: string; maxBytes: number },
): Promise<{ sizeBytes: number; sha256: string }> {
  const digest = createHash('sha256');
  let sizeBytes = 0;
  async function* counted() {
    // A byte array alone would be iterated byte by byte.
    for await (const piece of content instanceof Uint8Array ? [content] : content) {
      sizeBytes += piece.length;
      if (sizeBytes > maxBytes) {
        throw new Fault('payload_too_large', `The file is larger than ${maxBytes} bytes.`);
      }
      digest.update(piece);
      yield piece as Uint8Array;
    }
  }
  await makeFolder(dirname(path));
  const file = await open(partOf(path), 'wx', 0o600);
  try {
    for await (const sealed of sealStream(counted(), master, id)) await file.writeFile(sealed);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(partOf(path), path);
  await syncFolder(dirname(path));
  return { sizeBytes, sha256: digest.digest('hex') };
}

async function* readSealed(path: string, master: Buffer, id: string): AsyncGenerator<Buffer> {
  try {
    const file = await open(path, 'r');
    try {
      yield* openStream(file, master, id);
    } finally {
      await file.close();
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
      // A row without its bytes: they lie on another node's disk, or a share is not mounted.
      throw new Fault('unavailable', 'The stored file cannot be reached at present.', {
        internal: `file ${id} is not in CLOAKROOM_FILES_DIR, which all nodes must share`,
        cause,
      });
    }
    if (!(cause instanceof DamagedFile)) throw cause;
    throw new Fault('internal', 'The stored file is damaged.', {
      internal: `file ${id}: ${cause.message}`,
      cause,
    });
  }
}

function partOf(path: string): string {
  return `${path}.part`;
}

async function removeBytes(path: string): Promise<void> {
  await rm(path, { force: true });
  await rm(partOf(path), { force: true });
}

async function makeFolder(path: string): Promise<void> {
  const made = await mkdir(path, { recursive: true, mode: 0o700 });
  // The new folder's name is an entry of its parent, which must last as well.
  if (made !== undefined) await syncFolder(dirname(path));
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function diskFault(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  return new Fault(
    'unavailable',
    'The disk of this server is full. Nothing of the file was stored; try again once there is room.',
    { internal: `writing a file: ${code}`, retryAfterS: 60, cause: error },
  );
}

function gone(): Fault {
  return new Fault('not_found', 'There is no such file, or it has expired.');
}
