/**
 * Straight to the recipient's own mail servers (MX, RFC 5321 5.1), encrypted where they offer it
 * (opportunistic TLS, RFC 7435). Whoever owns a domain names its servers, so names are resolved here
 * and only public addresses are connected to: a record that points into our own network reaches nothing.
 */
import type { promises as dns, MxRecord } from 'node:dns';
import { isIP } from 'node:net';
import nodemailer from 'nodemailer';
import { isPublicAddress } from '../../../kernel/webhooks/public-address.ts';
import { domainOf } from '../address.ts';
import { type Handed, hand, TIMEOUTS, type Transport } from './transport.ts';

type Resolver = Pick<dns.Resolver, 'resolveMx' | 'resolve4' | 'resolve6'>;

/** Of all servers of a domain together, so that one message does not wait for a dozen dead ones. */
const MAX_ADDRESSES = 4;

export function mxTransport(
  resolver: Resolver,
  {
    name,
    port = 25,
    isAllowed = isPublicAddress,
  }: { name?: string; port?: number; isAllowed?: (address: string) => boolean } = {},
): Transport {
  return {
    async send(envelope, raw) {
      const domain = domainOf(envelope.to);
      const hosts = await mailServers(domain, resolver);
      if (!Array.isArray(hosts)) return hosts;
      let last: Handed = {
        kind: 'deferred',
        reason: `4.4.1 ${domain} has no mail server at a public address`,
      };
      for (const { host, address } of await addressesOf(hosts, resolver, isAllowed)) {
        const server = nodemailer.createTransport({
          ...TIMEOUTS,
          ...{ name, host: address, port, opportunisticTLS: true },
          tls: { servername: host, rejectUnauthorized: false },
        });
        last = await hand(() => server.sendMail({ envelope: { ...envelope }, raw }));
        server.close();
        if (last.kind !== 'deferred') return last;
      }
      return last;
    },
    close: () => {},
  };
}

async function mailServers(domain: string, resolver: Resolver): Promise<string[] | Handed> {
  let records: MxRecord[];
  try {
    records = await resolver.resolveMx(domain);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTFOUND') {
      return { kind: 'refused', reason: `5.1.2 ${domain} does not exist`, bounce: 'hard' };
    }
    // Without an MX the domain itself is the server (RFC 5321 5.1).
    if (code === 'ENODATA') return [domain];
    return { kind: 'deferred', reason: `4.4.3 the name servers did not answer for ${domain}` };
  }
  const isNull = records.length === 1 && (records[0]?.exchange ?? '') === '';
  if (isNull) {
    const reason = `5.1.10 ${domain} takes no mail (RFC 7505)`;
    return { kind: 'refused', reason, bounce: 'hard' };
  }
  return records.sort((a, b) => a.priority - b.priority).map(({ exchange }) => exchange);
}

async function addressesOf(
  hosts: readonly string[],
  resolver: Resolver,
  isAllowed: (address: string) => boolean,
): Promise<{ host: string; address: string }[]> {
  const found: { host: string; address: string }[] = [];
  for (const host of hosts.slice(0, MAX_ADDRESSES)) {
    // An MX that is an address and no name is against RFC 5321 5.1, and a way past the resolver.
    if (isIP(host)) continue;
    const [four, six] = await Promise.allSettled([
      resolver.resolve4(host),
      resolver.resolve6(host),
    ]);
    const both = [four, six].flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    found.push(...both.filter(isAllowed).map((address) => ({ host, address })));
  }
  return found.slice(0, MAX_ADDRESSES);
}
