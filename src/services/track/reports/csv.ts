/**
 * CSV as RFC 4180 has it. A cell that a spreadsheet would take for a formula gets an apostrophe in
 * front: what visitors write into a link's query must stay text on the desk of whoever opens the file
 * (OWASP, "CSV Injection").
 */
export function csvRow(values: readonly unknown[]): string {
  return `${values.map(cell).join(',')}\r\n`;
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
