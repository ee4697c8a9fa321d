/** Addresses on both sides of every border of the public internet. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPublicAddress } from './public-address.ts';

const PRIVATE = [
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '100.100.100.200', // Alibaba's metadata service
  '127.0.0.1',
  '127.255.255.254',
  '168.63.129.16',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.192', // Oracle's metadata service
  '192.168.1.1',
  '198.19.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::127.0.0.1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:8.8.8.8',
  '64:ff9b::7f00:1', // NAT64
  '64:ff9b::8.8.8.8',
  '64:ff9b:1::1',
  '100::1', // discard-only
  '2001::1', // Teredo
  '2001:db8::1',
  '2002:7f00:1::', // 6to4 of 127.0.0.1
  '3fff::1',
  'fc00::1',
  'fd00:ec2::254', // Amazon's metadata service
  'fe80::1',
  'fec0::1',
  'ff02::1',
  'localhost',
  '',
  '1.2.3',
];

const PUBLIC = [
  '1.1.1.1',
  '8.8.8.8',
  '100.63.255.255',
  '100.128.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2a00:1450:4001:80b::200e',
];

describe('only addresses of the public internet are public', () => {
  test.each(PRIVATE)('%s is not', (address) => expect(isPublicAddress(address)).toBe(false));
  test.each(PUBLIC)('%s is', (address) => expect(isPublicAddress(address)).toBe(true));

  test('an IPv4 address within an IPv6 one is never public', () => {
    const prefixes = fc.constantFrom('::', '::ffff:', '::ffff:0:', '64:ff9b::');
    fc.assert(fc.property(prefixes, fc.ipV4(), (prefix, v4) => !isPublicAddress(prefix + v4)));
  });
});
