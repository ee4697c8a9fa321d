/** Values as Track's wire has them: moments without fractions, money as JSON numbers, pages. */
import { invalidField } from '../../kernel/fault.ts';

/** `2024-01-15T10:30:00Z`. */
export function moment(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`;
}

/** A JSON number of decimal text: `20250.00` → 20250. */
export function number(decimal: string): number {
  return Number(decimal);
}

const MOST_DECIMALS = 6;

/**
 * Decimal text of a JSON number. The shortest text that means the number is what the client wrote,
 * so nothing is lost on the way into a decimal column.
 * @throws Fault `invalid_request` for more than six decimals
 */
export function decimalOf(value: number, field: string): string {
  const text = String(value);
  if (/^\d+(\.\d{1,6})?$/.test(text)) return text;
  throw invalidField(
    field,
    `The ${field} field must be a number with up to ${MOST_DECIMALS} decimals`,
  );
}

/** The same of text, as a query string brings it: `45.00`. */
export function decimalText(text: string, field: string): string {
  if (/^\d{1,12}(\.\d{1,6})?$/.test(text)) return text;
  throw invalidField(field, `The ${field} field must be a number such as 45.00`);
}

export interface Paging {
  page: number;
  per_page: number;
}

export function offsetOf({ page, per_page }: Paging): number {
  return (page - 1) * per_page;
}

export function metaOf({ page, per_page }: Paging, total: number) {
  return { page, per_page, total };
}
