/**
 * Every type of sensitive data that Redact knows: its category on the wire, the label of its
 * stand-ins, and what it is. `docs/entities.md` is made from this table and from the rules.
 */
export const CATEGORIES = [
  'personal',
  'identifier',
  'contact',
  'financial',
  'medical',
  'location',
  'technical',
] as const;
export type Category = (typeof CATEGORIES)[number];

interface Entity {
  category: Category;
  /** `[LABEL_1]` stands for the first value of this type. */
  label: string;
  meaning: string;
}

const entity = (category: Category, label: string, meaning: string): Entity => ({
  category,
  label,
  meaning,
});

export const ENTITIES = {
  email: entity('contact', 'EMAIL', 'E-mail address'),
  phone: entity('contact', 'PHONE', 'Telephone or fax number'),
  url: entity('technical', 'URL', 'Web address'),
  username: entity('technical', 'USERNAME', 'User name or handle'),
  ip_address: entity('technical', 'IP', 'IPv4 or IPv6 address'),
  mac_address: entity('technical', 'MAC', 'Hardware address of a network card'),
  imei: entity('technical', 'IMEI', 'Serial number of a mobile device'),
  secret: entity('technical', 'SECRET', 'Password, API key, token or private key'),
  crypto_address: entity('financial', 'WALLET', 'Bitcoin, Ethereum or similar address'),
  credit_card: entity('financial', 'CARD', 'Payment card number (PAN)'),
  card_security_code: entity('financial', 'CVV', 'Card verification value'),
  card_expiry: entity('financial', 'EXPIRY', 'Expiry date of a card'),
  card_track: entity('financial', 'TRACK', 'Magnetic stripe data, track 1 or 2'),
  card_pin: entity('financial', 'PIN', 'PIN of a card'),
  cardholder_name: entity('financial', 'CARDHOLDER', 'Name on a card'),
  iban: entity('financial', 'IBAN', 'International bank account number'),
  bic: entity('financial', 'BIC', 'Business identifier code of a bank (SWIFT)'),
  bank_account: entity('financial', 'ACCOUNT', 'National bank account or routing number'),
  ssn: entity('identifier', 'SSN', 'US Social Security Number or ITIN'),
  national_id: entity('identifier', 'NATIONAL_ID', 'National identity or personal number'),
  tax_id: entity('identifier', 'TAX_ID', 'Tax number of a person'),
  vat_number: entity('identifier', 'VAT', 'VAT identification number'),
  passport: entity('identifier', 'PASSPORT', 'Passport number'),
  driver_license: entity('identifier', 'LICENSE', 'Driving licence number'),
  mrz: entity('identifier', 'MRZ', 'Machine-readable zone of a travel document'),
  vin: entity('identifier', 'VIN', 'Vehicle identification number'),
  license_plate: entity('identifier', 'PLATE', 'Vehicle registration plate'),
  account_number: entity('identifier', 'ACCOUNT_NO', 'Customer, member or case number'),
  medical_record: entity('medical', 'MRN', 'Medical record number'),
  health_plan: entity(
    'medical',
    'HEALTH_PLAN',
    'Health plan beneficiary number, MBI or NHS number',
  ),
  medical_license: entity('medical', 'MEDICAL_LICENSE', 'NPI or DEA number of a practitioner'),
  device_id: entity('medical', 'DEVICE', 'Serial number of a medical device'),
  date: entity('personal', 'DATE', 'Date finer than a year'),
  date_of_birth: entity('personal', 'BIRTH_DATE', 'Date of birth'),
  age: entity('personal', 'AGE', 'Age over 89'),
  name: entity('personal', 'PERSON', 'Name of a person'),
  address: entity('location', 'ADDRESS', 'Postal address'),
  postal_code: entity('location', 'POSTAL_CODE', 'Postal code'),
  location: entity('location', 'LOCATION', 'Place smaller than a state'),
  organization: entity('personal', 'ORGANIZATION', 'Name of an organisation'),
  term: entity('personal', 'TERM', "A word or pattern of the caller's own"),
} satisfies Record<string, Entity>;

export type EntityType = keyof typeof ENTITIES;

export const ENTITY_TYPES = Object.keys(ENTITIES) as EntityType[];

export function isEntityType(name: string): name is EntityType {
  return Object.hasOwn(ENTITIES, name);
}
