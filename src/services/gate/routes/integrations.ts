/** The files that put a flow to work, and the two endpoints that only they call. */
import { Type } from 'typebox';
import { Fault } from '../../../kernel/fault.ts';
import type { App } from '../../../kernel/http/edge.ts';
import { type Integration, integrationOf } from '../integrations/integration.ts';
import { nginxFile } from '../integrations/nginx.ts';
import { nodeFile } from '../integrations/node.ts';
import { phpFile } from '../integrations/php.ts';
import { snippetFile } from '../integrations/snippet.ts';
import { openSnippetToken } from '../integrations/snippet-token.ts';
import { Id, IdParams } from '../schema/wire.ts';
import type { RouteDeps } from './deps.ts';

interface Kind {
  path: string;
  summary: string;
  type: string;
  extension: string;
  make(integration: Integration): string;
}

const KINDS: Kind[] = [
  {
    path: 'php',
    summary: 'The PHP file of a flow: upload it, and it works',
    type: 'application/x-httpd-php',
    extension: 'php',
    make: phpFile,
  },
  {
    path: 'node',
    summary: 'The Node module of a flow',
    type: 'text/javascript; charset=utf-8',
    extension: 'mjs',
    make: nodeFile,
  },
  {
    path: 'nginx',
    summary: 'The nginx configuration of a flow (auth_request)',
    type: 'text/plain; charset=utf-8',
    extension: 'conf',
    make: nginxFile,
  },
  {
    path: 'js',
    summary: 'The script of a flow, for its white page',
    type: 'text/javascript; charset=utf-8',
    extension: 'js',
    make: snippetFile,
  },
];

export function integrationRoutes(app: App, deps: RouteDeps): void {
  for (const { path, summary, type, extension, make } of KINDS) {
    app.get(
      `/api/v1/flows/:id/${path}`,
      {
        // The file carries a key: who may not make keys may not have it either.
        config: { scope: 'flows:write' },
        schema: {
          summary,
          description: 'Not JSON: a file to download. 409 where the flow has no key in use.',
          ...{ security: [{ bearer: [] }], params: IdParams },
        },
      },
      async ({ principal, params }, reply) => {
        const file = make(await integrationOf(deps, principal, params.id));
        const name = `cloak-flow-${params.id}.${extension}`;
        return reply
          .headers({
            'content-type': type,
            'content-disposition': `attachment; filename="${name}"`,
            'cache-control': 'no-store',
          })
          .send(file as never);
      },
    );
  }
  pageRoute(app, deps);
  visitorRoutes(app, deps);
}

/** For `auth_request`, which reads nothing but the status: 204 money, 401 white, 403 refused. */
function pageRoute(app: App, { gate }: RouteDeps): void {
  app.get(
    '/api/v1/check/page',
    {
      config: { scope: 'check', as: 'key', unlimited: true },
      schema: {
        summary: 'Judge a visitor for nginx: 204 money, 401 white, 403 refused',
        description:
          "The visitor's own headers come along; `X-Visitor-Ip` and `X-Visitor-Url` say the rest. Takes a credit like `/check`.",
        security: [{ apiKey: [] }],
        querystring: Type.Object({ flow_id: Id }, { additionalProperties: false }),
      },
    },
    async ({ principal, query, headers, ip }, reply) => {
      const given = (name: string) => {
        const value = headers[name];
        return typeof value === 'string' ? value : null;
      };
      const input = {
        ...{ flow_id: query.flow_id, ip: given('x-visitor-ip'), url: given('x-visitor-url') },
        headers: visitorHeaders(headers),
      };
      const caller = { ip, userAgent: headers['user-agent'] ?? '' };
      const decided = await gate.check(principal, input, caller);
      const page = decided?.decision.page ?? 'white';
      return reply
        .code(page === 'money' ? 204 : page === 'refuse' ? 403 : 401)
        .header('x-cloakroom-page', page)
        .send();
    },
  );
}

const SnippetBody = Type.Object(
  {
    token: Type.String({ maxLength: 500 }),
    url: Type.String({ maxLength: 8192 }),
    fingerprint: Type.Record(Type.String(), Type.Unknown()),
    behavior: Type.Record(Type.String(), Type.Unknown()),
  },
  { additionalProperties: false },
);
const SnippetAnswer = Type.Object({
  page: Type.String(),
  url: Type.Optional(Type.String()),
});

/** For the script in a page: from any site, without a key, about nobody but the caller. */
function visitorRoutes(app: App, { kernel, gate, settings }: RouteDeps): void {
  const path = '/api/v1/check/visitor';
  const config = { auth: 'none' as const };
  const anySite = { 'access-control-allow-origin': '*' };

  app.options(
    path,
    { config, schema: { summary: 'Lets browsers of any site ask', hide: true } as never },
    (_request, reply) =>
      reply
        .code(204)
        .headers({
          ...anySite,
          'access-control-allow-methods': 'POST',
          'access-control-allow-headers': 'content-type',
          'access-control-max-age': '86400',
        })
        .send(),
  );

  app.post(
    path,
    {
      config,
      schema: {
        summary: 'Which page the caller gets, for the script of a flow',
        description: "Takes a credit of the flow's key. The white page's address is never told.",
        ...{ body: SnippetBody, response: { 200: SnippetAnswer } },
      },
    },
    async ({ body, ip, headers }, reply) => {
      reply.headers(anySite);
      const named = openSnippetToken(kernel.keyring, body.token);
      if (!named) throw new Fault('unauthenticated', 'This script is none of ours.');
      const flow = (await settings.of(named.organizationId)).flows.get(named.flowId);
      if (!flow?.keyId) throw new Fault('not_found', 'The flow of this script is gone.');
      const { keys, database } = kernel;
      const key = await keys.reveal(database.db, named.organizationId, flow.keyId);
      const principal = await keys.authenticate('gate', key);
      const { url, fingerprint, behavior } = body;
      const decided = await gate.check(
        principal,
        { flow_id: flow.id, url, fingerprint, behavior, headers: visitorHeaders(headers) },
        { ip, userAgent: headers['user-agent'] ?? '' },
      );
      const page = decided?.decision.page ?? 'white';
      return page === 'money' && flow.moneyMode === 'redirect'
        ? { page, url: flow.moneyUrl }
        : { page };
    },
  );
}

/** What is the caller's own business, or was put there by something on the way. */
const PRIVATE = /^(cookie|authorization|x-api-key|host|connection|content-.*|x-visitor-.*)$/;

function visitorHeaders(headers: Record<string, string | string[] | undefined>) {
  const passed = Object.entries(headers).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string' && !PRIVATE.test(entry[0]),
  );
  return Object.fromEntries(passed);
}
