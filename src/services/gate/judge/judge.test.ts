import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CrawlerFacts, parseCidr } from '../../../intel/index.ts';
import type { Counters } from './gates.ts';
import { type Case, judge } from './judge.ts';
import type { Observation, Signal } from './observation.ts';
import { REASONS, type SignalCode } from './reasons.ts';
import {
  type Condition,
  DEFAULT_THRESHOLDS,
  type Flow,
  type Overrides,
  type Rule,
  VERDICTS,
} from './settings.ts';

const SIGNALS = Object.entries(REASONS)
  .filter(([, { kind }]) => kind === 'signal')
  .map(([code]) => code as SignalCode);

const NOBODY: CrawlerFacts = { status: 'none', name: null, operator: null, method: null };
const GOOGLEBOT: CrawlerFacts = {
  status: 'verified',
  name: 'Googlebot',
  operator: 'Google',
  method: 'ranges',
};

function seenWith(fired: SignalCode[] = [], more: Partial<Observation> = {}): Observation {
  return {
    ...{ ip: '73.1.2.3', isIpv6: false, country: 'US', asn: 7922, org: 'Comcast' },
    ...{ network: 'residential', device: 'mobile', os: 'iOS', browser: 'Safari' },
    ...{ language: 'en-us', url: 'https://offer.example.com/lp?utm_source=fb', userAgent: 'x' },
    ...{ crawler: NOBODY, versions: {} },
    signals: SIGNALS.map((code): Signal => ({ code, fired: fired.includes(code), value: null })),
    ...more,
  };
}

function flowWith(more: Partial<Flow> = {}): Flow {
  return {
    ...{ id: 1, organizationId: 'org', keyId: null, createdAt: new Date(0), name: 'F' },
    ...{ whiteUrl: 'https://w.example/', whiteMode: 'redirect' },
    ...{ moneyUrl: 'https://m.example/', moneyMode: 'redirect', cloakingEnabled: true },
    ...{ blockVpnProxy: false, blockIpv6: false, allowKnownBots: false, allowDatacenter: false },
    ...{ allowBlocklistHits: false, flagIsAllowed: false, maxClicksPerIpPerDay: 0 },
    ...{ warmupClicks: 0, blockedCountries: [], allowedDevices: [], status: 'active' },
    ...{ thresholds: DEFAULT_THRESHOLDS, timeZone: null, shadow: false },
    ...more,
  } as Flow;
}

function ruleWith(more: Partial<Rule> = {}): Rule {
  return {
    ...{ id: 7, name: 'my rule', match: 'all', action: 'block', priority: 1, isActive: true },
    ...{ createdAt: new Date(0), conditions: [{ field: 'country', op: 'in', values: ['us'] }] },
    ...more,
  } as Rule;
}

const COUNTS: Counters = { flowTotal: 1, flowToday: 1, addressToday: 1 };

function decide(seen: Observation, more: Partial<Case> = {}) {
  return judge({
    ...{ seen, flow: null, rules: [], overrides: {}, counters: COUNTS, hour: () => 12 },
    ...more,
  });
}

describe('the score', () => {
  test('is the sum of the weights that fired, cut to 100', () => {
    expect(decide(seenWith(['relay', 'ua_old'])).score).toBe(20);
    expect(decide(seenWith(SIGNALS)).score).toBe(100);
    expect(decide(seenWith()).score).toBe(0);
  });

  test.each([
    [29, 'allow'],
    [30, 'flag'],
    [59, 'flag'],
    [60, 'challenge'],
    [79, 'challenge'],
    [80, 'block'],
  ])('of %d is %s', (score, verdict) => {
    const seen = seenWith();
    const flow = flowWith({
      // Thresholds moved so that one known weight stands at each side of each.
      thresholds: {
        flag: 30 - score + REASONS.header_mismatch.weight,
        challenge: 60 - score + REASONS.header_mismatch.weight,
        block: 80 - score + REASONS.header_mismatch.weight,
      },
    });
    const found = decide(
      { ...seen, signals: [{ code: 'header_mismatch', fired: true, value: null }] },
      { flow },
    );
    expect(found.verdict).toBe(verdict);
  });

  test('names its reasons strongest first, and a pass says why', () => {
    expect(decide(seenWith()).reasons).toEqual(['rep_trusted']);
    expect(decide(seenWith(['relay'])).reasons).toEqual(['rep_trusted', 'relay']);
    const { reasons } = decide(seenWith(['relay', 'tor', 'velocity']));
    expect(reasons).toEqual(['tor', 'velocity', 'relay']);
  });

  test('holds the least weights that the contract promises', () => {
    expect(REASONS.datacenter.weight).toBeGreaterThanOrEqual(40);
    expect(REASONS.blocklist.weight).toBeGreaterThanOrEqual(40);
    expect(REASONS.fake_bot.weight).toBeGreaterThanOrEqual(60);
    expect(REASONS.known_bot.weight).toBeGreaterThanOrEqual(80);
  });
});

describe('what the settings forgive', () => {
  test.each([
    ['datacenter', 'allowDatacenter'],
    ['blocklist', 'allowBlocklistHits'],
    ['known_bot', 'allowKnownBots'],
    ['fake_bot', 'allowKnownBots'],
  ] as const)('%s is forgiven by %s of the flow, and the body overrides the flow', (code, name) => {
    const seen = seenWith([code]);
    expect(decide(seen, { flow: flowWith({ [name]: true }) }).score).toBe(0);
    expect(decide(seen, { flow: flowWith({ [name]: false }) }).score).toBe(REASONS[code].weight);
    expect(
      decide(seen, { flow: flowWith({ [name]: false }), overrides: { [name]: true } }).score,
    ).toBe(0);
    expect(
      decide(seen, { flow: flowWith({ [name]: true }), overrides: { [name]: false } }).score,
    ).toBe(REASONS[code].weight);
  });

  test('a claim of being a crawler is told even where it is forgiven', () => {
    const forgiven = decide(seenWith(['fake_bot']), { overrides: { allowKnownBots: true } });
    expect(forgiven).toMatchObject({ verdict: 'allow', reasons: ['rep_trusted', 'fake_bot'] });
    const ruled = decide(seenWith(['fake_bot']), { rules: [ruleWith()] });
    expect(ruled.reasons).toEqual(['rule_block', 'fake_bot']);
  });
});

describe('gates', () => {
  test.each([
    ['country_blocked', { blockedCountries: ['US', 'CA'] }, {}],
    ['ipv6_blocked', { blockIpv6: true }, { isIpv6: true }],
    ['device_not_allowed', { allowedDevices: ['desktop'] }, {}],
    ['vpn', { blockVpnProxy: true }, { network: 'vpn' }],
    ['proxy', { blockVpnProxy: true }, { network: 'proxy' }],
    ['tor', { blockVpnProxy: true }, { network: 'tor' }],
  ] as const)('%s blocks and names itself', (code, settings, seen) => {
    const found = decide(seenWith([], seen), { flow: flowWith(settings) });
    expect(found).toMatchObject({ verdict: 'block', score: 100, ruleMatched: code, page: 'white' });
    expect(found.reasons).toContain(code);
  });

  test('a relay is no VPN, and VPN without the gate is a signal', () => {
    const strict = flowWith({ blockVpnProxy: true });
    expect(decide(seenWith(['relay'], { network: 'relay' }), { flow: strict }).verdict).toBe(
      'allow',
    );
    const mild = flowWith({ blockVpnProxy: false });
    const found = decide(seenWith(['vpn'], { network: 'vpn' }), { flow: mild });
    expect(found).toMatchObject({ verdict: 'flag', ruleMatched: null, reasons: ['vpn'] });
  });

  test('the daily cap lets through as many visits as it says', () => {
    const flow = flowWith({ maxClicksPerIpPerDay: 2 });
    const at = (addressToday: number) =>
      decide(seenWith(), { flow, counters: { ...COUNTS, addressToday } }).verdict;
    expect([1, 2, 3].map(at)).toEqual(['allow', 'allow', 'block']);
  });

  test('are looked at together, with the signals', () => {
    const flow = flowWith({ blockedCountries: ['US'], allowedDevices: ['desktop'] });
    const found = decide(seenWith(['datacenter', 'fake_bot']), { flow });
    expect(found.ruleMatched).toBe('country_blocked');
    expect(found.reasons).toEqual([
      ...['country_blocked', 'device_not_allowed', 'fake_bot', 'datacenter'],
    ]);
  });

  test('a country that is not known is not blocked', () => {
    const flow = flowWith({ blockedCountries: ['US'] });
    expect(decide(seenWith([], { country: null }), { flow }).verdict).toBe('allow');
  });
});

describe('rules', () => {
  const holds = (condition: Condition, seen = seenWith(), hour = 12) =>
    decide(seen, { rules: [ruleWith({ conditions: [condition] })], hour: () => hour }).ruleId === 7;

  test.each<[Condition, boolean]>([
    [{ field: 'country', op: 'in', values: ['us', 'ca'] }, true],
    [{ field: 'country', op: 'not_in', values: ['us'] }, false],
    [{ field: 'asn', op: 'in', values: ['7922'] }, true],
    [{ field: 'network', op: 'in', values: ['residential'] }, true],
    [{ field: 'device', op: 'in', values: ['desktop'] }, false],
    [{ field: 'os', op: 'in', values: ['ios'] }, true],
    [{ field: 'browser', op: 'not_in', values: ['chrome'] }, true],
    [{ field: 'language', op: 'in', values: ['en'] }, true],
    [{ field: 'language', op: 'in', values: ['en-gb'] }, false],
    [{ field: 'hour', op: 'in', values: ['12'] }, true],
    [{ field: 'org', op: 'contains', values: ['comc'] }, true],
    [{ field: 'org', op: 'is', values: ['comc'] }, false],
    [{ field: 'url', op: 'contains', values: ['/LP?'.toLowerCase()] }, true],
    [{ field: 'host', op: 'is', values: ['offer.example.com'] }, true],
    [{ field: 'path', op: 'is', values: ['/lp'] }, true],
    [{ field: 'query', op: 'contains', values: ['utm_source'] }, true],
    [{ field: 'utm_source', op: 'is', values: ['fb'] }, true],
    [{ field: 'utm_medium', op: 'is_not', values: ['cpc'] }, true],
    [
      {
        ...{ field: 'ip', op: 'in', values: ['73.0.0.0/8'] },
        blocks: [parseCidr('73.0.0.0/8')].flatMap((block) => block ?? []),
      } as Condition,
      true,
    ],
  ])('%j holds: %s', (condition, expected) => {
    expect(holds(condition)).toBe(expected);
  });

  test('what is not known is in no list', () => {
    const unknown = seenWith([], { country: null, org: null, url: null });
    expect(holds({ field: 'country', op: 'in', values: ['us'] }, unknown)).toBe(false);
    expect(holds({ field: 'country', op: 'not_in', values: ['us'] }, unknown)).toBe(true);
    expect(holds({ field: 'org', op: 'contains', values: ['a'] }, unknown)).toBe(false);
    expect(holds({ field: 'path', op: 'contains', values: ['a'] }, unknown)).toBe(false);
  });

  test('the first active one that matches decides, before gates and signals', () => {
    const rules = [
      ruleWith({ id: 1, isActive: false }),
      ruleWith({ id: 2, conditions: [{ field: 'country', op: 'in', values: ['fr'] }] }),
      ruleWith({ id: 3, name: 'let in', action: 'allow' }),
      ruleWith({ id: 4 }),
    ];
    const flow = flowWith({ blockedCountries: ['US'] });
    const found = decide(seenWith(['known_bot']), { rules, flow });
    expect(found).toMatchObject({ verdict: 'allow', score: 0, ruleMatched: 'let in', ruleId: 3 });
    expect(found.reasons).toEqual(['rule_allow']);
  });

  test('all and any mean what they say', () => {
    const conditions: Condition[] = [
      { field: 'country', op: 'in', values: ['us'] },
      { field: 'device', op: 'in', values: ['desktop'] },
    ];
    const matched = (match: 'all' | 'any') =>
      decide(seenWith(), { rules: [ruleWith({ match, conditions })] }).ruleId !== null;
    expect(matched('all')).toBe(false);
    expect(matched('any')).toBe(true);
  });
});

describe('flows that only observe', () => {
  test('warm-up lets everybody through, and keeps what would have been', () => {
    const flow = flowWith({ warmupClicks: 2, blockedCountries: ['US'] });
    const at = (flowTotal: number) =>
      decide(seenWith(['datacenter']), { flow, counters: { ...COUNTS, flowTotal } });
    expect(at(2)).toMatchObject({
      ...{ verdict: 'allow', page: 'money', score: 100 },
      would: { verdict: 'block', score: 100, ruleMatched: 'country_blocked' },
    });
    expect(at(2).reasons).toEqual(['warmup', 'country_blocked', 'datacenter']);
    expect(at(3)).toMatchObject({ verdict: 'block', would: null });
  });

  test('shadow decides and records, and always allows', () => {
    const found = decide(seenWith(['known_bot']), { flow: flowWith({ shadow: true }) });
    expect(found).toMatchObject({ verdict: 'allow', page: 'money', would: { verdict: 'block' } });
    expect(found.reasons).toEqual(['shadow', 'known_bot']);
  });

  test('a paused flow sends everybody to the white page, one without cloaking to the money page', () => {
    for (const crawler of [NOBODY, GOOGLEBOT]) {
      const seen = seenWith([], { crawler });
      expect(decide(seen, { flow: flowWith({ status: 'paused' }) }).page).toBe('white');
      expect(decide(seen, { flow: flowWith({ cloakingEnabled: false }) }).page).toBe('money');
    }
  });
});

describe('integrity', () => {
  const signals = fc.subarray(SIGNALS);
  const flow = fc.option(
    fc.record({
      cloakingEnabled: fc.boolean(),
      blockVpnProxy: fc.boolean(),
      blockIpv6: fc.boolean(),
      allowKnownBots: fc.boolean(),
      allowDatacenter: fc.boolean(),
      allowBlocklistHits: fc.boolean(),
      flagIsAllowed: fc.boolean(),
      shadow: fc.boolean(),
      maxClicksPerIpPerDay: fc.nat(2),
      warmupClicks: fc.nat(3),
      blockedCountries: fc.subarray(['US', 'DE']),
      allowedDevices: fc.subarray(['desktop', 'mobile', 'bot']),
      status: fc.constantFrom('active' as const, 'active' as const, 'paused' as const),
    }),
    { nil: null },
  );
  const rules = fc.array(
    fc.record({
      action: fc.constantFrom(...VERDICTS),
      match: fc.constantFrom('all' as const, 'any' as const),
      conditions: fc.subarray<Condition>(
        [
          { field: 'country', op: 'in', values: ['us'] },
          { field: 'device', op: 'in', values: ['bot', 'mobile'] },
          { field: 'asn', op: 'not_in', values: ['1'] },
        ],
        { minLength: 1 },
      ),
    }),
    { maxLength: 3 },
  );
  const overrides: fc.Arbitrary<Overrides> = fc.record(
    {
      allowKnownBots: fc.boolean(),
      allowDatacenter: fc.boolean(),
      allowBlocklistHits: fc.boolean(),
    },
    { requiredKeys: [] },
  );
  const counters = fc.record({
    ...{ flowTotal: fc.nat(5), flowToday: fc.nat(5), addressToday: fc.nat(3) },
  });
  const settings = fc.record({ flow, rules, overrides, counters }).map((given) => ({
    ...given,
    flow: given.flow && flowWith(given.flow),
    rules: given.rules.map((rule, id) => ruleWith({ ...rule, id })),
  }));
  const crawlers = fc.record({
    ...{ name: fc.constantFrom('Googlebot', 'AdsBot-Google', 'facebookexternalhit') },
    ...{ operator: fc.constantFrom('Google', 'Meta'), method: fc.constant(null) },
    status: fc.constantFrom('verified' as const, 'pending' as const),
  });
  const facts = fc.record({
    ...{ country: fc.constantFrom('US', 'DE', null), isIpv6: fc.boolean() },
    network: fc.constantFrom('hosting', 'vpn', 'tor', 'residential' as const),
    device: fc.constantFrom('bot', 'mobile', 'desktop' as const),
  });

  test('whatever is set, a proven crawler gets the page of allowed visitors or an open refusal', () => {
    fc.assert(
      fc.property(settings, signals, facts, crawlers, (given, fired, more, crawler) => {
        const found = decide(seenWith(fired, { ...more, crawler } as never), given);
        // The page that the most welcome visitor of that very moment gets.
        const welcome = decide(seenWith([], { country: null }), { ...given, rules: [] });
        const allowed = given.flow?.status === 'paused' ? 'white' : 'money';
        expect(['refuse', allowed]).toContain(found.page);
        if (given.flow?.status === 'paused') expect(welcome.page).toBe('white');
        if (found.page === 'refuse') {
          expect(found.verdict).toBe('block');
          expect(found.reasons).toContain(
            crawler.status === 'verified' ? 'verified_bot_refused' : 'unproven_bot',
          );
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('no rule, gate, signal or cap changes what a proven crawler gets', () => {
    fc.assert(
      fc.property(settings, signals, facts, (given, fired, more) => {
        const bare = decide(seenWith([], { crawler: GOOGLEBOT }), { ...given, rules: [] });
        const seen = seenWith(fired, { ...more, crawler: GOOGLEBOT } as never);
        const found = decide(seen, { ...given, counters: { ...COUNTS, addressToday: 99 } });
        expect([found.page, found.verdict]).toEqual([bare.page, bare.verdict]);
      }),
      { numRuns: 2_000 },
    );
  });

  test('warm-up shows the same page to all whom integrity does not refuse', () => {
    fc.assert(
      fc.property(settings, signals, facts, (given, fired, more) => {
        const warm = flowWith({ ...given.flow, warmupClicks: 10, status: 'active' });
        const found = decide(seenWith(fired, more as never), { ...given, flow: warm });
        expect(found.page).toBe('money');
      }),
    );
  });

  test('admitted, it is allowed with its reason; not admitted, refused with its reason', () => {
    const seen = seenWith(['datacenter'], { crawler: GOOGLEBOT });
    expect(decide(seen)).toMatchObject({
      ...{ verdict: 'block', page: 'refuse', reasons: ['verified_bot_refused'] },
    });
    expect(decide(seen, { overrides: { allowKnownBots: true } })).toMatchObject({
      ...{ verdict: 'allow', page: 'money', score: 0, reasons: ['verified_bot'] },
    });
  });

  test('only integrity refuses: nobody else is sent to a 403', () => {
    fc.assert(
      fc.property(settings, signals, facts, (given, fired, more) => {
        expect(decide(seenWith(fired, more as never), given).page).not.toBe('refuse');
      }),
    );
  });

  test('a record judged again under its own settings gives the same decision', () => {
    fc.assert(
      fc.property(settings, signals, facts, (given, fired, more) => {
        const seen = seenWith(fired, more as never);
        const once = decide(seen, given);
        const recorded = JSON.parse(JSON.stringify({ ...seen, signals: once.signals }));
        expect(decide(recorded, given)).toEqual(once);
      }),
    );
  });
});
