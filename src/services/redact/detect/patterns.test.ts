/**
 * Texts built to make patterns run away. Each rule gets texts made of its own characters and of what
 * nearly is what it looks for, and must not cost more than so many times what walking over the same
 * text costs: one that backtracks would cost thousands of times more.
 */
import { expect, test } from 'vitest';
import { sampleOf } from '../../../../test/harness/pattern-sample.ts';
import { FRAMEWORK_IDS } from '../frameworks/frameworks.ts';
import { detect, planSearch } from './detect.ts';
import { ENTITY_TYPES } from './entities.ts';
import type { Rule } from './rule.ts';
import { RULES } from './rules/index.ts';
import { matches } from './scan/scan.ts';
import { compileTerms } from './terms.ts';

const LENGTH = 100_000;
/** The dearest rule costs a tenth of this; one that backtracks, a thousand times more. */
const TIMES_A_WALK = 3000;

const repeated = (piece: string) => piece.repeat(Math.ceil(LENGTH / piece.length)).slice(0, LENGTH);

/** Milliseconds of the processor, whoever else is at work. */
function timed(work: () => void): number {
  const start = process.cpuUsage();
  work();
  return process.cpuUsage(start).user / 1000;
}

/** The least of a few walks that look at each character once. */
function walkMs(text: string): number {
  const times = Array.from({ length: 5 }, () =>
    timed(() => {
      let sum = 0;
      for (let i = 0; i < text.length; i++) sum = (sum * 31 + text.charCodeAt(i)) | 0;
      expect(sum).toBeTypeOf('number');
    }),
  );
  return Math.max(0.05, Math.min(...times));
}

/** What a rule finds, as its own forms say it. */
function samples(rule: Rule): string[] {
  const forms = (rule.number ?? []).slice(0, 3);
  const numbers = forms.map((form) => form.replaceAll('9', '1').replace(/[@*]/g, 'A'));
  const written = rule.pattern ? [sampleOf(rule.pattern.source)] : [];
  const cells = rule.cell ? [sampleOf(rule.cell.heading.source)] : [];
  const words = (rule.words ?? []).slice(0, 1);
  return [...numbers, ...written, ...cells, ...words, ...(rule.find ? ['1 ', 'a@', '1:'] : [])];
}

/** Long rows of a sample's characters, of the sample, of the sample but for its end. */
function hostile(sample: string): string[] {
  const pieces = new Set([sample, `${sample} `, sample.slice(0, -1), `${sample.slice(0, -1)}~`]);
  const kinds = new Set([...sample].map((c) => (/\d/.test(c) ? '1' : c)));
  for (const character of [...kinds].slice(0, 4)) pieces.add(character).add(`${character} `);
  const half = sample.slice(0, Math.ceil(sample.length / 2));
  return [
    ...[...pieces].filter((piece) => piece !== '').map(repeated),
    half + repeated(half.at(-1) ?? 'a'),
  ];
}

test.each(RULES.map((rule, index) => ({ title: `${index} ${rule.type} ${rule.title}`, rule })))(
  'no text makes this rule run away: $title',
  ({ rule }) => {
    for (const text of samples(rule).flatMap(hostile)) {
      const bound = walkMs(text) * TIMES_A_WALK;
      let spent = timed(() => matches([rule], text));
      // Once more: the first time may have been somebody else's.
      if (spent > bound) spent = timed(() => matches([rule], text));
      expect(spent, JSON.stringify(text.slice(0, 60))).toBeLessThan(bound);
    }
  },
);

const PIECES = [
  ...['a', '1', '1 ', '12-', '(1', '1.', '@', 'a@', 'a.', 'a@b.', '-', '.', ' ', '\n', '\t', '<'],
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
  ...['+1 ', '00', '12:', 'GB82 ', 'DE', '\u00e9', '\ud83d\ude00', 'name on card: ', 'aged ', '0x'],
  ...['12 A ', '1 Rue ', 'Suite 1 ', '1, A, ', 'A\n1 ', 'Via A 1 ', 'Apt. 1\n', 'address is A '],
  ...['12 Mai ', 'A.A.', '1-A-', 'AB 12 ', 'X1 ', '1,', ',,', 'B1^', '1=', 'P<', '<<', '12 of '],
];

test.each(PIECES)('all rules together end on a long row of %j', (piece) => {
  const text = repeated(piece);
  const spent = timed(() => {
    for (const match of matches(RULES, text))
      if (match.end <= match.start) throw new Error('empty');
  });
  expect(spent).toBeLessThan(walkMs(text) * TIMES_A_WALK * 8);
});

test('all types together, propagated and resolved, end on a mixture of all of it', () => {
  const text = PIECES.join('').repeat(300);
  for (const framework of FRAMEWORK_IDS) {
    expect(detect([{ pageNumber: 1, text }], planSearch({ framework }))).toBeInstanceOf(Array);
  }
});

test('a wrapped page of numbers alone ends as well', () => {
  const text = '12 345\n67-8 9012 '.repeat(3000);
  const search = planSearch({ framework: 'hipaa' });
  expect(detect([{ pageNumber: 1, text, isWrapped: true }], search)).toBeInstanceOf(Array);
});

test.each([
  '/\\d{1,99}\\d{1,99}\\d{1,99}x/',
  '/a?a?a?a?a?a?a?a?a?b/',
  '/[a-z]{1,90}[a-z0-9]{1,90}!/',
])('a term whose counts multiply is refused: %s', (term) => {
  expect(() => compileTerms([term])).toThrow(/ways/);
});

test('a term at the bound of what is let through ends', () => {
  const [rule] = compileTerms(['/\\d{1,16}\\d{1,16}x/']);
  const text = repeated('1');
  expect(timed(() => matches(rule ? [rule] : [], text))).toBeLessThan(
    walkMs(text) * TIMES_A_WALK * 4,
  );
});

test('every rule says where its form comes from and has a type that is known', () => {
  for (const { type, source, title } of RULES) {
    expect(ENTITY_TYPES).toContain(type);
    expect([source, title].every((text) => text.length > 3)).toBe(true);
  }
});

test('every pattern is bounded: no star or plus, and no count above twenty thousand', () => {
  for (const { pattern, cell, context, against, title } of RULES) {
    for (const { source } of [pattern, cell?.heading, cell?.pattern, context, against].filter(
      (p) => !!p,
    )) {
      const bare = source.replace(/\\.|\[(?:[^\]\\]|\\.){1,300}\]/g, 'a');
      expect(/[^(][*+]|,\}/.test(bare), `${title}: ${source.slice(0, 200)}`).toBe(false);
    }
  }
});

test.each([
  ['bartholomew.featherst\nonehaugh@example.org', 'bartholomew.featherst\nonehaugh@example.org'],
  ['see www.example.org\nor jane@example.org', 'jane@example.org'],
  ['write to the office\njane@example.org', 'jane@example.org'],
  ['the office of example.com\njane@example.org', 'jane@example.org'],
])('a mail address that a full cell breaks is whole: %j', (text, mail) => {
  const search = planSearch({ entities: ['email'] });
  const found = detect([{ pageNumber: 1, text, isWrapped: true }], search);
  expect(found.map((finding) => finding.text)).toEqual([mail]);
});
