/**
 * The development set: made-up sentences with their personal data marked, in
 * ../shared/data/ner beside the checkout. It measures; nothing is trained on it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { EntityType } from '../src/services/redact/detect/entities.ts';

export interface GoldSpan {
  /** Name of the type in the set. */
  type: string;
  start: number;
  end: number;
}

export interface LabelledText {
  text: string;
  spans: GoldSpan[];
}

/**
 * Which of our types answer to a type of the set. The set cuts addresses differently from line to
 * line (street, number, town and code apart, or all in one), so places and addresses answer to each
 * other.
 */
export const ACCEPTED: Readonly<Record<string, readonly EntityType[]>> = {
  PERSON: ['name', 'cardholder_name'],
  LOCATION: ['location', 'address', 'postal_code'],
  ADDRESS: ['address', 'location', 'postal_code'],
  ORGANIZATION: ['organization'],
  CREDIT_CARD: ['credit_card'],
  PHONE_NUMBER: ['phone'],
  DATE_TIME: ['date', 'date_of_birth'],
  EMAIL_ADDRESS: ['email'],
  US_SSN: ['ssn'],
  IBAN_CODE: ['iban'],
  DOMAIN_NAME: ['url'],
  US_DRIVER_LICENSE: ['driver_license'],
  IP_ADDRESS: ['ip_address'],
};

/** Marked in the set, but no personal data of a type of ours: titles of people and of jobs. */
const IGNORED = new Set(['TITLE', 'PREFIX']);
const ONLY_A_TITLE = /^(?:mr|mrs|ms|miss|dr)\.?$/i;

interface Row {
  full_text: string;
  spans: { entity_type: string; start_position: number; end_position: number }[];
}

/** Folder of the data, beside the checkout. */
export const DATA = resolve(import.meta.dirname, '../../shared/data/ner');

/**
 * Spans that are ignored have the type `IGNORED`: what is found there counts neither way.
 * Throws where the data is not there.
 */
export function developmentSet(): LabelledText[] {
  const file = resolve(DATA, 'presidio_generated_large.json');
  if (!existsSync(file)) {
    throw new Error(`Nothing can be measured: ${file} is missing. It lies beside the checkout.`);
  }
  const rows: Row[] = JSON.parse(readFileSync(file, 'utf8'));
  return rows.map(({ full_text: text, spans }) => ({
    text,
    spans: spans.map(({ entity_type: type, start_position: start, end_position: end }) => {
      const isIgnored = IGNORED.has(type) || ONLY_A_TITLE.test(text.slice(start, end));
      return { type: isIgnored ? 'IGNORED' : type, start, end };
    }),
  }));
}
