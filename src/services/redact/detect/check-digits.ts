/** The arithmetic that tells a number of a kind from any other digits. All take digits as text. */

/** ISO/IEC 7812-1, annex B. */
export function luhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    let digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    if (i % 2 === 1) {
      digit *= 2;
      if (digit > 9) digit -= 9;
    }
    sum += digit;
  }
  return sum % 10 === 0;
}

/** ISO/IEC 7064 MOD 97-10 over digits and letters (A = 10 … Z = 35). */
export function mod97(text: string): number {
  let rest = 0;
  for (const character of text) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest;
}

/** Sum of digits times weights. */
export function weighted(digits: string, weights: readonly number[]): number {
  return weights.reduce((sum, weight, i) => sum + weight * (digits.charCodeAt(i) - 48), 0);
}

const VERHOEFF_D = [
  '0123456789',
  '1234067895',
  '2340178956',
  '3401289567',
  '4012395678',
  '5987604321',
  '6598710432',
  '7659821043',
  '8765932104',
  '9876543210',
];
const VERHOEFF_P = [
  '0123456789',
  '1576283094',
  '5803796142',
  '8916043527',
  '9453126870',
  '4286573901',
  '2793806415',
  '7046913258',
];

/** J. Verhoeff, "Error Detecting Decimal Codes", 1969 (Aadhaar). */
export function verhoeff(digits: string): boolean {
  let state = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    const permuted = Number(VERHOEFF_P[i % 8]?.[digit]);
    state = Number(VERHOEFF_D[state]?.[permuted]);
  }
  return state === 0;
}

/** Only the digits of a text. */
export function digitsOf(text: string): string {
  return text.replace(/\D/g, '');
}

/** The value of a digit or letter, A = 10 … Z = 35. */
export function base36(character: string | undefined): number {
  const code = character?.charCodeAt(0) ?? 48;
  return code <= 57 ? code - 48 : code - 55;
}

/** ISO/IEC 7064 MOD 11,10 (Germany's tax and VAT numbers, Croatia's OIB). */
export function mod11And10(digits: string): boolean {
  let product = 10;
  for (let i = 0; i < digits.length - 1; i++) {
    const sum = (product + digits.charCodeAt(i) - 48) % 10 || 10;
    product = (sum * 2) % 11;
  }
  return (11 - product) % 10 === Number(digits.at(-1));
}

/** The whole number modulo `by`, however long. */
export function remainder(digits: string, by: number): number {
  let rest = 0;
  for (let i = 0; i < digits.length; i++) rest = (rest * 10 + digits.charCodeAt(i) - 48) % by;
  return rest;
}

/** How a remainder becomes a check digit. */
type Ending =
  /** The remainder itself; 10 is none. */
  | 'is'
  /** Modulus minus remainder; 10 is none (but 11 is 0). */
  | 'completes'
  /** As they are, and 10 becomes 0. */
  | 'is, 10 as 0'
  | 'completes, 10 as 0';

/**
 * Makes a check of the most common kind: the leading digits times weights, modulo 10 or 11, give the
 * digit behind them.
 */
export function weightedCheck(
  weights: readonly number[],
  modulus: number,
  ending: Ending,
): (digits: string) => boolean {
  return (digits) => {
    const rest = weighted(digits, weights) % modulus;
    let check = ending.startsWith('is') ? rest : (modulus - rest) % modulus;
    if (check === 10) {
      if (!ending.endsWith('0')) return false;
      check = 0;
    }
    return check === digits.charCodeAt(weights.length) - 48;
  };
}

/** True where year (two digits or four), month and day can be a date. */
export function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1 || day > 31) return false;
  return (
    day <= 28 || day <= new Date(Date.UTC(year < 100 ? 2000 + year : year, month, 0)).getUTCDate()
  );
}

/** Two digits at a place. */
export function twoAt(digits: string, at: number): number {
  return (digits.charCodeAt(at) - 48) * 10 + digits.charCodeAt(at + 1) - 48;
}
