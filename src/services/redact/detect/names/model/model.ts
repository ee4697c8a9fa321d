/**
 * The tagger's committed weights: one file, written by `npm run train:names`. A line of JSON, then
 * the gazetteer's hashes and lists, then the table of weights.
 */
import { Gazetteer } from '../reading/gazetteer.ts';
import type { Kind } from './labels.ts';
import { WeightTable } from './weight-table.ts';

/**
 * Platt's scaling of a raw probability: of findings with the log-odds x the share that is right is
 * 1 / (1 + exp(-(slope * x + shift))).
 */
export interface Calibration {
  slope: number;
  shift: number;
}

export interface Header {
  /** Hash of everything that the weights were trained from (`scripts/names/fingerprint.ts`). */
  fingerprint: string;
  /** A weight is its byte times this. */
  scale: number;
  /** Scores of label to label, row by row. */
  moves: number[];
  calibration: Record<Kind, Calibration>;
  words: number;
}

export interface Model {
  header: Header;
  gazetteer: Gazetteer;
  table: WeightTable;
}

export const WEIGHTS_FILE = new URL('../weights.bin', import.meta.url);

export function readModel(file: Uint8Array): Model {
  // A plain array, whose slices are copies: numbers of four bytes must be aligned.
  const bytes = new Uint8Array(file);
  const lineEnd = bytes.indexOf(0x0a);
  const header: Header = JSON.parse(Buffer.from(bytes.subarray(0, lineEnd)).toString('utf8'));
  const hashes = bytes.slice(lineEnd + 1, lineEnd + 1 + header.words * 4);
  const lists = bytes.slice(lineEnd + 1 + header.words * 4, lineEnd + 1 + header.words * 5);
  const table = bytes.slice(lineEnd + 1 + header.words * 5);
  return {
    header,
    gazetteer: new Gazetteer(new Int32Array(hashes.buffer), lists),
    table: WeightTable.read(table),
  };
}

export function writeModel(
  header: Header,
  hashes: Int32Array,
  lists: Uint8Array,
  table: WeightTable,
): Buffer {
  const line = Buffer.from(`${JSON.stringify({ ...header, words: hashes.length })}\n`);
  const words = Buffer.from(hashes.buffer, hashes.byteOffset, hashes.byteLength);
  return Buffer.concat([line, words, lists, table.bytes()]);
}
