/** The endpoints of the keys of all services. Making one takes no Idempotency-Key: it is shown once. */
import type { App } from '../kernel/http/edge.ts';
import type { Kernel } from '../kernel/index.ts';
import * as account from './account.ts';
import * as wire from './schema.ts';
import * as to from './wire.ts';

export function keyRoutes(app: App, kernel: Kernel): void {
  const { keys, database } = kernel;
  app.get(
    '/api/v1/keys',
    {
      config: { scope: 'keys:read' },
      schema: {
        summary: 'The keys of all services, oldest first, revoked ones too',
        querystring: wire.KeysQuery,
        response: { 200: wire.Keys },
      },
    },
    async ({ principal, query }) => ({
      keys: (await keys.list(database.db, principal.organizationId, query.service)).map(to.toKey),
    }),
  );
  app.post(
    '/api/v1/keys',
    {
      config: { scope: 'keys:write' },
      schema: {
        summary: 'Make a key, shown this once',
        body: wire.NewKey,
        response: { 201: wire.MadeKey },
      },
    },
    async ({ principal, body }, reply) => {
      const { row, secret } = await account.createKey(kernel, principal, body);
      return reply.code(201).send({ ...to.toKey(row), secret });
    },
  );
  app.post(
    '/api/v1/keys/:id/rotate',
    {
      config: { scope: 'keys:write' },
      schema: {
        summary: 'Give a key a new secret, shown this once',
        description: 'The old secret holds for `overlap_s` more seconds. 409 for a revoked key.',
        params: wire.IdParams,
        body: wire.Rotation,
        response: { 200: wire.MadeKey },
      },
    },
    async ({ principal, params, body }) => {
      const overlapS = body.overlap_s ?? 0;
      const { row, secret } = await account.rotateKey(kernel, principal, params.id, overlapS);
      return { ...to.toKey(row), secret };
    },
  );
  app.delete(
    '/api/v1/keys/:id',
    {
      config: { scope: 'keys:write' },
      schema: {
        summary: 'Revoke a key, at once and on every node',
        params: wire.IdParams,
        response: { 200: wire.Ok },
      },
    },
    async ({ principal, params }) => {
      await account.revokeKey(kernel, principal, params.id);
      return { ok: true as const };
    },
  );
}
