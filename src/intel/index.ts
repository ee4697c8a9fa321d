/**
 * Facts about a visitor: where an address lies and what kind of network that is, what the client says
 * to be, and whether a crawler is who it says. Everything is answered from memory, at once; only a
 * crawler that nothing but a name server can vouch for has to be waited for (`verify`).
 *
 * Facts, not judgements: what to think of a data centre is for the services to say.
 */
import type { Logger } from 'pino';
import type { Clock } from '../kernel/clock.ts';
import { type Address, type Cidr, parseAddress } from './address.ts';
import { loadAsnTable } from './asn.ts';
import { type ClientFacts, createClients } from './client.ts';
import { openCountries } from './country.ts';
import { type Claim, createCrawlers } from './crawlers.ts';
import { createFeeds, type Feed, type FeedKind, readOwnFeeds } from './feeds.ts';
import { type NetworkFact, type NetworkKind, networkOf } from './networks.ts';
import {
  aimsAtProtectedName,
  isProtectedAsn,
  liesInProtectedNetwork,
} from './protected-networks.ts';
import {
  type Confirmation,
  createReverseDns,
  type NameResolver,
  systemResolver,
} from './reverse-dns.ts';
import { SPECIAL_ADDRESSES } from './special-addresses.ts';

export {
  type Address,
  type Cidr,
  inCidr,
  maskIp,
  neighbourhoodOf,
  parseAddress,
  parseCidr,
} from './address.ts';
export type { ClientFacts, Device } from './client.ts';
export { FEED_KINDS, type Feed, type FeedKind } from './feeds.ts';
export { NETWORK_KINDS, type NetworkKind } from './networks.ts';
export type { NameResolver } from './reverse-dns.ts';

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

/** Data that ask to be named. */
export const ATTRIBUTIONS = [
  {
    data: '@ip-location-db/asn',
    text: 'Autonomous system numbers from RouteViews, the NRO and DB-IP (https://db-ip.com), CC BY 4.0.',
  },
  {
    data: '@ip-location-db/geo-whois-asn-country-mmdb',
    text: 'Countries from the public statistics of the registries by way of the NRO.',
  },
] as const;

/** Of the tables in this folder: grows with every change of their contents. */
const TABLES_VERSION = '2026-11-21';

export async function openIntel(deps: {
  dataDir: string;
  log: Logger;
  clock: Clock;
  /** Default: the system's name servers. */
  resolver?: NameResolver;
}): Promise<Intel> {
  const [asns, countries, ownFeeds] = await Promise.all([
    loadAsnTable(),
    openCountries(),
    readOwnFeeds(deps.dataDir),
  ]);
  const reverseDns = createReverseDns({
    resolver: deps.resolver ?? systemResolver(),
    clock: deps.clock,
  });
  const feeds = createFeeds();
  for (const feed of ownFeeds) {
    deps.log.info({ feed: feed.name, ...feeds.replace(feed) }, 'intel list read');
  }
  const published = new Map<string, readonly string[]>();
  const publishedVersions: Record<string, string> = {};
  let crawlers = createCrawlers(published);
  let clients = createClients((userAgent) => crawlers.claimOf(userAgent));
  let versions = versionsNow();

  function versionsNow() {
    return {
      asn: asns.version,
      country: countries.version,
      tables: TABLES_VERSION,
      ...publishedVersions,
      ...feeds.versions(),
    };
  }

  function ipFacts(address: Address): IpFacts {
    if (SPECIAL_ADDRESSES.find(address) >= 0) {
      return { ...NOWHERE, address, network: 'reserved', networkSource: 'RFC 6890' };
    }
    const system = asns.find(address);
    const guarded = system !== null && isProtectedAsn(system.asn);
    const listings = guarded ? [] : feeds.listing(address);
    const listed = strongest(listings);
    const network: NetworkFact =
      listed ?? (system ? networkOf(system.asn, system.org) : UNANNOUNCED);
    return {
      address,
      country: countries.of(address),
      asn: system?.asn ?? null,
      org: system?.org ?? null,
      network: network.kind,
      networkSource: network.source,
      blocklists: listings.filter(({ kind }) => kind === 'blocklist').map(({ name }) => name),
    };
  }

  function crawlerFacts(ip: IpFacts | null, claim: Claim | null): CrawlerFacts {
    const owner = ip && crawlers.ownerOf(ip.address);
    if (owner) {
      const name =
        claim?.operator === owner ? claim.name : (owner.agents[0]?.[0] ?? owner.operator);
      return { status: 'verified', name, operator: owner.operator, method: 'ranges' };
    }
    if (!claim || !ip) return claim ? claimed(claim, 'pending') : NO_CRAWLER;
    const { asns: networks, domains, homes = [], operator } = claim.operator;
    if (networks) {
      const within = ip.asn !== null && networks.includes(ip.asn);
      return claimed(claim, within ? 'verified' : 'refuted', within ? 'network' : null);
    }
    if (!domains) {
      // The built-in blocks are not all of them: only a fetched list can refute what comes from home.
      const mayBe = !published.has(operator) && ip.asn !== null && homes.includes(ip.asn);
      return claimed(claim, mayBe ? 'pending' : 'refuted');
    }
    return confirmed(claim, reverseDns.recall(ip.address, domains));
  }

  function classify({ ip, userAgent }: Visitor): Classification {
    const address = ip === null ? null : parseAddress(ip);
    const { facts: client, claim } = clients(userAgent);
    const facts = address && ipFacts(address);
    return withCrawler({ ip: facts, client, versions }, crawlerFacts(facts, claim));
  }

  return {
    classify,
    async verify(visitor) {
      const known = classify(visitor);
      const { claim } = clients(visitor.userAgent);
      const domains = claim?.operator.domains;
      if (known.crawler.status !== 'pending' || !claim || !domains || !known.ip) return known;
      const answer = await reverseDns.confirm(known.ip.address, domains);
      return withCrawler(known, confirmed(claim, answer));
    },
    replaceFeed(feed) {
      const result = feeds.replace(feed);
      versions = versionsNow();
      return result;
    },
    replaceCrawlerBlocks(operator, blocks, version) {
      published.set(operator, blocks);
      publishedVersions[`crawler:${operator}`] = version;
      crawlers = createCrawlers(published);
      clients = createClients((userAgent) => crawlers.claimOf(userAgent));
      versions = versionsNow();
    },
    aimsAtAdPlatform: ({ asn, org, cidr }) =>
      (asn !== undefined && isProtectedAsn(asn)) ||
      (org !== undefined && aimsAtProtectedName(org)) ||
      (cidr !== undefined && liesInProtectedNetwork(cidr, asns)),
    versions: () => versions,
  };
}

const NOWHERE = { country: null, asn: null, org: null, blocklists: [] };
const UNANNOUNCED: NetworkFact = { kind: 'unknown', source: null };
const NO_CRAWLER: CrawlerFacts = { status: 'none', name: null, operator: null, method: null };
const STRENGTH: readonly FeedKind[] = ['tor', 'proxy', 'vpn', 'relay', 'hosting'];

/** An address on many lists is what hides it best. */
function strongest(listings: readonly { name: string; kind: FeedKind }[]): NetworkFact | null {
  for (const kind of STRENGTH) {
    const listing = listings.find((one) => one.kind === kind);
    if (listing) return { kind: kind as NetworkKind, source: `feed:${listing.name}` };
  }
  return null;
}

function claimed(
  claim: Claim,
  status: CrawlerFacts['status'],
  method: CrawlerFacts['method'] = null,
): CrawlerFacts {
  return { status, name: claim.name, operator: claim.operator.operator, method };
}

function confirmed(claim: Claim, answer: Confirmation | undefined): CrawlerFacts {
  if (answer === 'confirmed') return claimed(claim, 'verified', 'reverse-dns');
  return claimed(claim, answer === 'refuted' ? 'refuted' : 'pending');
}

function withCrawler(
  facts: Pick<Classification, 'ip' | 'client' | 'versions'>,
  crawler: CrawlerFacts,
): Classification {
  // A crawler is one whatever browser it says to be.
  const verified = crawler.status === 'verified';
  const client: ClientFacts = verified
    ? { ...facts.client, isBot: true, device: 'bot' }
    : facts.client;
  return { ...facts, client, crawler, verifiedBot: verified ? crawler.name : null };
}
