/** Numbers that states give to people, and their travel documents. */
import { digitsOf, verhoeff, weighted } from '../check-digits.ts';
import type { Rule } from '../rule.ts';

const SSN_WORDS = /\b(?:ssn|ssns|social security|soc sec|social|tin|itin|taxpayer)\b|\bss ?#/i;

/** SSA: area not 000, 666 or 9xx, group not 00, serial not 0000. ITIN: IRS publication 1915. */
function isSsn(value: string): boolean {
  const digits = digitsOf(value);
  if (/^(\d)\1{8}$/.test(digits)) return false;
  const group = Number(digits.slice(3, 5));
  if (digits.slice(5) === '0000' || group === 0) return false;
  if (digits.startsWith('9')) return group >= 50;
  return !/^(?:000|666)/.test(digits);
}

/** NHS Data Dictionary: weights 10 to 2, remainder from 11. */
function isNhsNumber(value: string): boolean {
  const digits = digitsOf(value);
  const check = (11 - (weighted(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 11;
  return check === Number(digits[9]) && !/^(\d)\1*$/.test(digits);
}

export const GOVERNMENT: readonly Rule[] = [
  {
    type: 'ssn',
    title: 'US Social Security Number or ITIN, written in groups',
    source: 'SSA POMS RM 10201.035; IRS publication 1915',
    pattern: /(?<![\d\w]|\d[-.])\d{3}([- .\u2011\u2013\u00a0])\d{2}\1\d{4}(?![\w]|[-.]\d)/g,
    check: isSsn,
    confidence: 0.85,
    context: SSN_WORDS,
    withContext: 0.98,
  },
  {
    type: 'ssn',
    title: 'US Social Security Number or ITIN in one piece, beside a word that says so',
    source: 'SSA POMS RM 10201.035; IRS publication 1915',
    pattern: /(?<![\w.-])\d{9}(?![\w-]|\.\d)/g,
    check: isSsn,
    confidence: 0.25,
    context: SSN_WORDS,
    withContext: 0.9,
  },
  {
    type: 'national_id',
    title: 'UK National Insurance number',
    source: 'HMRC NIM39110',
    pattern:
      /(?<![A-Za-z0-9])(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?![A-Za-z0-9])/g,
    confidence: 0.85,
    context: /\b(?:national insurance|nino|ni)\b/i,
  },
  {
    type: 'health_plan',
    title: 'NHS number with its check digit',
    source: 'NHS Data Dictionary',
    pattern: /(?<![\w.-])\d{3}[ -]?\d{3}[ -]?\d{4}(?![\w-]|\.\d)/g,
    check: isNhsNumber,
    confidence: 0.4,
    context: /\bnhs\b/i,
  },
  {
    type: 'national_id',
    title: 'Indian Aadhaar number with its check digit',
    source: 'UIDAI; Verhoeff',
    pattern: /(?<![\w.-])[2-9]\d{3}[ -]?\d{4}[ -]?\d{4}(?![\w-]|\.\d|[ -]\d{4})/g,
    check: (value) => verhoeff(digitsOf(value)),
    confidence: 0.55,
    context: /\b(?:aadhaar|aadhar|uidai|uid)\b/i,
  },
  {
    type: 'passport',
    title: 'Passport number, behind a word that says so',
    source: 'ICAO Doc 9303-4: up to nine letters and digits',
    pattern:
      /\b(?:passport|reisepass|passeport|pasaporte|passaporto|paspoort|passaporte)(?:[ \t]{1,3}(?:number|nummer|num|no|nr|n°|#)){0,2}\.?[ \t]{0,3}[:#]?[ \t\n]{0,3}(?:is[ \t]{1,2})?(?<value>(?=[A-Z0-9]{0,8}\d)[A-Z0-9]{6,9})(?![A-Za-z0-9])/gi,
    check: (value) => /\d{3}/.test(value),
    confidence: 0.85,
  },
  {
    type: 'driver_license',
    title: 'Driving licence number, behind a word that says so',
    source: 'AAMVA D20; EU Directive 2006/126/EC',
    pattern:
      /\b(?:driver['’]?s?[ \t]{1,3}licen[cs]e|driving[ \t]{1,3}licen[cs]e|dl|führerschein|permis de conduire)(?:[ \t]{1,3}(?:number|nummer|num|no|nr|n°|#)){0,2}\.?[ \t]{0,3}[:#]?[ \t\n]{0,3}(?:is[ \t]{1,2})?(?<value>(?=[A-Z0-9-]{0,10}\d)[A-Z0-9][A-Z0-9-]{4,18}[A-Z0-9])(?![A-Za-z0-9])/gi,
    check: (value) => digitsOf(value).length >= 4,
    confidence: 0.85,
  },
  {
    type: 'mrz',
    title: 'Machine-readable zone of a passport, visa or identity card',
    source: 'ICAO Doc 9303',
    pattern:
      /(?<![A-Z0-9<])(?:[PVIAC][A-Z<][A-Z]{3}[A-Z<]{25,39}|[A-Z0-9<]{9}[\d<][A-Z<]{3}\d{7}[MFX<]\d{7}[A-Z0-9<]{2,16}|[IAC][A-Z<][A-Z]{3}[A-Z0-9<]{25})(?![A-Z0-9<])/g,
    check: (value) => value.includes('<') || /\d{7}[MFX]\d{7}/.test(value),
    confidence: 0.95,
  },
];
