/** The SQL of traffic sources. */
import { sql } from 'kysely';
import type { Db } from '../../../kernel/db/schema.ts';

export interface SourceFields {
  name: string;
  preset: string | null;
  clickIdParam: string | null;
  costParam: string | null;
  subParams: Record<string, string>;
}

export interface SourceRow extends SourceFields {
  id: number;
  isPreset: boolean;
  createdAt: Date;
  updatedAt: Date;
}

const SOURCES = sql`SELECT id, name, preset, organization_id IS NULL AS "isPreset",
  click_id_param AS "clickIdParam", cost_param AS "costParam", sub_params AS "subParams",
  created_at AS "createdAt", updated_at AS "updatedAt" FROM track.traffic_sources`;

/** The presets first, then the organization's own, oldest first. */
export async function listSources(
  db: Db,
  organizationId: string,
  limit: number,
  offset: number,
): Promise<{ rows: SourceRow[]; total: number }> {
  const mine = sql`(organization_id = ${organizationId} OR organization_id IS NULL)`;
  const { rows } = await sql<SourceRow>`${SOURCES} WHERE ${mine} ORDER BY id
    LIMIT ${limit} OFFSET ${offset}`.execute(db);
  const counted = await sql<{ total: number }>`SELECT count(*) AS total
    FROM track.traffic_sources WHERE ${mine}`.execute(db);
  return { rows, total: counted.rows[0]?.total ?? 0 };
}

/** A preset or one of the organization's own. */
export async function findSource(
  db: Db,
  organizationId: string,
  id: number,
): Promise<SourceRow | null> {
  const { rows } = await sql<SourceRow>`${SOURCES} WHERE id = ${id}::bigint
    AND (organization_id = ${organizationId} OR organization_id IS NULL)`.execute(db);
  return rows[0] ?? null;
}

export async function findPreset(db: Db, preset: string): Promise<SourceRow | null> {
  const { rows } = await sql<SourceRow>`${SOURCES}
    WHERE organization_id IS NULL AND preset = ${preset}`.execute(db);
  return rows[0] ?? null;
}

export async function insertSource(
  tx: Db,
  organizationId: string,
  fields: SourceFields,
  now: Date,
): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    INSERT INTO track.traffic_sources (organization_id, name, preset, click_id_param, cost_param,
      sub_params, created_at, updated_at)
    VALUES (${organizationId}, ${fields.name}, ${fields.preset}, ${fields.clickIdParam},
      ${fields.costParam}, ${JSON.stringify(fields.subParams)}, ${now}, ${now})
    RETURNING id`.execute(tx);
  return (rows[0] as { id: number }).id;
}

export async function updateSource(
  tx: Db,
  id: number,
  fields: SourceFields,
  now: Date,
): Promise<void> {
  await sql`UPDATE track.traffic_sources SET name = ${fields.name},
    click_id_param = ${fields.clickIdParam}, cost_param = ${fields.costParam},
    sub_params = ${JSON.stringify(fields.subParams)}, updated_at = ${now}
    WHERE id = ${id}`.execute(tx);
}

/** Campaigns that still use it go on without a source; their clicks keep what they had. */
export async function deleteSource(tx: Db, id: number): Promise<void> {
  await sql`UPDATE track.campaigns SET traffic_source_id = NULL
    WHERE traffic_source_id = ${id}`.execute(tx);
  await sql`DELETE FROM track.traffic_sources WHERE id = ${id}`.execute(tx);
}
