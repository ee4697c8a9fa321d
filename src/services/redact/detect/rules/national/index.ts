/** National numbers of all countries that are known here, as rules. */
import type { Rule } from '../../rule.ts';
import { hasDigits, labelled } from '../labelled.ts';
import { EASTERN } from './eastern.ts';
import { NORTHERN } from './northern.ts';
import { numberRule } from './number-row.ts';
import { OVERSEAS } from './overseas.ts';
import { SOUTHERN } from './southern.ts';
import { VAT } from './vat.ts';
import { WESTERN } from './western.ts';

const ROWS = [...NORTHERN, ...WESTERN, ...SOUTHERN, ...EASTERN, ...OVERSEAS];

/** A digit that was misread or mistyped makes nobody less known: right behind its label it counts. */
function mistyped(type: 'national_id' | 'tax_id', title: string): Rule {
  const words = ROWS.filter((row) => row.type === type).map((row) => row.words);
  return labelled({
    ...{ type, title: `${title} right behind its label, whatever its check digit` },
    source: 'GDPR art. 87; OECD Automatic Exchange Portal',
    labels: words.join('|'),
    needsLink: true,
    value: '(?=[A-Z0-9./ -]{0,8}\\d)[A-Z0-9](?:[A-Z0-9]|[ ./-](?=[A-Z0-9./-]{0,4}\\d)){5,18}',
    isExact: true,
    check: hasDigits(6),
    confidence: 0.6,
  });
}

export const NATIONAL: readonly Rule[] = [
  ...ROWS.map(numberRule),
  mistyped('national_id', 'Number of a person'),
  mistyped('tax_id', 'Tax number'),
  ...VAT,
];
