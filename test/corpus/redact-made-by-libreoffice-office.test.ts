/** What LibreOffice wrote as office files, redacted and attacked. */
import { beforeAll, expect, test } from 'vitest';
import { attackOffice } from './redact/attack/office.ts';
import { OFFICE_FROM_LIBREOFFICE } from './redact/made/libreoffice.ts';

let complaints: ReadonlyMap<string, string[]>;
beforeAll(async () => {
  complaints = await attackOffice(OFFICE_FROM_LIBREOFFICE);
}, 400_000);

test.each(OFFICE_FROM_LIBREOFFICE.map(({ name }) => name))('%s', (name) => {
  expect(complaints.get(name)).toEqual([]);
});
