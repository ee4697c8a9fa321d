import { expect, test } from 'vitest';
import { firstWords } from './first-words.ts';

test.each([
  ['passport|reise ?pass', ['passport', 'reise', 'reisepass']],
  ['(?:bank|giro)?konto(?: nummer)?', ['bankkonto', 'girokonto', 'konto']],
  ['licen[cs]e plates?', ['licence', 'license']],
  ["d[’']identit", ['d']],
  ['(?:deliver(?:ed)?|sen[dt]) (?:it|them) to', ['deliver', 'delivered', 'send', 'sent']],
  ['tag(?= ?no)|c/', ['c', 'tag']],
  ['t[ée]l\\.?|s\\.s\\.n', ['s', 'tel', 'tél']],
])('%s begins with %j', (pattern, words) => {
  expect(firstWords(pattern)).toEqual(words);
});
