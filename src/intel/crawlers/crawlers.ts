/** Tells crawlers that their operators declare from programs that only use their names. */
import { type Address, parseCidr } from '../address.ts';
import { type RangeTable, tableFromCidrs } from '../networks/range-table.ts';
import { CRAWLERS, type CrawlerOperator } from './crawlers.data.ts';

export interface Claim {
  /** The bot's name as its operator writes it. */
  name: string;
  operator: CrawlerOperator;
}

export interface Crawlers {
  /** The crawler that a User-Agent says to be, or null. */
  claimOf(userAgent: string): Claim | null;
  /** The operator whose own published block holds the address, or null. */
  ownerOf(address: Address): CrawlerOperator | null;
}

/** @param published blocks by operator that a feed brought: they replace the built-in ones */
export function createCrawlers(published: ReadonlyMap<string, readonly string[]>): Crawlers {
  const claims = CRAWLERS.flatMap((operator) =>
    operator.agents.map(([name]) => ({ name, token: name.toLowerCase(), operator })),
  );
  const blocks = CRAWLERS.flatMap(({ operator, blocks: builtIn = [] }, value) =>
    (published.get(operator) ?? builtIn).flatMap((text) => {
      const cidr = parseCidr(text);
      return cidr ? [{ cidr, value }] : [];
    }),
  );
  const table: RangeTable = tableFromCidrs(blocks);
  return {
    claimOf(userAgent) {
      const text = userAgent.toLowerCase();
      const claim = claims.find(({ token }) => text.includes(token));
      return claim ? { name: claim.name.replace(/\/$/, ''), operator: claim.operator } : null;
    },
    ownerOf: (address) => CRAWLERS[table.find(address)] ?? null,
  };
}
