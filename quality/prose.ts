/** Ordinary business prose without personal data, written for this purpose: whatever is found in it is wrong. */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { detect, planSearch } from '../src/services/redact/detect/detect.ts';
import type { FrameworkId } from '../src/services/redact/frameworks/frameworks.ts';

const FOLDER = resolve(import.meta.dirname, 'prose');

/** The pages, each about as long as a printed one. */
export function prosePages(): string[] {
  return readdirSync(FOLDER)
    .toSorted()
    .map((name) => readFileSync(resolve(FOLDER, name), 'utf8'));
}

/** What a framework would wrongly take out of the pages: `name "Board" on page 3`. */
export function falseHits(framework: FrameworkId): string[] {
  const parts = prosePages().map((text, index) => ({ pageNumber: index + 1, text }));
  return parts.flatMap((part) =>
    detect([part], planSearch({ framework })).map(
      ({ type, text, confidence }) =>
        `${type} ${JSON.stringify(text)} (${confidence.toFixed(2)}) on page ${part.pageNumber}`,
    ),
  );
}
