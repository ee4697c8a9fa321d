/**
 * How much of what others list is recognised. The lists are read where there are some beside the
 * checkout, and go into nothing but this; everywhere else a handful of well-known addresses stands in.
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { createLog } from '../kernel/telemetry/log.ts';
import { addressOf } from './address.ts';
import { type Intel, openIntel, parseCidr } from './index.ts';

const LISTS = resolve(import.meta.dirname, '../../../shared/data/ip');

let intel: Intel;
beforeAll(async () => {
  const clock = { now: () => new Date(0) };
  intel = await openIntel({ dataDir: LISTS, log: createLog('silent'), clock });
});

function blocksOf(list: string, standIn: string[]): string[] {
  const path = resolve(LISTS, `${list}.txt`);
  if (!existsSync(path)) return standIn;
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.map((line) => line.trim()).filter((line) => line && !line.startsWith('#'));
}

/** The share of the blocks, by their first addresses, that `holds` is true of. */
function share(blocks: string[], holds: (facts: ReturnType<Intel['classify']>) => boolean) {
  const found = blocks.filter((text) => {
    const cidr = parseCidr(text);
    return cidr && holds(intel.classify({ ip: addressOf(cidr.version, cidr.words).text }));
  });
  return found.length / blocks.length;
}

test.each([
  ['x4bnet/datacenter-ipv4', 0.65, ['5.9.0.0/16', '167.99.0.0/16', '3.5.140.0/24']],
  ['x4bnet/datacenter-ipv6', 0.6, ['2a01:4f8::/32', '2604:a880::/32']],
  ['x4bnet/vpn-ipv4', 0.85, ['185.159.156.0/22', '193.138.218.0/24']],
  ['ranges/amazon-ipv4', 0.75, ['3.5.140.0/24', '52.94.76.0/22']],
  ['ranges/microsoft-ipv4', 0.8, ['20.33.0.0/16', '40.74.0.0/15']],
  ['ranges/digitalocean-ipv4', 0.95, ['167.99.0.0/16', '64.225.0.0/20']],
  ['ranges/oracle-ipv4', 0.95, ['129.146.0.0/16', '140.238.0.0/16']],
])('of %s at least %d is no ordinary network', (list, least, standIn) => {
  const ordinary = new Set(['residential', 'unknown']);
  const found = share(blocksOf(list, standIn), ({ ip }) => !ordinary.has(ip?.network ?? 'unknown'));
  expect(found).toBeGreaterThanOrEqual(least);
});

test.each([
  ['ranges/apple-proxy-ipv4', ['172.224.224.0/27', '104.28.0.0/24']],
  ['ranges/apple-proxy-ipv6', ['2a02:26f7::/32', '2606:54c0::/32']],
])('of %s, which people browse by, nearly all is a relay', (list, standIn) => {
  expect(share(blocksOf(list, standIn), ({ ip }) => ip?.network === 'relay')).toBeGreaterThan(0.98);
});

test.each([
  ['ranges/googlebot-ipv6', 1, ['2001:4860:4801:10::/64']],
  ['ranges/googlebot-ipv4', 0.4, ['66.249.64.0/27', '66.249.79.0/27']],
  ['ranges/bing-ipv4', 1, ['157.55.39.0/24', '40.77.167.0/24']],
])('of %s at least %d is proven before any list was fetched', (list, least, standIn) => {
  const found = share(blocksOf(list, standIn), ({ verifiedBot }) => verifiedBot !== null);
  expect(found).toBeGreaterThanOrEqual(least);
});

test.each([
  ['ranges/googlebot-ipv4', 'Googlebot/2.1', ['34.118.254.0/28']],
  ['ranges/duckduckbot-ipv4', 'DuckDuckBot/1.1', ['40.88.21.235']],
  ['ranges/openai-ipv4', 'GPTBot/1.2', ['20.171.206.0/24']],
])('of %s none is called false before a list was fetched', (list, userAgent, standIn) => {
  const called = blocksOf(list, standIn).filter((text) => {
    const cidr = parseCidr(text);
    if (!cidr) return false;
    const { text: ip } = addressOf(cidr.version, cidr.words);
    return intel.classify({ ip, userAgent }).crawler.status === 'refuted';
  });
  expect(called).toEqual([]);
});
