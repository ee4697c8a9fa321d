/** Texts built to make patterns run away; a quadratic one would not end within the test's time. */
import { expect, test } from 'vitest';
import { FRAMEWORK_IDS } from '../frameworks/frameworks.ts';
import { detect, planSearch } from './detect.ts';
import { ENTITY_TYPES } from './entities.ts';
import { RULES } from './rules/index.ts';
import { matches } from './scan/scan.ts';

const LENGTH = 300_000;
const PIECES = [
  ...[
    'a',
    '1',
    '1 ',
    '12-',
    '(1',
    '1.',
    '@',
    'a@',
    'a.',
    'a@b.',
    '-',
    '.',
    ' ',
    '\n',
    '\t',
    '<',
    '%',
  ],
  ...[
    'A',
    'A1',
    'a:',
    '::',
    '0:',
    '%B1',
    ';1',
    'eyJa.',
    '-----BEGIN PRIVATE KEY-----',
    'ssn ',
    '/',
  ],
  ...[
    'account number: ',
    'password: ',
    'exp ',
    'card holder: A ',
    'http://',
    'www.',
    '1/1/',
    'may ',
  ],
  ...[
    '+1 ',
    '00',
    '12:',
    'GB82 ',
    'DE',
    '\u00e9',
    '\ud83d\ude00',
    'name on card: ',
    'aged ',
    '0x',
    'bc1',
  ],
];

test.each(PIECES)('no rule runs away on a long row of %j', (piece) => {
  const text = piece.repeat(Math.ceil(LENGTH / piece.length));
  for (const match of matches(RULES, text)) expect(match.end).toBeGreaterThan(match.start);
});

test('all types together stay quick on a mixture of all of it', () => {
  const text = PIECES.join('').repeat(500);
  for (const framework of FRAMEWORK_IDS) {
    expect(detect([{ pageNumber: 1, text }], planSearch({ framework }))).toBeInstanceOf(Array);
  }
});

test('every rule says where its form comes from and has a type that is known', () => {
  for (const { type, source, title } of RULES) {
    expect(ENTITY_TYPES).toContain(type);
    expect([source, title].every((text) => text.length > 3)).toBe(true);
  }
});
