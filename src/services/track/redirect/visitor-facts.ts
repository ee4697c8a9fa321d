/**
 * What a click keeps of its visitor, out of the traffic intelligence. Looking an address up costs some
 * microseconds and visitors reload, so the last few thousand answers are kept.
 */
import { type Intel, maskIp, neighbourhoodOf } from '../../../intel/index.ts';
import type { VisitorNames } from './visitor.ts';

export interface VisitorFacts {
  /** In its canonical spelling; '' where there is none. */
  ip: string;
  maskedIp: string;
  /** The /24 or /48 around it. */
  neighbourhood: string;
  country: string | null;
  city: string | null;
  asn: number | null;
  device: string;
  os: string | null;
  browser: string | null;
  isBot: boolean;
  /** VPN, proxy or Tor: an address that hides another. */
  isVpn: boolean;
  isDatacenter: boolean;
  /** The names under which this visitor was last kept; see `VisitorHashes`. */
  names: VisitorNames | null;
}

const KEPT = 8_192;
const HIDING: ReadonlySet<string> = new Set(['vpn', 'proxy', 'tor']);

export function visitorFacts(intel: Intel): (ip: string, userAgent: string) => VisitorFacts {
  const kept = new Map<string, VisitorFacts>();
  let versions = intel.versions();
  return (ip, userAgent) => {
    const current = intel.versions();
    if (current !== versions || kept.size >= KEPT) {
      versions = current;
      kept.clear();
    }
    const key = `${ip} ${userAgent}`;
    let facts = kept.get(key);
    if (!facts) {
      facts = read(intel, ip, userAgent);
      kept.set(key, facts);
    }
    return facts;
  };
}

function read(intel: Intel, ip: string, userAgent: string): VisitorFacts {
  const { ip: network, client } = intel.classify({ ip, userAgent });
  const kind = network?.network ?? 'unknown';
  return {
    ip: network?.address.text ?? '',
    maskedIp: maskIp(ip),
    neighbourhood: network ? neighbourhoodOf(network.address) : '',
    country: network?.country ?? null,
    // Cities come with a data file of the operator's own; there is none built in.
    city: null,
    asn: network?.asn ?? null,
    device: client.device,
    os: client.os,
    browser: client.browser,
    isBot: client.isBot,
    isVpn: HIDING.has(kind),
    isDatacenter: kind === 'hosting',
    names: null,
  };
}
