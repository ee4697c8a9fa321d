/**
 * What CI holds detection to: the floors of `npm run quality:redact`, and weights that are what
 * `npm run train:names` makes. Both need ../shared/data/ner beside the checkout and fail without.
 */
import { readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { belowFloors, measure } from '../../quality/measure.ts';
import { prosePages } from '../../quality/prose.ts';
import { fingerprint } from '../../scripts/names/fingerprint.ts';
import { makeWeights } from '../../scripts/names/make.ts';
import { readModel, WEIGHTS_FILE } from '../../src/services/redact/detect/names/model/model.ts';

test('no figure of detection is below its floor', () => {
  const measured = measure();
  expect(measured.texts.length).toBeGreaterThan(2000);
  expect(prosePages()).toHaveLength(10);
  expect(belowFloors(measured)).toEqual([]);
});

test('training twice gives the same bytes', () => {
  const small = { each: 1, rounds: 1, every: 20 };
  const [first, second] = [makeWeights(small, 'a'), makeWeights(small, 'a')];
  expect(first.equals(second)).toBe(true);
  expect(readModel(first).header.fingerprint).toBe('a');
});

test('the committed weights are small and were made from what is here', () => {
  expect(statSync(WEIGHTS_FILE).size).toBeLessThan(8_000_000);
  const { header } = readModel(readFileSync(WEIGHTS_FILE));
  expect(header.fingerprint, 'run npm run train:names').toBe(fingerprint());
});
