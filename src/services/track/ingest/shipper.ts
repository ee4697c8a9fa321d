/**
 * Carries the journal into PostgreSQL, exactly once: a batch's clicks, the visitors' marks, the
 * rollups and the cursor behind the batch commit together, so whatever happens in between, the next
 * batch begins where the last one ended. Segments that are wholly shipped are removed.
 */
import type { Logger } from 'pino';
import type { Clock } from '../../../kernel/clock.ts';
import type { Database } from '../../../kernel/db/index.ts';
import type { Db } from '../../../kernel/db/schema.ts';
import type { Cursor } from '../store/ingest-store.ts';
import * as store from '../store/ingest-store.ts';
import { countClicks, holdZones } from '../store/rollup-store.ts';
import { type ClickRecord, decodeClick } from './click-record.ts';
import { HEAD_BYTES, readFrames } from './frames.ts';
import type { Journal } from './journal.ts';
import { readSegment } from './segments.ts';
import { type JudgedClick, judgeClicks, markKey } from './visits.ts';

export interface ShipperDeps {
  journal: Journal;
  database: Database;
  clock: Clock;
  log: Logger;
  /** Called within the transaction of each batch, with the clicks that are new. */
  onClicks?: (tx: Db, judged: readonly JudgedClick[]) => Promise<void>;
}

/** Some 4,000 clicks. */
const BATCH_BYTES = 1024 * 1024;
/** Clicks gather for this long, so that a busy link makes batches and not transactions. */
const GATHER_MS = 500;
const SLOWEST_RETRY_MS = 5_000;
/**
 * Visitors come first: while there is more to ship, each batch is followed by a rest twice as long.
 * Unless somebody waits to read, or the clicks have waited long enough.
 */
const REST_FACTOR = 2;
const LONGEST_WAIT_MS = 20_000;

interface Batch {
  clicks: ClickRecord[];
  next: Cursor;
}

export class Shipper {
  readonly #deps: ShipperDeps;
  /** Null until the database has told it. */
  #cursor: Cursor | null = null;
  #running: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #failures = 0;
  #readers = 0;
  #endRest: () => void = () => {};
  #isStopped = false;

  constructor(deps: ShipperDeps) {
    this.#deps = deps;
  }

  /** Ships what is there and goes on with what comes. */
  start(): void {
    this.#deps.journal.onDurable = () => this.#soon(GATHER_MS);
    this.#soon(0);
  }

  /**
   * Resolves once everything that is durable now is in the database, or after `timeoutMs`: who reads
   * right after a click finds it.
   */
  async settle(timeoutMs: number): Promise<void> {
    const { segments } = this.#mark();
    if (segments === 0 || this.#isStopped) return;
    const late = new Promise<void>((done) => setTimeout(done, timeoutMs).unref());
    this.#readers++;
    this.#endRest();
    await Promise.race([this.#catchUp(), late]);
    this.#readers--;
  }

  /** Ships what it can, then stops. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#deps.journal.onDurable = () => {};
    if (this.#timer) clearTimeout(this.#timer);
    this.#endRest();
    await this.#running;
    await this.#drain().catch(() => {});
  }

  /** How much is durable and not yet shipped. */
  backlogBytes(): number {
    return this.#mark().bytes;
  }

  #mark(): { segments: number; bytes: number } {
    const cursor = this.#cursor ?? { segment: 0, position: 0 };
    let segments = 0;
    let bytes = 0;
    for (const { number, end } of this.#deps.journal.segments()) {
      if (number < cursor.segment) continue;
      const open = end - Math.max(HEAD_BYTES, number === cursor.segment ? cursor.position : 0);
      if (open <= 0) continue;
      segments++;
      bytes += open;
    }
    return { segments, bytes };
  }

  async #catchUp(): Promise<void> {
    // A round that is under way may have read the journal before the latest clicks.
    await this.#running;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#run();
  }

  #soon(delayMs: number): void {
    if (this.#timer || this.#isStopped) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#run();
    }, delayMs);
  }

  /** One round, never two at once. */
  #run(): Promise<void> {
    this.#running ??= this.#round().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #round(): Promise<void> {
    try {
      await this.#drain();
      this.#failures = 0;
      if (this.#mark().segments > 0) this.#soon(GATHER_MS);
    } catch (err) {
      this.#failures++;
      const retryMs = Math.min(SLOWEST_RETRY_MS, 100 * 2 ** this.#failures);
      // The journal holds everything meanwhile; one line a round is enough.
      this.#deps.log.warn(
        { err, retryMs },
        'clicks could not be shipped; they wait in the journal',
      );
      this.#cursor = null;
      this.#soon(retryMs);
    }
  }

  async #drain(): Promise<void> {
    const { journal, database } = this.#deps;
    this.#cursor ??= this.#startAt(await store.readCursor(database.db, journal.id));
    for (;;) {
      const batch = await this.#next(this.#cursor);
      if (!batch) return;
      const startedAtMs = performance.now();
      this.#cursor = await this.#ship(this.#cursor, batch);
      await this.#dropShipped(this.#cursor);
      const waitedMs = this.#deps.clock.now().getTime() - (batch.clicks.at(-1)?.atMs ?? 0);
      const mayRest = waitedMs < LONGEST_WAIT_MS && this.#readers === 0 && !this.#isStopped;
      if (mayRest && this.#mark().segments > 0) {
        await this.#rest((performance.now() - startedAtMs) * REST_FACTOR);
      }
    }
  }

  #rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#endRest = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Where to begin: where the database says, unless it speaks of a journal that is not this one. */
  #startAt(known: Cursor | null): Cursor {
    const segments = this.#deps.journal.segments();
    const first = segments[0]?.number ?? 1;
    const start = { segment: first, position: HEAD_BYTES };
    if (!known) return start;
    const newest = segments.at(-1);
    const isAhead =
      newest !== undefined &&
      (known.segment > newest.number ||
        (known.segment === newest.number && known.position > newest.end));
    if (isAhead) {
      this.#deps.log.error('the journal is older than its cursor; its clicks are compared by id');
      return start;
    }
    return known;
  }

  /** The next records behind the cursor; null where all is shipped. */
  async #next(from: Cursor): Promise<Batch | null> {
    for (const segment of [...this.#deps.journal.segments()]) {
      const { number, path, end } = segment;
      if (number < from.segment) continue;
      const position = number === from.segment ? from.position : HEAD_BYTES;
      if (position >= end) continue;
      const { batches, end: read, stop } = await readBatches(path, position, end);
      if (batches.length > 0) {
        const records = batches.join('').split('\n').slice(0, -1);
        return {
          clicks: records.map(decodeClick),
          next: { segment: number, position: position + read },
        };
      }
      // A segment that was left early has zeros behind its last record: there it ends.
      segment.end = position;
      if (stop === 'damaged') {
        this.#deps.log.error({ number, position }, 'a journal segment is damaged from here on');
      }
    }
    return null;
  }

  async #ship(from: Cursor, { clicks, next }: Batch): Promise<Cursor> {
    const { journal, database, clock } = this.#deps;
    return database.tx(async (tx) => {
      await store.lockShipping(tx);
      const known = await store.readCursor(tx, journal.id);
      // Our last commit may have held although its answer was lost: then the cursor is further on.
      if (known && isBehind(from, known)) return this.#startAt(known);
      const marks = await readMarksOf(tx, clicks);
      const { judged, changed } = judgeClicks(clicks, marks);
      await holdZones(tx, [...new Set(clicks.map((click) => click.organizationId))]);
      const inserted = new Set(await store.insertClicks(tx, judged));
      const kept = judged.filter(({ click }) => inserted.has(click.id));
      await countClicks(tx, [...inserted], 1);
      await store.writeMarks(
        tx,
        [...changed].sort().flatMap((key) => marks.get(key) ?? []),
      );
      await this.#deps.onClicks?.(tx, kept);
      await store.moveCursor(tx, journal.id, next, clock.now());
      return next;
    });
  }

  async #dropShipped({ segment }: Cursor): Promise<void> {
    const shipped = this.#deps.journal.segments().filter(({ number }) => number < segment);
    for (const { number } of shipped) await this.#deps.journal.drop(number);
  }
}

/** Some frames from `position` on; one that is larger than what is commonly read, whole. */
async function readBatches(path: string, position: number, end: number) {
  const frames = readFrames(await readSegment(path, position, end, BATCH_BYTES));
  if (frames.batches.length > 0 || frames.neededBytes === 0) return frames;
  return readFrames(await readSegment(path, position, end, frames.neededBytes));
}

function isBehind(a: Cursor, b: Cursor): boolean {
  return a.segment < b.segment || (a.segment === b.segment && a.position < b.position);
}

async function readMarksOf(tx: Db, clicks: readonly ClickRecord[]) {
  const wanted = new Map<string, { campaignId: number; visitor: string }>();
  for (const { campaignId, visitor, earlierVisitors, isCounted } of clicks) {
    if (!isCounted) continue;
    for (const name of [visitor, ...earlierVisitors]) {
      wanted.set(markKey(campaignId, name), { campaignId, visitor: name });
    }
  }
  return store.readMarks(tx, [...wanted.values()]);
}
