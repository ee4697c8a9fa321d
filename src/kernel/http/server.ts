/**
 * The HTTP server: Fastify with one encapsulated plugin an edge. What is thrown anywhere below an
 * edge comes out in its dialect, and so does what Fastify itself refuses.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import swagger from '@fastify/swagger';
import Fastify, { type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Config } from '../../config.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { Clock } from '../clock.ts';
import { Fault } from '../fault.ts';
import type { Keys } from '../keys/keys.ts';
import type { Limiter } from '../limits/limiter.ts';
import { type Principal, requireScope } from '../principal.ts';
import { authenticate } from './authenticate.ts';
import type { ApiDocument, OpenApi } from './docs-page.ts';
import type { App, Edge, RawHandler } from './edge.ts';
import { countRequest, showUsage } from './limits.ts';
import { methodsOf } from './methods.ts';
import { measureRequests } from './metrics.ts';
import { toFault } from './to-fault.ts';
import { compileValidator } from './validation.ts';

export interface HttpDeps {
  config: Config;
  log: Logger;
  clock: Clock;
  metrics: Registry;
  accounts: Accounts;
  keys: Keys;
  limiter: Limiter;
}

const BODY_LIMIT_BYTES = 1024 * 1024;

/** Makes the server with its edges and raw handlers; the caller adds root routes and listens. */
export async function createHttp(
  edges: Edge[],
  raw: RawHandler[],
  deps: HttpDeps,
): Promise<{ app: App; documents: ApiDocument[] }> {
  const documents: ApiDocument[] = [];
  const byPrefix = (url: string) =>
    edges.find(
      ({ prefix }) =>
        url === prefix || url.startsWith(`${prefix}/`) || url.startsWith(`${prefix}?`),
    );

  const app = Fastify({
    loggerInstance: deps.log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: (request) => requestId(request.headers['x-request-id']),
    trustProxy: deps.config.trustedProxies ? [...deps.config.trustedProxies] : false,
    bodyLimit: BODY_LIMIT_BYTES,
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    routerOptions: { maxParamLength: 500 },
    rewriteUrl: (request) => innerUrl(request, edges, deps.config),
    frameworkErrors(error, request, reply) {
      sendFault(byPrefix(request.url), toFault(error), request, reply as FastifyReply, deps);
    },
    serverFactory: (handler) => serverWith(raw, handler),
  }) as unknown as App;

  app.setValidatorCompiler(({ schema, httpPart }) => compileValidator(schema as object, httpPart));
  app.removeAllContentTypeParsers();
  readJson(app);
  app.addHook('onSend', async (request, reply) => {
    reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff');
  });
  measureRequests(app, deps.metrics);
  app.setErrorHandler((error, request, reply) =>
    sendFault(undefined, toFault(error), request, reply as FastifyReply, deps),
  );
  app.setNotFoundHandler((request, reply) =>
    sendFault(undefined, notFound(), request, reply as FastifyReply, deps),
  );
  for (const edge of edges) {
    await app.register(
      async (scope) => {
        await mountEdge(scope as unknown as App, edge, deps);
        documents.push({ edge, document: () => scope.swagger() as OpenApi });
      },
      {
        prefix: edge.prefix,
      },
    );
  }
  return { app, documents };
}

async function mountEdge(scope: App, edge: Edge, deps: HttpDeps): Promise<void> {
  await scope.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: edge.title, description: edge.description, version: '1' },
      servers: [{ url: edge.prefix }],
      components: { securitySchemes: edge.securitySchemes as never },
    },
  });
  scope.decorateRequest('principal', {
    getter(): Principal {
      throw new Error('this route has no principal: it is declared auth: none');
    },
  } as never);
  const methods = methodsOf(scope, edge.prefix);
  scope.setErrorHandler((error, request, reply) =>
    sendFault(edge, toFault(error), request, reply as FastifyReply, deps),
  );
  scope.setNotFoundHandler((request, reply) => {
    const allowed = methods(request.url);
    if (allowed.length > 0) reply.header('allow', allowed.join(', '));
    const fault = allowed.length > 0 ? wrongMethod(request.method, allowed) : notFound();
    sendFault(edge, fault, request, reply as FastifyReply, deps);
  });
  // Authentication lives a scope below, so that an unknown route is a 404 and not a 401.
  await scope.register(async (inner) => {
    inner.addHook('onRequest', (request, reply) =>
      admit(edge, request, reply as FastifyReply, deps),
    );
    edge.routes(inner as unknown as App);
  });
  scope.get('/openapi.json', { config: { auth: 'none' }, schema: { hide: true } as never }, () =>
    scope.swagger(),
  );
}

/** Who calls, may they, and do they not call too often. */
async function admit(
  edge: Edge,
  request: FastifyRequest,
  reply: FastifyReply,
  deps: HttpDeps,
): Promise<void> {
  const route = request.routeOptions.config;
  if (route.auth === 'none') return;
  const principal = await authenticate(edge, route, edge.credential(request), deps);
  Object.defineProperty(request, 'principal', { value: principal });
  if (!route.unlimited) await countRequest(edge.windows(principal), reply, deps);
  if (route.scope) requireScope(principal, route.scope);
}

function sendFault(
  edge: Edge | undefined,
  fault: Fault,
  request: FastifyRequest,
  reply: FastifyReply,
  { log, clock }: HttpDeps,
): void {
  logFault(fault, request, log);
  showUsage(fault.usage, reply);
  if (fault.retryAfterS !== undefined) reply.header('retry-after', String(fault.retryAfterS));
  const rendered = edge?.renderFault(fault, clock.now(), request) ?? renderPlain(fault);
  reply.code(rendered.status).headers({ 'content-type': 'application/json', ...rendered.headers });
  reply.serializer(JSON.stringify).send(rendered.body);
}

/** What is ours to mend is logged; what a caller did wrong is the caller's. */
function logFault(fault: Fault, request: FastifyRequest, log: Logger): void {
  const { code, internal, cause } = fault;
  const facts = {
    route: request.routeOptions?.url ?? 'unrouted',
    requestId: request.id,
    detail: internal,
  };
  // A part that is away is away for every request: one line each, without the place.
  if (code === 'unavailable') log.warn(facts, code);
  else if (code === 'internal' || code === 'verification_failed' || internal) {
    log.error({ ...facts, err: cause }, code);
  }
}

/** Outside of every prefix no dialect is asked for: problem+json's fields, RFC 9457. */
function renderPlain(fault: Fault) {
  const status = { not_found: 404, method_not_allowed: 405, invalid_request: 400, gone: 410 }[
    fault.code as string
  ];
  return {
    status: status ?? (fault.code === 'unavailable' ? 503 : 500),
    body: { title: fault.code, status: status ?? 500, detail: fault.message },
    headers: { 'content-type': 'application/problem+json' },
  };
}

function notFound(): Fault {
  return new Fault('not_found', 'There is nothing at this address.');
}

function wrongMethod(method: string, allowed: string[]): Fault {
  return new Fault(
    'method_not_allowed',
    `${method} is not possible here. Use ${allowed.join(' or ')}.`,
  );
}

/** JSON bodies; an absent body is undefined rather than an error, since DELETE often has none. */
function readJson(app: App): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body.length === 0) done(null, undefined);
    else parse(request, body as string, done);
  });
}

/** A host bound to one service has its paths at the root, and so have a few paths of an edge. */
function innerUrl(
  request: { url?: string; headers: IncomingMessage['headers'] },
  edges: Edge[],
  config: Config,
): string {
  const url = request.url ?? '/';
  const host = request.headers.host?.replace(/:\d+$/, '').toLowerCase();
  const bound = host === undefined ? undefined : config.hosts?.get(host);
  if (bound) return `/${bound}${url}`;
  const path = url.split('?', 1)[0] ?? url;
  const edge = edges.find(({ atRoot = [] }) =>
    atRoot.some((root) => path === root || (root.endsWith('/') && path.startsWith(root))),
  );
  return edge ? edge.prefix + url : url;
}

/** The caller's own request id where it is harmless, else one of ours. */
function requestId(given: string | string[] | undefined): string {
  return typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : crypto.randomUUID();
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

function serverWith(raw: RawHandler[], handler: Listener): Server {
  return createServer(
    { keepAliveTimeout: 65_000, requestTimeout: 300_000 },
    (request, response) => {
      for (const answer of raw) if (answer(request, response)) return;
      handler(request, response);
    },
  );
}
