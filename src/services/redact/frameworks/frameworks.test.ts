/** What the frameworks promise against what the rules can do. */
import { expect, test } from 'vitest';
import { RULES } from '../detect/rules/index.ts';
import { FRAMEWORK_IDS, FRAMEWORKS, SAFE_HARBOR } from './frameworks.ts';

test('hipaa looks for each of the 18 Safe Harbor groups that a text can hold', () => {
  expect(Object.keys(SAFE_HARBOR).join('')).toBe('ABCDEFGHIJKLMNOPQR');
  for (const [letter, { types }] of Object.entries(SAFE_HARBOR)) {
    expect(types.length > 0 || 'PQ'.includes(letter), letter).toBe(true);
    for (const type of types) expect(FRAMEWORKS.hipaa.types).toContain(type);
  }
});

test('no framework asks for a type that neither rules nor the tagger give', () => {
  const given = new Set<string>([...RULES.map(({ type }) => type), 'location', 'organization']);
  for (const id of FRAMEWORK_IDS) {
    expect(FRAMEWORKS[id].types.filter((type) => !given.has(type))).toEqual([]);
  }
});

test('pci-dss asks for account data and nothing else (PCI DSS v4.0.1, table 3)', () => {
  expect([...FRAMEWORKS['pci-dss'].types].toSorted()).toEqual([
    ...['card_expiry', 'card_pin', 'card_security_code', 'card_track'],
    ...['cardholder_name', 'credit_card'],
  ]);
});

test('no type stands twice in a framework', () => {
  for (const id of FRAMEWORK_IDS) {
    const { types } = FRAMEWORKS[id];
    expect(new Set(types).size).toBe(types.length);
  }
});
