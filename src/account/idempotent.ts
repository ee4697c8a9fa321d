/** `Idempotency-Key` on the account's POSTs that create or send. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Db } from '../kernel/db/schema.ts';
import type { Answer } from '../kernel/idempotency/idempotency.ts';
import type { Kernel } from '../kernel/index.ts';

type AnyRequest = Pick<FastifyRequest, 'body' | 'headers' | 'method' | 'principal' | 'url'>;
type AnyReply = { code(status: number): unknown; send(body: never): unknown };

/** Sends the answer of `work`, or the one that it gave before. */
export async function idempotent(
  { idempotency }: Kernel,
  { principal, headers, method, url, body }: AnyRequest,
  reply: AnyReply,
  work: (tx: Db) => Promise<Answer>,
): Promise<never> {
  // The address with its ids, but without a query: what the same key may not be used for twice.
  const operation = `${method} ${url.split('?', 1)[0]}`;
  const key = headers['idempotency-key'] as string | undefined;
  const answer = await idempotency.run(principal, { key, operation, fingerprint: body }, work);
  reply.code(answer.status);
  reply.send(answer.body as never);
  return reply as FastifyReply as never;
}
