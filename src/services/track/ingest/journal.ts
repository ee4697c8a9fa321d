/**
 * The click journal: an append-only log on disk that answers "durable" before a visitor is sent on.
 * Appends of concurrent requests are written together by one synchronous write (group commit), so
 * the disk is waited for once a batch and not once a click. What was answered with an error may or
 * may not be on disk; what was answered without one is.
 *
 * After a failed write nothing is known of the segment behind its last commit (a second fsync may
 * say yes to data that the kernel has dropped), so it is closed there and a new one begun.
 */
import { randomBytes } from 'node:crypto';
import { write } from 'node:fs';
import { type FileHandle, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileDurably } from './durable-file.ts';
import { frameOf, HEAD_BYTES } from './frames.ts';
import {
  createSegment,
  diskFull,
  recoverSegments,
  removeSegment,
  type Segment,
  segmentPath,
  truncateSegment,
} from './segments.ts';

export interface JournalOptions {
  dir: string;
  /** Default 16 MiB, some 50,000 clicks. */
  segmentBytes?: number;
  /** How many characters of records may wait for a write. Default 4 Mi. */
  mostWaiting?: number;
  /** A torn tail that was cut, or a segment that could not go on. */
  onTrouble?: (message: string, detail: Record<string, unknown>) => void;
}

type Done = (error: Error | null) => void;

/** Records that go into one write, a line each, and who waits for them. */
interface Batch {
  lines: string;
  waiting: Done[];
}

interface Open {
  segment: Segment;
  handle: FileHandle;
}

export class Journal {
  /** Names this journal in the database's cursors. */
  readonly id: string;
  /** Called whenever more has become durable. */
  onDurable: () => void = () => {};

  readonly #dir: string;
  readonly #segmentBytes: number;
  readonly #mostWaiting: number;
  readonly #onTrouble: NonNullable<JournalOptions['onTrouble']>;
  readonly #segments: Segment[];
  #nextNumber: number;
  #current: Open | null = null;
  #prepared: Promise<Open> | null = null;
  #filling: Batch = { lines: '', waiting: [] };
  #isWriting = false;
  #isScheduled = false;
  #isClosed = false;

  private constructor(id: string, segments: Segment[], options: JournalOptions) {
    const { dir, segmentBytes = 16 << 20, mostWaiting = 4 << 20 } = options;
    this.id = id;
    this.#dir = dir;
    this.#segmentBytes = segmentBytes;
    this.#onTrouble = options.onTrouble ?? (() => {});
    this.#segments = segments;
    this.#nextNumber = (segments.at(-1)?.number ?? 0) + 1;
    // Even where every character takes three bytes, a batch fits into an empty segment.
    this.#mostWaiting = Math.min(mostWaiting, Math.floor((segmentBytes - HEAD_BYTES - 8) / 3));
  }

  /** Recovers what is in `dir` and makes a segment ready; a full disk shows at the first append. */
  static async open(options: JournalOptions): Promise<Journal> {
    await mkdir(options.dir, { recursive: true, mode: 0o700 });
    const segments = await recoverSegments(options.dir, ({ number }, lostBytes) =>
      options.onTrouble?.('a torn tail was cut from the click journal', { number, lostBytes }),
    );
    const journal = new Journal(await identity(options.dir), segments, options);
    await journal.#prepare().catch(() => {});
    return journal;
  }

  /**
   * Adds a record, one line of text; `done` is called once it is durable, or with why it is not.
   * An error of code EAGAIN means that more waits for the disk than there is room for.
   */
  append(record: string, done: Done): void {
    const batch = this.#filling;
    if (this.#isClosed || batch.lines.length + record.length >= this.#mostWaiting) {
      done(Object.assign(new Error('the journal takes no more at present'), { code: 'EAGAIN' }));
      return;
    }
    batch.lines += `${record}\n`;
    batch.waiting.push(done);
    if (this.#isWriting || this.#isScheduled) return;
    // Everything that this turn of the event loop brings goes into the same write.
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (!this.#isWriting) void this.#writeAll();
    });
  }

  /** Segments that hold records, oldest first; the last one's `end` grows. */
  segments(): readonly Segment[] {
    return this.#segments;
  }

  /** Removes a segment whose records are safe elsewhere; the newest stays, it carries the count. */
  async drop(number: number): Promise<void> {
    const at = this.#segments.findIndex((segment) => segment.number === number);
    const segment = this.#segments[at];
    if (!segment || at === this.#segments.length - 1) return;
    this.#segments.splice(at, 1);
    await removeSegment(segment.path);
  }

  /** Writes what waits, then closes. */
  async close(): Promise<void> {
    this.#isClosed = true;
    while (this.#isWriting || this.#filling.waiting.length > 0) {
      if (this.#isWriting) await new Promise((done) => setImmediate(done));
      else await this.#writeAll();
    }
    await this.#current?.handle.close();
    const prepared = await this.#prepared?.catch(() => null);
    await prepared?.handle.close();
    // Not yet used: the next start makes its own.
    if (prepared) await removeSegment(prepared.segment.path);
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#filling.waiting.length > 0) {
      const { lines, waiting } = this.#filling;
      this.#filling = { lines: '', waiting: [] };
      const error = await this.#write(frameOf(lines)).then(
        () => null,
        (thrown: Error) => thrown,
      );
      for (const done of waiting) done(error);
      if (!error) this.onDurable();
    }
    this.#isWriting = false;
  }

  async #write(frame: Buffer): Promise<void> {
    const { segment, handle } = await this.#openWithRoom(frame.length);
    try {
      await writeAt(handle.fd, frame, segment.end);
    } catch (error) {
      await this.#abandon();
      throw error;
    }
    segment.end += frame.length;
    if (segment.end > this.#segmentBytes / 2) this.#prepare().catch(() => {});
  }

  async #openWithRoom(sizeBytes: number): Promise<Open> {
    const current = this.#current;
    if (current && current.segment.end + sizeBytes <= this.#segmentBytes) return current;
    const next = await this.#prepare();
    this.#prepared = null;
    this.#current = next;
    this.#segments.push(next.segment);
    await current?.handle.close();
    return next;
  }

  /** The next segment, made ahead of its use. After a failure the next call tries again. */
  #prepare(): Promise<Open> {
    if (this.#prepared) return this.#prepared;
    const number = this.#nextNumber++;
    const path = segmentPath(this.#dir, number);
    const made = createSegment(this.#dir, number, this.#segmentBytes).then((handle) => ({
      segment: { number, path, end: HEAD_BYTES },
      handle,
    }));
    this.#prepared = made;
    made.catch(() => {
      this.#prepared = null;
    });
    return made;
  }

  async #abandon(): Promise<void> {
    const { segment, handle } = this.#current as Open;
    this.#current = null;
    this.#onTrouble('a write to the click journal failed', { number: segment.number });
    await handle.close().catch(() => {});
    await truncateSegment(segment.path, segment.end).catch(() => {});
  }
}

function writeAt(fd: number, bytes: Buffer, position: number): Promise<void> {
  return new Promise((resolve, reject) => {
    write(fd, bytes, 0, bytes.length, position, (error, written) => {
      if (error) reject(error);
      else if (written < bytes.length) reject(diskFull());
      else resolve();
    });
  });
}

/** The journal's name, made once and kept with its segments. */
async function identity(dir: string): Promise<string> {
  const path = join(dir, 'id');
  const known = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  if (known) return known.trim();
  const id = `jrn_${randomBytes(12).toString('hex')}`;
  await writeFileDurably(path, `${id}\n`);
  return id;
}
