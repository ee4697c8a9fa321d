/** What qpdf wrote, redacted and attacked. */
import { beforeAll, expect, test } from 'vitest';
import { attack } from './redact/attack/attack.ts';
import { FROM_QPDF } from './redact/made/qpdf.ts';

let complaints: ReadonlyMap<string, string[]>;
beforeAll(async () => {
  complaints = await attack(FROM_QPDF);
}, 240_000);

test.each(FROM_QPDF.map(({ name }) => name))('%s', (name) => {
  expect(complaints.get(name)).toEqual([]);
});
