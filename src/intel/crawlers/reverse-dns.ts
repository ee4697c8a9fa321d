/**
 * Forward-confirmed reverse DNS: the address's name lies in the operator's domain, and that name leads
 * back to the address (the way that Yandex, Baidu and others document). A name that nobody confirms
 * proves nothing, since whoever owns an address may name it as they like.
 */
import { Resolver } from 'node:dns/promises';
import type { Clock } from '../../kernel/clock.ts';
import { type Address, parseAddress } from '../address.ts';

export interface NameResolver {
  reverse(ip: string): Promise<string[]>;
  resolve4(name: string): Promise<string[]>;
  resolve6(name: string): Promise<string[]>;
}

/** `unknown`: the name servers did not answer, so that nothing is proven either way. */
export type Confirmation = 'confirmed' | 'refuted' | 'unknown';

export interface ReverseDns {
  /** An answer from memory, or undefined where none is kept. */
  recall(address: Address, domains: readonly string[]): Confirmation | undefined;
  /** Asks at most once at a time for an address, for at most 1.5 s. */
  confirm(address: Address, domains: readonly string[]): Promise<Confirmation>;
}

const KEPT = 20_000;
const PATIENCE_MS = 1_500;
const GOOD_FOR_MS = 24 * 3_600_000;
/** A failure is asked about again soon: it may be of the moment. */
const UNKNOWN_FOR_MS = 30_000;
/** Names of one address that are looked at; more is an attempt to keep us busy. */
const MOST_NAMES = 4;
const NOT_THERE = new Set(['ENOTFOUND', 'ENODATA', 'NXDOMAIN']);

/** The system's name servers. */
export function systemResolver(): NameResolver {
  return new Resolver({ timeout: 700, tries: 2 });
}

export function createReverseDns(deps: { resolver: NameResolver; clock: Clock }): ReverseDns {
  const { resolver, clock } = deps;
  const kept = new Map<string, { names: Names; goodUntilMs: number }>();
  const asking = new Map<string, Promise<Names>>();

  const fresh = (address: Address) => {
    const entry = kept.get(address.text);
    return entry && entry.goodUntilMs > clock.now().getTime() ? entry.names : undefined;
  };
  const ask = (address: Address): Promise<Names> => {
    const known = fresh(address);
    if (known) return Promise.resolve(known);
    const running = asking.get(address.text) ?? withPatience(confirmedNames(resolver, address));
    asking.set(address.text, running);
    return running.then((names) => {
      asking.delete(address.text);
      const forMs = names === 'unknown' ? UNKNOWN_FOR_MS : GOOD_FOR_MS;
      const [oldest] = kept.size >= KEPT ? kept.keys() : [];
      if (oldest !== undefined) kept.delete(oldest);
      kept.set(address.text, { names, goodUntilMs: clock.now().getTime() + forMs });
      return names;
    });
  };
  return {
    recall(address, domains) {
      const names = fresh(address);
      return names === undefined ? undefined : judge(names, domains);
    },
    confirm: async (address, domains) => judge(await ask(address), domains),
  };
}

/** The names that lead back to the address. */
type Names = readonly string[] | 'unknown';

function judge(names: Names, domains: readonly string[]): Confirmation {
  if (names === 'unknown') return 'unknown';
  return names.some((name) => domains.some((domain) => name.endsWith(domain)))
    ? 'confirmed'
    : 'refuted';
}

async function confirmedNames(resolver: NameResolver, address: Address): Promise<Names> {
  try {
    const names = await resolver.reverse(address.text);
    const confirmed: string[] = [];
    for (const name of names.slice(0, MOST_NAMES)) {
      const back = await (address.version === 4
        ? resolver.resolve4(name)
        : resolver.resolve6(name));
      if (back.some((ip) => parseAddress(ip)?.text === address.text)) {
        confirmed.push(`.${name.toLowerCase().replace(/\.$/, '')}`);
      }
    }
    return confirmed;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return code !== undefined && NOT_THERE.has(code) ? [] : 'unknown';
  }
}

function withPatience(names: Promise<Names>): Promise<Names> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('unknown'), PATIENCE_MS);
    names.then((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}
