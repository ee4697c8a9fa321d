import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inCidr, lastOf, maskIp, neighbourhoodOf, parseAddress, parseCidr } from './address.ts';

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:c000:0201', '192.0.2.1'],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['2001:db8::1:0:0:1', '2001:db8::1:0:0:1'],
  ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
  ['::', '::'],
  ['::1', '::1'],
  ['1::', '1::'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2:3:4:5:6'],
])('%s is written as %s', (given, canonical) => {
  expect(parseAddress(given)?.text).toBe(canonical);
});

test.each([
  '',
  'localhost',
  '1.2.3',
  '1.2.3.256',
  '1.2.3.4.5',
  '01.2.3.4',
  'fe80::1%eth0',
  ':::',
  '1'.repeat(100),
  '1.2.3.4\n',
])('%j is no address', (text) => {
  expect(parseAddress(text)).toBeNull();
});

test.each([
  '10.0.0.0/33',
  '10.0.0.0/-1',
  '10.0.0.0/',
  '10.0.0.0/8/8',
  '/8',
  '2001:db8::/129',
  '::ffff:1.2.3.4/90',
  '1.2.3.4/1e1',
])('%j is no block', (text) => {
  expect(parseCidr(text)).toBeNull();
});

test('a block is written with its host bits cleared, and a mapped one as IPv4', () => {
  expect(parseCidr('192.0.2.77/24')?.text).toBe('192.0.2.0/24');
  expect(parseCidr('192.0.2.77')?.text).toBe('192.0.2.77/32');
  expect(parseCidr('2001:db8:ffff::1/33')?.text).toBe('2001:db8:8000::/33');
  expect(parseCidr('::ffff:192.0.2.77/120')?.text).toBe('192.0.2.0/24');
  expect(parseCidr('0.0.0.0/0')?.text).toBe('0.0.0.0/0');
});

test('what is kept of an address is a mask', () => {
  expect(maskIp('192.168.7.9')).toBe('192.168.x.x');
  expect(maskIp('::ffff:192.168.7.9')).toBe('192.168.x.x');
  expect(maskIp('2001:db8:7:8:9::1')).toBe('2001:db8:7::/48');
  expect(maskIp('nonsense')).toBe('');
});

test('a neighbourhood is the /24 or the /48', () => {
  const of = (text: string) => {
    const address = parseAddress(text);
    return address && neighbourhoodOf(address);
  };
  expect(of('203.0.113.77')).toBe('203.0.113.0/24');
  expect(of('2001:db8:7:8::1')).toBe('2001:db8:7::/48');
});

const v4 = fc.ipV4();
const v6 = fc.ipV6();

test('writing an address and reading it again changes nothing', () => {
  fc.assert(
    fc.property(fc.oneof(v4, v6), (text) => {
      const once = parseAddress(text);
      expect(once).not.toBeNull();
      expect(parseAddress(once?.text ?? '')).toEqual(once);
      const url = new URL(`http://${text.includes(':') ? `[${text}]` : text}/`);
      if (once?.version === 6) expect(`[${once.text}]`).toBe(url.hostname);
    }),
  );
});

test('a block holds its own ends and nothing of the other version', () => {
  fc.assert(
    fc.property(fc.oneof(v4, v6), fc.nat(128), (text, bits) => {
      const cidr = parseCidr(`${text}/${text.includes(':') ? bits : bits % 33}`);
      if (!cidr) return;
      expect(inCidr({ version: cidr.version, words: cidr.words, text: '' }, cidr)).toBe(true);
      expect(inCidr({ version: cidr.version, words: lastOf(cidr), text: '' }, cidr)).toBe(true);
      const other = parseAddress(cidr.version === 4 ? '2001:db8::1' : '192.0.2.1');
      expect(other && inCidr(other, cidr)).toBe(false);
    }),
  );
});
