/** Keys and sign-in. */
import type { App } from '../../../kernel/http/edge.ts';
import { showUsage } from '../../../kernel/http/limits.ts';
import { createKey, listKeys, revokeKey } from '../keys.ts';
import { CreatedKey, KeyList, Login, NewKey, Session } from '../schema/key.ts';
import { IdParams, Ok } from '../schema/wire.ts';
import { keyToWire } from '../wire.ts';
import type { RouteDeps } from './deps.ts';

const security = [{ bearer: [] }];

export function keyRoutes(app: App, { kernel }: RouteDeps): void {
  app.post(
    '/api/v1/auth/login',
    {
      config: { auth: 'none' },
      schema: {
        ...{ summary: 'Sign in: the token is good for every Bearer endpoint of the server' },
        ...{ body: Login, response: { 200: Session } },
      },
    },
    async ({ body, ip }, reply) => {
      const session = await kernel.accounts.login(body.email, body.password, ip);
      showUsage(session.usage, reply);
      return { token: session.token, expires_in: session.expiresInS };
    },
  );

  app.get(
    '/api/v1/keys',
    {
      config: { scope: 'keys:read' },
      schema: { summary: 'List API keys, newest first', security, response: { 200: KeyList } },
    },
    async ({ principal }) => ({ keys: (await listKeys(kernel, principal)).map(keyToWire) }),
  );

  app.post(
    '/api/v1/keys',
    {
      config: { scope: 'keys:write' },
      schema: {
        summary: 'Make an API key for checks',
        description: 'The key is in this answer and nowhere else. It may check and nothing more.',
        ...{ security, body: NewKey, response: { 200: CreatedKey } },
      },
    },
    async ({ principal, body }) => {
      const { row, secret } = await createKey(kernel, principal, body.label);
      return { id: row.number, label: row.label, key: secret };
    },
  );

  app.delete(
    '/api/v1/keys/:id',
    {
      config: { scope: 'keys:write' },
      schema: {
        ...{ summary: 'Revoke a key, at once on every node', security, params: IdParams },
        response: { 200: Ok },
      },
    },
    async ({ principal, params }) => {
      await revokeKey(kernel, principal, params.id);
      return { ok: true as const };
    },
  );
}
