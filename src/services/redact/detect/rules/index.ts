/** Every rule. The order says nothing; the resolver decides where two claim the same text. */
import type { Rule } from '../rule.ts';
import { CARDS } from './cards.ts';
import { COMPANIES } from './companies.ts';
import { CONTACT } from './contact.ts';
import { DATES } from './dates.ts';
import { FINANCIAL } from './financial.ts';
import { GOVERNMENT } from './government.ts';
import { MEDICAL } from './medical.ts';
import { NATIONAL } from './national/index.ts';
import { PEOPLE } from './people.ts';
import { PHONES } from './phones.ts';
import { ADDRESSES, POSTAL_CODES } from './places/addresses.ts';
import { SECRETS } from './secrets.ts';
import { TECHNICAL } from './technical.ts';
import { WALLETS } from './wallets.ts';

export const RULES: readonly Rule[] = [
  ...CONTACT,
  ...PHONES,
  ...CARDS,
  ...FINANCIAL,
  ...WALLETS,
  ...GOVERNMENT,
  ...NATIONAL,
  ...MEDICAL,
  ...TECHNICAL,
  ...SECRETS,
  ...DATES,
  ...PEOPLE,
  ...COMPANIES,
  ...ADDRESSES,
  ...POSTAL_CODES,
];
