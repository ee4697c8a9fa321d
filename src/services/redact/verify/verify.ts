/**
 * Proves that what was to go is gone: the output is opened anew and compared by position, read by
 * another route and searched for every removed value, and scanned again. Without the proof no file
 * is given out.
 */
import { createHash } from 'node:crypto';
import manifest from '../../../../package.json' with { type: 'json' };
import type { Search } from '../detect/detect.ts';
import type { Edit, Finding, Format, OpenDocument, OpenOptions, TextPart } from '../document.ts';
import { editedParts, editsByPart } from '../formats/edits.ts';
import { detectChanged } from './changed.ts';
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
  onProgress?: OpenOptions['onProgress'];
}

export async function verify(written: Written): Promise<Verdict> {
  const { format, before, edits, output, values, standIns } = written;
  const after = await format.reread(output, { onProgress: written.onProgress });
  try {
    const known = standIns.map((standIn) => standIn.toLowerCase());
    const again = await unforeseen(written, after.parts);
    const missed = again.filter(
      ({ text }) => !known.some((standIn) => standIn.includes(text.toLowerCase())),
    );
    const left = findLeftovers(values, after.texts, after.streams);
    const objections = [...format.judge(before, edits, after), ...left];
    return {
      objections,
      missed,
      checks: ['positions', ...(before.compared ?? []), ...after.examined, 'second scan'],
      notExamined: after.notExamined,
    };
  } finally {
    after.close?.();
  }
}

/** Labels stand no further away. */
const NEIGHBOURS = 3;

/** What is found where the output reads otherwise than was meant: the rest of it was scanned. */
function unforeseen(
  { before, edits, search }: Written,
  after: readonly TextPart[],
): Promise<Finding[]> {
  const meant = editedParts(before.parts, editsByPart(edits));
  return detectChanged(meant, after, { search, neighbours: NEIGHBOURS, same: withoutSpace });
}

/** A page's spaces are guessed from where its letters stand; of covers it has no text. */
function withoutSpace(line: string): string {
  return line.replace(/[\s█]+/g, '');
}

/** The proof that goes with a file. Says nothing of what was removed but how much of which type. */
export interface Certificate {
  /** Of the certificate's own form. */
  version: 1;
  /** What the proof was made with. */
  versions: { cloakroom: string };
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

export const VERSIONS = { cloakroom: manifest.version };

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
