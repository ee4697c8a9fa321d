/** What is found, what is not, and how it is told apart: one line a case. */
import { expect, test } from 'vitest';
import type { Options } from '../document.ts';
import { detect, planSearch } from './detect.ts';

function find(text: string, options: Options = {}): string[] {
  return detect([{ pageNumber: 1, text }], planSearch(options)).map(
    (finding) => `${finding.type}: ${finding.text}`,
  );
}

test.each([
  ['write to jane.doe+x@mail.example.co.uk.', 'email: jane.doe+x@mail.example.co.uk'],
  ['<mailto:"x"@y> and jörg@müller.de', 'email: jörg@müller.de'],
  ['jane [at] example [dot] org', 'email: jane [at] example [dot] org'],
  ['Call (415) 555-2671 today', 'phone: (415) 555-2671'],
  ['Call 415-555-2671 x123 today', 'phone: 415-555-2671 x123'],
  ['+44 20 7946 0018', 'phone: +44 20 7946 0018'],
  ['Tel. 0171/2345678', 'phone: 0171/2345678'],
  ['phone 4155552671', 'phone: 4155552671'],
  ['visa 4111 1111 1111 1111 123', 'credit_card: 4111 1111 1111 1111'],
  ['5105-1051-0510-5100', 'credit_card: 5105-1051-0510-5100'],
  ['2223003122003222', 'credit_card: 2223003122003222'],
  ['378282246310005', 'credit_card: 378282246310005'],
  ['6304000000000000', 'credit_card: 6304000000000000'],
  ['card 4111 1111 1111\n1111.', 'credit_card: 4111 1111 1111\n1111'],
  ['123-45-6789', 'ssn: 123-45-6789'],
  ['SSN: 123456789', 'ssn: 123456789'],
  ['GB82WEST12345698765432 and more', 'iban: GB82WEST12345698765432'],
  ['DE89 3704 0044 0532 0130 00 AND', 'iban: DE89 3704 0044 0532 0130 00'],
  ['from 203.0.113.9.', 'ip_address: 203.0.113.9'],
  ['at 2001:db8:0:1::42 now', 'ip_address: 2001:db8:0:1::42'],
  ['00:1A:2b:3C:4d:5E', 'mac_address: 00:1A:2b:3C:4d:5E'],
  ['CVV: 123', 'card_security_code: 123'],
  ['valid thru 04/27', 'card_expiry: 04/27'],
  ['%B4111111111111111^DOE/JANE^2512101?', 'card_track: %B4111111111111111^DOE/JANE^2512101?'],
  ['DOB 3 Feb 1980', 'date_of_birth: 3 Feb 1980'],
  ['password: hunter2!x', 'secret: hunter2!x'],
  ['AKIAIOSFODNN7EXAMPLE', 'secret: AKIAIOSFODNN7EXAMPLE'],
  ['QQ123456C is none, AB 12 34 56 C is', 'national_id: AB 12 34 56 C'],
  ['MRN: 00123456', 'medical_record: 00123456'],
  ['DEA AB1234563', 'medical_license: AB1234563'],
  ['Dear Jane van Doe, how are you', 'name: Jane van Doe'],
  ['signed by Mr. O’Neill-Smith', 'name: O’Neill-Smith'],
  ['Patient: JANE DOE', 'name: JANE DOE'],
  [
    'at 12 North Elm Street, Apt 4, Springfield, IL 62704 today',
    'address: 12 North Elm Street, Apt 4, Springfield, IL 62704',
  ],
  ['Musterstraße 12a, 10115 Berlin', 'address: Musterstraße 12a, 10115 Berlin'],
  ['12 rue de la Paix, 75002 Paris', 'address: 12 rue de la Paix, 75002 Paris'],
  ['VIN 1HGCM82633A004352', 'vin: 1HGCM82633A004352'],
])('in %j: %s', (text, expected) => {
  expect(find(text)).toEqual([expected]);
});

test.each([
  'Version 10.1.2.3 of the software',
  'Order 4111 1111 1111 1112 has no check digit',
  'It was 1234567890123456 units',
  'pages 100-200, in 2024',
  '000-12-3456 and 666-12-3456 and 123-00-4567',
  'DE89 3704 0044 0532 0130 01',
  'Dear Sir or Madam,',
  'Dear Customer,',
  'Dr. No. 5 came in 2024 on Main Street',
  'an @ sign, a@b, @handle',
  'the ratio is 3.14159265358979',
  'see 12.5.1 and 300.400.500.600',
  'Revenue rose from 1,234,567 to 2,345,678 in Q3 2024.',
])('nothing in %j', (text) => {
  expect(find(text)).toEqual([]);
});

test('a value that a word gives away in one place is found in every place', () => {
  const text = 'SSN 123456789. Later, in a table: 123456789. Not 1234567890.';
  expect(find(text)).toEqual(['ssn: 123456789', 'ssn: 123456789']);
});

test('hipaa wants dates and ages over 89 gone, pii does not, pci-dss wants cards only', () => {
  const text = 'Seen on 3/14/2024, aged 93, card 4111111111111111, mail a@example.org';
  expect(find(text, { framework: 'hipaa' })).toEqual([
    ...['date: 3/14/2024', 'age: 93', 'credit_card: 4111111111111111', 'email: a@example.org'],
  ]);
  expect(find(text)).toEqual(['credit_card: 4111111111111111', 'email: a@example.org']);
  expect(find(text, { framework: 'pci-dss' })).toEqual(['credit_card: 4111111111111111']);
});

test('entities, exclude, minConfidence and terms say what is looked for', () => {
  const text = 'a@example.org from 203.0.113.9 about Project Ganymede, ref AB-1234';
  expect(find(text, { entities: ['ip_address'] })).toEqual(['ip_address: 203.0.113.9']);
  expect(find(text, { exclude: ['ip_address'] })).toEqual(['email: a@example.org']);
  expect(find(text, { minConfidence: 0.95 })).toEqual(['email: a@example.org']);
  expect(
    find(text, { entities: ['iban'], terms: ['project ganymede', '/[A-Z]{2}-\\d{4}/'] }),
  ).toEqual([...['term: Project Ganymede', 'term: AB-1234']]);
});

test.each([['/(a+)+b/'], ['/a*/'], ['/[/'], ['']])('the term %j is refused', (term) => {
  expect(() => planSearch({ terms: [term] })).toThrow(/term/i);
});

test('types and frameworks that do not exist are refused by name of the field', () => {
  expect(() => planSearch({ entities: ['nothing'] })).toThrow(/entities/);
  expect(() => planSearch({ framework: 'none' as never })).toThrow(/framework/);
});

test('a name beside a card is its holder’s where other names are not looked for', () => {
  const search = planSearch({ framework: 'pci-dss' });
  const text = 'PAN=4111111111111111|EXP=1127|NAME=JANE DOE';
  const found = detect([{ pageNumber: 1, text }], search);
  expect(found.map(({ type }) => type)).toEqual(['credit_card', 'card_expiry', 'cardholder_name']);
  expect(detect([{ pageNumber: 1, text: 'NAME=JANE DOE' }], search)).toEqual([]);
});
