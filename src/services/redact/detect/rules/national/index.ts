/** National numbers of all countries that are known here, as rules. */
import type { Rule } from '../../rule.ts';
import { EASTERN } from './eastern.ts';
import { NORTHERN } from './northern.ts';
import { numberRule } from './number-row.ts';
import { OVERSEAS } from './overseas.ts';
import { SOUTHERN } from './southern.ts';
import { VAT } from './vat.ts';
import { WESTERN } from './western.ts';

export const NATIONAL: readonly Rule[] = [
  ...[...NORTHERN, ...WESTERN, ...SOUTHERN, ...EASTERN, ...OVERSEAS].map(numberRule),
  ...VAT,
];
