/** What LibreOffice wrote as PDF, redacted and attacked. */
import { beforeAll, expect, test } from 'vitest';
import { attack } from './redact/attack/attack.ts';
import { PDFS_FROM_LIBREOFFICE } from './redact/made/libreoffice.ts';

let complaints: ReadonlyMap<string, string[]>;
beforeAll(async () => {
  complaints = await attack(PDFS_FROM_LIBREOFFICE);
}, 400_000);

test.each(PDFS_FROM_LIBREOFFICE.map(({ name }) => name))('%s', (name) => {
  expect(complaints.get(name)).toEqual([]);
});
