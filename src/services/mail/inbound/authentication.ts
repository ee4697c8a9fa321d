/** SPF, DKIM, DMARC and ARC of what came in, by mailauth: kept with the message, judged by nobody yet. */
import type { promises as dns } from 'node:dns';
import { authenticate } from 'mailauth';
import type { Client } from './smtp-server.ts';

/** The result words of RFC 8601, `temperror` where the name servers did not answer. */
export interface Authentication {
  spf: string;
  dkim: string;
  dmarc: string;
  arc: string;
}

const TIMEOUT_MS = 10_000;
const UNKNOWN: Authentication = {
  spf: 'temperror',
  dkim: 'temperror',
  dmarc: 'temperror',
  arc: 'temperror',
};

export async function authenticateMessage(
  raw: Buffer,
  { ip, helo, sender }: Client,
  resolver: dns.Resolver,
): Promise<Authentication> {
  const judged = authenticate(raw, {
    ...{ ip, helo, sender, disableBimi: true },
    resolver: (name: string, type: string) => resolver.resolve(name, type) as Promise<never>,
  }).then(({ spf, dkim, dmarc, arc }): Authentication => {
    const signatures = dkim.results.map(({ status }) => status.result);
    return {
      spf: spf ? spf.status.result : 'none',
      dkim: signatures.includes('pass') ? 'pass' : (signatures[0] ?? 'none'),
      dmarc: dmarc ? dmarc.status.result : 'none',
      arc: arc ? (arc.status?.result ?? 'none') : 'none',
    };
  });
  const tooLate = new Promise<Authentication>((done) => {
    setTimeout(() => done(UNKNOWN), TIMEOUT_MS).unref();
  });
  return Promise.race([judged.catch(() => UNKNOWN), tooLate]);
}
