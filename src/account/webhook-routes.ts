/** The endpoints of webhooks and their deliveries. */
import type { App } from '../kernel/http/edge.ts';
import type { Kernel } from '../kernel/index.ts';
import { idempotent } from './idempotent.ts';
import { IdParams, Ok } from './schema.ts';
import * as wire from './webhook-schema.ts';
import * as webhooks from './webhooks.ts';
import * as to from './wire.ts';

const ok = { ok: true as const };
const description = 'For owners and admins.';

export function webhookRoutes(app: App, kernel: Kernel): void {
  endpointRoutes(app, kernel);
  secretRoutes(app, kernel);
  deliveryRoutes(app, kernel);
}

function endpointRoutes(app: App, kernel: Kernel): void {
  app.get(
    '/api/v1/webhooks',
    {
      schema: {
        summary: 'The addresses that events are sent to',
        description,
        response: { 200: wire.Endpoints },
      },
    },
    async ({ principal }) => ({
      webhooks: (await webhooks.listEndpoints(kernel, principal)).map(to.toEndpoint),
    }),
  );
  app.post(
    '/api/v1/webhooks',
    {
      schema: {
        summary: 'Have events sent to an address',
        description: `${description} The secret verifies them; see docs/webhooks.md.`,
        body: wire.NewEndpoint,
        response: { 201: wire.MadeEndpoint },
      },
    },
    (request, reply) =>
      idempotent(kernel, request, reply, async (tx) => {
        const { principal, body } = request;
        const made = await webhooks.createEndpoint(kernel, tx, principal, body);
        return { status: 201, body: { ...to.toEndpoint(made.endpoint), secret: made.secret } };
      }),
  );
  app.get(
    '/api/v1/webhooks/:id',
    {
      schema: {
        summary: 'One of them',
        description,
        params: IdParams,
        response: { 200: wire.Endpoint },
      },
    },
    async ({ principal, params }) =>
      to.toEndpoint(await webhooks.getEndpoint(kernel, principal, params.id)),
  );
  app.patch(
    '/api/v1/webhooks/:id',
    {
      schema: {
        summary: 'Change it, switch it off or on',
        description,
        params: IdParams,
        body: wire.EndpointChange,
        response: { 200: wire.Endpoint },
      },
    },
    async ({ principal, params, body }) =>
      to.toEndpoint(await webhooks.updateEndpoint(kernel, principal, params.id, body)),
  );
  app.delete(
    '/api/v1/webhooks/:id',
    {
      schema: {
        summary: 'Remove it and its deliveries',
        description,
        params: IdParams,
        response: { 200: Ok },
      },
    },
    async ({ principal, params }) => {
      await webhooks.deleteEndpoint(kernel, principal, params.id);
      return ok;
    },
  );
}

function secretRoutes(app: App, kernel: Kernel): void {
  app.get(
    '/api/v1/webhooks/:id/secret',
    {
      schema: {
        summary: 'The secret of an address',
        description,
        params: IdParams,
        response: { 200: wire.Secret },
      },
    },
    async ({ principal, params }) => ({
      secret: await webhooks.secret(kernel, principal, params.id),
    }),
  );
  app.post(
    '/api/v1/webhooks/:id/secret',
    {
      schema: {
        summary: 'Make it a new secret',
        description: `${description} The old one signs along for a day.`,
        params: IdParams,
        response: { 200: wire.Secret },
      },
    },
    async ({ principal, params }) => ({
      secret: await webhooks.rotateSecret(kernel, principal, params.id),
    }),
  );
  app.get(
    '/api/v1/webhook-secret',
    {
      schema: {
        summary: 'The secret for addresses that are named in a single request',
        description,
        response: { 200: wire.Secret },
      },
    },
    async ({ principal }) => ({ secret: await webhooks.secret(kernel, principal, null) }),
  );
  app.post(
    '/api/v1/webhook-secret',
    {
      schema: {
        summary: 'Make that a new one',
        description: `${description} The old one signs along for a day.`,
        response: { 200: wire.Secret },
      },
    },
    async ({ principal }) => ({ secret: await webhooks.rotateSecret(kernel, principal, null) }),
  );
}

function deliveryRoutes(app: App, kernel: Kernel): void {
  app.get(
    '/api/v1/webhook-deliveries',
    {
      schema: {
        summary: 'What was sent, newest first, with every attempt',
        description: `${description} Kept for 30 days.`,
        querystring: wire.DeliveriesQuery,
        response: { 200: wire.Deliveries },
      },
    },
    async ({ principal, query }) => {
      const { deliveries, next } = await webhooks.deliveries(kernel, principal, query);
      return { deliveries: deliveries.map(to.toDelivery), next };
    },
  );
  app.get(
    '/api/v1/webhook-deliveries/:id',
    {
      schema: {
        summary: 'One delivery',
        description,
        params: IdParams,
        response: { 200: wire.Delivery },
      },
    },
    async ({ principal, params }) =>
      to.toDelivery(await webhooks.getDelivery(kernel, principal, params.id)),
  );
  app.post(
    '/api/v1/webhook-deliveries/:id/resend',
    {
      schema: {
        summary: 'Send it again, under the same id',
        description: `${description} 409 while it is still being tried.`,
        params: IdParams,
        response: { 202: wire.Delivery },
      },
    },
    (request, reply) =>
      idempotent(kernel, request, reply, async (tx) => {
        const { principal, params } = request;
        const delivery = await webhooks.resend(kernel, tx, principal, params.id);
        return { status: 202, body: to.toDelivery(delivery) };
      }),
  );
}
