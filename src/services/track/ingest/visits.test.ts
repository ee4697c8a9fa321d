/** What is unique, what is a fast repeat and what a duplicate. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ClickRecord } from './click-record.ts';
import { decodeClick, encodeClick } from './click-record.ts';
import { judgeClicks, type VisitorMark } from './visits.ts';

const NOON = Date.UTC(2026, 0, 15, 12);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function click(change: Partial<ClickRecord> = {}): ClickRecord {
  return {
    id: 'clk_0',
    organizationId: 'org',
    campaignId: 1,
    atMs: NOON,
    isCounted: true,
    ip: '203.0.x.x',
    visitor: 'v',
    earlierVisitors: [],
    network: 'n',
    country: 'US',
    city: null,
    asn: null,
    device: 'mobile',
    os: 'iOS',
    browser: 'Safari',
    isBot: false,
    isVpn: false,
    isDatacenter: false,
    isDiverted: false,
    cost: '0.5',
    hasOwnCost: false,
    trafficSourceId: null,
    externalId: null,
    params: null,
    uniquenessWindowHours: 24,
    clickLimitPerMinute: null,
    ...change,
  };
}

function judge(clicks: ClickRecord[], marks = new Map<string, VisitorMark>()) {
  return judgeClicks(clicks, marks).judged.map(({ isUnique, fraud }) => [isUnique, fraud]);
}

describe('unique clicks', () => {
  test('the first within the window is unique, the others are duplicates, then it starts anew', () => {
    const clicks = [0, 1, 23.9, 24, 25].map((hours) => click({ atMs: NOON + hours * HOUR }));
    expect(judge(clicks)).toEqual([
      [true, null],
      [false, 'duplicate'],
      [false, 'duplicate'],
      [true, null],
      [false, 'duplicate'],
    ]);
  });

  test('a window reaches over midnight, although the name of the visitor changes there', () => {
    const before = click({ atMs: NOON, visitor: 'monday' });
    const after = click({
      atMs: NOON + 13 * HOUR,
      visitor: 'tuesday',
      earlierVisitors: ['monday'],
    });
    const later = { ...after, atMs: NOON + 24 * HOUR };
    expect(judge([before, after, later])).toEqual([
      [true, null],
      [false, 'duplicate'],
      [true, null],
    ]);
  });

  test('campaigns do not know of each other, and what is not counted leaves no trace', () => {
    const clicks = [click({ isCounted: false }), click(), click({ campaignId: 2 }), click()];
    expect(judge(clicks)).toEqual([
      [false, null],
      [true, null],
      [true, null],
      [false, 'duplicate'],
    ]);
  });

  test('cut into batches anywhere, the judgement is the same', () => {
    const anyClick = fc
      .record({
        atMs: fc.integer({ min: NOON, max: NOON + 60 * HOUR }),
        visitor: fc.constantFrom('a', 'b', 'c'),
        campaignId: fc.constantFrom(1, 2),
        isCounted: fc.boolean(),
        uniquenessWindowHours: fc.constantFrom(1, 24),
        clickLimitPerMinute: fc.constantFrom(null, 1, 2),
      })
      .map(click);
    fc.assert(
      fc.property(fc.array(anyClick), fc.nat(), (given, cut) => {
        const clicks = given.toSorted((a, b) => a.atMs - b.atMs);
        const at = cut % (clicks.length + 1);
        const marks = new Map<string, VisitorMark>();
        const inTwo = [...judge(clicks.slice(0, at), marks), ...judge(clicks.slice(at), marks)];
        expect(inTwo).toEqual(judge(clicks));
      }),
    );
  });
});

describe('the one fraud type of a click', () => {
  test('is the first that holds: bot, datacenter, vpn, rapid_fire, duplicate', () => {
    const all = { isBot: true, isDatacenter: true, isVpn: true };
    const types = [all, { ...all, isBot: false }, { isVpn: true }, {}, {}].map((change) =>
      click({ ...change, clickLimitPerMinute: 4 }),
    );
    expect(judge(types).map(([, fraud]) => fraud)).toEqual([
      'bot',
      'datacenter',
      'vpn',
      'duplicate',
      'rapid_fire',
    ]);
  });

  test('is rapid_fire beyond the limit of one minute, which starts anew with the next', () => {
    const clicks = [0, 1, 2, 3].map((seconds) =>
      click({ atMs: NOON + seconds * 1_000, clickLimitPerMinute: 2 }),
    );
    const next = click({ atMs: NOON + MINUTE, clickLimitPerMinute: 2 });
    expect(judge([...clicks, next]).map(([, fraud]) => fraud)).toEqual([
      null,
      'duplicate',
      'rapid_fire',
      'rapid_fire',
      'duplicate',
    ]);
  });
});

test('a click comes out of its journal record as it went in', () => {
  const odd = click({
    params: { sub1: 'a"b\\c\u2028', gclid: 'é' },
    isVpn: true,
    hasOwnCost: true,
  });
  expect(decodeClick(encodeClick(odd))).toEqual(odd);
  expect(() => decodeClick('[2]')).toThrow(/version 2/);
});
