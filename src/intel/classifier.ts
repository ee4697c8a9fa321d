/** Puts the facts about a visitor together, from tables in memory. */
import { type Address, parseAddress } from './address.ts';
import { type ClientFacts, createClients, type KnownClient } from './client.ts';
import { type Claim, type Crawlers, createCrawlers } from './crawlers/crawlers.ts';
import type { Confirmation, ReverseDns } from './crawlers/reverse-dns.ts';
import type { Classification, CrawlerFacts, Intel, IpFacts, Visitor } from './facts.ts';
import type { AsnTable } from './networks/asn.ts';
import type { CountryTable } from './networks/country.ts';
import { createFeeds, type Feed, type FeedKind } from './networks/feeds.ts';
import { type NetworkFact, type NetworkKind, networkOf } from './networks/networks.ts';
import {
  aimsAtProtectedName,
  isProtectedAsn,
  liesInProtectedNetwork,
} from './networks/protected-networks.ts';
import { SPECIAL_ADDRESSES } from './networks/special-addresses.ts';

/** Of the tables in this folder: grows with every change of their contents. */
const TABLES_VERSION = '2026-11-21';

export class Classifier implements Intel {
  readonly #asns: AsnTable;
  readonly #countries: CountryTable;
  readonly #reverseDns: ReverseDns;
  readonly #feeds = createFeeds();
  /** Blocks that were fetched, by operator; the built-in ones hold for the others. */
  readonly #published = new Map<string, readonly string[]>();
  readonly #publishedVersions: Record<string, string> = {};
  #crawlers!: Crawlers;
  #clients!: (userAgent: string | null | undefined) => KnownClient;
  #versions!: Readonly<Record<string, string>>;

  constructor(asns: AsnTable, countries: CountryTable, reverseDns: ReverseDns) {
    this.#asns = asns;
    this.#countries = countries;
    this.#reverseDns = reverseDns;
    this.#readCrawlers();
    this.#readVersions();
  }

  // Handed on by itself in places, so that it is bound to this.
  readonly classify = ({ ip, userAgent }: Visitor): Classification => {
    const address = ip === null ? null : parseAddress(ip);
    const { facts: client, claim } = this.#clients(userAgent);
    const facts = address && this.#ipFacts(address);
    return withCrawler(
      { ip: facts, client, versions: this.#versions },
      this.#crawlerFacts(facts, claim),
    );
  };

  async verify(visitor: Visitor): Promise<Classification> {
    const known = this.classify(visitor);
    if (known.crawler.status !== 'pending' || !known.ip) return known;
    const { claim } = this.#clients(visitor.userAgent);
    const domains = claim?.operator.domains;
    if (!claim || !domains) return known;
    const answer = await this.#reverseDns.confirm(known.ip.address, domains);
    return withCrawler(known, confirmed(claim, answer));
  }

  replaceFeed(feed: Feed): { taken: number; refused: number } {
    const result = this.#feeds.replace(feed);
    this.#readVersions();
    return result;
  }

  replaceCrawlerBlocks(operator: string, blocks: readonly string[], version: string): void {
    this.#published.set(operator, blocks);
    this.#publishedVersions[`crawler:${operator}`] = version;
    this.#readCrawlers();
    this.#readVersions();
  }

  aimsAtAdPlatform({ asn, org, cidr }: Parameters<Intel['aimsAtAdPlatform']>[0]): boolean {
    return (
      (asn !== undefined && isProtectedAsn(asn)) ||
      (org !== undefined && aimsAtProtectedName(org)) ||
      (cidr !== undefined && liesInProtectedNetwork(cidr, this.#asns))
    );
  }

  versions(): Readonly<Record<string, string>> {
    return this.#versions;
  }

  #readCrawlers(): void {
    const crawlers = createCrawlers(this.#published);
    this.#crawlers = crawlers;
    this.#clients = createClients((userAgent) => crawlers.claimOf(userAgent));
  }

  #readVersions(): void {
    this.#versions = {
      asn: this.#asns.version,
      country: this.#countries.version,
      tables: TABLES_VERSION,
      ...this.#publishedVersions,
      ...this.#feeds.versions(),
    };
  }

  #ipFacts(address: Address): IpFacts {
    if (SPECIAL_ADDRESSES.find(address) >= 0) {
      return { ...NOWHERE, address, network: 'reserved', networkSource: 'RFC 6890' };
    }
    const system = this.#asns.find(address);
    const isProtected = system !== null && isProtectedAsn(system.asn);
    const listings = isProtected ? [] : this.#feeds.listing(address);
    const network: NetworkFact =
      strongest(listings) ?? (system ? networkOf(system.asn, system.org) : UNANNOUNCED);
    return {
      address,
      country: this.#countries.of(address),
      asn: system?.asn ?? null,
      org: system?.org ?? null,
      network: network.kind,
      networkSource: network.source,
      blocklists: listings.filter(({ kind }) => kind === 'blocklist').map(({ name }) => name),
    };
  }

  #crawlerFacts(ip: IpFacts | null, claim: Claim | null): CrawlerFacts {
    const owner = ip && this.#crawlers.ownerOf(ip.address);
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
      const mayBe = !this.#published.has(operator) && ip.asn !== null && homes.includes(ip.asn);
      return claimed(claim, mayBe ? 'pending' : 'refuted');
    }
    return confirmed(claim, this.#reverseDns.recall(ip.address, domains));
  }
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
