import fc from 'fast-check';
import { expect, test } from 'vitest';
import { healthOf, percent, scoreOf } from './health.ts';

test('the score of 18 healthy, 5 warning and 2 risky is 82, and of none 100', () => {
  expect(scoreOf({ healthy: 18, warning: 5, risky: 2 })).toBe(82);
  expect(scoreOf({ healthy: 0, warning: 0, risky: 0 })).toBe(100);
});

test('health turns at the rates that the contract names, from 20 sends on', () => {
  const of = (sent: number, bounced: number, complained = 0) =>
    healthOf({ sent, bounced, complained });
  expect(of(19, 19)).toBe('healthy');
  expect([of(20, 1), of(100, 5), of(1000, 49), of(1000, 20), of(1000, 19)]).toEqual([
    'risky',
    'risky',
    'warning',
    'warning',
    'healthy',
  ]);
  expect([of(1000, 0, 3), of(1000, 0, 2), of(1000, 0, 1), of(1001, 0, 1)]).toEqual([
    'risky',
    'warning',
    'warning',
    'healthy',
  ]);
});

test('a percentage has two decimals and nothing of nothing is 0', () => {
  expect([percent(50, 5000), percent(1, 3), percent(1, 5000), percent(0, 0)]).toEqual([
    1, 33.33, 0.02, 0,
  ]);
  fc.assert(
    fc.property(fc.nat(10_000), fc.nat(10_000), (part, rest) => {
      const value = percent(part, part + rest);
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(100);
      expect(Math.round(value * 100)).toBeCloseTo(value * 100, 6);
    }),
  );
});
