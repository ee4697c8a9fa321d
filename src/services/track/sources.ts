/** Traffic sources: which parameters of a link carry the click id, the cost and the sub ids. */
import type { Db } from '../../kernel/db/schema.ts';
import { Fault, invalidField } from '../../kernel/fault.ts';
import type { Kernel } from '../../kernel/index.ts';
import type { Principal } from '../../kernel/principal.ts';
import { LINKS_TOPIC } from './campaigns.ts';
import type { CreateSource, Source, UpdateSource } from './schema/campaign.ts';
import * as store from './store/source-store.ts';
import { metaOf, moment, offsetOf, type Paging } from './wire.ts';

/** The key under which nodes are told to read all links anew. */
export const ALL_LINKS = 'all';

export async function listSources(
  { database }: Kernel,
  { organizationId }: Principal,
  query: Paging,
) {
  const { rows, total } = await store.listSources(
    database.db,
    organizationId,
    query.per_page,
    offsetOf(query),
  );
  return { rows: rows.map(toWire), meta: metaOf(query, total) };
}

/** @throws Fault `not_found` */
export async function getSource(db: Db, { organizationId }: Principal, id: number) {
  const row = await store.findSource(db, organizationId, id);
  if (!row) throw noSource();
  return toWire(row);
}

export async function createSource(
  { clock }: Kernel,
  tx: Db,
  principal: Principal,
  body: CreateSource,
): Promise<Source> {
  const preset = body.preset === undefined ? null : await store.findPreset(tx, body.preset);
  if (body.preset !== undefined && !preset) {
    throw invalidField(
      'preset',
      'The preset field names no preset; GET /traffic-sources lists them',
    );
  }
  const name = body.name ?? preset?.name;
  if (name === undefined) throw invalidField('name', 'The name field is required');
  const fields: store.SourceFields = {
    name,
    preset: preset?.preset ?? null,
    clickIdParam: body.click_id_param ?? preset?.clickIdParam ?? null,
    costParam: body.cost_param ?? preset?.costParam ?? null,
    subParams: body.sub_params ?? preset?.subParams ?? {},
  };
  const id = await store.insertSource(tx, principal.organizationId, fields, clock.now());
  return getSource(tx, principal, id);
}

/** Changes only the fields given. */
export async function updateSource(
  { clock, database }: Kernel,
  tx: Db,
  principal: Principal,
  id: number,
  body: UpdateSource,
): Promise<Source> {
  const row = await own(tx, principal, id);
  const fields: store.SourceFields = {
    name: body.name ?? row.name,
    preset: row.preset,
    clickIdParam: body.click_id_param === undefined ? row.clickIdParam : body.click_id_param,
    costParam: body.cost_param === undefined ? row.costParam : body.cost_param,
    subParams: body.sub_params ?? row.subParams,
  };
  await store.updateSource(tx, id, fields, clock.now());
  await database.changes.publish(tx, LINKS_TOPIC, ALL_LINKS);
  return getSource(tx, principal, id);
}

export async function deleteSource(
  { database }: Kernel,
  tx: Db,
  principal: Principal,
  id: number,
): Promise<void> {
  await own(tx, principal, id);
  await store.deleteSource(tx, id);
  await database.changes.publish(tx, LINKS_TOPIC, ALL_LINKS);
}

async function own(tx: Db, { organizationId }: Principal, id: number): Promise<store.SourceRow> {
  const row = await store.findSource(tx, organizationId, id);
  if (!row) throw noSource();
  if (row.isPreset) {
    throw new Fault(
      'forbidden',
      'Presets stay as they are. Make a source of your own from it: POST {"preset": …}.',
    );
  }
  return row;
}

function noSource(): Fault {
  return new Fault('not_found', 'There is no such traffic source.');
}

function toWire(row: store.SourceRow): Source {
  return {
    id: row.id,
    name: row.name,
    preset: row.preset,
    is_preset: row.isPreset,
    click_id_param: row.clickIdParam,
    cost_param: row.costParam,
    sub_params: row.subParams,
    created_at: moment(row.createdAt),
    updated_at: moment(row.updatedAt),
  };
}
