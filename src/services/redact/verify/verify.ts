/**
 * Proves that what was to go is gone: the output is opened anew and compared by position, read by
 * another route and searched for every removed value, and scanned again. Without the proof no file
 * is given out.
 */
import { createHash } from 'node:crypto';
import { detect, type Search } from '../detect/detect.ts';
import type { Edit, Finding, Format, OpenDocument } from '../document.ts';
import { changedParts } from './changed.ts';
import { findLeftovers } from './search.ts';

export interface Verdict {
  /** What is still there, without saying it. Empty where all is proven. */
  objections: string[];
  /** Found by the second scan only: to be removed in another round. */
  missed: Finding[];
  checks: string[];
  notExamined: string[];
}

export interface Written {
  format: Format;
  before: OpenDocument;
  edits: readonly Edit[];
  output: Uint8Array;
  /** Every value that was removed. */
  values: ReadonlySet<string>;
  standIns: readonly string[];
  search: Search;
}

export async function verify(written: Written): Promise<Verdict> {
  const { format, before, edits, output, values, standIns, search } = written;
  const after = await format.reread(output);
  try {
    const known = standIns.map((standIn) => standIn.toLowerCase());
    const missed = detect(changedParts(before.parts, after.parts), search).filter(
      ({ text }) => !known.some((standIn) => standIn.includes(text.toLowerCase())),
    );
    const left = findLeftovers(values, after.texts, after.streams);
    return {
      objections: [...format.judge(before, edits, after), ...left],
      missed,
      checks: ['positions', ...after.examined, 'second scan'],
      notExamined: after.notExamined,
    };
  } finally {
    after.close?.();
  }
}

/** The proof that goes with a file. Says nothing of what was removed but how much of which type. */
export interface Certificate {
  version: 1;
  format: string;
  framework: string;
  method: string;
  input: { sha256: string; sizeBytes: number };
  output: { sha256: string; sizeBytes: number };
  pageCount: number;
  removed: Record<string, number>;
  rounds: number;
  checks: string[];
  /** What nobody has looked into, and so is not vouched for. */
  notExamined: string[];
  /** What was taken out whole, without a look inside. */
  removedWhole: string[];
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
