/** Clicks and conversions, the postback, the tracking link itself. */
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { Fault } from '../../../kernel/fault.ts';
import type { App } from '../../../kernel/http/edge.ts';
import * as clicks from '../clicks.ts';
import type { TrackContext } from '../context.ts';
import * as conversions from '../conversions/conversions.ts';
import { record, recordPostback } from '../conversions/postback.ts';
import { sendExport } from '../reports/exports.ts';
import * as wire from '../schema/event.ts';
import { envelope, listEnvelope } from '../schema/wire.ts';

export function eventRoutes(app: App, context: TrackContext): void {
  const { kernel, settle } = context;

  app.get(
    '/api/v1/clicks',
    {
      config: { scope: 'clicks:read' },
      schema: {
        summary: 'List clicks, newest first',
        querystring: wire.ClickQuery,
        response: { 200: listEnvelope(wire.Click) },
      },
    },
    async ({ principal, query }, reply) => {
      await settle();
      if (query.format === 'csv' || query.format === 'ndjson') {
        const rows = clicks.exportClicks(kernel, principal, query);
        const columns = Object.keys(wire.Click.properties);
        return sendExport(reply as FastifyReply, 'clicks', query.format, columns, rows) as never;
      }
      const { rows, meta } = await clicks.listClicks(kernel, principal, query);
      return { success: true as const, data: rows, meta };
    },
  );

  app.get(
    '/api/v1/clicks/:clickid',
    {
      config: { scope: 'clicks:read' },
      schema: {
        summary: 'Get a click',
        params: wire.ClickParams,
        response: { 200: envelope(wire.Click) },
      },
    },
    async ({ principal, params }) => {
      await settle();
      return {
        success: true as const,
        data: await clicks.getClick(kernel, principal, params.clickid),
      };
    },
  );

  app.get(
    '/api/v1/conversions',
    {
      config: { scope: 'conversions:read' },
      schema: {
        summary: 'List conversions, newest first',
        querystring: wire.ConversionQuery,
        response: { 200: listEnvelope(wire.Conversion) },
      },
    },
    async ({ principal, query }, reply) => {
      if (query.format === 'csv' || query.format === 'ndjson') {
        const rows = conversions.exportConversions(kernel, principal, query);
        const columns = Object.keys(wire.Conversion.properties);
        return sendExport(
          reply as FastifyReply,
          'conversions',
          query.format,
          columns,
          rows,
        ) as never;
      }
      const { rows, meta } = await conversions.listConversions(kernel, principal, query);
      return { success: true as const, data: rows, meta };
    },
  );

  app.post(
    '/api/v1/conversions',
    {
      config: { scope: 'conversions:write' },
      schema: {
        summary: 'Record a conversion; 200 where its transaction was known already',
        body: wire.CreateConversion,
        response: { 200: envelope(wire.Conversion), 201: envelope(wire.Conversion) },
      },
    },
    async ({ principal, body, headers }, reply) => {
      const key = headers['idempotency-key'] as string | undefined;
      const answer = await record(context, principal, body, key);
      return reply.code(answer.status as 201).send(answer.body as never);
    },
  );

  app.get(
    '/api/v1/postback',
    {
      config: { auth: 'none' },
      schema: {
        summary: 'Record a conversion from server to server, without a token',
        description: 'Where the campaign has a postback_token, it must come along as `token`.',
        querystring: wire.PostbackQuery,
        response: { 200: Type.Object({ success: Type.Literal(true) }) },
      },
    },
    async ({ query }) => {
      await recordPostback(context, query);
      return { success: true as const };
    },
  );
}

export function linkRoute(app: App, { redirect }: TrackContext): void {
  app.get(
    '/c/:uuid',
    {
      config: { auth: 'none' },
      schema: {
        summary: 'The tracking link: keeps the click, then sends the visitor on',
        params: wire.LinkParams,
      },
    },
    (request, reply) => {
      if (!redirect(request.raw, reply.raw)) {
        throw new Fault('unavailable', 'This server does not answer tracking links.');
      }
      reply.hijack();
    },
  );
}
