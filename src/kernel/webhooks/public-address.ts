/**
 * Which addresses are the public internet. Everything that the IANA special-purpose registries
 * (RFC 6890 and its successors) set aside is not, and neither is any form of IPv6 that carries an
 * IPv4 address within: what comes out at the other end of a translator cannot be judged from here.
 */
import { BlockList, isIPv4, isIPv6 } from 'node:net';

const NOT_PUBLIC_V4 = [
  '0.0.0.0/8', // this network, RFC 791
  '10.0.0.0/8', // private, RFC 1918
  '100.64.0.0/10', // carrier-grade NAT, RFC 6598
  '127.0.0.0/8', // loopback, RFC 1122
  '168.63.129.16/32', // the Azure platform's own service address, seen from every machine there
  '169.254.0.0/16', // link-local, RFC 3927; the clouds' metadata services
  '172.16.0.0/12', // private, RFC 1918
  '192.0.0.0/24', // IETF protocol assignments, RFC 6890
  '192.0.2.0/24', // documentation, RFC 5737
  '192.31.196.0/24', // AS112, RFC 7535
  '192.52.193.0/24', // AMT, RFC 7450
  '192.88.99.0/24', // 6to4 relays, RFC 7526
  '192.168.0.0/16', // private, RFC 1918
  '192.175.48.0/24', // AS112, RFC 7534
  '198.18.0.0/15', // benchmarking, RFC 2544
  '198.51.100.0/24', // documentation, RFC 5737
  '203.0.113.0/24', // documentation, RFC 5737
  '224.0.0.0/4', // multicast, RFC 5771
  '240.0.0.0/4', // reserved, RFC 1112; the broadcast address
];

/** Global unicast: loopback, mapped, NAT64, link-local, ULA and multicast all lie outside. */
const GLOBAL_UNICAST_V6 = '2000::/3';

const NOT_PUBLIC_V6 = [
  '2001::/23', // IETF protocol assignments with Teredo, RFC 2928, RFC 4380
  '2001:db8::/32', // documentation, RFC 3849
  '2002::/16', // 6to4, RFC 3056
  '2620:4f:8000::/48', // AS112, RFC 7534
  '3fff::/20', // documentation, RFC 9637
];

const notPublicV4 = blockList('ipv4', NOT_PUBLIC_V4);
const notPublicV6 = blockList('ipv6', NOT_PUBLIC_V6);
const globalUnicastV6 = blockList('ipv6', [GLOBAL_UNICAST_V6]);

/** Whether an IP address (text, without brackets) is one of the public internet. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !notPublicV4.check(address, 'ipv4');
  if (!isIPv6(address)) return false;
  return globalUnicastV6.check(address, 'ipv6') && !notPublicV6.check(address, 'ipv6');
}

function blockList(family: 'ipv4' | 'ipv6', blocks: string[]): BlockList {
  const list = new BlockList();
  for (const block of blocks) {
    const [network = '', bits] = block.split('/');
    list.addSubnet(network, Number(bits), family);
  }
  return list;
}
