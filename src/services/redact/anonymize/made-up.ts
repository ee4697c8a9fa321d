/**
 * Made-up values that look real and belong to nobody: from ranges that are reserved for documentation,
 * fiction or tests; numbers of states, which reserve none, with a check digit that is wrong on
 * purpose. A type whose values have no form gets a label.
 */
import { luhn, mod97 } from '../detect/check-digits.ts';
import type { EntityType } from '../detect/entities.ts';
import { RULES } from '../detect/rules/index.ts';
import { scan } from '../detect/scan/scan.ts';
import type { Draw } from './draw.ts';
import { inCaseOf, sameForm, withDigits } from './forms.ts';
import { madeUpPhone } from './phones.ts';
import { address, company, date, fullName, place } from './words.ts';

type Maker = (value: string, draw: Draw) => string | null;

const MAKERS: Partial<Record<EntityType, Maker>> = {
  // RFC 2606 and RFC 6761: example.com, .org and .net.
  email: (_, draw) => `person${draw.digits(5)}@example.${draw.pick(['com', 'org', 'net'])}`,
  url: (value, draw) => {
    const scheme = /^[a-z]{2,5}:\/\//i.exec(value)?.[0] ?? '';
    return `${scheme}${scheme || !/^www\./i.test(value) ? '' : 'www.'}example.com/${draw.digits(6)}`;
  },
  username: (value, draw) => `${value.startsWith('@') ? '@' : ''}user${draw.digits(6)}`,
  phone: madeUpPhone,
  ip_address: (value, draw) => {
    // RFC 3849 and RFC 5737.
    if (value.includes(':')) return `2001:db8::${hex(draw, 4)}:${hex(draw, 4)}`;
    return `${draw.pick(['192.0.2', '198.51.100', '203.0.113'])}.${1 + draw.below(254)}`;
  },
  // RFC 7042, 2.1.2: 00-00-5E-00-53-xx is for documentation.
  mac_address: (value, draw) => inSigns(value, `00005e0053${hex(draw, 2)}`),
  // 3GPP TS 23.003: the reporting body 00 gives out numbers of test devices.
  imei: (value, draw) => withDigits(value, withLuhn(`00${draw.digits(12)}`)),
  credit_card: madeUpCard,
  card_security_code: (value, draw) => draw.digits(value.length),
  card_pin: (value, draw) => (/^\d{1,12}$/.test(value) ? draw.digits(value.length) : null),
  card_expiry: (value, draw) => {
    const month = String(1 + draw.below(12)).padStart(2, '0');
    return /^\d\d[/.-]\d\d$/.test(value) ? withDigits(value, month + (30 + draw.below(60))) : null;
  },
  // SSA: no area from 900 on; ITINs have groups from 50 on (IRS publication 1915).
  ssn: (value, draw) =>
    withDigits(value, `9${draw.digits(2)}${10 + draw.below(40)}${draw.digits(4)}`),
  iban: madeUpIban,
  // ISO 9362: a 0 in the eighth place marks a code for tests.
  bic: (value, draw) =>
    `TEST${value.slice(4, 6)}${draw.below(10)}0${value.length > 8 ? `T${draw.digits(2)}` : ''}`,
  crypto_address: (value, draw) =>
    // The lowest addresses have no owner.
    /^0x/i.test(value) ? `0x${'0'.repeat(28)}${hex(draw, 12)}` : null,
  name: fullName,
  cardholder_name: fullName,
  organization: (_, draw) => company(draw),
  location: (value, draw) => inCaseOf(value, place(draw)),
  address,
  postal_code: (value, draw) =>
    // ONS: ZZ99 is no place; 000 is no area of the US or of Germany.
    /\p{L}/u.test(value)
      ? `ZZ99 ${draw.below(10)}ZZ`
      : withDigits(value, `000${draw.digits(countDigits(value) - 3)}`),
  date,
  date_of_birth: date,
};

/** Numbers that keep their form. */
const FORMED: ReadonlySet<EntityType> = new Set([
  ...(['national_id', 'tax_id', 'vat_number', 'passport', 'driver_license', 'mrz', 'vin'] as const),
  ...([
    'license_plate',
    'bank_account',
    'account_number',
    'medical_record',
    'health_plan',
  ] as const),
  ...(['medical_license', 'device_id'] as const),
]);

/** A stand-in for this value, or null where its type has none. */
export function madeUp(type: EntityType, value: string, draw: Draw): string | null {
  if (!FORMED.has(type)) return MAKERS[type]?.(value, draw) ?? null;
  for (let tries = 0; tries < 60; tries++) {
    const standIn = sameForm(value, draw);
    if (!isValid(type, standIn)) return standIn;
  }
  return null;
}

const CHECKED = RULES.filter(({ number, check }) => number && check);

/** True where some rule would take it for the number of somebody. */
function isValid(type: EntityType, standIn: string): boolean {
  const rules = CHECKED.filter((rule) => rule.type === type);
  return scan({ pageNumber: 1, text: standIn }, rules).some(({ confidence }) => confidence > 0.5);
}

const countDigits = (value: string) => value.replace(/\D/g, '').length;

function hex(draw: Draw, length: number): string {
  return Array.from({ length }, () => draw.below(16).toString(16)).join('');
}

/** Hexadecimal digits with the signs and in the case of another. */
function inSigns(value: string, digits: string): string {
  let next = 0;
  const written = value.replace(/[0-9a-f]/gi, () => digits[next++] ?? '0');
  return /[A-F]/.test(value) ? written.toUpperCase() : written;
}

function withLuhn(digits: string): string {
  for (let check = 0; check < 10; check++) if (luhn(digits + check)) return digits + check;
  throw new Error('one of ten digits always fits');
}

/**
 * The beginnings of the networks' published test numbers: 411111 (Visa), 555555 (Mastercard), 378282
 * (American Express). Other lengths begin with 999999: ISO/IEC 7812 leaves 9 to states, and none
 * issues these.
 */
function madeUpCard(value: string, draw: Draw): string | null {
  const length = countDigits(value);
  const beginning =
    length === 15 ? '378282' : length === 16 ? draw.pick(['411111', '555555']) : '999999';
  return withDigits(value, withLuhn(beginning + draw.digits(length - 7)));
}

/** The same country and length; the bank of zeros and Xs does not exist. */
function madeUpIban(value: string, draw: Draw): string | null {
  const compact = value.replace(/[^A-Za-z0-9]/g, '').toUpperCase();
  const country = compact.slice(0, 2);
  const body = compact.slice(4).replace(/[A-Z]/g, 'X');
  const digits = `${'0'.repeat(Math.max(0, countDigits(body) - 6))}${draw.digits(Math.min(6, countDigits(body)))}`;
  const account = withDigits(body, digits);
  if (account === null) return null;
  const check = 98 - mod97(`${account}${country}00`);
  const whole = `${country}${String(check).padStart(2, '0')}${account}`;
  let next = 0;
  return value.replace(/[A-Za-z0-9]/g, () => whole[next++] ?? '');
}
