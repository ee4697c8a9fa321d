/** The endpoints of sessions, the organization, its usage and its audit log. */
import type { App } from '../kernel/http/edge.ts';
import { showUsage } from '../kernel/http/limits.ts';
import type { Kernel } from '../kernel/index.ts';
import * as account from './account.ts';
import { keyRoutes } from './key-routes.ts';
import { memberRoutes } from './member-routes.ts';
import * as wire from './schema.ts';
import { webhookRoutes } from './webhook-routes.ts';
import * as to from './wire.ts';

const ok = { ok: true as const };

export function accountRoutes(app: App, kernel: Kernel): void {
  sessionRoutes(app, kernel);
  organizationRoutes(app, kernel);
  recordRoutes(app, kernel);
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
    async ({ body, ip }, reply) => {
      const session = await kernel.accounts.login(body.email, body.password, ip);
      showUsage(session.usage, reply);
      return to.toSession(session);
    },
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
}

function recordRoutes(app: App, kernel: Kernel): void {
  const { accounts, database } = kernel;
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
