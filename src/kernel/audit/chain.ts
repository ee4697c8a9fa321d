/**
 * How an entry becomes a hash. The encoding is one JSON array with every field in a fixed place and
 * the keys of objects sorted: two different entries never encode alike, and what comes back from
 * the database encodes as what went in.
 */
import { createHash } from 'node:crypto';
import type { AuditRecord } from './audit.ts';

/** What the first entry of a chain follows. */
export const GENESIS = Buffer.alloc(32);

/** SHA-256 over the hash before and the canonical encoding of the entry. */
export function chainHash(previous: Buffer, record: AuditRecord): Buffer {
  const { organizationId, number, at, actor, action, target, details } = record;
  const fields = [organizationId, number, at.toISOString(), actor, action, target, sorted(details)];
  return createHash('sha256').update(previous).update(JSON.stringify(fields)).digest();
}

/** The record as PostgreSQL can hold it: text without NUL and half surrogates, details as JSON. */
export function storable(record: AuditRecord): AuditRecord {
  const [actor, action, target] = [record.actor, record.action, record.target].map(cleanText);
  const details = JSON.parse(JSON.stringify(record.details), (_key, value) => cleanValue(value));
  return { ...record, actor, action, target, details } as AuditRecord;
}

function cleanText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}

function cleanValue(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [cleanText(key), item]));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const keys = Object.keys(value).sort();
  // Pairs rather than an object, whose number-like keys would come first whatever the order.
  return { pairs: keys.map((key) => [key, sorted(value[key])]) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
