import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { expect, test } from 'vitest';
import { makeCertificate, readCertificate } from './certificate.ts';

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

test('a certificate that is not there, or not of the key, is said by the names of the settings', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'certificate-'));
  const [one, other] = [makeCertificate('a.example', NOW), makeCertificate('a.example', NOW)];
  const [cert, key, wrong] = ['cert.pem', 'key.pem', 'wrong.pem'].map((name) => join(dir, name));
  await writeFile(cert ?? '', one.cert);
  await writeFile(key ?? '', one.key);
  await writeFile(wrong ?? '', other.key);
  expect(String((await readCertificate(cert ?? '', key ?? '')).cert)).toBe(one.cert);
  for (const path of [wrong, join(dir, 'none.pem')]) {
    await expect(readCertificate(cert ?? '', path ?? '')).rejects.toThrow(
      /^CLOAKROOM_SMTP_TLS_CERT and CLOAKROOM_SMTP_TLS_KEY cannot be used together: /,
    );
  }
  await rm(dir, { recursive: true });
});
