/**
 * Facts about a visitor: where an address lies and what kind of network that is, what the client says
 * to be, and whether a crawler is who it says. Everything is answered from memory, at once; only a
 * crawler that nothing but a name server can vouch for has to be waited for (`verify`).
 *
 * Facts, not judgements: what to think of a data centre is for the services to say.
 */
import type { Logger } from 'pino';
import type { Clock } from '../kernel/clock.ts';
import { Classifier } from './classifier.ts';
import { createReverseDns, type NameResolver, systemResolver } from './crawlers/reverse-dns.ts';
import type { Intel } from './facts.ts';
import { loadAsnTable } from './networks/asn.ts';
import { openCountries } from './networks/country.ts';
import { readOwnFeeds } from './networks/feeds.ts';

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
export type { NameResolver } from './crawlers/reverse-dns.ts';
export type { Classification, CrawlerFacts, Intel, IpFacts, Visitor } from './facts.ts';
export type { Feed, FeedKind } from './networks/feeds.ts';
export { NETWORK_KINDS, type NetworkKind } from './networks/networks.ts';

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

/** Reads the data, in slices: the process goes on answering meanwhile. Takes about a second. */
export async function openIntel(deps: {
  dataDir: string;
  log: Logger;
  clock: Clock;
  /** Default: the system's name servers. */
  resolver?: NameResolver;
}): Promise<Intel> {
  const { dataDir, log, clock, resolver = systemResolver() } = deps;
  const [asns, countries, ownFeeds] = await Promise.all([
    loadAsnTable(),
    openCountries(),
    readOwnFeeds(dataDir),
  ]);
  const intel = new Classifier(asns, countries, createReverseDns({ resolver, clock }));
  for (const feed of ownFeeds) {
    log.info({ feed: feed.name, ...intel.replaceFeed(feed) }, 'intel list read');
  }
  return intel;
}
