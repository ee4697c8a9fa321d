/** Addresses with macros: what is a usable one, and what visitors' values can do in it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clickIdFrom, clickIdTime, newClickId } from './click-id.ts';
import { compileUrl, fillUrl, MACROS, urlMistake } from './macros.ts';

describe('an address', () => {
  test.each([
    'https://shop.example/',
    'http://shop.example:8080/a/{sub1}?c={clickid}&x=%20#f',
    'https://xn--bcher-kva.example/',
    'https://bücher.example/ü?q=ä',
    'https://192.0.2.1/',
    'https://[2001:db8::1]/',
    'https://shop.example?c={clickid}',
  ])('%s can be used', (url) => {
    expect(urlMistake(url)).toBeNull();
  });

  test.each([
    '',
    'shop.example',
    '//shop.example/',
    'javascript:alert(1)',
    'data:text/html,x',
    'https://',
    'https:///path',
    'https://{sub1}/',
    'https://{sub1}.example/',
    'https://user@shop.example/',
    'https://shop.example\\@evil.example/',
    'https://shop.example/a b',
    'https://shop.example/\r\nX: y',
    `https://shop.example/${'a'.repeat(5_000)}`,
  ])('%j cannot', (url) => {
    expect(urlMistake(url)).toEqual(expect.any(String));
  });
});

test('whatever the values, a filled address has the host and the parameters that were written', () => {
  const template = compileUrl('https://shop.example/p/{sub1}?a={sub2}&b={clickid}');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (sub1, sub2) => {
      const filled = fillUrl(template, { sub1, sub2, clickid: 'clk_1' });
      expect(filled).toMatch(/^[\x21-\x7e]+$/);
      const url = new URL(filled);
      expect(url.host).toBe('shop.example');
      expect([...url.searchParams.keys()]).toEqual(['a', 'b']);
      expect(url.searchParams.get('a')).toBe(sub2.toWellFormed());
      expect(url.hash).toBe('');
    }),
  );
});

test('every macro is replaced, values with macros in them are not read again, others stay', () => {
  const all = compileUrl(`https://a.example/?${MACROS.map((name) => `{${name}}`).join('-')}`);
  const values = Object.fromEntries(MACROS.map((name, index) => [name, String(index)]));
  expect(fillUrl(all, values)).toBe(
    `https://a.example/?${MACROS.map((_, index) => index).join('-')}`,
  );
  const one = compileUrl('https://a.example/?{sub1}&{unknown}&{sub10}');
  expect(fillUrl(one, { sub1: '{clickid}' })).toBe('https://a.example/?%7Bclickid%7D&{unknown}&');
});

test('ids of clicks sort by time, tell it, and never repeat', () => {
  const times = [0, 1, 35, 36, 1_700_000_000_000, 1_700_000_000_001, 4_102_444_800_000];
  const ids = times.map(newClickId);
  expect(ids.toSorted()).toEqual(ids);
  expect(ids.map(clickIdTime)).toEqual(times);
  for (const [index, id] of ids.entries()) {
    expect(clickIdFrom(times[index] as number) <= id).toBe(true);
    expect(clickIdFrom((times[index] as number) + 1) > id).toBe(true);
  }
  expect(new Set(Array.from({ length: 10_000 }, () => newClickId(5))).size).toBe(10_000);
  expect(clickIdTime('clk_abc123')).toBeNull();
});
