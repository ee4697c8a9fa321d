/**
 * Checks: a visitor as the caller describes it becomes an observation, the observation a decision,
 * the decision a record, a credit and an answer. The verdict itself is `judge/judge.ts`.
 */
import type { Intel } from '../../intel/index.ts';
import { parseAddress } from '../../intel/index.ts';
import type { Clock } from '../../kernel/clock.ts';
import { type Database, isDatabaseAway } from '../../kernel/db/index.ts';
import type { Db } from '../../kernel/db/schema.ts';
import { Fault, invalidField } from '../../kernel/fault.ts';
import type { Keys } from '../../kernel/keys/keys.ts';
import type { Ledger } from '../../kernel/ledger/ledger.ts';
import type { Limiter } from '../../kernel/limits/limiter.ts';
import type { Principal } from '../../kernel/principal.ts';
import type { SettingsCache } from './account-settings.ts';
import { hourOf } from './calendar.ts';
import { type Answer, type Ask, commitChecks } from './commit-checks.ts';
import { createGroupCommit, type GroupCommit } from './group-commit.ts';
import { type Decision, judge } from './judge/judge.ts';
import { observe, type Velocity, type VisitorInput } from './judge/observation.ts';
import type { Overrides } from './judge/settings.ts';

export interface GateDeps {
  intel: Intel;
  clock: Clock;
  database: Database;
  keys: Keys;
  ledger: Ledger;
  limiter: Limiter;
  settings: SettingsCache;
}

/** A visitor as it comes in; what is left out is taken from the call itself. */
export interface CheckInput {
  ip?: string | null;
  ua?: string | null;
  url?: string | null;
  headers?: Record<string, string> | null;
  fingerprint?: Record<string, unknown> | null;
  behavior?: Record<string, unknown> | null;
  flow_id?: number | null;
  allow_known_bots?: boolean | null;
  allow_blocklist_hits?: boolean | null;
  allow_datacenter?: boolean | null;
}

/** What the call itself says of its sender. */
export interface Caller {
  ip: string;
  userAgent: string | null;
}

export type Decided = Extract<Answer, { status: 'decided' }> & { ask: Ask };

/** One transaction takes this many at most: beyond, the last of a crowd would wait too long. */
const LARGEST_GROUP = 500;
/** How long a question from within the server waits for its record before it is answered without. */
const PATIENCE_MS = 250;
const MINUTE_S = 60;

export interface Gate {
  /** Null: the month has no credits left. Fault `not_found` for a flow of somebody else. */
  check(principal: Principal, input: CheckInput, caller: Caller): Promise<Decided | null>;
  /** The same within a transaction of the caller's, for one that an `Idempotency-Key` names. */
  checkIn(tx: Db, principal: Principal, input: CheckInput, caller: Caller): Promise<Decided | null>;
  decide: Decide;
  drained(): Promise<void>;
}

export interface DecideInput {
  organizationId: string;
  flowId: number;
  ip: string;
  userAgent: string | null;
  url: string | null;
  /** Names in lower case. */
  headers?: Record<string, string>;
}

export interface Routing {
  /** `money`: on to the destination. `white`: to `whiteUrl`. `refuse`: an open 403, neither page. */
  page: Decision['page'];
  verdict: Decision['verdict'];
  reasons: readonly string[];
  /** The flow's white page, where it is an address. */
  whiteUrl: string | null;
}

/**
 * A decision for another service of this process: no key and no credit; recorded like every other. It
 * is answered without the database, too: then nothing is counted, so that caps and warm-up rest.
 * Null where the organization has no such flow.
 */
export type Decide = (input: DecideInput) => Promise<Routing | null>;

export function createChecks(deps: GateDeps): Gate {
  const { database, settings } = deps;
  const group: GroupCommit<Ask, Answer> = createGroupCommit(
    (asks) => database.tx((tx) => commitChecks(tx, asks, deps)),
    { largest: LARGEST_GROUP, isOfAll: isDatabaseAway },
  );

  return {
    async check(principal, input, caller) {
      const ask = await prepare(deps, principal, input, caller);
      return conclude(ask, await group.add(ask));
    },
    async checkIn(tx, principal, input, caller) {
      const ask = await prepare(deps, principal, input, caller);
      const [answer] = await commitChecks(tx, [ask], deps);
      return conclude(ask, answer as Answer);
    },
    async decide({ organizationId, flowId, ...visitor }) {
      const known = await settings.of(organizationId).catch(() => null);
      // Nothing is known, so that nobody can be told from anybody: all get the same, safe page.
      if (!known) return { page: 'white', verdict: 'block', reasons: [], whiteUrl: null };
      const { rules, timeZone } = known;
      const flow = known.flows.get(flowId);
      if (!flow) return null;
      const input: VisitorInput = {
        ...{ ip: visitor.ip, fingerprint: null, behavior: null },
        headers: cleanHeaders(visitor.headers ?? {}),
        url: plainText(visitor.url),
        userAgent: plainText(visitor.userAgent),
      };
      const seen = await observe(deps.intel, input, velocityOf(deps, organizationId));
      const at = deps.clock.now();
      const ask: Ask = {
        ...{ organizationId, keyId: null, timeZone, flow, rules, overrides: {}, seen, at },
      };
      const decision = (await soon(group.add(ask))) ?? withoutCounts(ask);
      const { page, verdict, reasons } = decision;
      const whiteUrl = flow.whiteMode === 'redirect' ? flow.whiteUrl : null;
      return { page, verdict, reasons, whiteUrl };
    },
    drained: group.drained,
  };
}

async function prepare(
  deps: GateDeps,
  principal: Principal,
  input: CheckInput,
  caller: Caller,
): Promise<Ask> {
  const { organizationId, keyId = null, timeZone } = principal;
  if (keyId === null) throw new Error('a check is asked with a key');
  const visitor = visitorOf(input, caller);
  const { flows, rules } = await deps.settings.of(organizationId);
  const flow = input.flow_id == null ? null : (flows.get(input.flow_id) ?? null);
  if (input.flow_id != null && !flow) throw new Fault('not_found', 'There is no flow of this id.');
  const seen = await observe(deps.intel, visitor, velocityOf(deps, organizationId));
  const overrides: Overrides = {
    allowKnownBots: input.allow_known_bots ?? undefined,
    allowBlocklistHits: input.allow_blocklist_hits ?? undefined,
    allowDatacenter: input.allow_datacenter ?? undefined,
  };
  const at = deps.clock.now();
  return { organizationId, keyId, timeZone, flow, rules, overrides, seen, at };
}

function visitorOf(input: CheckInput, caller: Caller): VisitorInput {
  const ip = input.ip ?? caller.ip;
  if (!parseAddress(ip)) {
    throw invalidField('ip', 'The ip field must be an IPv4 or IPv6 address');
  }
  return {
    ip,
    userAgent: plainText(input.ua ?? caller.userAgent),
    url: plainText(input.url ?? null),
    headers: cleanHeaders(input.headers ?? {}),
    fingerprint: input.fingerprint ?? null,
    behavior: input.behavior ?? null,
  };
}

function cleanHeaders(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), plainText(value) ?? '']),
  );
}

/** What PostgreSQL can keep: no NUL, no half of a surrogate pair. */
function plainText(text: string | null): string | null {
  return text === null ? null : text.replaceAll('\u0000', '').toWellFormed();
}

function conclude(ask: Ask, answer: Answer): Decided | null {
  if (answer.status === 'key_revoked') {
    throw new Fault('unauthenticated', 'This API key is revoked or has expired. Make a new one.');
  }
  return answer.status === 'decided' ? { ...answer, ask } : null;
}

/** Visits of the present minute, counted for each organization by itself. */
function velocityOf({ limiter }: GateDeps, organizationId: string) {
  const count = async (what: string, of: string): Promise<number> => {
    const bucket = `gate:velocity:${organizationId}:${what}:${of}`;
    const { limit, remaining } = await limiter.take(bucket, 1_000_000, MINUTE_S);
    return limit - remaining;
  };
  return async (of: {
    address: string;
    neighbourhood: string;
    fingerprint: string | null;
  }): Promise<Velocity> => {
    const [address, neighbourhood, fingerprint] = await Promise.all([
      count('address', of.address),
      count('neighbourhood', of.neighbourhood),
      of.fingerprint === null ? 0 : count('fingerprint', of.fingerprint),
    ]);
    return { address, neighbourhood, fingerprint };
  };
}

function withoutCounts(ask: Ask): Decision {
  const zone = ask.flow?.timeZone ?? ask.timeZone;
  return judge({ ...ask, counters: null, hour: () => hourOf(ask.at, zone) });
}

/** The recorded decision, or null where it takes longer than a visitor can wait. */
async function soon(answer: Promise<Answer>): Promise<Decision | null> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, null);
  });
  const recorded = answer.then(
    (given) => (given.status === 'decided' ? given.decision : null),
    () => null,
  );
  const first = await Promise.race([recorded, patience]);
  clearTimeout(timer);
  return first;
}
