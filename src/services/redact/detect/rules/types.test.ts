/**
 * Each type that has no table of its own: what is found by the rules alone, and what merely looks
 * like it. One line a case. National numbers and addresses have their own tests.
 */
import { expect, test } from 'vitest';
import { FRAMEWORKS } from '../../frameworks/frameworks.ts';
import { ENTITY_TYPES, type EntityType } from '../entities.ts';
import { resolve } from '../resolver.ts';
import { scan } from '../scan/scan.ts';
import { RULES } from './index.ts';

const PERSONAL = FRAMEWORKS.gdpr.types;

function found(text: string, type: EntityType, language?: string): string[] {
  const rules = RULES.filter((rule) => rule.type === type || PERSONAL.includes(rule.type));
  const sure = scan({ pageNumber: 1, text }, rules, language).filter((c) => c.confidence >= 0.5);
  return resolve(sure)
    .filter((candidate) => candidate.type === type)
    .map(({ start, end }) => text.slice(start, end));
}

/** In a text, what is found of a type: nothing where the third is missing. */
type Case = readonly [type: EntityType, text: string, ...values: string[]];

const CASES: readonly Case[] = [
  ['email', 'to jane.doe+x@mail.example.co.uk.', 'jane.doe+x@mail.example.co.uk'],
  ['email', 'jane.doe@example.com32. Card', 'jane.doe@example.com'],
  ['email', `jane.doe@example.com${'A'.repeat(70)}`, `jane.doe@example.com${'A'.repeat(60)}`],
  ['email', 'jane [at] example [dot] org', 'jane [at] example [dot] org'],
  ['email', 'it is jane dot doe at example dot org', 'jane dot doe at example dot org'],
  ['email', 'a@b, @handle, user@localhost, the dot at the end dot, look at a dot'],
  ['phone', 'Call (415) 555-2671 today', '(415) 555-2671'],
  ['phone', '+44 20 7946 0018 12 people', '+44 20 7946 0018'],
  ['phone', '415-555-0101, 415-555-0102', '415-555-0101', '415-555-0102'],
  ['phone', 'phones: 555-0101, 555-0102', '555-0101', '555-0102'],
  ['phone', 'T-240.780.8829, but not AB-240.780.8829', '240.780.8829'],
  ['phone', 'Rufnummer 0171/2345678', '0171/2345678'],
  ['phone', 'Tél. : 01 42 68 53 00', '01 42 68 53 00'],
  ['phone', 'Tlf. 22 12 34 56', '22 12 34 56'],
  ['phone', 'Fax: 93 412 34 56', '93 412 34 56'],
  ['phone', 'items 12, 13, 14, 15, 16, 17 and 1,234,567'],
  ['phone', 'in 2023-2024, pages 100-200, 3.14159, 10.0.0.1, 12-31-2024'],
  ['url', 'see https://example.com/a?b=c#d.', 'https://example.com/a?b=c#d'],
  ['url', 'www.example.org, or example.com/path', 'www.example.org', 'example.com/path'],
  ['url', 'e.g. and i.e. and config.ts and and/or'],
  ['username', 'username: jdoe42', 'jdoe42'],
  ['username', 'user id jsmith99', 'jsmith99'],
  ['username', 'u/deepak_rao_88 on reddit; w/out and a/b/u/c', 'deepak_rao_88'],
  ['username', 'follow @jane_doe on Twitter', '@jane_doe'],
  ['username', 'https://github.com/octocat', 'octocat'],
  ['username', 'the username is required; @media and @Override'],
  ['ip_address', 'from 203.0.113.9.', '203.0.113.9'],
  ['ip_address', 'host-203-0-113-9.example, 1-2-3-4 go', '203-0-113-9'],
  ['ip_address', 'at 2001:db8:0:1::42 now', '2001:db8:0:1::42'],
  ['ip_address', 'version 10.1.2.3, 300.1.2.3, at 10:30:45, std::vector'],
  ['mac_address', '00:1A:2b:3C:4d:5E', '00:1A:2b:3C:4d:5E'],
  ['mac_address', '001a.2b3c.4d5e', '001a.2b3c.4d5e'],
  ['mac_address', '00:1A:2B:3C:4D and 12:34:56'],
  ['imei', 'IMEI 49-015420-323751-8', '49-015420-323751-8'],
  ['imei', 'IMEI: 490154203237518', '490154203237518'],
  ['imei', 'IMEI 49-015420-323751-9'],
  ['secret', 'AKIAIOSFODNN7EXAMPLE', 'AKIAIOSFODNN7EXAMPLE'],
  ['secret', `token ghp_${'a1B2'.repeat(9)}`, `ghp_${'a1B2'.repeat(9)}`],
  ['secret', 'password: hunter2!x', 'hunter2!x'],
  ['secret', '"api_key" = "zaCELgL0imfnc8mVLWwsAawjYr4Rx"', 'zaCELgL0imfnc8mVLWwsAawjYr4Rx'],
  ['secret', 'My password is Tr0ub4dor&3.', 'Tr0ub4dor&3'],
  ['secret', 'postgres://app:s3cr3tpw@localhost/x', 's3cr3tpw'],
  [
    'secret',
    `-----BEGIN RSA PRIVATE KEY-----\n${'MIIEow'.repeat(9)}\n-----END RSA PRIVATE KEY-----`,
    `-----BEGIN RSA PRIVATE KEY-----\n${'MIIEow'.repeat(9)}\n-----END RSA PRIVATE KEY-----`,
  ],
  ['secret', 'The password is required. Password: required; token: null; key performance'],
  ['secret', 'commit 5f0c3d1e2b4a69788796a5b4c3d2e1f00f1e2d3c of the key module'],
  ['crypto_address', '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa', '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa'],
  ['crypto_address', '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb'],
  [
    'crypto_address',
    'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4',
    'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4',
  ],
  ['crypto_address', 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5'],
  [
    'crypto_address',
    '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
    '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  ],
  ['crypto_address', '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe'],
  ['credit_card', 'visa 4111 1111 1111 1111 123', '4111 1111 1111 1111'],
  ['credit_card', '2223003122003222', '2223003122003222'],
  ['credit_card', '4222222222222', '4222222222222'],
  ['credit_card', '676770000005', '676770000005'],
  ['credit_card', '6304000000000000', '6304000000000000'],
  ['credit_card', '3782-822463-10005', '3782-822463-10005'],
  ['credit_card', '6011 0009 9013 9424', '6011 0009 9013 9424'],
  ['credit_card', '4111 1111 1111\n1111.', '4111 1111 1111\n1111'],
  ['credit_card', '4111111111111112 and 1111111111111111 and 2221 0000 0000 0000'],
  ['card_security_code', 'CVV: 123', '123'],
  ['card_security_code', 'Prüfziffer 4711', '4711'],
  ['card_security_code', 'CVV: 12345, code 123'],
  ['card_expiry', 'valid thru 04/27', '04/27'],
  ['card_expiry', 'Exp. date: 2027-04', '2027-04'],
  ['card_expiry', 'card 4111111111111111 04/27', '04/27'],
  ['card_expiry', 'valid thru 13/27; 04/27 of them'],
  ['card_track', '%B4111111111111111^DOE/JANE^2512101?', '%B4111111111111111^DOE/JANE^2512101?'],
  [
    'card_track',
    ';4111111111111111=25121010000000000000?',
    ';4111111111111111=25121010000000000000?',
  ],
  ['card_track', 'B4111^DOE^25 and 411=25'],
  ['card_pin', 'PIN: 1234', '1234'],
  ['card_pin', 'the PIN is 987654', '987654'],
  ['card_pin', 'his PIN 8841.', '8841'],
  ['card_pin', 'pin 12 to the board; PIN: 123; a PIN 12.5 long'],
  ['card_security_code', 'Amex 3782-822463-10005 (CID 1234)', '1234'],
  ['card_security_code', 'three digits on the back 123', '123'],
  ['card_security_code', 'CID 1234 of the police'],
  ['cardholder_name', 'Cardholder name: Jane Q. Doe', 'Jane Q. Doe'],
  ['cardholder_name', 'name on card MARTA J KOWALCZYK, PIN', 'MARTA J KOWALCZYK'],
  ['cardholder_name', 'HOLDER: JANE DOE', 'JANE DOE'],
  ['cardholder_name', 'Cardholder name: required; the name on card and cheque; Cardholder Data'],
  ['iban', 'GB82WEST12345698765432 and', 'GB82WEST12345698765432'],
  ['iban', 'de89 3704 0044 0532 0130 00', 'de89 3704 0044 0532 0130 00'],
  ['iban', 'DE89 3704 0044 0532 0130 01, GB82WEST1234569876543'],
  ['bic', 'BIC: DEUTDEFF500', 'DEUTDEFF500'],
  ['bic', 'The word INTERNAL beside DEUTXXFF500'],
  ['bank_account', 'routing number 021000021', '021000021'],
  ['bank_account', 'routing code: none, 021000022'],
  ['bank_account', 'Sort code 12-34-56', '12-34-56'],
  ['bank_account', 'Kontonummer: 532013000', '532013000'],
  ['bank_account', 'on account of 5 people; account balance'],
  ['ssn', '123-45-6789', '123-45-6789'],
  ['ssn', 'ITIN 912-70-1234', '912-70-1234'],
  ['ssn', '000-12-3456 and 666-12-3456 and 123-00-4567 and 912-40-1234'],
  ['national_id', 'Personalausweis-Nr. L01X00T47', 'L01X00T47'],
  ['national_id', 'CI seria RX 123456, PESEL: 02070803629', 'RX 123456', '02070803629'],
  ['national_id', 'national identity was the topic; sin 12 casos, cc: 3 people, PESEL: see below'],
  ['tax_id', 'Steuernummer: 93/815/08152', '93/815/08152'],
  ['tax_id', 'NIP: 526-104-08-29', '526-104-08-29'],
  ['tax_id', 'the tax reference guide'],
  ['vat_number', 'DE136695976', 'DE136695976'],
  ['vat_number', 'DE136695977'],
  ['passport', 'Passport No. C01X00T47', 'C01X00T47'],
  ['passport', 'Reisepass: 123456789', '123456789'],
  ['passport', 'a passport is needed by 2024; passport size'],
  ['driver_license', "driver's license number is D1234567", 'D1234567'],
  ['driver_license', 'Führerschein-Nr. B072RRE2I55', 'B072RRE2I55'],
  ['driver_license', 'a driver’s license is required'],
  [
    'mrz',
    'P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10',
    'P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<',
    'L898902C36UTO7408122F1204159ZE184226B<<<<<10',
  ],
  ['mrz', 'L898902C37UTO7408123F1204158ZE184226B<<<<<10'],
  ['vin', 'VIN 1HGCM82633A004352', '1HGCM82633A004352'],
  ['vin', '1HGCM82633A004352', '1HGCM82633A004352'],
  ['vin', '1HGCM82633A004353 and IHGCM82633A004352'],
  ['license_plate', 'number plate AB12 CDE', 'AB12 CDE'],
  ['license_plate', 'Kennzeichen: M-AB 1234', 'M-AB 1234'],
  ['license_plate', 'AB-123-CD', 'AB-123-CD'],
  ['license_plate', 'matrícula 1234 BCD', '1234 BCD'],
  ['license_plate', 'targa AB 123 CD', 'AB 123 CD'],
  ['license_plate', 'kenteken 12-AB-34', '12-AB-34'],
  ['license_plate', 'reg AB12 CDE', 'AB12 CDE'],
  ['license_plate', 'SO-AB 1234 pieces; AB12 CDE; USB-C 1000'],
  ['account_number', 'customer number: K-471100', 'K-471100'],
  ['account_number', 'employee_id=E0471199', 'E0471199'],
  ['account_number', 'Aktenzeichen: 12-O-345/24', '12-O-345/24'],
  ['account_number', 'PNR K7Q2ZD; cert #RN-448120', 'K7Q2ZD', 'RN-448120'],
  ['account_number', 'claim CLM-2025-88731, insured', 'CLM-2025-88731'],
  ['account_number', 'customer 91827364511 is locked', '91827364511'],
  [
    'account_number',
    'contract 2024-2026, case 2025-11-03, file ISO27001, claim 12345, loan 250000',
  ],
  ['account_number', 'case number one; customer no show; account manager 12'],
  ['medical_record', 'MRN: 00123456', '00123456'],
  ['medical_record', 'Patient ID 4711-22', '4711-22'],
  ['medical_record', 'the patient is 45; chart 3'],
  ['health_plan', '1EG4-TE5-MK73', '1EG4-TE5-MK73'],
  ['health_plan', 'Member ID: XYZ123456789', 'XYZ123456789'],
  ['health_plan', 'policy HO3-99281-7.', 'HO3-99281-7'],
  ['health_plan', 'member ID W2210 99812.', 'W2210 99812'],
  ['health_plan', 'Member ID: XYZ1234 2019', 'XYZ1234'],
  ['health_plan', 'policy 2025, group 12, plan 2024-25'],
  ['health_plan', '1EG4-TE5-MKI3; health insurance costs 1234'],
  ['medical_license', 'NPI 1234567893', '1234567893'],
  ['medical_license', 'DEA AB1234563', 'AB1234563'],
  ['medical_license', 'NPI 1234567894, DEA AB1234564'],
  ['device_id', 'Serial number: SN-4711-0815', 'SN-4711-0815'],
  ['device_id', 'UDI (01)00844588003288(17)141120(10)76A', '(01)00844588003288(17)141120(10)76A'],
  ['device_id', 'Medtronic SN 8841-AB-2201, LOT', '8841-AB-2201'],
  ['device_id', 'a serial number is printed; device 12'],
  [
    'date',
    '3/14/2024, 14.03.2024 and 2024-03-14T10:11:12Z',
    '3/14/2024',
    '14.03.2024',
    '2024-03-14T10:11:12Z',
  ],
  [
    'date',
    'March 5th, 2020; 4 July 2021; 14. März 2024',
    'March 5th, 2020',
    '4 July 2021',
    '14. März 2024',
  ],
  [
    'date',
    'le 1er janvier 2020; 3 de mayo de 2021; 12 maggio 2022',
    '1er janvier 2020',
    '3 de mayo de 2021',
    '12 maggio 2022',
  ],
  [
    'date',
    '5 maja 2021; 7. září 2020; 9 grudnia 2019; 17 mai 2018',
    '5 maja 2021',
    '7. září 2020',
    '9 grudnia 2019',
    '17 mai 2018',
  ],
  ['date', 'again on June 5. She', 'June 5'],
  ['date', 'Progress note 7/3: seen on 8/14, f/u 12/4', '7/3', '8/14', '12/4'],
  ['date', 'pain 7/10, on 1/2 tablet, strength 5/5, BP 128/76, open 24/7, on 3/4 of days'],
  ['date', 'in 2024, 99/99/2024, 31.02.2024, v1.2.34, 12/2024 pages, may 5 people march'],
  ['date_of_birth', 'DOB 3 Feb 1980', '3 Feb 1980'],
  ['date_of_birth', 'geb. am 4.7.1970 in', '4.7.1970'],
  ['date_of_birth', 'née le 3 mai 1968', '3 mai 1968'],
  ['date_of_birth', 'Date of birth: 19700704', '19700704'],
  ['date_of_birth', '(d.o.b. 7.6.71)', '7.6.71'],
  ['date_of_birth', 'DOB: 1.2.34', '1.2.34'],
  ['date_of_birth', 'the meeting of 3 Feb 1980'],
  ['age', 'aged 93', '93'],
  ['age', 'a 97-year-old man, age: 102', '97', '102'],
  ['age', 'turned 90 last week, her 96th birthday', '90', '96'],
  ['age', 'turned 90 degrees, a 50th birthday'],
  ['age', 'aged 89, 95 years of service, ages 5 to 9'],
  ['name', 'Dear Jane van Doe,', 'Jane van Doe'],
  ['name', 'Frau Dr. Hölzenbein, Dr. med. Annegret Voss', 'Hölzenbein', 'Annegret Voss'],
  ['name', 'D. José Antonio Quiroga, Dña. María Ruiz', 'José Antonio Quiroga', 'María Ruiz'],
  ['name', 'ask Officer Ramirez or Cllr. Moyo', 'Ramirez', 'Moyo'],
  ['name', 'tell mr. chowdhury and dr nkosi', 'chowdhury', 'nkosi'],
  ['name', 'PETITIONER, LORETTA WINTERS-BAIN, alleges', 'LORETTA WINTERS-BAIN'],
  ['name', 'see you there - Harriet\nHR', 'Harriet'],
  ['name', '{"firstName":"Odalys","last_name": "Carrasquillo"}', 'Odalys', 'Carrasquillo'],
  ['name', 'Ordering: Cho, Sungmin MD', 'Cho, Sungmin'],
  ['name', 'Deputy Director, Nurse Practitioner, Justice Department, Officer Training'],
  [
    'name',
    'mr later, dr suite, PLAINTIFF MOTION TO DISMISS, Vitamin D. The patient, Part A - Index',
  ],
  ['name', 'Dear Customer,'],
  [
    'address',
    '12 North Elm Street, Springfield, IL 62704',
    '12 North Elm Street, Springfield, IL 62704',
  ],
  [
    'address',
    'ul. Polna 10/12 m. 5, 00-590 Warszawa; Mariahilfer Straße 88a/2/14, 1070 Wien.',
    'ul. Polna 10/12 m. 5, 00-590 Warszawa',
    'Mariahilfer Straße 88a/2/14, 1070 Wien',
  ],
  [
    'address',
    '12 Main Street, Kinsale, Co. Cork, P17 XY12.',
    '12 Main Street, Kinsale, Co. Cork, P17 XY12',
  ],
  [
    'address',
    'Avda. de la Libertad 18, 2º izda., 20004 Donostia.',
    'Avda. de la Libertad 18, 2º izda., 20004 Donostia',
  ],
  ['address', 'Horvat, Ilica 12, 10000 Zagreb', 'Ilica 12, 10000 Zagreb'],
  ['address', '12 monkeys; employee ID 88213; BP 128/76; part 12, 10000 Users'],
  ['postal_code', 'zip code 94103', '94103'],
  ['postal_code', 'in 94103 cases'],
];

test.each(CASES.map(([type, text, ...values]) => ({ type, text, values })))(
  '$type in $text: $values',
  ({ type, text, values }) => {
    expect(found(text, type)).toEqual(values);
  },
);

test('every type has a rule, a case in which it is found and one in which it is not', () => {
  const others = ['location', 'organization', 'term'];
  const types: EntityType[] = ENTITY_TYPES.filter((type) => !others.includes(type));
  const has = (wanted: (one: Case) => boolean) => (type: EntityType) =>
    CASES.some((one) => one[0] === type && wanted(one));
  expect(types.filter((type) => !RULES.some((rule) => rule.type === type))).toEqual([]);
  expect(types.filter((type) => !has((one) => one.length > 2)(type))).toEqual([]);
  expect(types.filter((type) => !has((one) => one.length === 2)(type))).toEqual([]);
});

test('a document’s language says whose national telephone numbers are meant', () => {
  expect(found('612 345 678', 'phone', 'es')).toEqual(['612 345 678']);
  expect(found('612 345 678', 'phone', 'en')).toEqual([]);
});

test.each([
  ['passport', 'passport_no', 'C01X00T47', 'none'],
  ['medical_record', 'MRN', '00471147', 'n/a'],
  ['phone', 'Phone', '4155550101', '12'],
  ['date_of_birth', 'DOB', '19700704', '1234567'],
  ['account_number', 'customerId', 'K471100', 'gold'],
  ['secret', 'password', 'hunter22', ''],
  ['license_plate', 'Kennzeichen', 'M-AB 1234', '12'],
] as const)('%s below the heading %s: %s is found, %s is not', (type, heading, value, other) => {
  const text = `${heading},x\u001e${value},1\u001e${other},2\u001e`;
  const spaced = `${heading} ${heading.replace(/([a-z])([A-Z])/g, '$1 $2').replaceAll('_', ' ')}:`;
  const contextAt = (at: number) => {
    const row = text.slice(0, at).split('\u001e');
    return row.length > 1 && !row.at(-1)?.includes(',') ? spaced : '';
  };
  const sure = scan({ pageNumber: 1, text, contextAt }, RULES).filter((c) => c.confidence >= 0.5);
  const values = resolve(sure).map(({ type: is, start, end }) => [is, text.slice(start, end)]);
  expect(values).toEqual([[type, value]]);
});
