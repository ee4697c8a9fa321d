/**
 * Which autonomous system announces an address, from the CSV files of @ip-location-db/asn
 * (RouteViews, the registries, DB-IP; CC BY 4.0). Half a million rows are read from their bytes into
 * typed arrays at start, in slices, so that the process goes on answering meanwhile.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setImmediate as pause } from 'node:timers/promises';
import { type Address, wordsOfV6 } from '../address.ts';
import { RangeColumns, tableOf } from './range-table.ts';

const COMMA = 44;
const NEWLINE = 10;
const QUOTE = 34;
const DIGIT_0 = 48;
const ROWS_A_SLICE = 20_000;

export interface AsnTable {
  /** The system that announces the address and its organization's name, or null. */
  find(address: Address): { asn: number; org: string } | null;
  /** Every system with its organization's name. */
  readonly organizations: ReadonlyMap<number, string>;
  /** Of the data. */
  readonly version: string;
}

export async function loadAsnTable(): Promise<AsnTable> {
  const packageFile = createRequire(import.meta.url).resolve('@ip-location-db/asn/package.json');
  const dir = dirname(packageFile);
  const { version } = JSON.parse(await readFile(packageFile, 'utf8')) as { version: string };
  const organizations = new Map<number, string>();
  const v4 = await readRows(join(dir, 'asn-ipv4-num.csv'), organizations, 4);
  const v6 = await readRows(join(dir, 'asn-ipv6.csv'), organizations, 6);
  const table = tableOf(v4, v6);
  return {
    version,
    organizations,
    find(address) {
      const asn = table.find(address);
      return asn < 0 ? null : { asn, org: organizations.get(asn) ?? '' };
    },
  };
}

/** Rows are `first,last,asn,organization`, sorted by `first`, the name quoted where it must be. */
async function readRows(
  path: string,
  organizations: Map<number, string>,
  version: 4 | 6,
): Promise<RangeColumns> {
  const bytes = await readFile(path);
  const columns = new RangeColumns();
  const add = version === 4 ? addV4 : addV6;
  let rows = 0;
  for (let at = 0; at < bytes.length; ) {
    const firstEnd = bytes.indexOf(COMMA, at);
    const lastEnd = bytes.indexOf(COMMA, firstEnd + 1);
    const asnEnd = bytes.indexOf(COMMA, lastEnd + 1);
    const newline = bytes.indexOf(NEWLINE, asnEnd);
    const end = newline < 0 ? bytes.length : newline;
    if (firstEnd < 0 || lastEnd < 0 || asnEnd < 0 || asnEnd > end) {
      throw new Error(`${path}: row ${rows + 1} is not first,last,asn,organization`);
    }
    const asn = decimal(bytes, lastEnd + 1, asnEnd);
    add(columns, bytes, at, firstEnd, lastEnd, asn);
    if (!organizations.has(asn)) organizations.set(asn, name(bytes, asnEnd + 1, end));
    at = end + 1;
    if (++rows % ROWS_A_SLICE === 0) await pause();
  }
  return columns;
}

function addV4(
  columns: RangeColumns,
  bytes: Buffer,
  at: number,
  firstEnd: number,
  lastEnd: number,
  asn: number,
): void {
  const last = decimal(bytes, firstEnd + 1, lastEnd);
  columns.add(decimal(bytes, at, firstEnd), 0, last, 0xffffffff, asn);
}

function addV6(
  columns: RangeColumns,
  bytes: Buffer,
  at: number,
  firstEnd: number,
  lastEnd: number,
  asn: number,
): void {
  const first = wordsOfV6(bytes.toString('latin1', at, firstEnd));
  const last = wordsOfV6(bytes.toString('latin1', firstEnd + 1, lastEnd));
  // Single hosts within a /64 that is already told of (anycast name servers) add nothing.
  if (columns.find(first[0] ?? 0, first[1] ?? 0) >= 0) return;
  columns.add(first[0] ?? 0, first[1] ?? 0, last[0] ?? 0, last[1] ?? 0, asn);
}

function decimal(bytes: Buffer, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) value = value * 10 + (bytes[i] ?? DIGIT_0) - DIGIT_0;
  return value;
}

function name(bytes: Buffer, from: number, to: number): string {
  const end = bytes[to - 1] === 13 ? to - 1 : to;
  const text = bytes.toString('utf8', from, end);
  return bytes[from] === QUOTE ? text.slice(1, -1).replaceAll('""', '"') : text;
}
