import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { REASONS } from './reasons.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../../../docs/gate.md'), 'utf8');

test('every reason is documented with its kind, weight and meaning, and no other is', () => {
  const rows = Object.entries(REASONS).map(([code, { kind, weight, meaning }]) => {
    const shown = kind === 'signal' ? weight : '';
    return `| \`${code}\` | ${kind} | ${shown} | ${meaning} |`;
  });
  const documented = page.split('\n').filter((line) => /^\| `\w+` \| [a-z]+ \| \d* \| /.test(line));
  expect(documented).toEqual(rows);
});

test('the codes that the contract names are all there', () => {
  for (const code of [
    ...['rep_trusted', 'datacenter', 'vpn', 'proxy', 'relay', 'tor', 'blocklist', 'known_bot'],
    ...['fake_bot', 'verified_bot', 'verified_bot_refused', 'automation', 'header_mismatch'],
    ...['velocity', 'country_blocked', 'device_not_allowed', 'ipv6_blocked', 'ip_daily_cap'],
    ...['warmup', 'quota_exhausted'],
  ]) {
    expect(REASONS).toHaveProperty(code);
  }
});
