/** Statistics, invalid traffic, reports. */
import type { FastifyReply } from 'fastify';
import type { TSchema } from 'typebox';
import { Type } from 'typebox';
import type { App } from '../../../kernel/http/edge.ts';
import type { TrackContext } from '../context.ts';
import * as reports from '../reports/reports.ts';
import * as wire from '../schema/statistics.ts';
import { envelope, IdParams } from '../schema/wire.ts';
import * as statistics from '../statistics.ts';
import type { Dimension } from '../store/stats-store.ts';

type Rows = Awaited<ReturnType<typeof statistics.byValue>>;

/** `/api/v2/analytics/…`: its name, what it is by, its row on the wire. */
const ANALYTICS: [name: string, by: Dimension, row: TSchema, toWire: (rows: Rows) => unknown][] = [
  ['countries', 'country', wire.CountryRow, (rows) => named(rows, 'country')],
  ['devices', 'device', wire.DeviceRow, (rows) => named(rows, 'device')],
  ['browsers', 'browser', wire.BrowserRow, (rows) => named(rows, 'browser')],
  ['os', 'os', wire.OsRow, (rows) => named(rows, 'os')],
  [
    'sources',
    'source',
    wire.SourceRow,
    (rows) =>
      rows.map(({ value, name, block }) => ({
        source: name,
        traffic_source_id: value === null ? null : Number(value),
        ...block,
      })),
  ],
  [
    'hours',
    'hour',
    wire.HourRow,
    (rows) =>
      rows
        .map(({ value, block }) => ({ hour: Number(value), ...block }))
        .sort((a, b) => a.hour - b.hour),
  ],
];

function named(rows: Rows, field: string) {
  return rows.map(({ value, block }) => ({ [field]: value, ...block }));
}

export function statisticsRoutes(app: App, { kernel, settle }: TrackContext): void {
  const config = { scope: 'stats:read' };

  app.get(
    '/api/v1/stats',
    {
      config,
      schema: {
        summary: 'Statistics of the whole organization, with one row a day',
        querystring: wire.StatsQuery,
        response: { 200: envelope(wire.OverallStats) },
      },
    },
    async ({ principal, query }) => {
      await settle();
      return {
        success: true as const,
        data: await statistics.overallStats(kernel, principal, query),
      };
    },
  );

  app.get(
    '/api/v2/analytics/timeline',
    {
      config,
      schema: {
        summary: 'Statistics a day',
        querystring: wire.AnalyticsQuery,
        response: { 200: envelope(Type.Array(wire.TimelineRow)) },
      },
    },
    async ({ principal, query }) => {
      await settle();
      return { success: true as const, data: await statistics.timeline(kernel, principal, query) };
    },
  );

  for (const [name, dimension, row, toWire] of ANALYTICS) {
    app.get(
      `/api/v2/analytics/${name}`,
      {
        config,
        schema: {
          summary: `Statistics by ${dimension}`,
          querystring: wire.AnalyticsQuery,
          response: { 200: envelope(Type.Array(row)) },
        },
      },
      async ({ principal, query }) => {
        await settle();
        const rows = await statistics.byValue(kernel, principal, query, dimension);
        return { success: true as const, data: toWire(rows) as never };
      },
    );
  }
}

export function fraudRoutes(app: App, { kernel, settle }: TrackContext): void {
  const { database, idempotency } = kernel;

  app.get(
    '/api/v2/fraud/stats',
    {
      config: { scope: 'fraud:read' },
      schema: {
        summary: 'Invalid traffic by type, and what it cost',
        querystring: wire.AnalyticsQuery,
        response: { 200: envelope(wire.FraudStats) },
      },
    },
    async ({ principal, query }) => {
      await settle();
      return {
        success: true as const,
        data: await statistics.fraudStats(kernel, principal, query),
      };
    },
  );

  app.post(
    '/api/v2/fraud/report',
    {
      config: { scope: 'fraud:write' },
      schema: {
        summary: 'Ask for a report of invalid traffic',
        body: wire.CreateReport,
        response: { 202: envelope(wire.Report) },
      },
    },
    async ({ principal, body, headers }, reply) => {
      await settle();
      const request = {
        key: headers['idempotency-key'] as string | undefined,
        operation: 'POST /track/api/v2/fraud/report',
        fingerprint: body,
      };
      const answer = await idempotency.run(principal, request, async (tx) => {
        const data = await reports.createReport(kernel, tx, principal, body);
        return { status: 202, body: { success: true, data } };
      });
      return reply.code(answer.status as 202).send(answer.body as never);
    },
  );

  app.get(
    '/api/v2/fraud/report/:id',
    {
      config: { scope: 'fraud:read' },
      schema: {
        summary: 'How a report stands',
        params: IdParams,
        response: { 200: envelope(wire.Report) },
      },
    },
    async ({ principal, params }) => ({
      success: true as const,
      data: await reports.getReport(database.db, principal.organizationId, params.id),
    }),
  );

  app.get(
    '/api/v2/fraud/report/:id/csv',
    {
      config: { scope: 'fraud:read' },
      schema: {
        summary: 'Download a report; 409 while it is being written',
        params: IdParams,
        produces: ['text/csv'],
      },
    },
    async ({ principal, params }, reply) => {
      const file = await reports.readReport(kernel, principal.organizationId, params.id);
      return (reply as FastifyReply)
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="fraud-report-${params.id}.csv"`)
        .send(file);
    },
  );
}
