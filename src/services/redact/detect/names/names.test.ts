/** Names in running text: what the tagger finds, and what it leaves alone. One line a case. */
import { expect, test } from 'vitest';
import type { Options } from '../../document.ts';
import { detect, planSearch } from '../detect.ts';

function find(text: string, options: Options = {}): string[] {
  return detect([{ pageNumber: 1, text }], planSearch(options)).map(
    (finding) => `${finding.type}: ${finding.text}`,
  );
}

test.each([
  ['Yesterday John Smith called about the invoice.', 'John Smith'],
  ['I spoke with María José García-López at length.', 'María José García-López'],
  ['The report was written by Jan van der Berg.', 'Jan van der Berg'],
  ['please ask petra about the keys', 'petra'],
  ['CONTRACT SIGNED BY JONATHAN MILLER', 'JONATHAN MILLER'],
  ['It was Siobhan O’Connor who asked.', 'Siobhan O’Connor'],
  ['Minutes taken by H. Okonkwo.', 'H. Okonkwo'],
  ['In re Crystal M. Long.', 'Crystal M. Long'],
])('in %j: %s', (text, name) => {
  expect(find(text, { entities: ['name'] })).toEqual([`name: ${name}`]);
});

test.each([
  'The Supplier shall deliver the Goods within ten Business Days.',
  'Revenue in the Services segment rose in March.',
  'Open Settings, choose Devices, then press Next.',
  'Please return the form to Human Resources by Friday.',
  'MRN and DOB are required. ISO 9001 applies.',
  'Der Vorstand hat den Bericht im Oktober beschlossen.',
])('nothing in %j', (text) => {
  expect(find(text)).toEqual([]);
});

test('a known person’s whole name is theirs where its words are ordinary ones, in capitals, too', () => {
  const text = 'In re Crystal M. Long.\nCRYSTAL LONG, Plaintiff.\nIt was a LONG day.';
  expect(find(text, { entities: ['name'] })).toEqual([
    'name: Crystal M. Long',
    'name: CRYSTAL LONG',
  ]);
});

test('places and organisations are found where they are asked for, and not otherwise', () => {
  const text = 'Anna Kowalska moved from Berlin to Spain to work for Siemens AG.';
  const entities = ['name', 'location', 'organization'];
  expect(find(text, { entities })).toEqual([
    'name: Anna Kowalska',
    'location: Berlin',
    'location: Spain',
    'organization: Siemens AG',
  ]);
  expect(find(text)).toEqual(['name: Anna Kowalska']);
});

test('an organisation without a sign of its own is found by what is said of it', () => {
  const text = 'It was bought by Harbourgrid in May. Send it to Nordwell Analytics GmbH.';
  expect(find(text, { entities: ['organization'] })).toEqual([
    'organization: Harbourgrid',
    'organization: Nordwell Analytics GmbH',
  ]);
});

test('a number is none of a name’s words', () => {
  const text = 'a wire transfer using this IBAN GB82WEST12345698765432';
  expect(find(text, { entities: ['organization', 'iban'] })).toEqual([
    'iban: GB82WEST12345698765432',
  ]);
});

test('hipaa leaves countries and states, and takes what is smaller', () => {
  const text = 'She moved from Reykjavik to Norway, and then from Texas to Manchester.';
  expect(find(text, { framework: 'hipaa' })).toEqual([
    'location: Reykjavik',
    'location: Manchester',
  ]);
});

test('a whole name found once is found again in all its shorter forms', () => {
  const text =
    "Report by Jonathan Fairweather. The rest: Fairweather's, FAIRWEATHER, Jonathan F.; Fairweather, J.; J. F.; J. Fairweather; and jonathan.fairweather@mail.";
  const found = find(text, { entities: ['name'] }).map((one) => one.slice('name: '.length));
  expect(found).toEqual([
    'Jonathan Fairweather',
    'Fairweather',
    'FAIRWEATHER',
    'Jonathan F.',
    'Fairweather, J.',
    'J. F.',
    'J. Fairweather',
    'jonathan.fairweather',
  ]);
});

test('a surname that is an ordinary word is one only where it is written like a name', () => {
  const text = 'Signed: Rebecca Field. Each field of the form is read. Then Mrs Field left.';
  const found = find(text, { entities: ['name'] });
  expect(found).toEqual(['name: Rebecca Field', 'name: Field']);
});

test('minConfidence moves what is found', () => {
  const text = 'Yesterday John Smith called about Consumables.';
  const loose = find(text, { entities: ['name'], minConfidence: 0.05 });
  const strict = find(text, { entities: ['name'], minConfidence: 0.95 });
  expect(strict).toEqual(['name: John Smith']);
  expect(loose.length).toBeGreaterThan(strict.length);
});

test('labels of stand-ins and marks of what is gone are no names', () => {
  expect(find('Dear [PERSON_1], your [ADDRESS_2] and █████ are noted. [REDACTED]')).toEqual([]);
});

test('any text is read to its end, however strange', () => {
  const strange = [
    '',
    '\u0000',
    '\ud800',
    '@@@',
    'A'.repeat(70_000),
    'A. '.repeat(30_000),
    '\n'.repeat(50_000),
    'é\u0301'.repeat(9_000),
  ];
  for (const text of strange) expect(Array.isArray(find(text))).toBe(true);
  const far = `${'word '.repeat(20_000)}\n\nYesterday John Smith called.`;
  expect(find(far)).toEqual(['name: John Smith']);
});

test('a list with letters has no initials', () => {
  expect(find('A. Keep the notices.\nB. State the changes.\nC. Add a copy.')).toEqual([]);
});

test('many thousand values that begin alike are each found where they repeat', () => {
  const mails = Array.from({ length: 20_000 }, (_, i) => `customer${i}@example.org`);
  const text = [...mails, 'Again: CUSTOMER777@example.org'].join('\n');
  expect(detect([{ pageNumber: 1, text }], planSearch({ entities: ['email'] }))).toHaveLength(
    20_001,
  );
});
