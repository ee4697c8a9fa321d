/** `POST /check`: the one endpoint that is called for every visitor. */
import type { FastifyRequest } from 'fastify';
import type { App } from '../../../kernel/http/edge.ts';
import { CHECK_PATH } from '../edge.ts';
import type { Caller, CheckInput } from '../gate.ts';
import { CheckAnswer, CheckBody, CheckQuery, QuotaAnswer } from '../schema/check.ts';
import { IdempotencyHeaders } from '../schema/wire.ts';
import { checkToWire, QUOTA_EXHAUSTED } from '../wire.ts';
import type { RouteDeps } from './deps.ts';

export function checkRoutes(app: App, deps: RouteDeps): void {
  app.post(
    CHECK_PATH,
    {
      // Credits bound it; a limit a minute would send visitors away.
      config: { scope: 'check', as: 'key', unlimited: true },
      schema: {
        summary: 'Judge a visitor',
        description:
          'Takes one credit, exactly once, together with the recorded decision. All fields are optional; `{}` judges the caller itself. With `?explain=1` every signal that was looked at is shown with its value and weight, and the versions of the data.',
        security: [{ apiKey: [] }],
        headers: IdempotencyHeaders,
        querystring: CheckQuery,
        body: CheckBody,
        response: { 200: CheckAnswer, 402: QuotaAnswer },
      },
      // No body is a body without fields.
      preValidation: async (request) => {
        request.body ??= {};
      },
    },
    async (request, reply) => {
      const { status, body } = await check(deps, request, request.body, request.query.explain);
      return reply.code(status as 200).send(body as never);
    },
  );
}

type Answer = { status: number; body: unknown };

async function check(
  { gate, kernel }: RouteDeps,
  request: FastifyRequest,
  input: CheckInput,
  explain: string | undefined,
): Promise<Answer> {
  const { principal } = request;
  const key = request.headers['idempotency-key'];
  const shown = (decided: Awaited<ReturnType<typeof gate.check>>): Answer =>
    decided
      ? { status: 200, body: checkToWire(decided, explain === '1' || explain === 'true') }
      : { status: 402, body: QUOTA_EXHAUSTED };
  if (key === undefined) return shown(await gate.check(principal, input, callerOf(request)));
  return kernel.idempotency.run(
    principal,
    { key: String(key), operation: `POST /gate${CHECK_PATH}`, fingerprint: [input, explain] },
    async (tx) => shown(await gate.checkIn(tx, principal, input, callerOf(request))),
  );
}

function callerOf({ ip, headers }: FastifyRequest): Caller {
  return { ip, userAgent: headers['user-agent'] ?? '' };
}
