/** Request durations by route and status, for `/metrics`. Route patterns only: no ids, no queries. */
import { Histogram, type Registry } from 'prom-client';
import type { App } from './edge.ts';

export function measureRequests(app: App, registry: Registry): void {
  const duration = new Histogram({
    name: 'cloakroom_http_request_duration_seconds',
    help: 'Time to answer, by route.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10],
    registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unrouted';
    duration.observe(
      { method: request.method, route, status: reply.statusCode },
      reply.elapsedTime / 1000,
    );
  });
}
