import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLog } from '../kernel/telemetry/log.ts';
import { CRAWLERS } from './crawlers/crawlers.data.ts';
import { ATTRIBUTIONS, type Intel, type NameResolver, openIntel, parseCidr } from './index.ts';
import { HOSTING, PROXY, RELAY, TOR, VPN } from './networks/networks.data.ts';
import { PROTECTED_PLATFORMS } from './networks/protected-networks.data.ts';

const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1';
const GOOGLEBOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';
const YANDEX = 'Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)';

/** The names of a small Internet. */
const NAMES: Record<string, string> = {
  '5.255.231.1': 'spider-5-255-231-1.yandex.com',
  '5.255.231.2': 'spider-5-255-231-2.yandex.com',
  '5.255.231.3': 'notyandex.com',
};
const ADDRESSES: Record<string, string> = {
  'spider-5-255-231-1.yandex.com': '5.255.231.1',
  'spider-5-255-231-2.yandex.com': '198.51.100.9',
  'notyandex.com': '5.255.231.3',
};
let asked = 0;
let away = false;
const fail = (code: string) => Promise.reject(Object.assign(new Error(code), { code }));
const resolver: NameResolver = {
  reverse(ip) {
    asked++;
    if (away) return fail('ETIMEOUT');
    const name = NAMES[ip];
    return name ? Promise.resolve([name]) : fail('ENOTFOUND');
  },
  resolve4: async (name) => [ADDRESSES[name] ?? '192.0.2.1'],
  resolve6: () => fail('ENODATA'),
};

let dataDir: string;
let intel: Intel;
let nowMs = Date.UTC(2026, 10, 21);
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'intel-'));
  await mkdir(join(dataDir, 'intel'));
  await writeFile(
    join(dataDir, 'intel', 'tor.txt'),
    '# exits\n89.187.143.31\n\n31.13.24.9 # Meta\nnonsense\n',
  );
  const clock = { now: () => new Date(nowMs) };
  intel = await openIntel({ dataDir, log: createLog('silent'), clock, resolver });
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

describe('an address', () => {
  test.each([
    ['73.1.2.3', 'US', 7922, 'residential'],
    ['5.9.1.1', 'DE', 24940, 'hosting'],
    ['3.5.140.1', 'KR', 16509, 'hosting'],
    ['2001:4860:4860::8888', 'US', 15169, 'residential'],
    ['2a01:4f8::1', 'DE', 24940, 'hosting'],
    ['::ffff:5.9.1.1', 'DE', 24940, 'hosting'],
  ])('%s lies in %s, system %d, a %s network', (ip, country, asn, network) => {
    expect(intel.classify({ ip }).ip).toMatchObject({ country, asn, network });
  });

  test.each(['10.0.0.1', '127.0.0.1', '::1', 'fe80::1', '203.0.113.7', '2001:db8::1', '224.0.0.1'])(
    '%s is no visitor of the Internet',
    (ip) => {
      expect(intel.classify({ ip }).ip).toMatchObject({
        country: null,
        asn: null,
        network: 'reserved',
      });
    },
  );

  test('text that is no address has no facts', () => {
    expect(intel.classify({ ip: 'nonsense' }).ip).toBeNull();
    expect(intel.classify({ ip: null }).ip).toBeNull();
  });

  test("the operator's own lists count, and lines that are no block do not stop them", () => {
    expect(intel.classify({ ip: '89.187.143.31' }).ip).toMatchObject({
      network: 'tor',
      networkSource: 'feed:own:tor',
    });
    expect(intel.versions()).toHaveProperty('own:tor');
  });

  test('a feed takes the place of the one of its name', () => {
    const feed = {
      name: 'test',
      kind: 'blocklist',
      version: '1',
      blocks: ['73.1.2.0/24'],
    } as const;
    expect(intel.replaceFeed(feed)).toEqual({ taken: 1, refused: 0 });
    expect(intel.classify({ ip: '73.1.2.3' }).ip?.blocklists).toEqual(['test']);
    intel.replaceFeed({ ...feed, version: '2', blocks: ['x'] });
    expect(intel.classify({ ip: '73.1.2.3' }).ip?.blocklists).toEqual([]);
    expect(intel.versions()['test']).toBe('2');
  });
});

describe('a client', () => {
  test.each([
    [IPHONE, 'mobile', 'iOS', 'Safari', false],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/149.0.0.0 Safari/537.36',
      'desktop',
      'Windows',
      'Chrome',
      false,
    ],
    [
      'Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1',
      'tablet',
      'iOS',
      'Safari',
      false,
    ],
    ['curl/8.5.0', 'bot', null, null, true],
    ['python-requests/2.32', 'bot', null, null, true],
    ['', 'bot', null, null, true],
  ])('%j is a %s', (userAgent, device, os, browser, isBot) => {
    const { client } = intel.classify({ ip: null, userAgent });
    expect(client).toMatchObject({ device, os, browser, isBot });
  });

  test('a client that nobody described is unknown, not a bot', () => {
    expect(intel.classify({ ip: null }).client).toMatchObject({ device: 'other', isBot: false });
  });

  test('a hostile User-Agent costs no more than a plain one', () => {
    for (const part of ['(', 'Mozilla/5.0 ', 'a'.repeat(50), ';'.repeat(40), '\u0000', '𝕏']) {
      const { client } = intel.classify({ ip: null, userAgent: part.repeat(2_000) });
      expect(client.device).toEqual(expect.any(String));
    }
  });
});

describe('a declared crawler', () => {
  test('is proven by the blocks that its operator publishes, whatever it calls itself', () => {
    for (const userAgent of [GOOGLEBOT, IPHONE, '', null]) {
      const facts = intel.classify({ ip: '66.249.66.1', userAgent });
      expect(facts.verifiedBot).toEqual(expect.stringMatching(/bot|google/i));
      expect(facts.crawler).toMatchObject({ status: 'verified', operator: 'Google' });
      expect(facts.client).toMatchObject({ isBot: true, device: 'bot' });
    }
  });

  test('is not proven by its name, nor by a name server where ranges are published', async () => {
    const before = asked;
    const facts = await intel.verify({ ip: '73.1.2.3', userAgent: GOOGLEBOT });
    expect(facts.crawler).toMatchObject({ status: 'refuted', name: 'Googlebot' });
    expect(facts.verifiedBot).toBeNull();
    expect(asked).toBe(before);
  });

  test('is not called false from a network of its operator before the list was fetched', () => {
    const of = () => intel.classify({ ip: '34.118.254.3', userAgent: GOOGLEBOT }).crawler.status;
    expect(of()).toBe('pending');
    const blocks = ['66.249.64.0/19'];
    intel.replaceCrawlerBlocks('Google', blocks, '1');
    expect(of()).toBe('refuted');
    intel.replaceCrawlerBlocks('Google', [...blocks, '34.118.254.0/28'], '2');
    expect(of()).toBe('verified');
  });

  test('needs its name, too, where its network has other users', () => {
    const of = (userAgent: string) => intel.classify({ ip: '69.171.249.1', userAgent }).crawler;
    expect(of('facebookexternalhit/1.1').status).toBe('verified');
    expect(of(IPHONE).status).toBe('none');
  });

  test('is proven by a name that leads back to the address', async () => {
    expect(intel.classify({ ip: '5.255.231.1', userAgent: YANDEX }).crawler.status).toBe('pending');
    const facts = await intel.verify({ ip: '5.255.231.1', userAgent: YANDEX });
    expect(facts).toMatchObject({ verifiedBot: 'YandexBot', crawler: { method: 'reverse-dns' } });
    // Remembered: the next look-up asks nobody.
    const before = asked;
    expect(intel.classify({ ip: '5.255.231.1', userAgent: YANDEX }).verifiedBot).toBe('YandexBot');
    expect(asked).toBe(before);
  });

  test('is refuted by a name that leads elsewhere, and by one that only ends alike', async () => {
    for (const ip of ['5.255.231.2', '5.255.231.3', '5.255.231.4']) {
      const facts = await intel.verify({ ip, userAgent: YANDEX });
      expect(facts.crawler.status).toBe('refuted');
    }
  });

  test('stays open while the name servers are away, and is asked about again soon', async () => {
    NAMES['5.255.231.5'] = 'spider-5-255-231-5.yandex.com';
    ADDRESSES['spider-5-255-231-5.yandex.com'] = '5.255.231.5';
    away = true;
    const facts = await intel.verify({ ip: '5.255.231.5', userAgent: YANDEX });
    expect(facts.crawler.status).toBe('pending');
    away = false;
    nowMs += 60_000;
    const again = await intel.verify({ ip: '5.255.231.5', userAgent: YANDEX });
    expect(again.crawler.status).toBe('verified');
  });

  test('is known by blocks that were published later', () => {
    expect(intel.classify({ ip: '198.41.128.1', userAgent: 'CCBot/2.0' }).verifiedBot).toBeNull();
    intel.replaceCrawlerBlocks('Common Crawl', ['198.41.128.0/24'], '2026-11-22');
    expect(intel.classify({ ip: '198.41.128.1', userAgent: 'CCBot/2.0' }).verifiedBot).toBe(
      'CCBot',
    );
    expect(intel.classify({ ip: '18.97.9.169', userAgent: 'CCBot/2.0' }).verifiedBot).toBeNull();
  });
});

describe('ad platforms are not aimed at', () => {
  test('no table of networks holds one of theirs', () => {
    const listed = [HOSTING, VPN, PROXY, TOR, RELAY].flat().flatMap(({ asns }) => asns);
    const theirs = PROTECTED_PLATFORMS.flatMap(({ asns }) => asns);
    expect(listed.filter((asn) => theirs.includes(asn))).toEqual([]);
  });

  test('a feed entry within their network is not believed', () => {
    intel.replaceFeed({
      ...{ name: 'aimed', kind: 'blocklist', version: '1' },
      blocks: ['69.171.249.0/24', '2a03:2880::/32'],
    });
    for (const ip of ['69.171.249.1', '2a03:2880::1', '31.13.24.9']) {
      expect(intel.classify({ ip, userAgent: IPHONE }).ip).toMatchObject({
        network: 'residential',
        blocklists: [],
      });
    }
  });

  test('their network is recognised by number, by name and by address', () => {
    const block = (text: string) => parseCidr(text) ?? undefined;
    for (const target of [
      { asn: 32934 },
      { org: 'Facebook' },
      { org: 'bytedance' },
      { org: 'goog' },
      { cidr: block('69.171.249.0/24') },
      { cidr: block('2a03:2880:f000::/40') },
    ]) {
      expect(intel.aimsAtAdPlatform(target)).toBe(true);
    }
    for (const target of [
      { asn: 7922 },
      { asn: 396982 },
      { org: 'comcast' },
      { org: 'inc' },
      { cidr: block('0.0.0.0/0') },
      { cidr: block('5.9.0.0/16') },
    ]) {
      expect(intel.aimsAtAdPlatform(target)).toBe(false);
    }
  });
});

test('every declared crawler has a source and a way to be proven, and its blocks can be read', () => {
  for (const { operator, source, blocks, homes, asns, domains } of CRAWLERS) {
    expect([operator, URL.canParse(source)]).toEqual([operator, true]);
    expect([operator, [blocks, asns, domains].filter(Boolean).length]).toEqual([operator, 1]);
    expect([operator, (homes ?? []).length > 0]).toEqual([operator, blocks !== undefined]);
    expect((blocks ?? []).filter((text) => parseCidr(text) === null)).toEqual([]);
    expect((domains ?? []).filter((domain) => !domain.startsWith('.'))).toEqual([]);
  }
});

test('NOTICE names the data that ask for it', async () => {
  const notice = await readFile(resolve(import.meta.dirname, '../../NOTICE'), 'utf8');
  for (const { data, text } of ATTRIBUTIONS) {
    expect(notice).toContain(data);
    for (const name of text.match(/RouteViews|NRO|DB-IP|CC BY 4\.0/g) ?? []) {
      expect(notice).toContain(name);
    }
  }
});
