/**
 * The visitor's own address. `X-Forwarded-For` is believed as far as the addresses that wrote it are
 * trusted proxies: it is read from the right, and the first address that is none is the visitor's.
 */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** Proxies are few, and the same ones all day. */
const KEPT = 1_000;

export function clientAddress(
  trustedProxies: readonly string[] | undefined,
): (request: IncomingMessage) => string {
  if (!trustedProxies || trustedProxies.length === 0) {
    return (request) => plain(request.socket.remoteAddress ?? '');
  }
  const trusted = blockList(trustedProxies);
  const known = new Map<string, boolean>();
  const isTrusted = (ip: string) => {
    let answer = known.get(ip);
    if (answer === undefined) {
      if (known.size >= KEPT) known.clear();
      answer = trusted.check(ip, ip.includes(':') ? 'ipv6' : 'ipv4');
      known.set(ip, answer);
    }
    return answer;
  };
  return (request) => {
    let ip = plain(request.socket.remoteAddress ?? '');
    const header = request.headers['x-forwarded-for'];
    if (typeof header !== 'string') return ip;
    const hops = header.split(',');
    while (hops.length > 0 && isIP(ip) && isTrusted(ip)) {
      const hop = plain((hops.pop() as string).trim());
      if (!isIP(hop)) break;
      ip = hop;
    }
    return ip;
  };
}

/** An IPv4 address that came in by an IPv6 socket is an IPv4 address. */
function plain(ip: string): string {
  return ip.startsWith('::ffff:') && ip.includes('.') ? ip.slice(7) : ip;
}

function blockList(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(
      address,
      bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits),
      family,
    );
  }
  return list;
}
