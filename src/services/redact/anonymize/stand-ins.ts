/**
 * What stands in place of a value when it is not simply taken away. The same value has the same
 * stand-in throughout a document, and throughout a job: the state goes from file to file. Which one a
 * new value gets is chosen by a key, so that neither order nor number of values shows in it.
 */
import { randomBytes } from 'node:crypto';
import { ENTITIES, type EntityType } from '../detect/entities.ts';
import type { Style } from '../document.ts';
import { Draw } from './draw.ts';
import { madeUp } from './made-up.ts';

/** One value and its stand-in; a list of them is the mapping that `restore` needs. */
export interface Replaced {
  type: EntityType;
  value: string;
  standIn: string;
}

/** Small ranges run out: then a label does. */
const MOST_TRIES = 40;

export class StandIns {
  private readonly byValue = new Map<string, Replaced>();
  private readonly counts = new Map<string, number>();
  private readonly given = new Set<string>();
  private readonly style: Style;
  private readonly key: Uint8Array;

  /** @param key of the choice among made-up values; without one they differ from job to job */
  constructor(style: Style, earlier: readonly Replaced[] = [], key: Uint8Array = randomBytes(32)) {
    this.style = style;
    this.key = key;
    for (const replaced of earlier) this.remember(replaced);
  }

  /** @param keepsBin write a card as PCI DSS 3.4.1 allows: the first six and last four digits */
  of(type: EntityType, value: string, keepsBin = false): string {
    const known = this.byValue.get(keyOf(type, value));
    if (known) return known.standIn;
    const number = (this.counts.get(ENTITIES[type].label) ?? 0) + 1;
    const standIn =
      (keepsBin && type === 'credit_card' && truncated(value, number)) ||
      (this.style === 'realistic' && this.unlike(type, value)) ||
      `[${ENTITIES[type].label}_${number}]`;
    this.remember({ type, value, standIn });
    return standIn;
  }

  /** A made-up value that no other value has been given, and that is none of theirs. */
  private unlike(type: EntityType, value: string): string | null {
    const draw = new Draw(this.key, keyOf(type, value));
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const standIn = madeUp(type, value, draw);
      if (standIn === null) return null;
      const isTaken = this.given.has(standIn) || this.byValue.has(keyOf(type, standIn));
      if (!isTaken && keyOf(type, standIn) !== keyOf(type, value)) return standIn;
    }
    return null;
  }

  private remember(replaced: Replaced): void {
    const { label } = ENTITIES[replaced.type];
    this.given.add(replaced.standIn);
    this.byValue.set(keyOf(replaced.type, replaced.value), replaced);
    this.counts.set(label, (this.counts.get(label) ?? 0) + 1);
  }

  list(): Replaced[] {
    return [...this.byValue.values()];
  }
}

/** Shorter numbers would show too much with the first six: they keep the last four only. */
function truncated(value: string, number: number): string {
  const digits = value.replace(/\D/g, '');
  const first = digits.length >= 15 ? digits.slice(0, 6) : '';
  const hidden = '*'.repeat(Math.max(0, digits.length - first.length - 4));
  return `[CARD_${number}: ${first}${hidden}${digits.slice(-4)}]`;
}

/** Spelling differs, the value does not: `4111 1111…` and `4111-1111…` are one card. */
function keyOf(type: EntityType, value: string): string {
  const plain = value.toLowerCase();
  const compact = plain.replace(/[\s\-.()/\u00a0]/g, '');
  return `${ENTITIES[type].label} ${/\d/.test(value) && type !== 'email' ? compact : plain}`;
}

/** The text with every stand-in turned back; longer ones first, so that _12 is not taken for _1. */
export function restoreText(text: string, mapping: readonly Replaced[]): string {
  const values = new Map(mapping.map(({ standIn, value }) => [standIn, value]));
  const pattern = [...values.keys()]
    .toSorted((a, b) => b.length - a.length)
    .map((standIn) => standIn.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('|');
  if (pattern === '') return text;
  return text.replace(new RegExp(pattern, 'g'), (standIn) => values.get(standIn) ?? standIn);
}
