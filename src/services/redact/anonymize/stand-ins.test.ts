/** Stand-ins: the same for the same, different for different, of nobody, and back again. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isCardNumber } from '../detect/card-issuers.ts';
import { mod97 } from '../detect/check-digits.ts';
import { ENTITY_TYPES, type EntityType } from '../detect/entities.ts';
import { RULES } from '../detect/rules/index.ts';
import { scan } from '../detect/scan/scan.ts';
import { type Replaced, restoreText, StandIns } from './stand-ins.ts';

const KEY = Buffer.alloc(32, 7);
const realistic = (earlier: readonly Replaced[] = [], key: Uint8Array = KEY) =>
  new StandIns('realistic', earlier, key);
const made = (type: EntityType, value: string) => realistic().of(type, value);

/** Type, value, what the stand-in looks like. */
const FORMS: readonly [EntityType, string, RegExp][] = [
  ['email', 'jane@doe.org', /^person\d{5}@example\.(?:com|org|net)$/],
  ['url', 'https://doe.org/a', /^https:\/\/example\.com\/\d{6}$/],
  ['username', '@jane', /^@user\d{6}$/],
  ['phone', '(415) 555-2671', /^\(\d{3}\) 555-01\d\d$/],
  ['phone', '+44 20 7946 1234', /^\+44 \d\d \d{4} \d{4}$/],
  ['phone', '+49 30 1234567', /^\+49 \d+/],
  ['phone', '01 42 68 53 00', /^\d\d \d\d \d\d 55 50$|^\d\d .*|^\+1 \d{3} 555 01\d\d$/],
  ['ip_address', '10.1.2.3', /^(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d{1,3}$/],
  ['ip_address', 'fe80::1', /^2001:db8::[0-9a-f]{4}:[0-9a-f]{4}$/],
  ['mac_address', '3C-22-FB-12-34-56', /^00-00-5E-00-53-[0-9A-F]{2}$/],
  ['imei', '49-015420-323751-8', /^00-\d{6}-\d{6}-\d$/],
  ['credit_card', '4012 8888 8888 1881', /^(?:4111 11|5555 55)\d\d \d{4} \d{4}$/],
  ['credit_card', '371449635398431', /^378282\d{9}$/],
  ['credit_card', '6304000000000000123', /^999999\d{13}$/],
  ['card_security_code', '123', /^\d{3}$/],
  ['card_expiry', '04/27', /^(?:0[1-9]|1[0-2])\/[3-8]\d$/],
  ['card_pin', '1234', /^\d{4}$/],
  ['ssn', '123-45-6789', /^9\d\d-[1-4]\d-\d{4}$/],
  [
    'iban',
    'GB82 WEST 1234 5698 7654 32',
    /^GB\d\d XXXX 0000 00\d\d \d{4} \d\d$|^GB\d\d XXXX 0000 \d/,
  ],
  ['bic', 'DEUTDEFF500', /^TESTDE\d0T\d\d$/],
  ['crypto_address', '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed', /^0x0{28}[0-9a-f]{12}$/],
  ['name', 'JANE DOE', /^[A-ZŁ]+ [\p{Lu}]+$/u],
  ['cardholder_name', 'Jane Q. Doe', /^\p{Lu}\p{L}+ [A-Z]\. \p{Lu}\p{L}+$/u],
  ['organization', 'Doe & Sons', /^\p{L}+ \p{L}+ (?:Ltd|Inc|GmbH|LLC)$/u],
  ['location', 'Berlin', /^\p{L}/u],
  ['address', '1 Elm St, Town, CA 90000', /^\d{1,4} \w+ Street, [\w-]+, 000\d\d$/],
  ['postal_code', 'SW1A 2AA', /^ZZ99 \dZZ$/],
  ['postal_code', '94103', /^000\d\d$/],
  ['date', '3/14/2024', /^\d{1,2}\/\d{2}\/\d{4}$/],
  ['date_of_birth', 'March 5, 1970', /^\w{3,9} \d{1,2}, (?:19|20)\d\d$/],
  ['national_id', '85.07.30-033.28', /^\d\d\.\d\d\.\d\d-\d{3}\.\d\d$/],
  ['tax_id', 'RCCMNL83S18D969H', /^X{6}\d\dX\d\dX\d{3}X$/],
  ['vat_number', 'DE136695976', /^XX\d{9}$/],
  ['passport', 'C01X00T47', /^X\d\dX\d\dX\d\d$/],
  ['driver_license', 'D1234567', /^X\d{7}$/],
  ['vin', '1HGCM82633A004352', /^\dX{4}\d{5}X\d{6}$/],
  ['license_plate', 'AB12 CDE', /^XX\d\d XXX$/],
  ['bank_account', '021000021', /^\d{9}$/],
  ['account_number', 'K-471100', /^X-\d{6}$/],
  ['medical_record', '00123456', /^\d{8}$/],
  ['health_plan', '943 476 5919', /^\d{3} \d{3} \d{4}$/],
  ['medical_license', '1234567893', /^\d{10}$/],
  ['device_id', 'SN-4711', /^XX-\d{4}$/],
  [
    'mrz',
    'L898902C36UTO7408122F1204159ZE184226B<<<<<10',
    /^X\d{6}X\d\dXXX\d{7}X\d{7}XX\d{6}X<<<<<\d\d$/,
  ],
  ['secret', 'hunter2', /^\[SECRET_1\]$/],
  ['card_track', ';4111111111111111=2512?', /^\[TRACK_1\]$/],
  ['age', '93', /^\[AGE_1\]$/],
  ['term', 'Ganymede', /^\[TERM_1\]$/],
];

test.each(FORMS)('a stand-in for the %s %s looks like %s', (type, value, form) => {
  const standIn = made(type, value);
  expect(standIn).toMatch(form);
  expect(standIn).not.toBe(value);
});

test('every type has a form here', () => {
  expect(ENTITY_TYPES.filter((type) => !FORMS.some(([known]) => known === type))).toEqual([]);
});

const NUMBERED: readonly [EntityType, string][] = [
  ...[
    ['national_id', '44051401359'],
    ['tax_id', '36574261809'],
    ['vat_number', 'DE136695976'],
  ],
  ...[
    ['vin', '1HGCM82633A004352'],
    ['medical_license', '1234567893'],
    ['ssn', '123456789'],
  ],
  ...[
    ['health_plan', '9434765919'],
    ['bank_account', '021000021'],
  ],
] as never;

test.each(NUMBERED)('no made-up %s is anybody’s number', (type, value) => {
  const rules = RULES.filter((rule) => rule.type === type && rule.number && rule.check);
  const standIns = realistic();
  for (let i = 0; i < 50; i++) {
    const standIn = standIns.of(type, value.slice(0, -2) + String(10 + i));
    if (standIn.startsWith('[')) continue;
    const sure = scan({ pageNumber: 1, text: standIn }, rules).filter((c) => c.confidence > 0.5);
    expect(sure, standIn).toEqual([]);
  }
});

test('made-up cards and accounts keep their check digits, so that forms take them', () => {
  const standIns = realistic();
  for (let i = 0; i < 30; i++) {
    const card = standIns.of('credit_card', `40128888888818${String(i).padStart(2, '0')}`);
    expect(isCardNumber(card)).toBe(true);
    const iban = standIns.of('iban', `DE8937040044053201${String(3000 + i)}`);
    expect(mod97(iban.slice(4) + iban.slice(0, 4))).toBe(1);
  }
});

test('the same key makes the same choices, another key others', () => {
  const values = Array.from({ length: 20 }, (_, i) => `user${i}@doe.org`);
  const all = (key: Uint8Array) => values.map((value) => realistic([], key).of('email', value));
  expect(all(KEY)).toEqual(all(KEY));
  expect(all(KEY)).not.toEqual(all(Buffer.alloc(32, 8)));
});

test('one value has one stand-in through all files of a job, however it is spaced', () => {
  const first = realistic();
  const given = first.of('credit_card', '4012 8888 8888 1881');
  const second = new StandIns('realistic', first.list());
  expect(second.of('credit_card', '4012-8888-8888-1881')).toBe(given);
});

test('two values never share a stand-in, even when a range runs out', () => {
  const standIns = realistic();
  const all = Array.from({ length: 400 }, (_, i) =>
    standIns.of('mac_address', `3C:22:FB:12:${hex(i >> 8)}:${hex(i & 255)}`),
  );
  expect(new Set(all).size).toBe(400);
  expect(all.filter((standIn) => standIn.startsWith('[MAC_')).length).toBeGreaterThan(0);
});

const hex = (number: number) => number.toString(16).padStart(2, '0').toUpperCase();

test('what was put in comes out again', () => {
  const types = fc.constantFrom<EntityType>('name', 'email', 'ssn', 'iban', 'phone', 'passport');
  const value = fc.stringMatching(/^[A-Z][a-z0-9@.-]{3,20}$/);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(types, value), { maxLength: 20 }),
      fc.boolean(),
      (found, isReal) => {
        const standIns = isReal ? realistic() : new StandIns('label');
        const replaced = found.map(([type, text]) => `<${standIns.of(type, text)}>`).join(' ');
        const back = restoreText(replaced, standIns.list());
        // Spelling goes with the first one seen of a value.
        expect(back.toLowerCase().replace(/[\s.()/-]/g, '')).toBe(
          found
            .map(([, text]) => `<${text}>`)
            .join(' ')
            .toLowerCase()
            .replace(/[\s.()/-]/g, ''),
        );
      },
    ),
    { numRuns: 60 },
  );
});

test('under pci-dss a card keeps at most the first six and the last four', () => {
  const standIns = new StandIns('label');
  expect(standIns.of('credit_card', '4012 8888 8888 1881', true)).toBe(
    '[CARD_1: 401288******1881]',
  );
  expect(standIns.of('credit_card', '676770000005', true)).toBe('[CARD_2: ********0005]');
});
