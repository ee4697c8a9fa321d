/**
 * Which types a framework looks for, and how sure a finding must be. As data: a framework is a list.
 * Thresholds prefer finding too much over leaving something; `minConfidence` moves them.
 */
import type { EntityType } from '../detect/entities.ts';

export const FRAMEWORK_IDS = ['pii', 'hipaa', 'pci-dss', 'gdpr'] as const;
export type FrameworkId = (typeof FRAMEWORK_IDS)[number];

export interface Framework {
  title: string;
  /** The text that it follows. */
  source: string;
  threshold: number;
  types: readonly EntityType[];
  /** Names of countries and states may stay: the text speaks of smaller places. */
  keepsCountries?: boolean;
}

/**
 * Types that are taken when less sure than a framework asks: a place or an organisation left standing
 * tells more than one too many taken out.
 */
export const EAGER: Readonly<Partial<Record<EntityType, number>>> = {
  location: 0.35,
  organization: 0.3,
};

const CARD_DATA: readonly EntityType[] = [
  'credit_card',
  'card_security_code',
  'card_expiry',
  'card_track',
  'card_pin',
  'cardholder_name',
];

const PERSONAL: readonly EntityType[] = [
  'email',
  'phone',
  'username',
  'ip_address',
  'mac_address',
  'imei',
  'secret',
  'crypto_address',
  ...CARD_DATA,
  'iban',
  'bank_account',
  'ssn',
  'national_id',
  'tax_id',
  'passport',
  'driver_license',
  'mrz',
  'vin',
  'license_plate',
  'account_number',
  'medical_record',
  'health_plan',
  'medical_license',
  'device_id',
  'date_of_birth',
  'name',
  'address',
  'postal_code',
];

/**
 * 45 CFR 164.514(b)(2)(i), letter by letter: what each of the 18 groups is called here. Faces and
 * fingerprints (P, Q) are pictures: Redact reads pictures for their text and names in its certificate
 * those that it did not look into.
 */
export const SAFE_HARBOR: Readonly<
  Record<string, { title: string; types: readonly EntityType[] }>
> = {
  A: { title: 'Names', types: ['name', 'cardholder_name'] },
  B: {
    title: 'Geographic subdivisions smaller than a state',
    types: ['address', 'postal_code', 'location'],
  },
  C: {
    title: 'Elements of dates but the year; ages over 89',
    types: ['date', 'date_of_birth', 'age'],
  },
  D: { title: 'Telephone numbers', types: ['phone'] },
  E: { title: 'Fax numbers', types: ['phone'] },
  F: { title: 'Electronic mail addresses', types: ['email'] },
  G: { title: 'Social security numbers', types: ['ssn'] },
  H: { title: 'Medical record numbers', types: ['medical_record'] },
  I: { title: 'Health plan beneficiary numbers', types: ['health_plan'] },
  J: {
    title: 'Account numbers',
    types: ['account_number', 'bank_account', 'iban', 'credit_card', 'crypto_address'],
  },
  K: {
    title: 'Certificate and license numbers',
    types: ['driver_license', 'medical_license', 'passport', 'account_number'],
  },
  L: { title: 'Vehicle identifiers, license plates', types: ['vin', 'license_plate'] },
  M: {
    title: 'Device identifiers and serial numbers',
    types: ['device_id', 'imei', 'mac_address'],
  },
  N: { title: 'Web addresses', types: ['url'] },
  O: { title: 'Internet protocol addresses', types: ['ip_address'] },
  P: { title: 'Biometric identifiers', types: [] },
  Q: { title: 'Full-face photographs', types: [] },
  R: {
    title: 'Any other unique identifying number, characteristic or code',
    types: ['national_id', 'tax_id', 'username', 'account_number', 'mrz', 'secret'],
  },
};

export const FRAMEWORKS: Readonly<Record<FrameworkId, Framework>> = {
  pii: {
    title: 'All personal data',
    source: 'NIST SP 800-122',
    threshold: 0.5,
    types: PERSONAL,
  },
  hipaa: {
    title: 'The 18 Safe Harbor identifiers',
    source: '45 CFR 164.514(b)(2)(i)',
    threshold: 0.45,
    types: [...PERSONAL, 'date', 'age', 'url', 'location'],
    keepsCountries: true,
  },
  'pci-dss': {
    title: 'Account data: cardholder data and sensitive authentication data',
    source: 'PCI DSS v4.0.1, table 3',
    threshold: 0.5,
    types: CARD_DATA,
  },
  gdpr: {
    title: 'Personal data of the EU, EEA and UK',
    source: 'Regulation (EU) 2016/679, art. 4(1)',
    threshold: 0.5,
    types: [...PERSONAL, 'bic', 'vat_number'],
  },
};
