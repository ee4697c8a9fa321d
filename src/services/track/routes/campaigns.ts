/** Campaigns, their statistics, traffic sources, settings. */

import type { App } from '../../../kernel/http/edge.ts';
import * as campaigns from '../campaigns.ts';
import type { TrackContext } from '../context.ts';
import * as wire from '../schema/campaign.ts';
import { StatsBlock, StatsQuery } from '../schema/statistics.ts';
import { Deleted, envelope, IdParams, listEnvelope, paging, strict } from '../schema/wire.ts';
import { changeSettings, getSettings } from '../settings.ts';
import * as sources from '../sources.ts';
import { campaignStats } from '../statistics.ts';

export function campaignRoutes(app: App, context: TrackContext): void {
  const { kernel, settle, refreshLink } = context;
  const { database, idempotency } = kernel;
  const read = { scope: 'campaigns:read' };
  const write = { scope: 'campaigns:write' };
  const one = envelope(wire.Campaign);

  app.get(
    '/api/v1/campaigns',
    {
      config: read,
      schema: {
        summary: 'List campaigns',
        querystring: wire.CampaignQuery,
        response: { 200: listEnvelope(wire.Campaign) },
      },
    },
    async ({ principal, query }) => {
      await settle();
      const { rows, meta } = await campaigns.listCampaigns(kernel, principal, query);
      return { success: true as const, data: rows, meta };
    },
  );

  app.post(
    '/api/v1/campaigns',
    {
      config: write,
      schema: {
        summary: 'Create a campaign',
        body: wire.CreateCampaign,
        response: { 201: one },
      },
    },
    async ({ principal, body, headers }, reply) => {
      const request = {
        key: headers['idempotency-key'] as string | undefined,
        operation: 'POST /track/api/v1/campaigns',
        fingerprint: body,
      };
      await campaigns.checkFlow(context, principal, body);
      const answer = await idempotency.run(principal, request, async (tx) => {
        const data = await campaigns.createCampaign(kernel, tx, principal, body);
        return { status: 201, body: { success: true, data } };
      });
      const created = answer.body as { success: true; data: wire.Campaign };
      await refreshLink(created.data.id);
      return reply.code(answer.status as 201).send(created);
    },
  );

  app.get(
    '/api/v1/campaigns/:id',
    {
      config: read,
      schema: { summary: 'Get a campaign', params: IdParams, response: { 200: one } },
    },
    async ({ principal, params }) => {
      await settle();
      const data = await campaigns.getCampaign(kernel, database.db, principal, params.id);
      return { success: true as const, data };
    },
  );

  app.put(
    '/api/v1/campaigns/:id',
    {
      config: write,
      schema: {
        summary: 'Change the given fields of a campaign',
        params: IdParams,
        body: wire.UpdateCampaign,
        response: { 200: one },
      },
    },
    async ({ principal, params, body }) => {
      await campaigns.checkFlow(context, principal, body);
      const data = await database.tx((tx) =>
        campaigns.updateCampaign(kernel, tx, principal, params.id, body),
      );
      await refreshLink(params.id);
      return { success: true as const, data };
    },
  );

  app.delete(
    '/api/v1/campaigns/:id',
    {
      config: write,
      schema: {
        summary: 'Hide a campaign and stop its link; its clicks stay in the totals',
        params: IdParams,
        response: { 200: Deleted },
      },
    },
    async ({ principal, params }) => {
      await database.tx((tx) => campaigns.deleteCampaign(kernel, tx, principal, params.id));
      await refreshLink(params.id);
      return { success: true as const, data: { id: params.id, deleted: true as const } };
    },
  );

  app.get(
    '/api/v1/campaigns/:id/stats',
    {
      config: { scope: 'stats:read' },
      schema: {
        summary: 'Statistics of a campaign',
        params: IdParams,
        querystring: StatsQuery,
        response: { 200: envelope(StatsBlock) },
      },
    },
    async ({ principal, params, query }) => {
      await settle();
      return {
        success: true as const,
        data: await campaignStats(kernel, principal, params.id, query),
      };
    },
  );
}

export function sourceRoutes(app: App, { kernel, refreshAllLinks }: TrackContext): void {
  const { database, idempotency } = kernel;
  const read = { scope: 'traffic-sources:read' };
  const write = { scope: 'traffic-sources:write' };
  const one = envelope(wire.Source);

  app.get(
    '/api/v1/traffic-sources',
    {
      config: read,
      schema: {
        summary: 'List traffic sources, the presets first',
        querystring: strict(paging),
        response: { 200: listEnvelope(wire.Source) },
      },
    },
    async ({ principal, query }) => {
      const { rows, meta } = await sources.listSources(kernel, principal, query);
      return { success: true as const, data: rows, meta };
    },
  );

  app.post(
    '/api/v1/traffic-sources',
    {
      config: write,
      schema: {
        summary: 'Create a traffic source, from a preset or from nothing',
        body: wire.CreateSource,
        response: { 201: one },
      },
    },
    async ({ principal, body, headers }, reply) => {
      const request = {
        key: headers['idempotency-key'] as string | undefined,
        operation: 'POST /track/api/v1/traffic-sources',
        fingerprint: body,
      };
      const answer = await idempotency.run(principal, request, async (tx) => {
        const data = await sources.createSource(kernel, tx, principal, body);
        return { status: 201, body: { success: true, data } };
      });
      return reply.code(answer.status as 201).send(answer.body as never);
    },
  );

  app.get(
    '/api/v1/traffic-sources/:id',
    {
      config: read,
      schema: { summary: 'Get a traffic source', params: IdParams, response: { 200: one } },
    },
    async ({ principal, params }) => ({
      success: true as const,
      data: await sources.getSource(database.db, principal, params.id),
    }),
  );

  app.put(
    '/api/v1/traffic-sources/:id',
    {
      config: write,
      schema: {
        summary: 'Change the given fields of a traffic source',
        params: IdParams,
        body: wire.UpdateSource,
        response: { 200: one },
      },
    },
    async ({ principal, params, body }) => {
      const data = await database.tx((tx) =>
        sources.updateSource(kernel, tx, principal, params.id, body),
      );
      await refreshAllLinks();
      return { success: true as const, data };
    },
  );

  app.delete(
    '/api/v1/traffic-sources/:id',
    {
      config: write,
      schema: {
        summary: 'Delete a traffic source; campaigns that use it go on without',
        params: IdParams,
        response: { 200: Deleted },
      },
    },
    async ({ principal, params }) => {
      await database.tx((tx) => sources.deleteSource(kernel, tx, principal, params.id));
      await refreshAllLinks();
      return { success: true as const, data: { id: params.id, deleted: true as const } };
    },
  );
}

export function settingsRoutes(app: App, { kernel, refreshAllLinks }: TrackContext): void {
  const { database } = kernel;
  const response = { 200: envelope(wire.Settings) };
  app.get(
    '/api/v1/settings',
    { config: { scope: 'campaigns:read' }, schema: { summary: 'Settings of tracking', response } },
    async ({ principal }) => ({
      success: true as const,
      data: await getSettings(database.db, principal),
    }),
  );
  app.put(
    '/api/v1/settings',
    {
      config: { scope: 'campaigns:write' },
      schema: { summary: 'Change the settings of tracking', body: wire.Settings, response },
    },
    async ({ principal, body }) => {
      const data = await database.tx((tx) => changeSettings(kernel, tx, principal, body));
      await refreshAllLinks();
      return { success: true as const, data };
    },
  );
}
