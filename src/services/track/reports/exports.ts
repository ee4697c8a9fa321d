/** Lists as files: every row that the filters let through, streamed, so that none is too long. */
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { csvRow } from './csv.ts';

const TYPES = { csv: 'text/csv; charset=utf-8', ndjson: 'application/x-ndjson' } as const;

export function sendExport(
  reply: FastifyReply,
  name: string,
  format: keyof typeof TYPES,
  columns: readonly string[],
  rows: AsyncIterable<object>,
): FastifyReply {
  const text = format === 'csv' ? asCsv(columns, rows) : asNdjson(rows);
  return reply
    .type(TYPES[format])
    .header('content-disposition', `attachment; filename="${name}.${format}"`)
    .header('cache-control', 'no-store')
    .send(Readable.from(text));
}

async function* asCsv(columns: readonly string[], rows: AsyncIterable<object>) {
  yield csvRow(columns);
  for await (const row of rows) {
    yield csvRow(columns.map((column) => (row as Record<string, unknown>)[column]));
  }
}

async function* asNdjson(rows: AsyncIterable<object>) {
  for await (const row of rows) yield `${JSON.stringify(row)}\n`;
}
