/** What is told of a visitor, and by whom. */
import type { Address, Cidr } from './address.ts';
import type { ClientFacts } from './client.ts';
import type { Feed } from './networks/feeds.ts';
import type { NetworkKind } from './networks/networks.ts';

export interface Visitor {
  /** Any spelling of an address; what is none has no facts. */
  ip: string | null;
  /** `null` or absent: unknown. An empty text: the client sent none. */
  userAgent?: string | null;
}

export interface IpFacts {
  /** Canonical; an IPv4-mapped IPv6 address is the IPv4 address. */
  address: Address;
  /** ISO 3166-1 alpha-2, upper case. */
  country: string | null;
  asn: number | null;
  /** The organization that the autonomous system belongs to. */
  org: string | null;
  network: NetworkKind;
  /** What says so, for explanations. */
  networkSource: string | null;
  /** Names of the blocklists that have the address. */
  blocklists: readonly string[];
}

/**
 * Whether the visitor is a crawler that its operator declares. `verified` by the operator's published
 * ranges or by forward-confirmed reverse DNS; `refuted` only claims to be one; `pending` claims to be
 * one, and what could tell is not there: the name servers have not said, or the operator's list was not
 * fetched and the visitor comes from a network that its crawlers use.
 */
export interface CrawlerFacts {
  status: 'none' | 'verified' | 'refuted' | 'pending';
  /** `Googlebot`; of a verified one that does not name itself, its operator. */
  name: string | null;
  operator: string | null;
  method: 'ranges' | 'network' | 'reverse-dns' | null;
}

export interface Classification {
  ip: IpFacts | null;
  client: ClientFacts;
  crawler: CrawlerFacts;
  /** The name of a verified crawler, else null. */
  verifiedBot: string | null;
  /** Of the data that this was read from: the same versions give the same facts. */
  versions: Readonly<Record<string, string>>;
}

export interface Intel {
  /** From memory, in some microseconds. */
  classify(visitor: Visitor): Classification;
  /** As `classify`, but asks the name servers (1.5 s at most) where only they can tell a crawler. */
  verify(visitor: Visitor): Promise<Classification>;
  /** Takes a list in; it replaces the one of the same name. */
  replaceFeed(feed: Feed): { taken: number; refused: number };
  /** Takes in the blocks that an operator publishes now, in place of the built-in ones. */
  replaceCrawlerBlocks(operator: string, blocks: readonly string[], version: string): void;
  /** Whether a rule on this would single out an ad platform's staff or tools. Such rules are refused. */
  aimsAtAdPlatform(target: { asn?: number; org?: string; cidr?: Cidr }): boolean;
  versions(): Readonly<Record<string, string>>;
}
