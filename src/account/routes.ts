/** The endpoints of people, organization, keys, usage and the audit log. */
import type { App } from '../kernel/http/edge.ts';
import type { Kernel } from '../kernel/index.ts';
import * as account from './account.ts';
import { idempotent } from './idempotent.ts';
import * as wire from './schema.ts';
import { webhookRoutes } from './webhook-routes.ts';
import * as to from './wire.ts';

const ok = { ok: true as const };

export function accountRoutes(app: App, kernel: Kernel): void {
  sessionRoutes(app, kernel);
  organizationRoutes(app, kernel);
  memberRoutes(app, kernel);
  keyRoutes(app, kernel);
  webhookRoutes(app, kernel);
}

function sessionRoutes(app: App, kernel: Kernel): void {
  app.post(
    '/api/v1/auth/token',
    {
      config: { auth: 'none' },
      schema: {
        summary: 'Sign in: a token for 24 hours',
        description: 'Good for every endpoint that takes a Bearer token, of all services.',
        body: wire.SignIn,
        response: { 200: wire.Session },
      },
    },
    async ({ body, ip }) =>
      to.toSession(await kernel.accounts.login(body.email, body.password, ip)),
  );
  app.get(
    '/api/v1/me',
    { schema: { summary: 'Who you are, and where', response: { 200: wire.Me } } },
    async ({ principal }) => {
      const { user, organization } = await account.me(kernel, principal);
      return { user: to.toMember(user), organization: to.toOrganization(organization) };
    },
  );
  app.post(
    '/api/v1/me/password',
    {
      schema: {
        summary: 'Change your password',
        description: 'Ends all of your sessions, this one too: sign in again.',
        body: wire.PasswordChange,
        response: { 200: wire.Ok },
      },
    },
    async ({ principal, body: { current_password: current, new_password: next } }) => {
      await account.changePassword(kernel, principal, { current, next });
      return ok;
    },
  );
}

function organizationRoutes(app: App, kernel: Kernel): void {
  const { accounts, database } = kernel;
  app.get(
    '/api/v1/organization',
    { schema: { summary: 'Your organization and its plan', response: { 200: wire.Organization } } },
    async ({ principal }) =>
      to.toOrganization(await accounts.organization(database.db, principal.organizationId)),
  );
  app.patch(
    '/api/v1/organization',
    {
      schema: {
        summary: 'Change its name or time zone',
        description: 'For owners and admins.',
        body: wire.OrganizationChange,
        response: { 200: wire.Organization },
      },
    },
    async ({ principal, body: { name, time_zone: timeZone } }) =>
      to.toOrganization(await account.updateOrganization(kernel, principal, { name, timeZone })),
  );
  app.get(
    '/api/v1/plans',
    { schema: { summary: 'The plans of this installation', response: { 200: wire.Plans } } },
    async () => ({ plans: (await accounts.plans(database.db)).map(to.toPlan) }),
  );
  app.get(
    '/api/v1/usage',
    { schema: { summary: 'Credits: allowed, used and left', response: { 200: wire.Usage } } },
    async ({ principal }) => ({
      meters: (await account.usage(kernel, principal)).map(([meter, balance]) =>
        to.toMeter(meter, balance),
      ),
    }),
  );
  app.get(
    '/api/v1/audit',
    {
      schema: {
        summary: 'The audit log, newest first',
        description: 'For owners and admins. `cloakroom audit verify` proves it whole.',
        querystring: wire.AuditQuery,
        response: { 200: wire.AuditLog },
      },
    },
    async ({ principal, query }) => {
      const { entries, next } = await account.auditLog(kernel, principal, query);
      return { entries: entries.map(to.toAuditEntry), next };
    },
  );
}

function memberRoutes(app: App, kernel: Kernel): void {
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
      return ok;
    },
  );
}

function keyRoutes(app: App, kernel: Kernel): void {
  const { keys, database } = kernel;
  app.get(
    '/api/v1/keys',
    {
      config: { scope: 'keys:read' },
      schema: {
        summary: 'The keys of all services, oldest first, revoked ones too',
        querystring: wire.KeysQuery,
        response: { 200: wire.Keys },
      },
    },
    async ({ principal, query }) => ({
      keys: (await keys.list(database.db, principal.organizationId, query.service)).map(to.toKey),
    }),
  );
  app.post(
    '/api/v1/keys',
    {
      config: { scope: 'keys:write' },
      schema: {
        summary: 'Make a key, shown this once',
        body: wire.NewKey,
        response: { 201: wire.MadeKey },
      },
    },
    async ({ principal, body }, reply) => {
      const { row, secret } = await account.createKey(kernel, principal, body);
      return reply.code(201).send({ ...to.toKey(row), secret });
    },
  );
  app.post(
    '/api/v1/keys/:id/rotate',
    {
      config: { scope: 'keys:write' },
      schema: {
        summary: 'Give a key a new secret, shown this once',
        description: 'The old secret holds for `overlap_s` more seconds. 409 for a revoked key.',
        params: wire.IdParams,
        body: wire.Rotation,
        response: { 200: wire.MadeKey },
      },
    },
    async ({ principal, params, body }) => {
      const overlapS = body.overlap_s ?? 0;
      const { row, secret } = await account.rotateKey(kernel, principal, params.id, overlapS);
      return { ...to.toKey(row), secret };
    },
  );
  app.delete(
    '/api/v1/keys/:id',
    {
      config: { scope: 'keys:write' },
      schema: {
        summary: 'Revoke a key, at once and on every node',
        params: wire.IdParams,
        response: { 200: wire.Ok },
      },
    },
    async ({ principal, params }) => {
      await account.revokeKey(kernel, principal, params.id);
      return ok;
    },
  );
}
