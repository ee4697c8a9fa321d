/** What kind of network an address lies in, from tables of ours by autonomous system and by name. */
import {
  HOSTING,
  HOSTING_WORDS,
  type OperatorNetworks,
  PROXY,
  RELAY,
  TOR,
  VPN,
  VPN_WORDS,
} from './networks.data.ts';
import { isProtectedAsn } from './protected-networks.ts';

/**
 * `residential` is every ordinary network that people reach the Internet by, companies' and mobile
 * ones included; `reserved` addresses are on no public network; `unknown` ones nobody announces.
 */
export const NETWORK_KINDS = [
  'residential',
  'hosting',
  'vpn',
  'proxy',
  'tor',
  'relay',
  'reserved',
  'unknown',
] as const;
export type NetworkKind = (typeof NETWORK_KINDS)[number];

export interface NetworkFact {
  kind: NetworkKind;
  /** What says so: `table:OPERATOR`, `name` (words in the organization's name) or a feed. */
  source: string | null;
}

/** The stronger fact first: an address of a Tor exit in a data centre is a Tor exit. */
const TABLES: [NetworkKind, readonly OperatorNetworks[]][] = [
  ['tor', TOR],
  ['vpn', VPN],
  ['proxy', PROXY],
  ['relay', RELAY],
  ['hosting', HOSTING],
];

const BY_ASN = new Map<number, NetworkFact>();
for (const [kind, operators] of TABLES) {
  for (const { operator, asns } of operators) {
    for (const asn of asns) {
      if (!BY_ASN.has(asn)) BY_ASN.set(asn, { kind, source: `table:${operator}` });
    }
  }
}

const ORDINARY: NetworkFact = { kind: 'residential', source: null };

export function networkOf(asn: number, org: string): NetworkFact {
  if (isProtectedAsn(asn)) return ORDINARY;
  const listed = BY_ASN.get(asn);
  if (listed) return listed;
  if (VPN_WORDS.test(org)) return { kind: 'vpn', source: 'name' };
  if (HOSTING_WORDS.test(org)) return { kind: 'hosting', source: 'name' };
  return ORDINARY;
}
