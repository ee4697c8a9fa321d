/** The endpoints of the people of an organization. */
import type { App } from '../kernel/http/edge.ts';
import type { Kernel } from '../kernel/index.ts';
import * as account from './account.ts';
import { idempotent } from './idempotent.ts';
import * as wire from './schema.ts';
import * as to from './wire.ts';

export function memberRoutes(app: App, kernel: Kernel): void {
  const { accounts, database } = kernel;
  app.get(
    '/api/v1/members',
    { schema: { summary: 'The people, owners first', response: { 200: wire.Members } } },
    async ({ principal }) => ({
      members: (await accounts.members(database.db, principal.organizationId)).map(to.toMember),
    }),
  );
  app.post(
    '/api/v1/members',
    {
      schema: {
        summary: 'Add a person',
        description: 'For owners and admins; an owner is added by an owner. 409: known address.',
        body: wire.NewMember,
        response: { 201: wire.Member },
      },
    },
    (request, reply) =>
      idempotent(kernel, request, reply, async (tx) => ({
        status: 201,
        body: to.toMember(await account.addMember(kernel, tx, request.principal, request.body)),
      })),
  );
  app.patch(
    '/api/v1/members/:id',
    {
      schema: {
        summary: 'Change a person’s role',
        description: 'For owners and admins. 409 where no owner would be left.',
        params: wire.IdParams,
        body: wire.RoleChange,
        response: { 200: wire.Member },
      },
    },
    async ({ principal, params, body }) =>
      to.toMember(await account.changeRole(kernel, principal, params.id, body.role)),
  );
  app.delete(
    '/api/v1/members/:id',
    {
      schema: {
        summary: 'Remove a person and end their sessions',
        description: 'For owners and admins. 409 where no owner would be left.',
        params: wire.IdParams,
        response: { 200: wire.Ok },
      },
    },
    async ({ principal, params }) => {
      await account.removeMember(kernel, principal, params.id);
      return { ok: true as const };
    },
  );
}
