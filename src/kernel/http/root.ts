/** What the server answers outside of the four edges: health, readiness, metrics, documentation. */
import type { Registry } from 'prom-client';
import type { Database } from '../db/index.ts';
import type { ProcessRole } from '../index.ts';
import { type ApiDocument, docsPage } from './docs-page.ts';
import type { App } from './edge.ts';

interface RootDeps {
  database: Database;
  metrics: Registry;
}

export function addRootRoutes(
  app: App,
  documents: ApiDocument[],
  { database, metrics }: RootDeps,
  roles: ReadonlySet<ProcessRole>,
): void {
  app.get('/healthz', () => ({ status: 'ok' }));

  app.get('/readyz', async (_request, reply) => {
    const databaseUp = await database.ping();
    // The tracking links go on from memory and journal; whatever else a process does needs the database.
    const needsDatabase = [...roles].some((role) => role !== 'edge');
    const status = databaseUp ? 'ready' : needsDatabase ? 'unavailable' : 'degraded';
    reply.code(status === 'unavailable' ? 503 : 200);
    return { status, roles: [...roles], database: databaseUp ? 'up' : 'away' };
  });

  app.get('/metrics', async (_request, reply) => {
    reply.type(metrics.contentType);
    return metrics.metrics();
  });

  app.get('/', (_request, reply) => reply.redirect('/docs', 302));

  app.get('/docs', (_request, reply) => {
    reply
      .type('text/html; charset=utf-8')
      .header(
        'content-security-policy',
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      )
      .header('referrer-policy', 'no-referrer');
    return docsPage(documents);
  });
}
