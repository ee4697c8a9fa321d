/**
 * Ranges of payment card numbers: what begins how, and how long it is. From ISO/IEC 7812 and the
 * issuers' published ranges (Mastercard 2-series since 2017; Discover's and UnionPay's shared ones).
 */
import { luhn } from './check-digits.ts';

interface Issuer {
  name: string;
  /** First and last of a range of beginnings, of the same length. */
  from: string;
  to: string;
  lengths: readonly number[];
}

const issuer = (name: string, range: string, ...lengths: number[]): Issuer => {
  const [from = '', to = from] = range.split('-');
  return { name, from, to, lengths };
};

const ISSUERS: readonly Issuer[] = [
  issuer('Visa', '4', 13, 16, 19),
  issuer('Mastercard', '51-55', 16),
  issuer('Mastercard', '2221-2720', 16),
  issuer('American Express', '34', 15),
  issuer('American Express', '37', 15),
  issuer('Diners Club', '300-305', 14, 16, 17, 18, 19),
  issuer('Diners Club', '3095', 14, 16, 17, 18, 19),
  issuer('Diners Club', '36', 14, 16, 17, 18, 19),
  issuer('Diners Club', '38-39', 14, 16, 17, 18, 19),
  issuer('Discover', '6011', 16, 17, 18, 19),
  issuer('Discover', '644-649', 16, 17, 18, 19),
  issuer('Discover', '65', 16, 17, 18, 19),
  issuer('JCB', '3528-3589', 15, 16, 17, 18, 19),
  issuer('JCB', '1800', 15),
  issuer('JCB', '2131', 15),
  issuer('UnionPay', '62', 16, 17, 18, 19),
  issuer('UnionPay', '81', 16, 17, 18, 19),
  issuer('Maestro', '50', 12, 13, 14, 15, 16, 17, 18, 19),
  issuer('Maestro', '56-58', 12, 13, 14, 15, 16, 17, 18, 19),
  issuer('Maestro', '60', 12, 13, 14, 15, 16, 17, 18, 19),
  issuer('Maestro', '61', 12, 13, 14, 15, 16, 17, 18, 19),
  issuer('Maestro', '63', 12, 13, 14, 15, 16, 17, 18, 19),
  issuer('Maestro', '66-69', 12, 13, 14, 15, 16, 17, 18, 19),
  issuer('Mir', '2200-2204', 16, 17, 18, 19),
  issuer('Troy', '9792', 16),
  issuer('Verve', '5060-5061', 16, 18, 19),
  issuer('Verve', '6500-6501', 16, 18, 19),
  issuer('UATP', '1', 15),
];

/** True where an issuer gives out numbers that begin so and are so long, and Luhn holds. */
export function isCardNumber(digits: string): boolean {
  if (digits.length < 12 || digits.length > 19) return false;
  // 0000… and 1111… pass Luhn now and then; no issuer gives out a number of one digit.
  if (/^(\d)\1*$/.test(digits)) return false;
  return ISSUERS.some((range) => isOf(range, digits)) && luhn(digits);
}

function isOf({ from, to, lengths }: Issuer, digits: string): boolean {
  const beginning = digits.slice(0, from.length);
  return beginning >= from && beginning <= to && lengths.includes(digits.length);
}
