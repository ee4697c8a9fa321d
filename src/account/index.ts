/** The account: people, plan, keys of all services, webhooks and the audit log of an organization. */
import type { Edge } from '../kernel/http/edge.ts';
import type { Kernel } from '../kernel/index.ts';
import { ACCOUNT_EDGE } from './edge.ts';
import { accountRoutes } from './routes.ts';

export function createAccountEdge(kernel: Kernel): Edge {
  return { ...ACCOUNT_EDGE, routes: (app) => accountRoutes(app, kernel) };
}
