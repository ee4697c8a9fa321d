/** Addresses that no visitor of the Internet has (RFC 6890 and the registries that it started). */
import { parseCidr } from '../address.ts';
import { type RangeTable, tableFromCidrs } from './range-table.ts';

const BLOCKS = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '::/96',
  '100::/64',
  '2001:db8::/32',
  'fc00::/7',
  'fe80::/10',
  'ff00::/8',
];

export const SPECIAL_ADDRESSES: RangeTable = tableFromCidrs(
  BLOCKS.flatMap((text) => {
    const cidr = parseCidr(text);
    return cidr ? [{ cidr, value: 0 }] : [];
  }),
);
