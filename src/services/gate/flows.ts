/** Flows: what may be set, how they are made and changed. */
import { planLimit } from '../../kernel/accounts/plan.ts';
import type { Db } from '../../kernel/db/schema.ts';
import { Fault, invalidField } from '../../kernel/fault.ts';
import type { Kernel } from '../../kernel/index.ts';
import type { KeyRow } from '../../kernel/keys/keys.ts';
import { actorOf, type Principal } from '../../kernel/principal.ts';
import type { SettingsCache } from './account-settings.ts';
import { isTimeZone } from './calendar.ts';
import { DEFAULT_THRESHOLDS, DEVICES, type Flow, type PageMode } from './judge/settings.ts';
import type { FlowPatch } from './schema/flow.ts';
import * as store from './store/flow-store.ts';

export interface FlowDeps {
  kernel: Kernel;
  settings: SettingsCache;
}

/** A flow with the number of its key, as the API names keys. */
export interface FlowView {
  flow: Flow;
  keyNumber: number | null;
}

const NEW_FLOW: Omit<store.FlowValues, 'name' | 'whiteUrl' | 'moneyUrl'> = {
  keyId: null,
  whiteMode: 'redirect',
  moneyMode: 'redirect',
  cloakingEnabled: true,
  blockVpnProxy: true,
  blockIpv6: false,
  allowKnownBots: false,
  allowDatacenter: false,
  allowBlocklistHits: false,
  flagIsAllowed: false,
  maxClicksPerIpPerDay: 0,
  warmupClicks: 0,
  blockedCountries: [],
  allowedDevices: [],
  status: 'active',
  thresholds: DEFAULT_THRESHOLDS,
  timeZone: null,
  shadow: false,
};

export async function listFlows({ kernel }: FlowDeps, principal: Principal): Promise<FlowView[]> {
  const { db } = kernel.database;
  const flows = await store.listFlows(db, principal.organizationId);
  return withKeys(flows, await gateKeys(kernel, db, principal));
}

export async function getFlow(
  { kernel }: FlowDeps,
  principal: Principal,
  id: number,
): Promise<FlowView> {
  const { db } = kernel.database;
  const flow = await store.findFlow(db, principal.organizationId, id);
  if (!flow) throw noFlow();
  const [view] = withKeys([flow], await gateKeys(kernel, db, principal));
  return view as FlowView;
}

/** In the caller's transaction; the settings cache is told by the caller after the commit. */
export async function createFlow(
  { kernel, settings }: FlowDeps,
  tx: Db,
  principal: Principal,
  input: FlowPatch & { name: string; white_url: string; money_url: string },
): Promise<FlowView> {
  const { organizationId, plan } = principal;
  const allowed = planLimit(plan, 'gate.flows');
  if ((await store.countFlowsLocked(tx, organizationId)) >= allowed) {
    throw new Fault('plan_limit', `Your plan allows ${allowed} flows. Delete one, or upgrade.`);
  }
  const keys = await gateKeys(kernel, tx, principal);
  const blank = { ...NEW_FLOW, name: '', whiteUrl: '', moneyUrl: '' };
  const values = merged(blank, input, keys);
  const flow = await store.insertFlow(tx, organizationId, values, kernel.clock.now());
  await settings.publish(tx, organizationId);
  await audit(kernel, tx, principal, 'flow.created', flow.id);
  return withKeys([flow], keys)[0] as FlowView;
}

export function changeFlow(
  { kernel, settings }: FlowDeps,
  principal: Principal,
  id: number,
  patch: FlowPatch,
): Promise<FlowView> {
  const { organizationId } = principal;
  return settings.change(organizationId, async (tx) => {
    const before = await store.lockFlow(tx, organizationId, id);
    if (!before) throw noFlow();
    const keys = await gateKeys(kernel, tx, principal);
    const flow = await store.updateFlow(tx, id, merged(before, patch, keys));
    await audit(kernel, tx, principal, 'flow.changed', id, { fields: Object.keys(patch) });
    return withKeys([flow], keys)[0] as FlowView;
  });
}

export function deleteFlow(
  { kernel, settings }: FlowDeps,
  principal: Principal,
  id: number,
): Promise<void> {
  const { organizationId } = principal;
  return settings.change(organizationId, async (tx) => {
    if (!(await store.deleteFlow(tx, organizationId, id))) throw noFlow();
    await audit(kernel, tx, principal, 'flow.deleted', id);
  });
}

/** The flow as it would be with the changes: checked like a real change, and kept nowhere. */
export async function draftFlow(
  deps: FlowDeps,
  principal: Principal,
  id: number,
  patch: FlowPatch,
): Promise<Flow> {
  const { flow } = await getFlow(deps, principal, id);
  const keys = await gateKeys(deps.kernel, deps.kernel.database.db, principal);
  return { ...flow, ...merged(flow, patch, keys) };
}

export function noFlow(): Fault {
  return new Fault('not_found', 'There is no flow of this id.');
}

/** A revoked key counts as none: nothing could call with it. */
function gateKeys({ keys }: Kernel, db: Db, { organizationId }: Principal): Promise<KeyRow[]> {
  return keys.list(db, organizationId, 'gate');
}

function withKeys(flows: readonly Flow[], keys: readonly KeyRow[]): FlowView[] {
  const numbers = new Map(keys.map(({ id, number }) => [id, number]));
  return flows.map((flow) => ({
    flow,
    keyNumber: flow.keyId === null ? null : (numbers.get(flow.keyId) ?? null),
  }));
}

function audit(
  kernel: Kernel,
  tx: Db,
  principal: Principal,
  action: string,
  id: number,
  details: Record<string, unknown> = {},
): Promise<void> {
  const { organizationId } = principal;
  return kernel.audit.append(tx, {
    ...{ organizationId, action, details },
    actor: actorOf(principal),
    target: `flow:${id}`,
  });
}

/** The flow with what the patch names changed. Faults name the field and what it should be. */
function merged(
  flow: store.FlowValues,
  patch: FlowPatch,
  keys: readonly KeyRow[],
): store.FlowValues {
  const values: store.FlowValues = {
    name: patch.name?.trim() ?? flow.name,
    keyId: patch.key_id === undefined ? flow.keyId : keyIdOf(patch.key_id, keys),
    whiteUrl: patch.white_url?.trim() ?? flow.whiteUrl,
    whiteMode: patch.white_mode ?? flow.whiteMode,
    moneyUrl: patch.money_url?.trim() ?? flow.moneyUrl,
    moneyMode: patch.money_mode ?? flow.moneyMode,
    cloakingEnabled: patch.cloaking_enabled ?? flow.cloakingEnabled,
    blockVpnProxy: patch.block_vpn_proxy ?? flow.blockVpnProxy,
    blockIpv6: patch.block_ipv6 ?? flow.blockIpv6,
    allowKnownBots: patch.allow_known_bots ?? flow.allowKnownBots,
    allowDatacenter: patch.allow_datacenter ?? flow.allowDatacenter,
    allowBlocklistHits: patch.allow_blocklist_hits ?? flow.allowBlocklistHits,
    flagIsAllowed: patch.flag_is_allowed ?? flow.flagIsAllowed,
    maxClicksPerIpPerDay: patch.max_clicks_per_ip_per_day ?? flow.maxClicksPerIpPerDay,
    warmupClicks: patch.warmup_clicks ?? flow.warmupClicks,
    blockedCountries:
      patch.blocked_countries === undefined
        ? flow.blockedCountries
        : countriesIn(patch.blocked_countries),
    allowedDevices:
      patch.allowed_devices === undefined ? flow.allowedDevices : devicesIn(patch.allowed_devices),
    status: patch.status ?? flow.status,
    thresholds: patch.thresholds ?? flow.thresholds,
    timeZone: patch.time_zone === undefined ? flow.timeZone : patch.time_zone,
    shadow: patch.shadow ?? flow.shadow,
  };
  checkFlow(values);
  return values;
}

function checkFlow(values: store.FlowValues): void {
  const { name, thresholds, timeZone } = values;
  if (name === '' || name.includes('\u0000')) {
    throw invalidField('name', 'The name field must have at least 1 visible character');
  }
  checkPage('white_url', values.whiteUrl, values.whiteMode);
  checkPage('money_url', values.moneyUrl, values.moneyMode);
  if (thresholds.flag > thresholds.challenge || thresholds.challenge > thresholds.block) {
    throw invalidField('thresholds', 'The thresholds field must rise from flag to block');
  }
  if (timeZone !== null && !isTimeZone(timeZone)) {
    throw invalidField('time_zone', 'The time_zone field must be an IANA zone or null');
  }
}

/** An address for `redirect`; for `local` a file beside the script, and nowhere else. */
function checkPage(field: string, page: string, mode: PageMode): void {
  if (mode === 'redirect') {
    const url = URL.canParse(page) ? new URL(page) : null;
    const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
    if (isWeb && !/[\s\u0000-\u001f"<>]/.test(page)) return;
    throw invalidField(field, `The ${field} field must be an http or https address`);
  }
  const isBeside = /^(?!.*\.\.)[A-Za-z0-9_-][A-Za-z0-9_./-]{0,254}$/.test(page);
  if (isBeside && !/\/\/|\/\.|\/$/.test(page)) return;
  throw invalidField(field, `The ${field} field must be the name of a file beside the script`);
}

const REGIONS = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });

function countriesIn(text: string): string[] {
  const codes = text
    .split(',')
    .map((code) => code.trim().toUpperCase())
    .filter(Boolean)
    // What people write for it; ISO 3166-1 has GB.
    .map((code) => (code === 'UK' ? 'GB' : code));
  const wrong = codes.find((code) => !/^[A-Z]{2}$/.test(code) || !REGIONS.of(code));
  if (wrong !== undefined) {
    throw invalidField(
      'blocked_countries',
      'The blocked_countries field must be two-letter country codes, comma separated',
    );
  }
  return [...new Set(codes)];
}

function devicesIn(text: string): string[] {
  const devices = text
    .split(',')
    .map((device) => device.trim().toLowerCase())
    .filter(Boolean);
  if (devices.some((device) => !(DEVICES as readonly string[]).includes(device))) {
    throw invalidField(
      'allowed_devices',
      `The allowed_devices field must be of ${DEVICES.join(', ')}, comma separated`,
    );
  }
  return [...new Set(devices)];
}

function keyIdOf(number: number | null, keys: readonly KeyRow[]): string | null {
  if (number === null) return null;
  const key = keys.find((row) => row.number === number);
  if (!key) throw new Fault('not_found', 'There is no key of this id.', { fields: { key_id: [] } });
  if (!key.isActive) throw invalidField('key_id', 'The key_id field must be a key in use');
  return key.id;
}
