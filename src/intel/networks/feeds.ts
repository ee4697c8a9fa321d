/**
 * Lists of addresses that come in from outside while the server runs. A feed is a name, a kind, a
 * version and blocks; replacing one takes effect between two look-ups. Operators may also put their
 * own lists into `DATA_DIR/intel/KIND.txt`, one address or block a line, `#` before remarks.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Address, type Cidr, parseCidr } from '../address.ts';
import { type RangeTable, tableFromCidrs } from './range-table.ts';

export const FEED_KINDS = ['tor', 'proxy', 'vpn', 'relay', 'hosting', 'blocklist'] as const;
export type FeedKind = (typeof FEED_KINDS)[number];

export interface Feed {
  /** Unique among feeds: replacing goes by it. */
  name: string;
  kind: FeedKind;
  version: string;
  blocks: readonly string[];
}

export interface Feeds {
  /** Takes the place of the feed of that name. Lines that are no block are left out and counted. */
  replace(feed: Feed): { taken: number; refused: number };
  /** The feeds that list the address. */
  listing(address: Address): readonly { name: string; kind: FeedKind }[];
  versions(): Record<string, string>;
}

const NONE: readonly { name: string; kind: FeedKind }[] = [];

export function createFeeds(): Feeds {
  let feeds: { feed: Feed; table: RangeTable }[] = [];
  return {
    replace(feed) {
      const blocks = feed.blocks.map((text) => parseCidr(text.trim()));
      const taken = blocks.filter((cidr): cidr is Cidr => cidr !== null);
      const table = tableFromCidrs(taken.map((cidr) => ({ cidr, value: 0 })));
      feeds = [...feeds.filter((other) => other.feed.name !== feed.name), { feed, table }];
      return { taken: taken.length, refused: blocks.length - taken.length };
    },
    listing(address) {
      if (feeds.length === 0) return NONE;
      return feeds.flatMap(({ feed: { name, kind }, table }) =>
        table.find(address) < 0 ? [] : [{ name, kind }],
      );
    },
    versions: () => Object.fromEntries(feeds.map(({ feed }) => [feed.name, feed.version])),
  };
}

/** The operator's own lists; a kind without a file has none. */
export async function readOwnFeeds(dataDir: string): Promise<Feed[]> {
  const feeds = await Promise.all(
    FEED_KINDS.map(async (kind): Promise<Feed[]> => {
      const path = join(dataDir, 'intel', `${kind}.txt`);
      try {
        const [text, { mtime }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
        const blocks = text
          .split('\n')
          .map((line) => line.replace(/#.*/, '').trim())
          .filter(Boolean);
        return [{ name: `own:${kind}`, kind, version: mtime.toISOString(), blocks }];
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
        throw error;
      }
    }),
  );
  return feeds.flat();
}
