/** Which country an address is registered in, from @ip-location-db/geo-whois-asn-country-mmdb. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type CountryResponse, open } from 'maxmind';
import type { Address } from '../address.ts';

/** Addresses whose answers the reader keeps. */
const KEPT = 20_000;

export interface CountryTable {
  /** ISO 3166-1 alpha-2, upper case, or null where nobody says. */
  of(address: Address): string | null;
  readonly version: string;
}

export async function openCountries(): Promise<CountryTable> {
  const packageFile = createRequire(import.meta.url).resolve(
    '@ip-location-db/geo-whois-asn-country-mmdb/package.json',
  );
  const { version } = JSON.parse(await readFile(packageFile, 'utf8')) as { version: string };
  const path = join(dirname(packageFile), 'geo-whois-asn-country.mmdb');
  const reader = await open<CountryResponse & { country_code?: string }>(path, {
    cache: { max: KEPT },
  });
  return { version, of: (address) => reader.get(address.text)?.country_code ?? null };
}
