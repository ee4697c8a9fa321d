/**
 * `/c/{uuid}`: the one path whose speed is the product. A raw handler, before Fastify: it finds the
 * link in memory, learns what is known of the visitor, appends the click to the journal and answers
 * once the click is durable. Nothing in here asks the database.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Clock } from '../../../kernel/clock.ts';
import type { RawHandler } from '../../../kernel/http/edge.ts';
import { type ClickRecord, encodeClick } from '../ingest/click-record.ts';
import { newClickId } from './click-id.ts';
import type { Link } from './link-cache.ts';
import { fillUrl, type MacroValues, type UrlTemplate } from './macros.ts';
import { PAGES, sendPage } from './pages.ts';
import { type LinkQuery, readLinkQuery } from './query.ts';
import type { Route } from './routing.ts';
import type { VisitorHashes } from './visitor.ts';
import type { VisitorFacts } from './visitor-facts.ts';

export interface RedirectDeps {
  clock: Clock;
  log: Logger;
  links: { get(uuid: string): Link | undefined };
  journal: { append(payload: string, done: (error: Error | null) => void): void };
  hashes: VisitorHashes;
  /** Whether a request to this host is for another service. */
  isForeignHost(host: string | undefined): boolean;
  addressOf(request: IncomingMessage): string;
  factsOf(ip: string, userAgent: string): VisitorFacts;
  /** Where the campaign's flow sends this visitor; only asked where the campaign has one. */
  route(link: Link, request: IncomingMessage, ip: string, userAgent: string): Promise<Route>;
  /** 0 ≤ x < 1. */
  random(): number;
}

const PATHS = ['/c/', '/track/c/'];
const ALLOWED: Route = { kind: 'destination' };

/** Answers GET and HEAD of the tracking links; everything else goes on to Fastify. */
export function createRedirect(deps: RedirectDeps): RawHandler {
  return (request, response) => {
    const { method, url = '' } = request;
    const start = PATHS.find((path) => url.startsWith(path));
    if (start === undefined || (method !== 'GET' && method !== 'HEAD')) return false;
    if (deps.isForeignHost(request.headers.host)) return false;
    try {
      const mark = url.indexOf('?', start.length);
      const link = deps.links.get(url.slice(start.length, mark < 0 ? undefined : mark));
      const query = mark < 0 ? '' : url.slice(mark + 1);
      answer(deps, request, response, link, query);
    } catch (err) {
      fail(deps, response, err);
    }
    return true;
  };
}

function answer(
  deps: RedirectDeps,
  request: IncomingMessage,
  response: ServerResponse,
  link: Link | undefined,
  queryText: string,
): void {
  if (!link) {
    sendPage(response, PAGES.unknown);
  } else if (link.row.status !== 'active') {
    answerPaused(visitOf(deps, request, response, link, queryText));
  } else if (link.offers.length === 0) {
    sendPage(response, PAGES.unfinished);
  } else {
    answerActive(visitOf(deps, request, response, link, queryText));
  }
}

/** A link that is not in use sends everybody to the same page, and counts nobody. */
function answerPaused(visit: Visit): void {
  const { response, link } = visit;
  if (link.fallback) sendOn(response, fillUrl(link.fallback, valuesOf(visit, '')));
  else sendPage(response, PAGES.paused);
}

function answerActive(visit: Visit): void {
  const { deps, request, response, link, ip, userAgent } = visit;
  if (link.row.flowId === null) {
    record(visit, ALLOWED);
    return;
  }
  deps.route(link, request, ip, userAgent).then(
    (route) => record(visit, route),
    (err) => fail(deps, response, err),
  );
}

interface Visit {
  deps: RedirectDeps;
  request: IncomingMessage;
  response: ServerResponse;
  link: Link;
  ip: string;
  userAgent: string;
  facts: VisitorFacts;
  query: LinkQuery;
}

function visitOf(
  deps: RedirectDeps,
  request: IncomingMessage,
  response: ServerResponse,
  link: Link,
  queryText: string,
): Visit {
  const ip = deps.addressOf(request);
  const userAgent = request.headers['user-agent'] ?? '';
  const facts = deps.factsOf(ip, userAgent);
  const query = readLinkQuery(queryText, link);
  return { deps, request, response, link, ip, userAgent, facts, query };
}

/** Keeps the click, and sends the visitor on once it is kept. */
function record(visit: Visit, route: Route): void {
  const { deps, response } = visit;
  const atMs = deps.clock.now().getTime();
  const id = newClickId(atMs);
  const isDiverted = route.kind === 'fallback';
  const target = targetOf(visit, route);
  const url =
    target && (typeof target === 'string' ? target : fillUrl(target, valuesOf(visit, id)));
  deps.journal.append(encodeClick(clickOf(visit, id, atMs, isDiverted)), (error) => {
    if (error) notStored(deps, response, error);
    else if (url !== null) sendOn(response, url);
    else sendPage(response, route.kind === 'refused' ? PAGES.refused : PAGES.paused);
  });
}

/** Null where there is nothing to send this visitor to. */
function targetOf({ deps, link }: Visit, route: Route): UrlTemplate | string | null {
  if (route.kind === 'refused') return null;
  if (route.kind === 'fallback') return link.fallback ?? route.url;
  let rest = deps.random() * link.totalWeight;
  for (const { url, weight } of link.offers) {
    rest -= weight;
    if (rest < 0) return url;
  }
  return link.offers.at(-1)?.url ?? null;
}

function valuesOf({ link, facts, query }: Visit, clickId: string): MacroValues {
  const { params } = query;
  return {
    ...(params as MacroValues | null),
    clickid: clickId,
    campaign_id: link.campaignId,
    country: facts.country ?? '',
    city: facts.city ?? '',
    device: facts.device ?? '',
    os: facts.os ?? '',
    browser: facts.browser ?? '',
    ip_masked: facts.maskedIp,
    cost: query.cost ?? link.costText,
    source: link.row.sourceName ?? '',
  };
}

function clickOf(visit: Visit, id: string, atMs: number, isDiverted: boolean): ClickRecord {
  const { deps, request, link, userAgent, facts, query } = visit;
  const { row } = link;
  const { organizationId, uniquenessWindowHours } = row;
  const names = deps.hashes.namesOf(facts, userAgent, organizationId, atMs, uniquenessWindowHours);
  return {
    id,
    organizationId,
    campaignId: row.id,
    atMs,
    isCounted: request.method === 'GET' && !isAhead(request),
    ip: row.storeFullIp ? facts.ip : facts.maskedIp,
    visitor: names.visitor,
    earlierVisitors: names.earlierVisitors,
    network: names.network,
    country: facts.country,
    city: facts.city,
    asn: facts.asn,
    device: facts.device,
    os: facts.os,
    browser: facts.browser,
    isBot: facts.isBot,
    isVpn: facts.isVpn,
    isDatacenter: facts.isDatacenter,
    isDiverted,
    cost: query.cost ?? row.clickCost,
    hasOwnCost: query.cost !== null,
    trafficSourceId: row.trafficSourceId,
    externalId: query.externalId,
    params: query.params,
    uniquenessWindowHours,
    clickLimitPerMinute: row.clickLimitPerMinute,
  };
}

/** A program that fetches ahead or for a preview says so; the visitor may never come. */
function isAhead({ headers }: IncomingMessage): boolean {
  const purpose = headers['sec-purpose'] ?? headers['purpose'] ?? headers['x-purpose'];
  if (purpose === undefined) return headers['x-moz'] === 'prefetch';
  return /prefetch|prerender|preview/i.test(String(purpose));
}

function sendOn(response: ServerResponse, url: string): void {
  response.writeHead(302, ['Location', url, 'Cache-Control', 'no-store', 'Content-Length', '0']);
  response.end();
}

function notStored({ log }: RedirectDeps, response: ServerResponse, err: Error): void {
  log.error({ err }, 'a click could not be stored');
  sendPage(response, PAGES.notStored);
}

function fail({ log }: RedirectDeps, response: ServerResponse, err: unknown): void {
  log.error({ err }, 'a tracking link failed');
  if (!response.headersSent) sendPage(response, PAGES.failed);
}
