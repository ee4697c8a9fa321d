/** Statistics over the account, and its decisions one by one. */
import type { App } from '../../../kernel/http/edge.ts';
import { EventDetails, Events, EventsQuery, Summary } from '../schema/stats.ts';
import { IdParams } from '../schema/wire.ts';
import { event, events, summary } from '../statistics.ts';
import { eventDetailsToWire, eventToWire } from '../wire.ts';
import type { RouteDeps } from './deps.ts';

const security = [{ bearer: [] }];
const config = { scope: 'stats:read' };

export function statsRoutes(app: App, { kernel }: RouteDeps): void {
  app.get(
    '/api/v1/stats/summary',
    {
      config,
      schema: {
        summary: 'Totals, and verdicts, countries and a timeline of the last 7 days',
        ...{ security, response: { 200: Summary } },
      },
    },
    ({ principal }) => summary(kernel, principal),
  );

  app.get(
    '/api/v1/stats/events',
    {
      config,
      schema: {
        ...{ summary: 'Decisions, newest first', security, querystring: EventsQuery },
        response: { 200: Events },
      },
    },
    async ({ principal, query: { flow_id: flowId, ...query } }) => {
      const page = await events(kernel, principal, { ...query, flowId });
      return { events: page.events.map(eventToWire), next: page.next };
    },
  );

  app.get(
    '/api/v1/stats/events/:id',
    {
      config,
      schema: {
        summary: 'One decision, explained from its record',
        ...{ security, params: IdParams, response: { 200: EventDetails } },
      },
    },
    async ({ principal, params }) =>
      eventDetailsToWire(await event(kernel, principal, params.id)) as never,
  );
}
