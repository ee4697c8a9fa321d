/** Numbers that states give to people, and their travel documents. */
import { digitsOf } from '../check-digits.ts';
import type { Rule } from '../rule.ts';
import { isSsn } from './national/overseas.ts';

const SSN_WORDS = /\b(?:ssn|ssns|social security|soc sec|social|tin|itin|taxpayer)\b|\bss ?#/i;

export const GOVERNMENT: readonly Rule[] = [
  {
    type: 'ssn',
    title: 'US Social Security Number or ITIN, written in groups',
    source: 'SSA POMS RM 10201.035; IRS publication 1915',
    pattern: /(?<![\d\w]|\d[-.])\d{3}([- .\u2011\u2013\u00a0])\d{2}\1\d{4}(?![\w]|[-.]\d)/g,
    check: (value) => isSsn(digitsOf(value)),
    confidence: 0.85,
    context: SSN_WORDS,
    withContext: 0.98,
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
