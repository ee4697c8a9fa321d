import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Address, type Cidr, inCidr, parseAddress, parseCidr } from '../address.ts';
import { tableFromCidrs } from './range-table.ts';

const address = (text: string) => parseAddress(text) as Address;
const cidr = (text: string) => parseCidr(text) as Cidr;

test('the narrowest block that holds the address gives its value', () => {
  const table = tableFromCidrs([
    { cidr: cidr('10.0.0.0/8'), value: 1 },
    { cidr: cidr('10.1.0.0/16'), value: 2 },
    { cidr: cidr('10.1.2.0/24'), value: 3 },
    { cidr: cidr('2001:db8::/32'), value: 4 },
  ]);
  expect(table.find(address('10.0.0.1'))).toBe(1);
  expect(table.find(address('10.1.0.0'))).toBe(2);
  expect(table.find(address('10.1.2.255'))).toBe(3);
  expect(table.find(address('10.1.3.0'))).toBe(2);
  expect(table.find(address('10.2.0.0'))).toBe(1);
  expect(table.find(address('11.0.0.0'))).toBe(-1);
  expect(table.find(address('9.255.255.255'))).toBe(-1);
  expect(table.find(address('2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'))).toBe(4);
  expect(table.find(address('2001:db9::'))).toBe(-1);
});

test('an empty table holds nothing', () => {
  expect(tableFromCidrs([]).find(address('1.2.3.4'))).toBe(-1);
  expect(tableFromCidrs([]).find(address('::1'))).toBe(-1);
});

/** Few bits differ, so that blocks nest and touch. */
const crowded = fc
  .tuple(fc.constantFrom(0, 1, 2, 3, 128, 255), fc.constantFrom(0, 1, 255))
  .map(([a, b]) => `10.0.${a}.${b}`);

test('any table agrees with looking at every block', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(crowded, fc.integer({ min: 15, max: 32 })), { maxLength: 20 }),
      fc.array(crowded, { minLength: 1 }),
      (given, asked) => {
        const blocks = [...new Map(given.map(([a, b]) => [cidr(`${a}/${b}`).text, 0])).keys()].map(
          (text, value) => ({ cidr: cidr(text), value }),
        );
        const table = tableFromCidrs(blocks);
        for (const text of asked) {
          const holding = blocks
            .filter((block) => inCidr(address(text), block.cidr))
            .sort((x, y) => y.cidr.bits - x.cidr.bits);
          expect(table.find(address(text))).toBe(holding[0]?.value ?? -1);
        }
      },
    ),
  );
});
