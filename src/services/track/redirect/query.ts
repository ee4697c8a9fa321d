/** What the query of a tracking link brings: sub ids, the ad platform's click id, its own cost. */
import { parse } from 'node:querystring';
import type { Link } from './link-cache.ts';

export interface LinkQuery {
  /** `sub1`…`sub10`, and click ids of ad platforms by their own names; null where there are none. */
  params: Record<string, string> | null;
  externalId: string | null;
  /** Decimal; null where the click brought none. */
  cost: string | null;
}

const NOTHING: LinkQuery = { params: null, externalId: null, cost: null };
const SUBS = Array.from({ length: 10 }, (_, index) => `sub${index + 1}`);
/** What the platforms' own reports ask for, kept whatever the traffic source is. */
const PLATFORM_IDS = ['gclid', 'gbraid', 'wbraid', 'msclkid', 'fbclid', 'ttclid'];
const LONGEST_VALUE = 255;
const MOST_PARAMS = 100;

/** Reads what comes behind the `?`; values are cut to 255 characters, unknown ones ignored. */
export function readLinkQuery(query: string, { row, subParams }: Link): LinkQuery {
  if (query === '') return NOTHING;
  const given = parse(query, '&', '=', { maxKeys: MOST_PARAMS });
  const textOf = (name: string): string | null => {
    const value = given[name];
    const first = typeof value === 'string' ? value : value?.[0];
    return first ? first.slice(0, LONGEST_VALUE).toWellFormed().replaceAll('\u0000', '') : null;
  };
  let params: Record<string, string> | null = null;
  const keep = (name: string, value: string | null) => {
    if (value === null) return;
    params ??= {};
    params[name] ??= value;
  };
  for (const sub of SUBS) keep(sub, textOf(sub));
  for (const [sub, param] of subParams) keep(sub, textOf(param));
  for (const name of PLATFORM_IDS) keep(name, textOf(name));
  const cost = textOf(row.costParam ?? 'cost');
  return {
    params,
    externalId: row.clickIdParam === null ? null : textOf(row.clickIdParam),
    cost: cost !== null && /^\d{1,9}(\.\d{1,9})?$/.test(cost) ? cost : null,
  };
}
