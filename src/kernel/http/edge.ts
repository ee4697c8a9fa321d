/**
 * An edge is how one service speaks: where it lives, how it is authenticated, how a fault looks on
 * its wire. Everything else about HTTP is the kernel's and the same for all.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { Fault } from '../fault.ts';
import type { Principal, ServiceName } from '../principal.ts';

/** Fastify typed by the TypeBox schemas of each route. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** What a caller presents: a bearer token (session JWT or API key) or a key by itself. */
export interface Credential {
  kind: 'bearer' | 'key';
  value: string;
}

export interface Rendered {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

/** One fixed window that a request counts in. */
export interface Window {
  /** What is counted, e.g. `mail:KEYID` or `track:ORGID:minute`. */
  bucket: string;
  limit: number;
  windowS: number;
}

export interface Edge {
  service: ServiceName | 'account';
  /** `/mail`; every path of the original lies below it. */
  prefix: string;
  /** Paths (or beginnings ending in `/`) that answer at the server's root, too. */
  atRoot?: string[];
  title: string;
  description: string;
  /** Finds the caller's credential, or null where there is none. */
  credential(request: FastifyRequest): Credential | null;
  /** The dialect: every fault code has a status and a body. */
  renderFault(fault: Fault, now: Date, request?: FastifyRequest): Rendered;
  /** The windows that a call of this principal counts in; the first is shown in the headers. */
  windows(principal: Principal): Window[];
  /** Header names OpenAPI shows as security, e.g. `{ bearer: { type: 'http', scheme: 'bearer' } }`. */
  securitySchemes: Record<string, unknown>;
  /** Adds the routes. Called within the prefix. */
  routes(app: App): void;
}

/**
 * A handler that answers before Fastify sees the request, for paths whose speed is the product.
 * Returns false to let the request go on to Fastify.
 */
export type RawHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

/** What a route says about itself in `config`. */
export interface RouteConfig {
  /** Who may call: nobody in particular (`none`), or a principal with the scope. Default `required`. */
  auth?: 'required' | 'none';
  /** Needed scope, e.g. `aliases:read`. */
  scope?: string;
  /** Only a user's session will do (`user`), or only a key (`key`); default either. */
  as?: 'user' | 'key';
  /** True for public endpoints that count in no window. Authenticated ones always count. */
  unlimited?: boolean;
}

declare module 'fastify' {
  interface FastifyContextConfig extends RouteConfig {}
  interface FastifyRequest {
    /** The caller. Reading it on a route with `auth: 'none'` is a programming error and throws. */
    principal: Principal;
  }
}
