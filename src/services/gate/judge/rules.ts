/**
 * Rules of an account: conditions over what was observed. There is no condition on who somebody works
 * for or on the name of a crawler, and what would stand for that is refused when a rule is made
 * (`rule-input.ts`).
 */
import { inCidr, parseAddress } from '../../../intel/index.ts';
import type { Observation } from './observation.ts';
import type { Condition, ListField, Rule, TextField } from './settings.ts';

/** The first rule that matches, by priority and then by age, or null. */
export function firstMatch(
  rules: readonly Rule[],
  seen: Observation,
  hour: () => number,
): Rule | null {
  return rules.find((rule) => rule.isActive && matches(rule, seen, hour)) ?? null;
}

function matches(rule: Rule, seen: Observation, hour: () => number): boolean {
  const holds = (condition: Condition) => conditionHolds(condition, seen, hour);
  return rule.match === 'all' ? rule.conditions.every(holds) : rule.conditions.some(holds);
}

/**
 * What is not known is in no list and contains nothing: the positive forms do not hold of it, the
 * negative ones do.
 */
function conditionHolds(condition: Condition, seen: Observation, hour: () => number): boolean {
  const { op } = condition;
  if (op === 'in' || op === 'not_in') {
    return isListed(condition, seen, hour) === (op === 'in');
  }
  const text = textOf(condition.field as TextField, seen)?.toLowerCase() ?? null;
  const found =
    text !== null &&
    condition.values.some((value) =>
      op === 'is' || op === 'is_not' ? text === value : text.includes(value),
    );
  return found === (op === 'is' || op === 'contains');
}

function isListed(condition: Condition, seen: Observation, hour: () => number): boolean {
  if ('blocks' in condition && condition.field === 'ip') {
    const address = parseAddress(seen.ip);
    return address !== null && (condition.blocks ?? []).some((block) => inCidr(address, block));
  }
  const value = listedValue(condition.field as ListField, seen, hour);
  if (value === null) return false;
  if (condition.values.includes(value)) return true;
  // `en` stands for every English.
  return condition.field === 'language' && condition.values.includes(value.split('-')[0] ?? value);
}

function listedValue(field: ListField, seen: Observation, hour: () => number): string | null {
  switch (field) {
    case 'hour':
      return String(hour());
    case 'asn':
      return seen.asn === null ? null : String(seen.asn);
    case 'ip':
      return seen.ip;
    default:
      return seen[field]?.toLowerCase() ?? null;
  }
}

function textOf(field: TextField, { org, url }: Observation): string | null {
  if (field === 'org') return org;
  if (field === 'url' || url === null) return url;
  const parts = URL.canParse(url) ? new URL(url) : null;
  if (!parts) return null;
  if (field === 'host') return parts.hostname;
  if (field === 'path') return parts.pathname;
  if (field === 'query') return parts.search.slice(1);
  return parts.searchParams.get(field);
}
