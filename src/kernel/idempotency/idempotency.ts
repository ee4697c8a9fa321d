/**
 * `Idempotency-Key` for every POST that creates or sends. The key's row, what the work writes and
 * the answer commit in one transaction: after a crash either all of it is there or none, and of
 * many equal requests at once all but the first wait on the unique row and get the first answer.
 */
import type { Db } from '../db/schema.ts';
import type { Principal } from '../principal.ts';

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

export interface Idempotency {
  /**
   * Runs `work` in a transaction, at most once per organization, operation and key for 24 h.
   * Without a key it just runs. The same key with another fingerprint: Fault `conflict`.
   */
  run(
    principal: Principal,
    request: IdempotentRequest,
    work: (tx: Db) => Promise<Answer>,
  ): Promise<{ status: number; body: unknown }>;
}
