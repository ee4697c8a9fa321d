/** What is read again of a text that has changed: the new lines, with everything in its place. */
import { expect, test } from 'vitest';
import { planSearch } from '../detect/detect.ts';
import { detectChanged } from './changed.ts';

const search = planSearch({ entities: ['email'] });

function page(...lines: string[]) {
  return { pageNumber: 1, text: lines.join('\n'), isWrapped: true };
}

async function seen(before: string[], after: string[], neighbours = 0): Promise<string[]> {
  const found = await detectChanged([page(...before)], [page(...after)], { search, neighbours });
  const { text } = page(...after);
  return found.map(({ start, end, text: value }) => {
    expect(text.slice(start, end)).toBe(value);
    return value;
  });
}

test('only new lines are read, wherever they stand', async () => {
  const old = ['a@x.example', 'one', 'two', 'three', 'b@x.example'];
  expect(await seen(old, old)).toEqual([]);
  expect(await seen(old, [...old, 'c@x.example'])).toEqual(['c@x.example']);
  const after = ['new1@x.example', 'one', 'to new2@x.example', 'three', 'x new3@x.example', 'end'];
  expect(await seen(old, after)).toEqual(['new1@x.example', 'new2@x.example', 'new3@x.example']);
});

test('with as many neighbours as are asked for', async () => {
  const old = ['a@x.example', 'one', 'two', 'three', 'b@x.example'];
  const after = ['a@x.example', 'one', 'changed', 'three', 'b@x.example'];
  expect(await seen(old, after, 1)).toEqual([]);
  expect(await seen(old, after, 2)).toEqual(['a@x.example', 'b@x.example']);
});

test('lines that did not stand together make no value together', async () => {
  const wanted = { search: planSearch({ entities: ['credit_card'] }), neighbours: 0 };
  const before = [page('4111', 'x', '1111'), page('')];
  const after = [page('4111 1111', 'x', '1111 1111'), page('4111 1111', '1111 1111')];
  const found = await detectChanged(before, after, wanted);
  expect(found.map(({ part, text }) => [part, text])).toEqual([[1, '4111 1111\n1111 1111']]);
});

test('a part that was not there is read as a whole, one that is the same not at all', async () => {
  const both = [page('a@x.example'), page('b@x.example')];
  const found = await detectChanged([page('a@x.example')], both, { search, neighbours: 0 });
  expect(found.map(({ part, text }) => [part, text])).toEqual([[1, 'b@x.example']]);
});
