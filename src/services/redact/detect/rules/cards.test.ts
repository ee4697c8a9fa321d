/** Every valid card is found, however it is written and whatever stands beside it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { resolve } from '../resolver.ts';
import { scan } from '../scan/scan.ts';
import { RULES } from './index.ts';

function cardsIn(text: string, isWrapped = false): string[] {
  const sure = scan({ pageNumber: 1, text, isWrapped }, RULES).filter((c) => c.confidence >= 0.5);
  return resolve(sure)
    .filter(({ type }) => type === 'credit_card')
    .map(({ start, end }) => text.slice(start, end).replace(/\D/g, ''));
}

/** Beginning and length; beginnings of a range by its first and last. */
const ISSUED: readonly (readonly [first: number, last: number, ...lengths: number[]])[] = [
  ...([
    [4, 4, 13, 16, 19],
    [51, 55, 16],
    [2221, 2720, 16],
    [34, 34, 15],
    [37, 37, 15],
  ] as const),
  ...([
    [300, 305, 14],
    [36, 36, 14],
    [38, 39, 14],
    [6011, 6011, 16, 19],
    [644, 649, 16],
  ] as const),
  ...([
    [3528, 3589, 16, 19],
    [62, 62, 16, 17, 18, 19],
    [6304, 6304, 12, 13, 16, 19],
  ] as const),
  ...([
    [5018, 5018, 12, 15, 19],
    [6759, 6759, 16, 18],
    [2200, 2204, 16],
    [9792, 9792, 16],
  ] as const),
];

/** The check digit as ISO/IEC 7812-1 explains it in words: what is missing to a multiple of ten. */
function withCheckDigit(digits: string): string {
  const doubled = [...digits].toReversed().map((digit, i) => {
    const twice = i % 2 === 0 ? Number(digit) * 2 : Number(digit);
    return [...String(twice)].reduce((sum, d) => sum + Number(d), 0);
  });
  const missing = (10 - (doubled.reduce((sum, d) => sum + d, 0) % 10)) % 10;
  return digits + missing;
}

const card = fc
  .tuple(fc.constantFrom(...ISSUED), fc.nat(), fc.nat(), fc.stringMatching(/^\d{18}$/))
  .map(([[first, last, ...lengths], a, b, rest]) => {
    const beginning = String(first + (a % (last - first + 1)));
    const length = lengths[b % lengths.length] ?? 16;
    return withCheckDigit((beginning + rest).slice(0, length - 1));
  })
  .filter((digits) => !/^(\d)\1*$/.test(digits));

const inFours = (separator: string) => (digits: string) =>
  digits.replace(/(\d{4})(?=\d\d)/g, `$1${separator}`);
const asPrinted = (digits: string) =>
  digits.length === 15 ? digits.replace(/(\d{4})(\d{6})(\d{5})/, '$1 $2 $3') : inFours(' ')(digits);
const written = fc.constantFrom((digits: string) => digits, inFours(' '), inFours('-'), asPrinted);
const around = fc.constantFrom<[string, string]>(
  ...(
    [
      ['', ''],
      ['Card: ', '.'],
      ['(', ')'],
      ['PAN=', '&x'],
      ['"', '"'],
      ['12.50 EUR ', ' 04/27'],
    ] as const
  ).map(([a, b]): [string, string] => [a, b]),
  ...[['#', ', exp. 04/27, CVV 123'] as [string, string], ['a,', ',b'] as [string, string]],
);

test('any valid number of any issuer, in any usual writing', () => {
  fc.assert(
    fc.property(card, written, around, (digits, write, [before, behind]) => {
      expect(cardsIn(before + write(digits) + behind)).toContain(digits);
    }),
    { numRuns: 2000 },
  );
});

test('all cards of a list, whatever parts them', () => {
  const separator = fc.constantFrom('\n', ', ', '; ', '\t', ' | ', '\u001e', ',', '\r\n');
  fc.assert(
    fc.property(fc.uniqueArray(card, { minLength: 2, maxLength: 12 }), separator, (list, mark) => {
      const sixteen = list.filter((digits) => digits.length === 16);
      expect(cardsIn(sixteen.join(mark))).toEqual(sixteen);
    }),
    { numRuns: 300 },
  );
});

test('a card that is broken over two lines', () => {
  fc.assert(
    fc.property(card, fc.integer({ min: 1, max: 3 }), (digits, groups) => {
      fc.pre(digits.length === 16);
      const at = groups * 4;
      const text = `paid with ${digits.slice(0, at)}\n${digits.slice(at)} today`;
      expect(cardsIn(text, true)).toContain(digits);
    }),
    { numRuns: 300 },
  );
});

test('no number is a card with any other last digit', () => {
  fc.assert(
    fc.property(card, fc.integer({ min: 1, max: 9 }), (digits, off) => {
      const wrong = digits.slice(0, -1) + ((Number(digits.at(-1)) + off) % 10);
      expect(cardsIn(`number ${wrong} here`)).toEqual([]);
    }),
    { numRuns: 500 },
  );
});
