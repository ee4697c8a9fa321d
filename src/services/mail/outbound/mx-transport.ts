/**
 * Straight to the recipient's own mail servers (MX, RFC 5321 5.1), encrypted where they offer it
 * (opportunistic TLS, RFC 7435), and verified where they demand it (MTA-STS, RFC 8461). Whoever owns a domain names its servers, so names are resolved here
 * and only public addresses are connected to: a record that points into our own network reaches nothing.
 */
import type { promises as dns, MxRecord } from 'node:dns';
import { isIP } from 'node:net';
import nodemailer from 'nodemailer';
import type { Clock } from '../../../kernel/clock.ts';
import { isPublicAddress } from '../../../kernel/webhooks/public-address.ts';
import { domainOf } from '../address.ts';
import { isServerOf, mtaStsPolicies, type PolicyResolver } from './mta-sts.ts';
import { type Handed, hand, TIMEOUTS, type Transport } from './transport.ts';

type Resolver = Pick<dns.Resolver, 'resolveMx'> & PolicyResolver;

/** Of all servers of a domain together, so that one message does not wait for a dozen dead ones. */
const MAX_ADDRESSES = 4;

export interface MxOptions {
  clock: Clock;
  /** What we call ourselves. */
  name?: string;
  isAllowed?: (address: string) => boolean;
  /** PEM of authorities to believe beside the usual ones, where a connection is verified. */
  ca?: string;
  ports?: { smtp: number; https: number };
}

export function mxTransport(resolver: Resolver, options: MxOptions): Transport {
  const { clock, name, isAllowed = isPublicAddress, ca, ports } = options;
  const policies = mtaStsPolicies(resolver, { clock, isAllowed, ca, port: ports?.https });
  return {
    async send(envelope, raw) {
      const domain = domainOf(envelope.to);
      const servers = await mailServers(domain, resolver);
      if (!Array.isArray(servers)) return servers;
      const policy = await policies(domain);
      const isEnforced = policy?.mode === 'enforce';
      const hosts = isEnforced ? servers.filter((host) => isServerOf(policy, host)) : servers;
      if (hosts.length === 0) {
        return {
          kind: 'deferred',
          reason: `4.7.0 ${domain} has no mail server of its MTA-STS policy`,
        };
      }
      let last: Handed = {
        kind: 'deferred',
        reason: `4.4.1 ${domain} has no mail server at a public address`,
      };
      const tls = isEnforced
        ? { requireTLS: true, tls: { ca, rejectUnauthorized: true } }
        : { opportunisticTLS: true, tls: { rejectUnauthorized: false } };
      for (const { host, address } of await addressesOf(hosts, resolver, isAllowed)) {
        const server = nodemailer.createTransport({
          ...TIMEOUTS,
          ...{ name, host: address, port: ports?.smtp ?? 25, ...tls },
          tls: { ...tls.tls, servername: host },
        });
        last = await hand(() => server.sendMail({ envelope: { ...envelope }, raw }));
        server.close();
        if (last.kind !== 'deferred') return last;
        if (isEnforced && !/^4/.test(last.reason)) {
          last = { ...last, reason: `4.7.0 MTA-STS wants verified TLS: ${last.reason}` };
        }
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
