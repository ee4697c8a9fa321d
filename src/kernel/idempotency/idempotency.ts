/**
 * `Idempotency-Key` for every POST that creates or sends. The key's row, what the work writes and
 * the answer commit in one transaction: after a crash either all of it is there or none, and of
 * many equal requests at once all but the first wait on the unique row and get the first answer.
 */
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Database } from '../db/index.ts';
import type { Db } from '../db/schema.ts';
import { Fault, invalidField } from '../fault.ts';
import type { Keyring } from '../keyring.ts';
import type { Principal } from '../principal.ts';
import * as store from './store.ts';

export interface Answer {
  status: number;
  body: unknown;
  /**
   * Work after the commit that may better the answer (a first delivery attempt, say). Its result
   * replaces `body` for this caller and for repeats.
   */
  settle?: () => Promise<unknown>;
}

export interface IdempotentRequest {
  /** The `Idempotency-Key` header, if any: 1–255 visible characters, else `invalid_request`. */
  key: string | undefined;
  /** Method and path, e.g. `POST /mail/api/v1/emails`. */
  operation: string;
  /** What makes two requests the same: the parsed body, or a digest of an upload. */
  fingerprint: unknown;
}

type Result = Pick<Answer, 'status' | 'body'>;

export interface Idempotency {
  /**
   * Runs `work` in a transaction, at most once per organization, operation and key for 24 h.
   * Without a key it just runs. The same key with another fingerprint: Fault `conflict`.
   */
  run(
    principal: Principal,
    request: IdempotentRequest,
    work: (tx: Db) => Promise<Answer>,
  ): Promise<Result>;
  /** Forgets keys that are older than 24 h; says how many. For the schedule. */
  sweep(): Promise<number>;
}

export interface IdempotencyDeps {
  database: Database;
  clock: Clock;
  keyring: Keyring;
  log: Logger;
}

const KEPT_MS = 24 * 3_600_000;
const KEY_FORM = /^[\x21-\x7e]{1,255}$/;
const PURPOSE = 'idempotency';

export function createIdempotency(deps: IdempotencyDeps): Idempotency {
  const { database, clock } = deps;
  // Equal requests of one node wait here, not on a connection each.
  const running = new Map<string, Promise<unknown>>();

  return {
    async run(principal, request, work) {
      const { key } = request;
      if (key === undefined) return settle(await database.tx(work), deps);
      const row = toRow(principal.organizationId, key, request, deps);
      const name = contextOf(row);
      while (running.has(name)) await running.get(name)?.catch(() => {});
      const mine = runOnce(row, work, deps).finally(() => running.delete(name));
      running.set(name, mine);
      return mine;
    },
    sweep: () => store.deleteExpired(database.db, clock.now()),
  };
}

/** The given answer if there is one, else that of the work, committed with it. */
async function runOnce(
  row: store.KeyRow,
  work: (tx: Db) => Promise<Answer>,
  deps: IdempotencyDeps,
): Promise<Result> {
  const { database, clock, log } = deps;
  const answer = await database
    .tx(async (tx): Promise<Answer> => {
      if (!(await store.claim(tx, row, clock.now()))) return repeated(tx, row, deps);
      const made = await work(tx);
      await store.saveAnswer(tx, row.id, sealed(row, made, deps));
      return made;
    })
    .catch(stillRunning);
  const result = await settle(answer, deps);
  if (result.body !== answer.body) {
    await store.saveAnswer(database.db, row.id, sealed(row, result, deps)).catch((err: unknown) => {
      log.error({ err }, 'a settled answer could not be kept: repeats get the first one');
    });
  }
  // What a repeat gets has gone through JSON, and so does the first.
  return parsed(JSON.stringify(result));
}

async function repeated(tx: Db, row: store.KeyRow, { keyring }: IdempotencyDeps): Promise<Result> {
  const { fingerprint, answer } = await store.readAnswer(tx, row.id);
  if (!fingerprint.equals(row.fingerprint)) {
    const message = 'This Idempotency-Key was used with another request. Use a new key.';
    throw new Fault('conflict', message);
  }
  return parsed(keyring.open(PURPOSE, answer, contextOf(row)).toString('utf8'));
}

/** The work is committed: if bettering its answer fails, the answer stands. */
async function settle(answer: Answer, { log }: IdempotencyDeps): Promise<Result> {
  const { status, body } = answer;
  if (!answer.settle) return { status, body };
  try {
    return { status, body: await answer.settle() };
  } catch (err) {
    log.error({ err }, 'settling a committed answer failed');
    return { status, body };
  }
}

function toRow(
  organizationId: string,
  key: string,
  { operation, fingerprint }: IdempotentRequest,
  { keyring, clock }: IdempotencyDeps,
): store.KeyRow {
  if (!KEY_FORM.test(key)) {
    throw invalidField(
      'Idempotency-Key',
      'The Idempotency-Key header must be 1 to 255 visible ASCII characters',
    );
  }
  return {
    id: keyring.mac(PURPOSE, JSON.stringify([organizationId, operation, key])),
    organizationId,
    fingerprint: keyring.mac(PURPOSE, canonicalJson(fingerprint)),
    expiresAt: new Date(clock.now().getTime() + KEPT_MS),
  };
}

/** Equal for equal bodies, in whatever order a client's language keeps its fields. */
function canonicalJson(value: unknown): string {
  const sorted = (_: string, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part;
  return JSON.stringify(value, sorted) ?? '';
}

function sealed(row: store.KeyRow, { status, body }: Result, { keyring }: IdempotencyDeps): Buffer {
  return keyring.seal(PURPOSE, JSON.stringify({ status, body }), contextOf(row));
}

function contextOf({ id }: store.KeyRow): string {
  return id.toString('base64');
}

function parsed(json: string): Result {
  const { status, body } = JSON.parse(json) as Result;
  return { status, body };
}

/** PostgreSQL's lock_not_available: the first request has been at work for half a minute. */
function stillRunning(error: unknown): never {
  if ((error as { code?: unknown }).code !== '55P03') throw error;
  const message =
    'The first request with this Idempotency-Key is still at work. Try again shortly.';
  throw new Fault('conflict', message, { retryAfterS: 5, cause: error });
}
