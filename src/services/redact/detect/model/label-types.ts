/**
 * What the labels of token-classification models mean here. Names are compared without their `B-` and
 * `I-`, in capitals, without hyphens and spaces: `B-GIVEN_NAME` is `GIVENNAME`. What is not listed
 * counts as outside: ages and countries of such models, for one, are no personal data as such.
 */
import type { EntityType } from '../entities.ts';

/** CoNLL-2003, OntoNotes, WikiANN, and the sets of labels that privacy models are trained on. */
const LABELS: Readonly<Partial<Record<EntityType, string>>> = {
  name: 'PER PERSON NAME FULLNAME FIRSTNAME MIDDLENAME LASTNAME GIVENNAME SURNAME NAMESTUDENT PATIENT DOCTOR STAFF HCP PRIVATEPERSON',
  location: 'LOC LOCATION GPE CITY COUNTY TOWN FAC',
  organization:
    'ORG ORGANIZATION ORGANISATION COMPANY COMPANYNAME CORPORATION HOSP HOSPITAL VENDOR',
  address:
    'ADDRESS STREET STREETADDRESS SECONDARYADDRESS BUILDINGNUM BUILDINGNUMBER PRIVATEADDRESS',
  postal_code: 'ZIP ZIPCODE POSTALCODE POSTCODE',
  email: 'EMAIL EMAILADDRESS PRIVATEEMAIL',
  phone: 'PHONE PHONENUM PHONENUMBER TELEPHONE TELEPHONENUM FAX PRIVATEPHONE',
  url: 'URL URLPERSONAL PRIVATEURL',
  username: 'USERNAME USER LOGIN HANDLE',
  secret: 'PASSWORD PASS APIKEY SECRET CREDENTIAL',
  ip_address: 'IP IPV4 IPV6 IPADDRESS',
  mac_address: 'MAC MACADDRESS',
  imei: 'IMEI PHONEIMEI',
  date: 'DATE PRIVATEDATE',
  date_of_birth: 'DOB DATEOFBIRTH BIRTHDATE BIRTHDAY',
  ssn: 'SSN SOCIALNUM SOCIALSECURITYNUMBER',
  national_id: 'NATIONALID IDCARD IDCARDNUM',
  tax_id: 'TAXID TAXNUM',
  passport: 'PASSPORT PASSPORTNUM PASSPORTNUMBER',
  driver_license: 'DRIVERLICENSE DRIVERSLICENSE DRIVERLICENSENUM DRIVERLICENSENUMBER',
  account_number: 'ID IDNUM ACCOUNTNUM CUSTOMERID EMPLOYEEID',
  bank_account: 'ACCOUNTNUMBER BANKACCOUNT BANKACCOUNTNUMBER',
  iban: 'IBAN',
  bic: 'BIC SWIFT',
  credit_card: 'CREDITCARD CREDITCARDNUMBER CARDNUMBER',
  card_security_code: 'CVV CREDITCARDCVV',
  card_pin: 'PIN',
  crypto_address: 'BITCOINADDRESS ETHEREUMADDRESS LITECOINADDRESS CRYPTOADDRESS',
  vin: 'VIN VEHICLEVIN',
  license_plate: 'LICENSEPLATE VEHICLEVRM',
  medical_record: 'MRN MEDICALRECORD MEDICALRECORDNUMBER',
  health_plan: 'HEALTHPLAN HEALTHPLANNUMBER',
};

const TYPE_OF = new Map(
  Object.entries(LABELS).flatMap(([type, names]) =>
    names.split(' ').map((name): [string, EntityType] => [name, type as EntityType]),
  ),
);

export interface Label {
  /** Null: outside, or nothing that we look for. */
  type: EntityType | null;
  /** A new one begins, even right behind another of its type. */
  isBeginning: boolean;
}

/** `B-PER`, `I-PER`, `E-PER`, `S-PER`, `L-PER`, `U-PER` or plain `PER`; `O` is outside. */
export function labelOf(name: string): Label {
  const [, position = '', entity = name] = /^([BIESLU])[-_](.+)$/i.exec(name) ?? [];
  const plain = entity.toUpperCase().replace(/[^A-Z0-9]/g, '');
  return { type: TYPE_OF.get(plain) ?? null, isBeginning: /[BSU]/i.test(position) };
}
