/** Every rule. The order says nothing; the resolver decides where two claim the same text. */
import type { Rule } from '../rule.ts';
import { CONTACT } from './contact.ts';
import { DATES } from './dates.ts';
import { FINANCIAL } from './financial.ts';
import { GOVERNMENT } from './government.ts';
import { MEDICAL } from './medical.ts';
import { NATIONAL } from './national/index.ts';
import { PEOPLE } from './people.ts';
import { ADDRESSES, POSTAL_CODES } from './places/addresses.ts';
import { TECHNICAL } from './technical.ts';

export const RULES: readonly Rule[] = [
  ...CONTACT,
  ...FINANCIAL,
  ...GOVERNMENT,
  ...NATIONAL,
  ...MEDICAL,
  ...TECHNICAL,
  ...DATES,
  ...PEOPLE,
  ...ADDRESSES,
  ...POSTAL_CODES,
];
