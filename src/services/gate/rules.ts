/** Rules: what may be a condition, and what must not. */
import { type Cidr, type Intel, NETWORK_KINDS, parseCidr } from '../../intel/index.ts';
import type { Db } from '../../kernel/db/schema.ts';
import { Fault, invalidField } from '../../kernel/fault.ts';
import type { Kernel } from '../../kernel/index.ts';
import { actorOf, type Principal } from '../../kernel/principal.ts';
import type { SettingsCache } from './account-settings.ts';
import {
  type Condition,
  LIST_FIELDS,
  type ListField,
  type Rule,
  type TextField,
} from './judge/settings.ts';
import type { ConditionWire, RulePatch } from './schema/rule.ts';
import * as store from './store/rule-store.ts';

export interface RuleDeps {
  kernel: Kernel;
  settings: SettingsCache;
  intel: Pick<Intel, 'aimsAtAdPlatform'>;
}

const DEFAULT_PRIORITY = 100;

export function listRules({ kernel }: RuleDeps, principal: Principal): Promise<Rule[]> {
  return store.listRules(kernel.database.db, principal.organizationId);
}

/** In the caller's transaction; the settings cache is told by the caller after the commit. */
export async function createRule(
  deps: RuleDeps,
  tx: Db,
  principal: Principal,
  input: RulePatch & { name: string },
): Promise<Rule> {
  const { organizationId } = principal;
  const values = merged(
    {
      ...{ name: '', match: 'all', conditions: [], action: 'block', isActive: true },
      priority: DEFAULT_PRIORITY,
    },
    input,
    deps.intel,
  );
  const rule = await store.insertRule(tx, organizationId, values, deps.kernel.clock.now());
  await deps.settings.publish(tx, organizationId);
  await audit(deps.kernel, tx, principal, 'rule.created', rule.id);
  return rule;
}

export function changeRule(
  { kernel, settings, intel }: RuleDeps,
  principal: Principal,
  id: number,
  patch: RulePatch,
): Promise<Rule> {
  const { organizationId } = principal;
  return settings.change(organizationId, async (tx) => {
    const before = await store.lockRule(tx, organizationId, id);
    if (!before) throw noRule();
    const rule = await store.updateRule(tx, id, merged(before, patch, intel));
    await audit(kernel, tx, principal, 'rule.changed', id);
    return rule;
  });
}

export function deleteRule(
  { kernel, settings }: RuleDeps,
  principal: Principal,
  id: number,
): Promise<void> {
  const { organizationId } = principal;
  return settings.change(organizationId, async (tx) => {
    if (!(await store.deleteRule(tx, organizationId, id))) throw noRule();
    await audit(kernel, tx, principal, 'rule.deleted', id);
  });
}

function noRule(): Fault {
  return new Fault('not_found', 'There is no rule of this id.');
}

function audit(
  kernel: Kernel,
  tx: Db,
  principal: Principal,
  action: string,
  id: number,
): Promise<void> {
  const { organizationId } = principal;
  return kernel.audit.append(tx, {
    ...{ organizationId, action },
    actor: actorOf(principal),
    target: `rule:${id}`,
  });
}

function merged(
  rule: store.RuleValues,
  patch: RulePatch,
  intel: RuleDeps['intel'],
): store.RuleValues {
  const name = patch.name?.trim() ?? rule.name;
  if (name === '' || name.includes('\u0000')) {
    throw invalidField('name', 'The name field must have at least 1 visible character');
  }
  return {
    name,
    match: patch.match ?? rule.match,
    action: patch.action ?? rule.action,
    priority: patch.priority ?? rule.priority,
    isActive: patch.is_active ?? rule.isActive,
    conditions:
      patch.conditions?.map((condition, i) => readCondition(condition, i, intel)) ??
      rule.conditions,
  };
}

function readCondition(wire: ConditionWire, i: number, intel: RuleDeps['intel']): Condition {
  const values = [wire.value].flat().map((value) => String(value).trim().toLowerCase());
  const at = `conditions.${i}`;
  const condition = isListField(wire.field)
    ? listCondition(wire.field, wire.op, values, at)
    : textCondition(wire.field, wire.op, values, at);
  refuseAim(condition, at, intel);
  return condition;
}

function isListField(field: string): field is ListField {
  return (LIST_FIELDS as readonly string[]).includes(field);
}

function textCondition(
  field: TextField,
  op: ConditionWire['op'],
  values: string[],
  at: string,
): Condition {
  if (values.some((value) => value === '' || value.includes('\u0000'))) {
    throw invalidField(`${at}.value`, `The ${at}.value field must not be empty`);
  }
  // `in` is what people write for one of several.
  const meant = op === 'in' ? 'is' : op === 'not_in' ? 'is_not' : op;
  return { field, op: meant, values };
}

const FORMS: Record<Exclude<ListField, 'ip'>, [form: RegExp, expected: string]> = {
  country: [/^[a-z]{2}$/, 'a two-letter country code'],
  asn: [/^\d{1,10}$/, 'the number of an autonomous system'],
  network: [new RegExp(`^(${NETWORK_KINDS.join('|')})$`), `one of ${NETWORK_KINDS.join(', ')}`],
  device: [/^(desktop|mobile|tablet|bot|other)$/, 'desktop, mobile, tablet, bot or other'],
  os: [/^[ -~]{1,60}$/, 'the name of a system'],
  browser: [/^[ -~]{1,60}$/, 'the name of a browser'],
  language: [/^[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}$/, 'a language such as en or en-us'],
  hour: [/^([01]?\d|2[0-3])$/, 'an hour from 0 to 23'],
};

function listCondition(
  field: ListField,
  op: ConditionWire['op'],
  given: string[],
  at: string,
): Condition {
  if (op === 'contains' || op === 'not_contains') {
    throw invalidField(`${at}.op`, `The ${at}.op field must be is, is_not, in or not_in`);
  }
  const meant = op === 'is' || op === 'in' ? 'in' : 'not_in';
  if (field === 'ip') {
    const blocks = given.map((value) => {
      const block = parseCidr(value);
      if (!block) {
        throw invalidField(`${at}.value`, `The ${at}.value field must be an address or a block`);
      }
      return block;
    });
    return { field, op: meant, values: blocks.map(({ text }) => text), blocks };
  }
  const [form, expected] = FORMS[field];
  const values = given.map((value) => (field === 'asn' ? value.replace(/^as/, '') : value));
  if (values.some((value) => !form.test(value))) {
    throw invalidField(`${at}.value`, `The ${at}.value field must be ${expected}`);
  }
  return { field, op: meant, values: field === 'hour' ? values.map(plainHour) : values };
}

const plainHour = (hour: string) => String(Number(hour));

/**
 * No rule singles out the staff or the tools of an ad platform: neither to show them another page nor
 * to treat them better. One that names their network, by number, name or address, is refused.
 */
function refuseAim(condition: Condition, at: string, intel: RuleDeps['intel']): void {
  const aims = condition.values.some((value, i) =>
    intel.aimsAtAdPlatform(targetOf(condition, value, i)),
  );
  if (!aims) return;
  throw invalidField(
    `${at}.value`,
    `The ${at}.value field must not name the network of an ad platform: no rule may single out its staff or tools`,
  );
}

function targetOf(
  condition: Condition,
  value: string,
  i: number,
): { asn?: number; org?: string; cidr?: Cidr } {
  if (condition.field === 'asn') return { asn: Number(value) };
  if (condition.field === 'org') return { org: value };
  if (condition.field === 'ip') {
    const cidr = 'blocks' in condition ? condition.blocks?.[i] : undefined;
    return cidr ? { cidr } : {};
  }
  return {};
}
