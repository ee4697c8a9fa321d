/** Flows in the database. */
import { sql } from 'kysely';
import type { Db } from '../../../kernel/db/schema.ts';
import type { Flow, FlowSettings, PageMode } from '../judge/settings.ts';

interface FlowRow {
  id: number;
  organization_id: string;
  name: string;
  key_id: string | null;
  white_url: string;
  white_mode: PageMode;
  money_url: string;
  money_mode: PageMode;
  cloaking_enabled: boolean;
  block_vpn_proxy: boolean;
  block_ipv6: boolean;
  allow_known_bots: boolean;
  allow_datacenter: boolean;
  allow_blocklist_hits: boolean;
  flag_is_allowed: boolean;
  max_clicks_per_ip_per_day: number;
  warmup_clicks: number;
  blocked_countries: string[];
  allowed_devices: string[];
  status: 'active' | 'paused';
  threshold_flag: number;
  threshold_challenge: number;
  threshold_block: number;
  time_zone: string | null;
  shadow: boolean;
  created_at: Date;
}

/** What can be written: everything but the flow's identity. */
export type FlowValues = FlowSettings & { keyId: string | null };

/** Newest first. */
export async function listFlows(db: Db, organizationId: string): Promise<Flow[]> {
  const { rows } = await sql<FlowRow>`SELECT * FROM gate.flows
    WHERE organization_id = ${organizationId} ORDER BY id DESC`.execute(db);
  return rows.map(toFlow);
}

export async function findFlow(db: Db, organizationId: string, id: number): Promise<Flow | null> {
  const { rows } = await sql<FlowRow>`SELECT * FROM gate.flows
    WHERE organization_id = ${organizationId} AND id = ${id}`.execute(db);
  return rows[0] ? toFlow(rows[0]) : null;
}

/** The flow, locked until the transaction ends. */
export async function lockFlow(tx: Db, organizationId: string, id: number): Promise<Flow | null> {
  const { rows } = await sql<FlowRow>`SELECT * FROM gate.flows
    WHERE organization_id = ${organizationId} AND id = ${id} FOR UPDATE`.execute(tx);
  return rows[0] ? toFlow(rows[0]) : null;
}

/** Locks the organization, so that no two of its flows are made at once and the count holds. */
export async function countFlowsLocked(tx: Db, organizationId: string): Promise<number> {
  await sql`SELECT 1 FROM core.organizations WHERE id = ${organizationId} FOR UPDATE`.execute(tx);
  const { rows } = await sql<{ flows: number }>`SELECT count(*) AS flows FROM gate.flows
    WHERE organization_id = ${organizationId}`.execute(tx);
  return rows[0]?.flows ?? 0;
}

export async function insertFlow(
  tx: Db,
  organizationId: string,
  values: FlowValues,
  createdAt: Date,
): Promise<Flow> {
  const columns = toColumns(values);
  const { rows } = await sql<FlowRow>`
    INSERT INTO gate.flows (organization_id, created_at, ${names(columns)})
    VALUES (${organizationId}, ${createdAt}, ${sql.join(Object.values(columns))})
    RETURNING *`.execute(tx);
  return toFlow(rows[0] as FlowRow);
}

export async function updateFlow(tx: Db, id: number, values: FlowValues): Promise<Flow> {
  const columns = toColumns(values);
  const { rows } = await sql<FlowRow>`
    UPDATE gate.flows SET (${names(columns)}) = ROW (${sql.join(Object.values(columns))})
    WHERE id = ${id} RETURNING *`.execute(tx);
  return toFlow(rows[0] as FlowRow);
}

export async function deleteFlow(tx: Db, organizationId: string, id: number): Promise<boolean> {
  const { numAffectedRows } = await sql`DELETE FROM gate.flows
    WHERE organization_id = ${organizationId} AND id = ${id}`.execute(tx);
  if (numAffectedRows === 0n) return false;
  await sql`DELETE FROM gate.flow_visits WHERE flow_id = ${id}`.execute(tx);
  await sql`DELETE FROM gate.address_days WHERE flow_id = ${id}`.execute(tx);
  return true;
}

function names(columns: object) {
  return sql.join(Object.keys(columns).map((name) => sql.id(name)));
}

function toColumns(values: FlowValues): Omit<FlowRow, 'id' | 'organization_id' | 'created_at'> {
  return {
    name: values.name,
    key_id: values.keyId,
    white_url: values.whiteUrl,
    white_mode: values.whiteMode,
    money_url: values.moneyUrl,
    money_mode: values.moneyMode,
    cloaking_enabled: values.cloakingEnabled,
    block_vpn_proxy: values.blockVpnProxy,
    block_ipv6: values.blockIpv6,
    allow_known_bots: values.allowKnownBots,
    allow_datacenter: values.allowDatacenter,
    allow_blocklist_hits: values.allowBlocklistHits,
    flag_is_allowed: values.flagIsAllowed,
    max_clicks_per_ip_per_day: values.maxClicksPerIpPerDay,
    warmup_clicks: values.warmupClicks,
    blocked_countries: [...values.blockedCountries],
    allowed_devices: [...values.allowedDevices],
    status: values.status,
    threshold_flag: values.thresholds.flag,
    threshold_challenge: values.thresholds.challenge,
    threshold_block: values.thresholds.block,
    time_zone: values.timeZone,
    shadow: values.shadow,
  };
}

function toFlow(row: FlowRow): Flow {
  return {
    id: row.id,
    organizationId: row.organization_id,
    keyId: row.key_id,
    createdAt: row.created_at,
    name: row.name,
    whiteUrl: row.white_url,
    whiteMode: row.white_mode,
    moneyUrl: row.money_url,
    moneyMode: row.money_mode,
    cloakingEnabled: row.cloaking_enabled,
    blockVpnProxy: row.block_vpn_proxy,
    blockIpv6: row.block_ipv6,
    allowKnownBots: row.allow_known_bots,
    allowDatacenter: row.allow_datacenter,
    allowBlocklistHits: row.allow_blocklist_hits,
    flagIsAllowed: row.flag_is_allowed,
    maxClicksPerIpPerDay: row.max_clicks_per_ip_per_day,
    warmupClicks: row.warmup_clicks,
    blockedCountries: row.blocked_countries,
    allowedDevices: row.allowed_devices,
    status: row.status,
    thresholds: {
      flag: row.threshold_flag,
      challenge: row.threshold_challenge,
      block: row.threshold_block,
    },
    timeZone: row.time_zone,
    shadow: row.shadow,
  };
}
