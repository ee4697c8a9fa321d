/** However a value is still written, it is seen; what only looks like it is not. */
import { expect, test } from 'vitest';
import { findLeftovers } from './search.ts';

const SECRET = 'jane.doe@example.org';
const show = (bytes: string | Buffer) =>
  findLeftovers(new Set([SECRET, '123-45-6789']), [], [Buffer.from(bytes as string)]).length > 0;

test.each<[string, string | Buffer]>([
  ['as it was', `x ${SECRET} y`],
  ['in capitals', SECRET.toUpperCase()],
  ['backwards', [...SECRET].reverse().join('')],
  ['in UTF-16LE', Buffer.from(`a${SECRET}`, 'utf16le')],
  ['in UTF-16BE', Buffer.from(SECRET, 'utf16le').swap16()],
  ['in hexadecimal', Buffer.from(SECRET).toString('hex')],
  ['in capital hexadecimal', Buffer.from(SECRET).toString('hex').toUpperCase()],
  ['in base64', Buffer.from(SECRET).toString('base64')],
  ['in base64, shifted by one', Buffer.from(`x${SECRET}`).toString('base64')],
  ['in base64, shifted by two', Buffer.from(`xy${SECRET}zz`).toString('base64')],
])('a value is seen %s', (_, bytes) => {
  expect(show(bytes)).toBe(true);
});

const hex = (text: string) => Buffer.from(text).toString('hex');

test.each([
  '9123-45-67890',
  'ajane.doe@example.organic',
  `[<${hex('ajane.doe@example.org')}> 3 <${hex('jane.doe@example.organic').toUpperCase()}>] TJ`,
  'nothing',
])('%s is another value', (text) => {
  expect(show(text)).toBe(false);
});

test('texts are compared without regard to case and spacing', () => {
  const values = new Set(['John  Smith']);
  expect(findLeftovers(values, ['by JOHN\nSMITH.'], [])).toHaveLength(1);
  expect(findLeftovers(values, ['by John Smithson'], [])).toEqual([]);
});

test('objections do not say what they saw', () => {
  expect(
    JSON.stringify(findLeftovers(new Set([SECRET]), [SECRET], [Buffer.from(SECRET)])),
  ).not.toContain('jane');
});
