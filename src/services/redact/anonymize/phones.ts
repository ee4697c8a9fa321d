/** Telephone numbers that regulators keep free for films and books. */
import type { Draw } from './draw.ts';
import { withDigits } from './forms.ts';

interface Range {
  country: string;
  /** As dialled abroad, without the country's code; 9 is any digit. */
  numbers: readonly string[];
}

/** NANPA (555-0100 to 555-0199), Ofcom, Bundesnetzagentur, ARCEP, ACMA, ComReg, PTS. */
const RANGES: readonly Range[] = [
  { country: '1', numbers: ['2125550199', '3105550199', '4155550199', '7025550199', '8085550199'] },
  { country: '44', numbers: ['2079460999', '1632960999', '7700900999', '1314960999'] },
  { country: '49', numbers: ['3023125999', '22147143999', '69900099999', '17139200999'] },
  { country: '33', numbers: ['199009999', '261919999', '353019999', '639989999'] },
  { country: '61', numbers: ['491570999', '255501999', '370109999'] },
  { country: '353', numbers: ['209109999'] },
  { country: '46', numbers: ['701740699', '84650049', '317900699'] },
];

/** Of the same country where it keeps some free, written likewise where the length allows. */
export function madeUpPhone(value: string, draw: Draw): string | null {
  const digits = value.replace(/\D/g, '').replace(/^00/, '');
  const isAbroad = /^\s*(?:\+|00)/.test(value);
  const range = RANGES.find(({ country }) => isAbroad && digits.startsWith(country)) ?? RANGES[0];
  if (!range) return null;
  const number = draw.pick(range.numbers).replace(/9+$/, (nines) => draw.digits(nines.length));
  const national = number.replace(/(?<=555)01\d*$/, `01${draw.digits(2)}`);
  const written =
    isAbroad && value.startsWith('+') ? withDigits(value, range.country + national) : null;
  if (written) return written;
  if (!isAbroad && digits.length === national.length) return withDigits(value, national);
  return `+${range.country} ${national.replace(/(\d{3})(\d{3})(\d{4})$/, '$1 $2 $3')}`;
}
