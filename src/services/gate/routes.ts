/** Every route of Gate, by resource. */
import type { App } from '../../kernel/http/edge.ts';
import { checkRoutes } from './routes/check.ts';
import type { RouteDeps } from './routes/deps.ts';
import { flowRoutes } from './routes/flows.ts';
import { integrationRoutes } from './routes/integrations.ts';
import { keyRoutes } from './routes/keys.ts';
import { ruleRoutes } from './routes/rules.ts';
import { statsRoutes } from './routes/stats.ts';

export function gateRoutes(app: App, deps: RouteDeps): void {
  checkRoutes(app, deps);
  flowRoutes(app, deps);
  ruleRoutes(app, deps);
  keyRoutes(app, deps);
  statsRoutes(app, deps);
  integrationRoutes(app, deps);
}
