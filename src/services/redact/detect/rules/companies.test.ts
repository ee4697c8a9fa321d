/** Companies by their legal form. One line a case. */
import { expect, test } from 'vitest';
import { scan } from '../scan/scan.ts';
import { COMPANIES } from './companies.ts';

function companiesIn(text: string): string[] {
  return scan({ pageNumber: 1, text }, COMPANIES).map(({ start, end }) => text.slice(start, end));
}

test.each([
  ['We bought it from Mayer-Watkins Ltd. in May.', 'Mayer-Watkins Ltd.'],
  ['The Harbour & Sons Limited office', 'Harbour & Sons Limited'],
  ['signed for Nordlicht Verlag GmbH & Co. KG by', 'Nordlicht Verlag GmbH & Co. KG'],
  ['Frosti Energia S.p.A. ha deciso', 'Frosti Energia S.p.A.'],
  ['the contract with Drewno Polska Sp. z o.o. ends', 'Drewno Polska Sp. z o.o.'],
  ['Brightlark, Harbourgrid and Nordwell Data Inc. sell', 'Nordwell Data Inc.'],
  ['works for 3Bright Inc now', '3Bright Inc'],
  ['die Walther AG in Zug', 'Walther AG'],
  ['spol. Kovovýroba s.r.o. dodá', 'Kovovýroba s.r.o.'],
])('in %j: %s', (text, company) => {
  expect(companiesIn(text)).toContain(company);
});

test.each([
  'The limited company pays. Limited editions sell.',
  'A Public Limited Company',
  'THIS IS AS WRITTEN AND SE OR AG',
  'please find Inc attached',
  'in the AS 400 system',
])('nothing in %j', (text) => {
  expect(companiesIn(text)).toEqual([]);
});
