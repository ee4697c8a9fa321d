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
];

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
    types: [...PERSONAL, 'date', 'age', 'url', 'postal_code', 'location'],
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
    types: [...PERSONAL, 'bic', 'vat_number', 'postal_code'],
  },
};
