import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { expect, test } from 'vitest';
import { makeCertificate } from './certificate.ts';

const NOW = new Date('2026-11-21T10:00:00Z');

test.each(['mail.example.com', `${'a'.repeat(60)}.${'b'.repeat(60)}.example.com`])(
  'the certificate for %s is one that TLS takes, for that name and nothing else',
  (hostName) => {
    const { key, cert } = makeCertificate(hostName, NOW);
    const read = new X509Certificate(cert);
    expect(read.checkHost(hostName)).toBe(hostName);
    expect(read.checkHost('other.example.com')).toBeUndefined();
    expect(read.verify(read.publicKey)).toBe(true);
    expect(new Date(read.validFrom)).toEqual(NOW);
    expect(new Date(read.validTo)).toEqual(new Date('2036-11-21T10:00:00Z'));
    expect(() => createSecureContext({ key, cert })).not.toThrow();
  },
);

test('no two certificates share a key', () => {
  const [one, other] = [makeCertificate('a.example', NOW), makeCertificate('a.example', NOW)];
  expect(one.key).not.toBe(other.key);
});
