/** What Ghostscript wrote, redacted and attacked. */
import { beforeAll, expect, test } from 'vitest';
import { attack } from './redact/attack/attack.ts';
import { FROM_GHOSTSCRIPT } from './redact/made/ghostscript.ts';

let complaints: ReadonlyMap<string, string[]>;
beforeAll(async () => {
  complaints = await attack(FROM_GHOSTSCRIPT);
}, 240_000);

test.each(FROM_GHOSTSCRIPT.map(({ name }) => name))('%s', (name) => {
  expect(complaints.get(name)).toEqual([]);
});
