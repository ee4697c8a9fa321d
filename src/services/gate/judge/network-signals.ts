/** What the visitor's network says: rented servers, VPN, proxy, Tor, relay, blocklists. */
import type { IpFacts, NetworkKind } from '../../../intel/index.ts';
import type { Signal } from './observation.ts';
import type { SignalCode } from './reasons.ts';

const BY_KIND: [SignalCode, NetworkKind][] = [
  ['datacenter', 'hosting'],
  ['vpn', 'vpn'],
  ['proxy', 'proxy'],
  ['tor', 'tor'],
  ['relay', 'relay'],
];

export function readNetwork(facts: IpFacts | null): Signal[] {
  const value = facts?.networkSource ? `${facts.network} (${facts.networkSource})` : facts?.network;
  return [
    ...BY_KIND.map(([code, kind]) => ({
      code,
      fired: facts?.network === kind,
      value: value ?? null,
    })),
    {
      code: 'blocklist',
      fired: (facts?.blocklists.length ?? 0) > 0,
      value: facts?.blocklists.join(', ') || null,
    },
  ];
}
