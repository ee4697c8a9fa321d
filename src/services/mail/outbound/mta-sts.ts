/**
 * MTA-STS (RFC 8461): a domain that says by DNS and HTTPS that its mail servers do TLS is written to
 * over verified TLS or not at all, so that nobody between us can talk us out of it. A policy that was
 * once fetched holds for as long as it says, also when its name servers fall silent.
 */
import type { promises as dns } from 'node:dns';
import { get } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Clock } from '../../../kernel/clock.ts';

export type PolicyResolver = Pick<dns.Resolver, 'resolveTxt' | 'resolve4' | 'resolve6'>;

export interface Policy {
  mode: 'enforce' | 'testing' | 'none';
  /** Names of mail servers; `*.` stands for one label. */
  mx: string[];
  maxAgeS: number;
}

/** The policy that a domain has now, or null. Never throws: without a policy, mail goes as ever. */
export type Policies = (domain: string) => Promise<Policy | null>;

interface Known {
  /** Of the TXT record; a new one announces a new policy. */
  id: string;
  policy: Policy | null;
  untilMs: number;
}

export interface PolicyOptions {
  clock: Clock;
  /** Which addresses a policy may be fetched from. */
  isAllowed: (address: string) => boolean;
  /** Of HTTPS. */
  port?: number;
  /** PEM of authorities to believe beside the usual ones. */
  ca?: string;
}

const TIMEOUT_MS = 10_000;
/** 3.2: what is larger may be ignored. */
const MAX_POLICY_BYTES = 64 * 1024;
/** 3.2: one year. */
const MAX_AGE_S = 31_557_600;
/** 3.3: a policy that could not be fetched is not asked for more often. */
const RETRY_MS = 5 * 60_000;
const MAX_KNOWN = 10_000;

export function mtaStsPolicies(resolver: PolicyResolver, options: PolicyOptions): Policies {
  const known = new Map<string, Known>();

  async function find(domain: string): Promise<Policy | null> {
    const id = await readId(resolver, domain);
    const before = known.get(domain);
    const nowMs = options.clock.now().getTime();
    const held = before && before.untilMs > nowMs ? before : undefined;
    if (id === null || held?.id === id) return held?.policy ?? null;
    const policy = await fetchPolicy(resolver, domain, options);
    known.delete(domain);
    if (policy) known.set(domain, { id, policy, untilMs: nowMs + policy.maxAgeS * 1000 });
    // 5.1: what is still held goes on; its age is not renewed.
    else if (held?.policy) known.set(domain, held);
    else known.set(domain, { id, policy: null, untilMs: nowMs + RETRY_MS });
    const [oldest] = known.keys();
    if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest);
    return policy ?? held?.policy ?? null;
  }

  const asked = new Map<string, Promise<Policy | null>>();
  return (domain) => {
    const running = asked.get(domain);
    if (running) return running;
    const answer = find(domain).finally(() => asked.delete(domain));
    asked.set(domain, answer);
    return answer;
  };
}

/** 3.1: exactly one record that begins with `v=STSv1;`, else there is none. */
async function readId(resolver: PolicyResolver, domain: string): Promise<string | null> {
  const records = await resolver.resolveTxt(`_mta-sts.${domain}`).catch(() => []);
  const ours = records.map((parts) => parts.join('')).filter((text) => /^v=STSv1\s*;/.test(text));
  return ours.length === 1
    ? (/;\s*id=([a-zA-Z0-9]{1,32})\s*(;|$)/.exec(ours[0] ?? '')?.[1] ?? null)
    : null;
}

/** 3.3: over HTTPS whose certificate holds, without following a redirect. */
function fetchPolicy(
  resolver: PolicyResolver,
  domain: string,
  { isAllowed, port, ca }: PolicyOptions,
): Promise<Policy | null> {
  const host = `mta-sts.${domain}`;
  return new Promise((done) => {
    const request = get({
      ...{ host, servername: host, port: port ?? 443, ca, path: '/.well-known/mta-sts.txt' },
      ...{ agent: false, lookup: guardedLookup(resolver, isAllowed) },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    request.on('error', () => done(null));
    request.on('response', async (response) => {
      const type = response.headers['content-type'] ?? '';
      let text = '';
      try {
        if (response.statusCode === 200 && /^text\/plain\s*(;|$)/i.test(type)) {
          for await (const chunk of response.setEncoding('utf8')) {
            text += chunk;
            if (text.length > MAX_POLICY_BYTES) break;
          }
        }
      } catch {
        text = '';
      }
      request.destroy();
      done(text.length > MAX_POLICY_BYTES ? null : readPolicy(text));
    });
  });
}

/** A policy's host is a stranger's to name: only what is public is connected to. */
function guardedLookup(
  resolver: PolicyResolver,
  isAllowed: (address: string) => boolean,
): LookupFunction {
  return (hostname, options, callback) => {
    const of = (family: 4 | 6, found: Promise<string[]>) =>
      found.then(
        (all) => all.filter(isAllowed).map((address) => ({ address, family })),
        () => [],
      );
    Promise.all([of(4, resolver.resolve4(hostname)), of(6, resolver.resolve6(hostname))]).then(
      (both) => {
        const good = both.flat();
        const [first] = good;
        if (!first) callback(new Error('it has no public address'), []);
        else if (options.all) callback(null, good);
        else callback(null, first.address, first.family);
      },
    );
  };
}

/** The text of 3.2, or null where it is no policy. Of a field that comes twice the first counts. */
export function readPolicy(text: string): Policy | null {
  const fields = new Map<string, string>();
  const mx: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const [, name = '', value = ''] = /^([A-Za-z0-9_.-]{1,32}):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === 'mx') mx.push(value.toLowerCase());
    else if (name !== '' && !fields.has(name)) fields.set(name, value);
  }
  const mode = fields.get('mode');
  const age = fields.get('max_age') ?? '';
  if (fields.get('version') !== 'STSv1' || !/^\d{1,10}$/.test(age)) return null;
  if (mode !== 'enforce' && mode !== 'testing' && mode !== 'none') return null;
  if (mode !== 'none' && mx.length === 0) return null;
  return { mode, mx, maxAgeS: Math.min(Number(age), MAX_AGE_S) };
}

/** 4.1: whether a mail server is one of the policy's; `*.` stands for exactly one label. */
export function isServerOf({ mx }: Policy, host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  const parent = name.slice(name.indexOf('.') + 1);
  return mx.some((pattern) => pattern === name || pattern === `*.${parent}`);
}
