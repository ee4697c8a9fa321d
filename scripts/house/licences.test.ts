/** Every package that the product is made of has a permissive licence; NOTICE names those that ask. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface LockedPackage {
  license?: string;
  dev?: boolean;
  optional?: boolean;
}

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  packages: Record<string, LockedPackage>;
};
const notice = readFileSync('NOTICE', 'utf8');

const PERMISSIVE = new Set([
  ...['MIT', 'MIT-0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', 'Unlicense'],
  ...['BlueOak-1.0.0', 'CC0-1.0', 'CC-BY-4.0', 'PostgreSQL', 'Python-2.0', 'WTFPL', 'Zlib'],
]);
/** Packages with terms of their own, each looked at, each named in NOTICE. */
const LOOKED_AT: Record<string, string> = {
  '@ip-location-db/asn': 'CC BY 4.0 data (RouteViews, DB-IP)',
  '@ip-location-db/geo-whois-asn-country-mmdb': 'NRO statistics, attribution',
};

function isPermissive(expression: string): boolean {
  const text = expression.replace(/[()]/g, '');
  if (text.includes(' OR ')) return text.split(' OR ').some(isPermissive);
  return text.split(' AND ').every((one) => PERMISSIVE.has(one.trim()));
}

const product = Object.entries(lock.packages)
  .filter(([path, { dev }]) => path !== '' && !dev)
  .map(([path, entry]) => ({ name: path.replace(/^.*node_modules\//, ''), ...entry }));

test('every package of the product is under a permissive licence', () => {
  const others = product.filter(
    ({ name, license }) =>
      !(name in LOOKED_AT) && !/^@img\/sharp-/.test(name) && !(license && isPermissive(license)),
  );
  expect(others.map(({ name, license }) => `${name}: ${license ?? 'none stated'}`)).toEqual([]);
});

test('NOTICE names every package whose terms ask for it', () => {
  const named = Object.keys(LOOKED_AT).filter((name) => product.some((one) => one.name === name));
  const libvips = product.some(({ name }) => /^@img\/sharp-libvips/.test(name)) ? ['libvips'] : [];
  expect([...named, ...libvips].filter((name) => !notice.includes(name))).toEqual([]);
});
