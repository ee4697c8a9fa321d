/**
 * Made-up values that look real and belong to nobody: from ranges that are reserved for
 * documentation, fiction or tests. A type without such a range has none, and gets a label.
 */
import { luhn, mod97 } from '../detect/check-digits.ts';
import type { EntityType } from '../detect/entities.ts';

const FIRST = [
  'Alex',
  'Robin',
  'Sam',
  'Jamie',
  'Casey',
  'Morgan',
  'Taylor',
  'Jordan',
  'Riley',
  'Avery',
];
const LAST = ['Example', 'Sample', 'Specimen', 'Placeholder', 'Nomen', 'Standin', 'Mustermann'];

/** The `number`-th value of a type, or null. */
export function madeUp(type: EntityType, number: number, value: string): string | null {
  const n = number - 1;
  switch (type) {
    case 'email': // RFC 2606
      return `person${number}@example.com`;
    case 'url':
      return `https://example.com/${number}`;
    case 'phone': // NANPA: 555-0100 to 555-0199 are for fiction, in any area code
      return n < 800 * 100 ? `+1 ${200 + Math.floor(n / 100)} 555 01${two(n % 100)}` : null;
    case 'ip_address': // RFC 3849, RFC 5737
      if (value.includes(':')) return `2001:db8::${number.toString(16)}`;
      return n < 762
        ? `${['192.0.2', '198.51.100', '203.0.113'][Math.floor(n / 254)]}.${(n % 254) + 1}`
        : null;
    case 'mac_address': // RFC 7042: documentation
      return n < 256 ? `00:00:5E:00:53:${n.toString(16).padStart(2, '0').toUpperCase()}` : null;
    case 'credit_card': // the range of Stripe's and Visa's test numbers; never issued
      return withLuhn(`411111${String(number).padStart(9, '0')}`);
    case 'ssn': // area 9xx with group 00 to 49 is never given out
      return n < 9999 ? `900-00-${String(number).padStart(4, '0')}` : null;
    case 'iban': // bank code 00000000 does not exist
      return germanIban(number);
    case 'name':
    case 'cardholder_name':
      return n < FIRST.length * LAST.length
        ? `${FIRST[n % FIRST.length]} ${LAST[Math.floor(n / FIRST.length)]}`
        : null;
    default:
      return null;
  }
}

function two(n: number): string {
  return String(n).padStart(2, '0');
}

function withLuhn(digits: string): string {
  for (let check = 0; check < 10; check++) if (luhn(digits + check)) return digits + check;
  throw new Error('one of ten digits always fits');
}

function germanIban(number: number): string {
  const account = `00000000${String(number).padStart(10, '0')}`;
  const check = 98 - mod97(`${account}DE00`);
  return `DE${two(check)}${account}`;
}
