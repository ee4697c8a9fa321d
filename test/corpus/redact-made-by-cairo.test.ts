/** What Cairo wrote, redacted and attacked. */
import { beforeAll, expect, test } from 'vitest';
import { attack } from './redact/attack/attack.ts';
import { FROM_CAIRO } from './redact/made/cairo.ts';

let complaints: ReadonlyMap<string, string[]>;
beforeAll(async () => {
  complaints = await attack(FROM_CAIRO);
}, 240_000);

test.each(FROM_CAIRO.map(({ name }) => name))('%s', (name) => {
  expect(complaints.get(name)).toEqual([]);
});
