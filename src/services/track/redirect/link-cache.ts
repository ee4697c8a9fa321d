/**
 * Every campaign's link in memory, ready to answer by. Filled from the database at the start, or,
 * while that is away, from the snapshot that the last process left on disk; kept true by news of
 * changes. A redirect never asks the database.
 */
import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import { writeFileDurably } from '../ingest/durable-file.ts';
import type { LinkRow } from '../store/link-store.ts';
import { compileUrl, type UrlTemplate } from './macros.ts';

export interface Link {
  row: LinkRow;
  campaignId: string;
  /** Where an allowed visitor goes: one of these by weight; none before a destination is set. */
  offers: readonly { url: UrlTemplate; weight: number }[];
  totalWeight: number;
  fallback: UrlTemplate | null;
  subParams: readonly [sub: string, param: string][];
  /** Decimal without trailing zeros, as the `{cost}` macro shows it. */
  costText: string;
}

export interface LinkCacheDeps {
  snapshotPath: string;
  log: Logger;
  readAll(): Promise<LinkRow[]>;
  readOne(campaignId: number): Promise<LinkRow | null>;
}

const SNAPSHOT_DELAY_MS = 1_000;
const RELOAD_DELAY_MS = 500;

export class LinkCache {
  readonly #deps: LinkCacheDeps;
  #byUuid = new Map<string, Link>();
  #uuidOf = new Map<number, string>();
  #snapshotTimer: NodeJS.Timeout | null = null;
  #reloadTimer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(deps: LinkCacheDeps) {
    this.#deps = deps;
  }

  get(uuid: string): Link | undefined {
    return this.#byUuid.get(uuid);
  }

  /** Reads all links; from the snapshot where the database does not answer, until it does. */
  async load(): Promise<void> {
    try {
      this.#replace(await this.#deps.readAll());
      this.#saveSoon();
    } catch (err) {
      this.#deps.log.warn({ err }, 'links are answered from the snapshot: the database is away');
      if (this.#byUuid.size === 0) this.#replace(await this.#readSnapshot());
      this.#reloadSoon();
    }
  }

  /** Takes up what changed of one campaign. */
  async refresh(campaignId: number): Promise<void> {
    try {
      const row = await this.#deps.readOne(campaignId);
      const uuid = this.#uuidOf.get(campaignId);
      if (row) this.#put(row);
      else if (uuid !== undefined) {
        this.#byUuid.delete(uuid);
        this.#uuidOf.delete(campaignId);
      }
      this.#saveSoon();
    } catch {
      this.#reloadSoon();
    }
  }

  /** Writes the snapshot that is still due. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#reloadTimer) clearTimeout(this.#reloadTimer);
    if (!this.#snapshotTimer) return;
    clearTimeout(this.#snapshotTimer);
    await this.#save();
  }

  #replace(rows: LinkRow[]): void {
    this.#byUuid = new Map();
    this.#uuidOf = new Map();
    for (const row of rows) this.#put(row);
  }

  #put(row: LinkRow): void {
    this.#byUuid.set(row.uuid, toLink(row));
    this.#uuidOf.set(row.id, row.uuid);
  }

  #reloadSoon(): void {
    if (this.#isClosed || this.#reloadTimer) return;
    this.#reloadTimer = setTimeout(() => {
      this.#reloadTimer = null;
      void this.load();
    }, RELOAD_DELAY_MS);
  }

  #saveSoon(): void {
    if (this.#isClosed || this.#snapshotTimer) return;
    this.#snapshotTimer = setTimeout(() => void this.#save(), SNAPSHOT_DELAY_MS);
    this.#snapshotTimer.unref();
  }

  async #save(): Promise<void> {
    this.#snapshotTimer = null;
    const rows = [...this.#byUuid.values()].map(({ row }) => row);
    try {
      await writeFileDurably(this.#deps.snapshotPath, JSON.stringify(rows));
    } catch (err) {
      this.#deps.log.warn({ err }, 'the snapshot of the links could not be written');
    }
  }

  async #readSnapshot(): Promise<LinkRow[]> {
    const text = await readFile(this.#deps.snapshotPath, 'utf8').catch(() => '[]');
    return JSON.parse(text) as LinkRow[];
  }
}

function toLink(row: LinkRow): Link {
  const offers = row.offers.length > 0 ? row.offers : [{ url: row.destinationUrl, weight: 1 }];
  const ready = offers.flatMap(({ url, weight }) =>
    url === null ? [] : [{ url: compileUrl(url), weight }],
  );
  return {
    row,
    campaignId: String(row.id),
    offers: ready,
    totalWeight: ready.reduce((sum, { weight }) => sum + weight, 0),
    fallback: row.fallbackUrl === null ? null : compileUrl(row.fallbackUrl),
    subParams: Object.entries(row.subParams),
    costText: row.clickCost.replace(/\.?0+$/, '') || '0',
  };
}
