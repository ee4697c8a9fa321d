/** The endpoints: a schema and a line each. */
import multipart from '@fastify/multipart';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Db } from '../../kernel/db/schema.ts';
import type { App } from '../../kernel/http/edge.ts';
import type { Answer } from '../../kernel/idempotency/idempotency.ts';
import * as aliases from './aliases.ts';
import { type Period, summarize } from './analytics.ts';
import * as campaigns from './campaigns.ts';
import type { MailDeps } from './deps.ts';
import * as domains from './domains/domains.ts';
import * as emails from './emails.ts';
import { readAttachments } from './outbound/attachments.ts';
import { FORM_OPTIONS, readForm } from './outbound/form.ts';
import * as suppressions from './reputation/suppressions.ts';
import { addUnsubscribeRoutes } from './reputation/unsubscribe.ts';
import * as wire from './schema.ts';

const SEND_LIMIT_BYTES = 36 * 1024 * 1024;

export function mailRoutes(app: App, deps: MailDeps): void {
  addAliasRoutes(app, deps);
  addCampaignRoutes(app, deps);
  addEmailRoutes(app, deps);
  addDomainRoutes(app, deps);
  addSuppressionRoutes(app, deps);
  addUnsubscribeRoutes(app, deps);
}

/** A POST that creates: once for each Idempotency-Key. */
async function once(
  { kernel }: MailDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  work: (tx: Db) => Promise<Answer>,
) {
  const answer = await kernel.idempotency.run(
    request.principal,
    {
      key: request.headers['idempotency-key'] as string | undefined,
      operation: `${request.method} ${request.routeOptions.url}`,
      fingerprint: request.body,
    },
    work,
  );
  return reply.code(answer.status).send(answer.body);
}

function addAliasRoutes(app: App, deps: MailDeps): void {
  const url = '/api/v1/aliases';
  const read = { config: { scope: 'aliases:read' } };
  const write = { config: { scope: 'aliases:write' } };
  app.get(
    url,
    {
      ...read,
      schema: {
        summary: 'List aliases',
        querystring: wire.AliasQuery,
        response: { 200: wire.AliasList },
      },
    },
    ({ principal, query: { limit, offset, asOf, ...filter } }) =>
      aliases.listAliases(deps, principal, filter, { limit, offset, asOf }),
  );
  app.post(
    url,
    {
      ...write,
      schema: {
        summary: 'Create an alias',
        querystring: wire.NoQuery,
        body: wire.NewAlias,
        response: { 201: wire.Alias },
      },
    },
    (request, reply) =>
      once(deps, request, reply as FastifyReply, async (tx) => ({
        status: 201,
        body: await aliases.createAlias(tx, deps, request.principal, request.body),
      })) as never,
  );
  app.patch(
    url,
    {
      ...write,
      schema: {
        summary: 'Change an alias',
        querystring: wire.IdQuery,
        body: wire.AliasChange,
        response: { 200: wire.Alias },
      },
    },
    ({ principal, query, body }) => aliases.updateAlias(deps, principal, query.id, body),
  );
  app.delete(
    url,
    {
      ...write,
      schema: {
        summary: 'Delete an alias for good',
        querystring: wire.IdQuery,
        response: { 200: wire.Deleted },
      },
    },
    ({ principal, query }) => aliases.deleteAlias(deps, principal, query.id),
  );
}

function addCampaignRoutes(app: App, deps: MailDeps): void {
  const url = '/api/v1/campaigns';
  const write = { config: { scope: 'campaigns:write' } };
  app.get(
    url,
    {
      config: { scope: 'campaigns:read' },
      schema: {
        summary: 'List campaigns',
        querystring: wire.PageQuery,
        response: { 200: wire.CampaignList },
      },
    },
    ({ principal, query }) => campaigns.listCampaigns(deps, principal, query),
  );
  app.post(
    url,
    {
      ...write,
      schema: {
        summary: 'Create a campaign',
        querystring: wire.NoQuery,
        body: wire.CampaignBody,
        response: { 201: wire.Campaign },
      },
    },
    (request, reply) =>
      once(deps, request, reply as FastifyReply, async (tx) => ({
        status: 201,
        body: await campaigns.createCampaign(tx, deps, request.principal, request.body.name),
      })) as never,
  );
  app.patch(
    url,
    {
      ...write,
      schema: {
        summary: 'Rename a campaign',
        querystring: wire.IdQuery,
        body: wire.CampaignBody,
        response: { 200: wire.Campaign },
      },
    },
    ({ principal, query, body }) => campaigns.renameCampaign(deps, principal, query.id, body.name),
  );
  app.delete(
    url,
    {
      ...write,
      schema: {
        summary: 'Delete a campaign; its aliases go to the default one',
        querystring: wire.IdQuery,
        response: { 200: wire.Deleted },
      },
    },
    ({ principal, query }) => campaigns.deleteCampaign(deps, principal, query.id),
  );
}

function addEmailRoutes(app: App, deps: MailDeps): void {
  app.get(
    '/api/v1/emails',
    {
      config: { scope: 'emails:read' },
      schema: {
        summary: 'The log of messages',
        querystring: wire.EmailQuery,
        response: { 200: wire.EmailList },
      },
    },
    ({ principal, query: { limit, offset, asOf, ...filter } }) =>
      emails.listEmails(deps, principal, filter, { limit, offset, asOf }),
  );
  app.register(async (forms) => {
    await forms.register(multipart, FORM_OPTIONS);
    (forms as unknown as App).post(
      '/api/v1/emails',
      {
        config: { scope: 'emails:send' },
        bodyLimit: SEND_LIMIT_BYTES,
        preValidation: async (request) => {
          if (request.isMultipart()) request.body = (await readForm(request.body)) as never;
        },
        schema: {
          summary: 'Send a message from an alias',
          description: 'JSON, or a form whose files are the attachments.',
          consumes: ['application/json', 'multipart/form-data'],
          querystring: wire.NoQuery,
          body: wire.NewEmail,
          response: { 201: wire.SentEmail },
        },
      },
      async (request, reply) => {
        const { principal, body } = request;
        const given = { ...body, attachments: readAttachments(body.attachments) };
        const message = await emails.measureLinks(deps, principal, given);
        return once(deps, request, reply as FastifyReply, (tx) =>
          emails.sendEmail(tx, deps, principal, message),
        ) as never;
      },
    );
  });
  app.get(
    '/api/v1/analytics',
    {
      config: { scope: 'analytics:read' },
      schema: {
        summary: 'Summary of a period',
        querystring: wire.AnalyticsQuery,
        response: { 200: wire.Analytics },
      },
    },
    ({ principal, query }) => summarize(deps, principal, query.period as Period),
  );
}

function addDomainRoutes(app: App, deps: MailDeps): void {
  const url = '/api/v1/domains';
  const write = { config: { scope: 'domains:write' } };
  app.get(
    url,
    {
      config: { scope: 'domains:read' },
      schema: {
        summary: 'List domains with the records to set',
        querystring: wire.PageQuery,
        response: { 200: wire.DomainList },
      },
    },
    ({ principal, query }) => domains.listDomains(deps, principal, query),
  );
  app.post(
    url,
    {
      ...write,
      schema: {
        summary: 'Add a domain',
        querystring: wire.NoQuery,
        body: wire.NewDomain,
        response: { 201: wire.Domain },
      },
    },
    async (request, reply) => {
      const row = await domains.prepareDomain(deps, request.principal, request.body.name);
      return once(deps, request, reply as FastifyReply, async (tx) => ({
        status: 201,
        body: await domains.addDomain(tx, deps, request.principal, row),
      })) as never;
    },
  );
  app.post(
    `${url}/verify`,
    {
      ...write,
      schema: {
        summary: 'Look the records up now',
        querystring: wire.IdQuery,
        response: { 200: wire.Domain },
      },
    },
    ({ principal, query }) => domains.verifyDomain(deps, principal, query.id),
  );
  app.delete(
    url,
    {
      ...write,
      schema: {
        summary: 'Remove a domain without aliases',
        querystring: wire.IdQuery,
        response: { 200: wire.Deleted },
      },
    },
    ({ principal, query }) => domains.deleteDomain(deps, principal, query.id),
  );
}

function addSuppressionRoutes(app: App, deps: MailDeps): void {
  const url = '/api/v1/suppressions';
  const write = { config: { scope: 'suppressions:write' } };
  app.get(
    url,
    {
      config: { scope: 'suppressions:read' },
      schema: {
        summary: 'Who gets no more mail',
        querystring: wire.PageQuery,
        response: { 200: wire.SuppressionList },
      },
    },
    ({ principal, query }) => suppressions.listSuppressions(deps, principal, query),
  );
  app.post(
    url,
    {
      ...write,
      schema: {
        summary: 'Put an address on the list',
        querystring: wire.NoQuery,
        body: wire.SuppressionBody,
        response: { 201: wire.Suppression },
      },
    },
    (request, reply) =>
      once(deps, request, reply as FastifyReply, async (tx) => ({
        status: 201,
        body: await suppressions.addSuppression(tx, deps, request.principal, request.body.email),
      })) as never,
  );
  app.delete(
    url,
    {
      ...write,
      schema: {
        summary: 'Take an address off the list',
        querystring: wire.SuppressionBody,
        response: { 200: wire.SuppressionGone },
      },
    },
    ({ principal, query }) => suppressions.removeSuppression(deps, principal, query.email),
  );
}
