import { parseOptions } from '@node-rs/argon2';
import { expect, test } from 'vitest';
import { createPasswords, DECOY } from './passwords.ts';

const passwords = createPasswords();

test('an account that is not there costs the same as one that is', async () => {
  const made = await passwords.hash('ten letters');
  expect(parseOptions(DECOY)).toEqual(parseOptions(made));
  expect(await passwords.matches('ten letters', null)).toBe(false);
  expect(await passwords.matches('', null)).toBe(false);
});

test('the same password is never hashed to the same text', async () => {
  expect(await passwords.hash('ten letters')).not.toBe(await passwords.hash('ten letters'));
});

test('a flood is turned away, and those before it are served', async () => {
  const made = await passwords.hash('ten letters');
  const tries = Array.from({ length: 300 }, () => passwords.matches('ten letters', made));
  const results = await Promise.allSettled(tries);
  const served = results.filter((result) => result.status === 'fulfilled');
  expect(served.length).toBe(102);
  expect(served.every(({ value }) => value)).toBe(true);
  for (const result of results) {
    if (result.status === 'rejected') expect(result.reason.code).toBe('unavailable');
  }
});
