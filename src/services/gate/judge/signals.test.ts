import { describe, expect, test } from 'vitest';
import type { ClientFacts, CrawlerFacts } from '../../../intel/index.ts';
import { readBehavior } from './behavior.ts';
import { readClient } from './client-signals.ts';
import { readFingerprint } from './fingerprint.ts';
import { languageOf, readHeaders } from './headers.ts';
import type { Signal } from './observation.ts';

const CHROME: ClientFacts = {
  ...{ device: 'desktop', os: 'Windows', osVersion: '10', browser: 'Chrome' },
  ...{ browserVersion: '149.0.0.0', isBot: false, botToken: null },
};
const CHROME_UA =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/149.0.0.0 Safari/537.36';
const IPHONE: ClientFacts = {
  ...CHROME,
  ...{ device: 'mobile', os: 'iOS', browser: 'Safari', browserVersion: '17.4' },
};
const NOBODY: CrawlerFacts = { status: 'none', name: null, operator: null, method: null };

const firedOf = (signals: readonly Signal[]) =>
  signals.filter(({ fired }) => fired).map(({ code }) => code);

describe('headers', () => {
  const of = (headers: Record<string, string>, client = CHROME, ua: string | null = CHROME_UA) =>
    firedOf(readHeaders(headers, ua, client));
  const HINTS = {
    'sec-ch-ua': '"Chromium";v="149", "Google Chrome";v="149", "Not?A_Brand";v="24"',
    'sec-ch-ua-mobile': '?0',
    'sec-ch-ua-platform': '"Windows"',
  };

  test('that fit, and headers that were not passed, say nothing', () => {
    expect(of({})).toEqual([]);
    expect(of({ ...HINTS, 'accept-language': 'en-US,en;q=0.9', 'user-agent': CHROME_UA })).toEqual(
      [],
    );
    expect(of({ 'accept-language': 'en' }, IPHONE)).toEqual([]);
  });

  test.each([
    ['another User-Agent', { 'user-agent': 'curl/8' }],
    ['an empty language', { 'accept-language': '' }],
    ['another version', { ...HINTS, 'sec-ch-ua': '"Chromium";v="120"' }],
    ['another system', { ...HINTS, 'sec-ch-ua-platform': '"Linux"' }],
    ['a phone on a desk', { ...HINTS, 'sec-ch-ua-mobile': '?1' }],
    ['hints without Chromium', { ...HINTS, 'sec-ch-ua': '"Nothing";v="1"' }],
  ])('%s is a mismatch', (_what, headers) => {
    expect(of(headers)).toEqual(['header_mismatch']);
  });

  test('client hints from Safari are a mismatch, and a bot is not judged by them', () => {
    expect(of(HINTS, IPHONE)).toEqual(['header_mismatch']);
    expect(of(HINTS, { ...IPHONE, isBot: true })).toEqual([]);
  });

  test.each([
    ['en-US,en;q=0.9', 'en-us'],
    ['de', 'de'],
    [' fr-CA ;q=1, fr', 'fr-ca'],
    ['*', null],
    ['', null],
    ["en'; DROP TABLE", null],
  ])('%j wants %j most', (header, language) => {
    expect(languageOf({ 'accept-language': header })).toBe(language);
  });
});

describe('a client', () => {
  const of = (userAgent: string | null, client: Partial<ClientFacts> = {}, crawler = NOBODY) =>
    firedOf(readClient(userAgent, { ...CHROME, ...client }, crawler));

  test('of today says nothing, and one that nobody described neither', () => {
    expect(of(CHROME_UA)).toEqual([]);
    expect(of(null, { browser: null, browserVersion: null, os: null })).toEqual([]);
  });

  test('that says it is a program is one; a false crawler is told as such, and once', () => {
    expect(of('curl/8', { isBot: true, browser: null })).toEqual(['known_bot']);
    const claim: CrawlerFacts = { ...NOBODY, status: 'refuted', name: 'Googlebot' };
    expect(of('Googlebot/2.1', { isBot: true, browser: null }, claim)).toEqual(['fake_bot']);
  });

  test.each([
    ['', { isBot: true }, 'ua_missing'],
    ['x HeadlessChrome/149', { isBot: true }, 'automation'],
    ['x', { browserVersion: '60.0' }, 'ua_old'],
    ['Mozilla/5.0 (Windows NT 15.0)', {}, 'ua_impossible'],
    ['Mozilla/5.0 (iPhone; Android 14)', {}, 'ua_impossible'],
    ['Mozilla/5.0', { browser: null }, 'ua_impossible'],
  ])('%j is told as it is', (userAgent, client, code) => {
    expect(of(userAgent, client)).toEqual([code]);
  });
});

describe('a fingerprint', () => {
  const of = (given: Record<string, unknown>, client = CHROME) =>
    firedOf(readFingerprint(given, client));

  test('that fits says nothing', () => {
    expect(of({ webdriver: false, automation: [], platform: 'Win32', languages: ['en'] })).toEqual(
      [],
    );
    expect(of({ platform: 'iPhone', touchPoints: 5 }, IPHONE)).toEqual([]);
    expect(of({})).toEqual([]);
  });

  test.each([
    [{ webdriver: true }, CHROME, 'automation'],
    [{ automation: ['_phantom'] }, CHROME, 'automation'],
    [{ platform: 'Linux x86_64' }, CHROME, 'fingerprint_mismatch'],
    [{ touchPoints: 0 }, IPHONE, 'fingerprint_mismatch'],
    [{ languages: [] }, CHROME, 'fingerprint_mismatch'],
    [{ screen: { width: 0, height: 0 } }, CHROME, 'fingerprint_mismatch'],
  ])('%j is told as it is', (given, client, code) => {
    expect(of(given, client)).toEqual([code]);
  });

  test('of any shape is read without harm', () => {
    for (const odd of [null, 1, 'x', [], {}, [[1]], true]) {
      const given = { webdriver: odd, automation: odd, platform: odd, languages: odd, screen: odd };
      expect(readFingerprint(given, CHROME)).toHaveLength(2);
    }
  });
});

describe('behavior', () => {
  const line = Array.from({ length: 10 }, (_, i) => [i * 5, i * 3, i * 16]);

  test('in a straight line at equal times is a machine, any other is not', () => {
    expect(firedOf(readBehavior({ pointer: line }))).toEqual(['robotic_behavior']);
    const uneven = line.map(([x, y, ms], i) => [x, y, (ms ?? 0) + (i % 3)]);
    expect(firedOf(readBehavior({ pointer: uneven }))).toEqual([]);
    const curved = line.map(([x, y, ms], i) => [x, (y ?? 0) + i * i, ms]);
    expect(firedOf(readBehavior({ pointer: curved }))).toEqual([]);
    expect(firedOf(readBehavior({ pointer: line.slice(0, 5) }))).toEqual([]);
    expect(firedOf(readBehavior({ pointer: line.map(() => [1, 1, 1]) }))).toEqual([]);
  });
});
