/** The DNS records that a mail domain needs, and what DNS holds of them now. */
import type { promises as dns } from 'node:dns';
import type { DkimKey } from '../store/domain-store.ts';

export interface DnsRecord {
  purpose: 'ownership' | 'mx' | 'spf' | 'dkim' | 'dmarc';
  type: 'TXT' | 'MX';
  /** Where it is set. */
  name: string;
  /** What to set. */
  value: string;
  /** Whether the domain is not verified without it. */
  required: boolean;
  /** `unknown` until looked up, and where the name servers did not answer. */
  status: 'ok' | 'missing' | 'wrong' | 'unknown';
  /** What DNS holds. */
  found: string[];
  /** What is wrong, and what to do. */
  problem: string | null;
}

type Resolver = Pick<dns.Resolver, 'resolveTxt' | 'resolveMx'>;

export function expectedRecords(
  domain: { name: string; token: string; dkimKeys: DkimKey[] },
  mailHost: string,
): DnsRecord[] {
  const { name, token } = domain;
  const txt = (purpose: DnsRecord['purpose'], at: string, value: string, required: boolean) =>
    blank({ purpose, type: 'TXT', name: at, value, required });
  return [
    txt('ownership', `_cloakroom.${name}`, `cloakroom-verification=${token}`, true),
    blank({ purpose: 'mx', type: 'MX', name, value: `10 ${mailHost}`, required: false }),
    txt('spf', name, 'v=spf1 mx ~all', false),
    ...domain.dkimKeys.map(({ selector, publicKey }, i) =>
      // The first one signs; without the second one only a rotation has to wait.
      txt('dkim', `${selector}._domainkey.${name}`, `v=DKIM1; k=rsa; p=${publicKey}`, i === 0),
    ),
    txt('dmarc', `_dmarc.${name}`, 'v=DMARC1; p=quarantine', false),
  ];
}

/** Every record, looked up now. */
export function checkRecords(resolver: Resolver, records: DnsRecord[]): Promise<DnsRecord[]> {
  return Promise.all(records.map((record) => check(resolver, record)));
}

async function check(resolver: Resolver, record: DnsRecord): Promise<DnsRecord> {
  let found: string[];
  try {
    found = await lookUp(resolver, record);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTFOUND' && code !== 'ENODATA') {
      return {
        ...record,
        status: 'unknown',
        problem: 'The name servers did not answer. Try again later.',
      };
    }
    found = [];
  }
  const relevant = found.filter((value) => BELONGS[record.purpose](value));
  if (relevant.length === 0) {
    const problem = `There is no such record. Set ${record.type} ${record.name} to: ${record.value}`;
    return { ...record, found, status: 'missing', problem };
  }
  const problem = judge(record, relevant);
  return { ...record, found: relevant, status: problem ? 'wrong' : 'ok', problem };
}

async function lookUp(resolver: Resolver, { type, name }: DnsRecord): Promise<string[]> {
  if (type === 'TXT') return (await resolver.resolveTxt(name)).map((parts) => parts.join(''));
  const records = await resolver.resolveMx(name);
  return records.map(({ priority, exchange }) => `${priority} ${exchange}`);
}

/** A name may hold other TXT records, which are nobody's business. */
const BELONGS: Record<DnsRecord['purpose'], (value: string) => boolean> = {
  ownership: (value) => value.startsWith('cloakroom-verification='),
  mx: () => true,
  spf: (value) => /^v=spf1(\s|$)/i.test(value),
  dkim: (value) => /(^|;)\s*p=/.test(value),
  dmarc: (value) => /^v=DMARC1\s*(;|$)/i.test(value),
};

function judge({ purpose, value }: DnsRecord, found: string[]): string | null {
  switch (purpose) {
    case 'ownership':
      return found.includes(value) ? null : `The record holds another value. Set it to: ${value}`;
    case 'mx': {
      const host = value.split(' ')[1]?.toLowerCase();
      const isOurs = found.some((one) => one.split(' ')[1]?.toLowerCase() === host);
      return isOurs ? null : `Mail for this domain goes elsewhere. Add an MX record: ${value}`;
    }
    case 'spf':
      // More than one is a permanent error, RFC 7208 4.5.
      if (found.length > 1) return 'There is more than one SPF record. Keep one.';
      return /[\s](\+?(mx|a|ip4:|ip6:|include:|redirect=))/i.test(found[0] ?? '')
        ? null
        : `The SPF record lets nobody send. Set it to: ${value}`;
    case 'dkim': {
      const key = (text: string) => /(?:^|;)\s*p=([^;]*)/.exec(text)?.[1]?.replace(/\s/g, '');
      return found.some((one) => key(one) === key(value)) ? null : 'The record holds another key.';
    }
    case 'dmarc':
      return found.length > 1 ? 'There is more than one DMARC record. Keep one.' : null;
  }
}

function blank(record: Omit<DnsRecord, 'status' | 'found' | 'problem'>): DnsRecord {
  return { ...record, status: 'unknown', found: [], problem: null };
}
