/** Findings as they are told: masked, with their place. The text itself goes no further than here. */
import { randomBytes } from 'node:crypto';
import { ENTITIES } from './detect/entities.ts';
import type { Finding, Location, OpenDocument } from './document.ts';

export interface Item {
  id: string;
  type: string;
  category: string;
  value: string;
  confidence: number;
  location: Location;
}

export interface Summary {
  totalItems: number;
  byCategory: Record<string, number>;
  byType: Record<string, number>;
}

export function itemsOf(document: OpenDocument, findings: readonly Finding[]): Item[] {
  return findings.map(({ type, confidence, part, start, end, text }) => {
    const { pageNumber = 1, part: name } = document.parts[part] ?? {};
    return {
      id: `item_${randomBytes(9).toString('base64url')}`,
      type,
      category: ENTITIES[type].category,
      value: mask(text),
      confidence: Math.round(confidence * 100) / 100,
      location: {
        startIndex: start,
        endIndex: end,
        pageNumber,
        ...(name === undefined ? {} : { part: name }),
        ...document.locate?.(part, start, end),
      },
    };
  });
}

/** First and last two characters; of values shorter than eight the first alone. */
export function mask(value: string): string {
  const characters = [...value];
  if (characters.length < 8) return `${characters[0] ?? ''}****`;
  return `${characters.slice(0, 2).join('')}****${characters.slice(-2).join('')}`;
}

export function summaryOf(items: readonly Item[]): Summary {
  const byCategory: Record<string, number> = {};
  const byType: Record<string, number> = {};
  for (const { category, type } of items) {
    byCategory[category] = (byCategory[category] ?? 0) + 1;
    byType[type] = (byType[type] ?? 0) + 1;
  }
  return { totalItems: items.length, byCategory, byType };
}
