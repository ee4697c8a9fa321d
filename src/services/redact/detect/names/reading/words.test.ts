/** The walk by table against the pattern that says what a word is. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { baseHash } from './characters.ts';
import { WORD, Words } from './words.ts';

const pieces = fc.constantFrom(
  ...[
    'a',
    'B',
    'é',
    'e\u0301',
    '\u0301',
    '中',
    '𝐀',
    '\ud835',
    '-',
    "'",
    '’',
    ' ',
    '.',
    '1',
    's',
    '\n',
    '\u001e',
  ],
);

test('the walk stops at the same words as the pattern, with the hash of each', () => {
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (list) => {
      const text = list.join('');
      const walked: [string, number, number][] = [];
      for (const words = new Words(text); words.next(); ) {
        walked.push([text.slice(words.start, words.end), words.start, words.hash]);
      }
      const matched = [...text.matchAll(WORD)].map(({ 0: word, index }) => [
        ...[word, index, baseHash(word)],
      ]);
      expect(walked).toEqual(matched);
    }),
    { numRuns: 2000 },
  );
});
