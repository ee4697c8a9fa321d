/** Flows: list, make, read, change, delete, statistics, simulation. */
import { Type } from 'typebox';
import type { App } from '../../../kernel/http/edge.ts';
import { changeFlow, createFlow, deleteFlow, draftFlow, getFlow, listFlows } from '../flows.ts';
import { FlowPatch, FlowWire, NewFlow } from '../schema/flow.ts';
import { FlowStats, SimulateQuery, Simulation, WindowQuery } from '../schema/stats.ts';
import { IdempotencyHeaders, IdParams, Ok } from '../schema/wire.ts';
import { simulate } from '../simulation.ts';
import { flowStats } from '../statistics.ts';
import { flowToWire, simulationToWire } from '../wire.ts';
import type { RouteDeps } from './deps.ts';

const security = [{ bearer: [] }];
const read = { scope: 'flows:read' };
const write = { scope: 'flows:write' };

export function flowRoutes(app: App, deps: RouteDeps): void {
  const { kernel, settings } = deps;

  app.get(
    '/api/v1/flows',
    {
      config: read,
      schema: {
        ...{ summary: 'List flows, newest first', security },
        response: { 200: Type.Object({ flows: Type.Array(FlowWire) }) },
      },
    },
    async ({ principal }) => ({ flows: (await listFlows(deps, principal)).map(flowToWire) }),
  );

  app.post(
    '/api/v1/flows',
    {
      config: write,
      schema: {
        ...{ summary: 'Make a flow', security, headers: IdempotencyHeaders, body: NewFlow },
        response: { 201: FlowWire },
      },
    },
    async ({ principal, body, headers }, reply) => {
      const key = headers['idempotency-key'];
      const answer = await kernel.idempotency.run(
        principal,
        { key, operation: 'POST /gate/api/v1/flows', fingerprint: body },
        async (tx) => ({
          status: 201,
          body: flowToWire(await createFlow(deps, tx, principal, body)),
        }),
      );
      settings.forget(principal.organizationId);
      return reply.code(201).send(answer.body as FlowWire);
    },
  );

  app.get(
    '/api/v1/flows/:id',
    {
      config: read,
      schema: { summary: 'Read a flow', security, params: IdParams, response: { 200: FlowWire } },
    },
    async ({ principal, params }) => flowToWire(await getFlow(deps, principal, params.id)),
  );

  app.patch(
    '/api/v1/flows/:id',
    {
      config: write,
      schema: {
        ...{ summary: 'Change a flow: only the fields given', security, params: IdParams },
        ...{ body: FlowPatch, response: { 200: FlowWire } },
      },
    },
    async ({ principal, params, body }) =>
      flowToWire(await changeFlow(deps, principal, params.id, body)),
  );

  app.delete(
    '/api/v1/flows/:id',
    {
      config: write,
      schema: {
        ...{ summary: 'Delete a flow; its decisions stay', security, params: IdParams },
        response: { 200: Ok },
      },
    },
    async ({ principal, params }) => {
      await deleteFlow(deps, principal, params.id);
      return { ok: true as const };
    },
  );

  app.get(
    '/api/v1/flows/:id/stats',
    {
      config: { scope: 'stats:read' },
      schema: {
        ...{ summary: 'Statistics of a flow over a window', security, params: IdParams },
        ...{ querystring: WindowQuery, response: { 200: FlowStats } },
      },
    },
    async ({ principal, params, query }) => {
      const { flow } = await getFlow(deps, principal, params.id);
      return flowStats(kernel, flow, principal, query.window);
    },
  );

  app.post(
    '/api/v1/flows/:id/simulate',
    {
      config: read,
      schema: {
        summary: 'Judge recorded decisions again, under changed settings',
        description:
          'Takes the fields of the flow that would change. Nothing is recorded, changed or charged.',
        ...{ security, params: IdParams, querystring: SimulateQuery, body: FlowPatch },
        response: { 200: Simulation },
      },
    },
    async ({ principal, params, body, query }) => {
      const draft = await draftFlow(deps, principal, params.id, body);
      const { rules } = await settings.of(principal.organizationId);
      return simulationToWire(await simulate(kernel, draft, rules, principal, query.days));
    },
  );
}
