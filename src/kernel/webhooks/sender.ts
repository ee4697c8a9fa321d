/**
 * One POST to an address that a stranger chose. What counts is the address actually connected to:
 * names are resolved here, once, and the connection is made to what was judged, so that a name that
 * answers differently a moment later (DNS rebinding) gains nothing. No redirect is followed, the
 * answer is read no further than its record needs, and all of it has one deadline.
 */
import { promises as dns, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector, Client } from 'undici';
import { isPublicAddress } from './public-address.ts';

/** All addresses of a name; throws where it has none. */
export type Resolve = (hostname: string) => Promise<LookupAddress[]>;

export interface SenderOptions {
  allowPrivate: boolean;
  resolve?: Resolve;
  timeoutMs?: number;
}

export interface Attempt {
  /** null where there was no answer. */
  status: number | null;
  /** Why there was no answer, or why it does not count as one; null on success. */
  error: string | null;
  /** The first 500 bytes of the answer, as text. */
  response: string;
  durationMs: number;
}

export interface Sender {
  post(url: string, body: string, headers: Record<string, string>): Promise<Attempt>;
  /** What is wrong with sending to the address, as a public text; null where nothing is. */
  refusal(url: string): Promise<string | null>;
}

const TIMEOUT_MS = 15_000;
const RESPONSE_BYTES = 500;
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_URL_LENGTH = 2048;

class PrivateAddress extends Error {
  constructor() {
    super('it leads to a private address, which this installation does not allow');
  }
}

export function createSender(options: SenderOptions): Sender {
  const { allowPrivate, timeoutMs = TIMEOUT_MS } = options;
  const resolve = options.resolve ?? (allowPrivate ? resolveLikeTheSystem : resolveByDns);
  const allowed = (address: string) => allowPrivate || isPublicAddress(address);
  const connect = guardedConnector(resolve, allowed, timeoutMs);

  return {
    async post(url, body, headers) {
      const startedAt = performance.now();
      const end = (result: Pick<Attempt, 'status' | 'error' | 'response'>): Attempt => ({
        ...result,
        durationMs: Math.round(performance.now() - startedAt),
      });
      let client: Client | undefined;
      try {
        client = new Client(new URL(url).origin, { connect, maxHeaderSize: MAX_HEADER_BYTES });
        const answer = await client.request({
          ...{ method: 'POST', path: pathOf(url), body, signal: AbortSignal.timeout(timeoutMs) },
          headers: {
            ...{ 'content-type': 'application/json', 'user-agent': 'Cloakroom-Webhooks/1' },
            ...headers,
          },
        });
        const response = await firstBytes(answer.body);
        return end({ status: answer.statusCode, error: judge(answer.statusCode), response });
      } catch (error) {
        return end({ status: null, error: explain(error, timeoutMs), response: '' });
      } finally {
        await client?.destroy();
      }
    },

    async refusal(text) {
      const url = URL.canParse(text) ? new URL(text) : null;
      if (!url || !['http:', 'https:'].includes(url.protocol) || text.length > MAX_URL_LENGTH) {
        return `must be an http or https address of at most ${MAX_URL_LENGTH} characters`;
      }
      if (url.username || url.password) return 'must not carry a user name or password';
      if (allowPrivate) return null;
      const hostname = withoutBrackets(url.hostname);
      const addresses = isIP(hostname) ? [hostname] : await addressesOf(hostname, resolve);
      const isRefused = addresses.length > 0 && !addresses.some(allowed);
      if (!isRefused && !isLocalName(hostname)) return null;
      return 'must not be a private or loopback address';
    },
  };
}

/** Connects only to addresses that are allowed, whatever the name resolves to. */
function guardedConnector(
  resolve: Resolve,
  allowed: (address: string) => boolean,
  timeoutMs: number,
): buildConnector.connector {
  const lookup: LookupFunction = (hostname, options, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const good = addresses.filter(({ address }) => allowed(address));
        const first = good[0];
        if (!first) callback(new PrivateAddress(), []);
        else if (options.all) callback(null, good);
        else callback(null, first.address, first.family);
      },
      (error) => callback(error, []),
    );
  };
  const connector = buildConnector({ lookup, timeout: timeoutMs, allowH2: false });
  return (options, callback) => {
    // An address written as such is connected to without a look-up.
    const literal = withoutBrackets(options.hostname);
    if (isIP(literal) && !allowed(literal)) return callback(new PrivateAddress(), null);
    connector(options, (error, socket) => {
      if (error) return callback(error, null);
      if (allowed(socket.remoteAddress ?? '')) return callback(null, socket);
      socket.destroy();
      callback(new PrivateAddress(), null);
    });
  };
}

/** A resolver of its own, so that slow name servers hold up no thread that files need. */
const resolveByDns: Resolve = async (hostname) => {
  const resolver = new dns.Resolver({ timeout: 2_000, tries: 2 });
  const [v4, v6] = await Promise.allSettled([
    resolver.resolve4(hostname),
    resolver.resolve6(hostname),
  ]);
  const addresses = [
    ...(v4.status === 'fulfilled' ? v4.value.map((address) => ({ address, family: 4 })) : []),
    ...(v6.status === 'fulfilled' ? v6.value.map((address) => ({ address, family: 6 })) : []),
  ];
  if (addresses.length === 0 && v4.status === 'rejected') throw v4.reason;
  return addresses;
};

/** Where private addresses are allowed, names of the hosts file are wanted as well. */
const resolveLikeTheSystem: Resolve = (hostname) => dns.lookup(hostname, { all: true });

/** None where the name does not resolve now: it may by the time that something is sent. */
async function addressesOf(hostname: string, resolve: Resolve): Promise<string[]> {
  const addresses = await resolve(hostname).catch(() => []);
  return addresses.map(({ address }) => address);
}

function isLocalName(hostname: string): boolean {
  return /(^|\.)(localhost|local|internal)\.?$/i.test(hostname);
}

function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function pathOf(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

async function firstBytes(body: AsyncIterable<Buffer>): Promise<string> {
  let start = Buffer.alloc(0);
  for await (const piece of body) {
    start = Buffer.concat([start, piece]);
    if (start.length >= RESPONSE_BYTES) break;
  }
  // PostgreSQL's text holds no NUL.
  return start.subarray(0, RESPONSE_BYTES).toString('utf8').replaceAll('\0', '\ufffd');
}

function judge(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400) return `answered ${status}: redirects are not followed`;
  return `answered ${status}`;
}

function explain(error: unknown, timeoutMs: number): string {
  const { name, code } = error as NodeJS.ErrnoException;
  if (error instanceof PrivateAddress) return error.message;
  if (name === 'TimeoutError' || name === 'ConnectTimeoutError') {
    return `no answer within ${timeoutMs / 1000} s`;
  }
  if (code === 'ECONNREFUSED') return 'the connection was refused';
  if (code === 'ENOTFOUND' || code === 'ENODATA') return 'the name does not resolve';
  return `the request failed (${code ?? name})`;
}
