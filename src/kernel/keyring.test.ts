import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Keyring, openKeyring, sameSecret } from './keyring.ts';

const ring = new Keyring(randomBytes(32));

test('what is sealed opens again, and only whole, in its context, under its purpose and key', () => {
  const sealed = ring.seal('mail', 'hello', 'row 1');
  expect(sealed.includes('hello')).toBe(false);
  expect(ring.open('mail', sealed, 'row 1').toString()).toBe('hello');
  expect(() => ring.open('mail', sealed, 'row 2')).toThrow();
  expect(() => ring.open('files', sealed, 'row 1')).toThrow();
  expect(() => new Keyring(randomBytes(32)).open('mail', sealed, 'row 1')).toThrow();
  for (let i = 0; i < sealed.length; i++) {
    const damaged = Buffer.from(sealed);
    damaged[i] = (damaged[i] ?? 0) ^ 1;
    expect(() => ring.open('mail', damaged, 'row 1')).toThrow();
  }
  expect(() => ring.open('mail', sealed.subarray(0, 5), 'row 1')).toThrow();
});

test('the key file is made once, private, and shared by all who start at the same time', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'keyring-'));
  const rings = await Promise.all(Array.from({ length: 20 }, () => openKeyring(dir)));
  const tags = new Set(rings.map((one) => one.mac('x', 'y').toString('hex')));
  expect(tags.size).toBe(1);
  const path = join(dir, 'keys', 'installation.key');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const given = await openKeyring('/nowhere', (await readFile(path, 'utf8')).trim());
  expect(tags.has(given.mac('x', 'y').toString('hex'))).toBe(true);
  await expect(openKeyring(dir, 'too short')).rejects.toThrow(/64 hex digits/);
});

test('secrets are compared by content, whatever their length', () => {
  expect(sameSecret('abc', 'abc')).toBe(true);
  expect(sameSecret('abc', 'abd')).toBe(false);
  expect(sameSecret('abc', 'abcd')).toBe(false);
});
