/**
 * The three corpora (see NOTICE): their columns become running text again, with spaces where a
 * writer would put them, and their labels become the tagger's. Every tenth sentence is held out.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Kind } from '../../src/services/redact/detect/names/model/labels.ts';
import type { Example, Name } from './examples.ts';

export const DATA = resolve(import.meta.dirname, '../../../shared/data/ner');

export const CORPORA: Readonly<Record<string, readonly string[]>> = {
  wnut17: ['wnut17/wnut17train.conll'],
  btc: ['a', 'b', 'e', 'f', 'g', 'h'].map((part) => `btc/${part}.conll`),
  wikigold: ['wikigold/wikigold.conll.txt'],
};

/** Labels of the corpora; what is not here (products, works, nationalities) is no name of ours. */
const KIND_OF: Readonly<Record<string, Kind>> = {
  PER: 'name',
  person: 'name',
  LOC: 'location',
  location: 'location',
  ORG: 'organization',
  corporation: 'organization',
  group: 'organization',
};

/** Sentences of a corpus in their order. */
export function corpus(name: string): Example[] {
  const files = CORPORA[name] ?? [];
  return files.flatMap((file) => sentences(readFileSync(resolve(DATA, file), 'utf8')));
}

export function isHeldOut(index: number): boolean {
  return index % 10 === 7;
}

export function sentences(text: string): Example[] {
  const blocks = text.replaceAll('\r', '').split(/\n[ \t]*\n/);
  return blocks.map(toExample).filter(({ text }) => text.trim() !== '');
}

function toExample(block: string): Example {
  let text = '';
  let [label, isQuoted, previous] = ['O', false, ''];
  const names: Name[] = [];
  for (const line of block.split('\n')) {
    const cut = Math.max(line.lastIndexOf('\t'), line.lastIndexOf(' '));
    const token = line.slice(0, cut).trim();
    if (cut < 1 || token === '') continue;
    const own = line.slice(cut + 1).trim();
    if (token === '"') isQuoted = !isQuoted;
    if (text !== '' && needsSpace(previous, token, isQuoted)) text += ' ';
    const isHandle = previous === '@' || token.startsWith('@');
    const skip = /^[#]/.test(token) ? 1 : 0;
    const [start, end] = [text.length + skip, text.length + token.length];
    text += token;
    const kind = isHandle ? undefined : KIND_OF[own.slice(2)];
    const last = names.at(-1);
    // A name goes on within its own label; wikigold begins every name with I-.
    if (kind && last?.kind === kind && own.startsWith('I-') && label.slice(2) === own.slice(2)) {
      last.end = end;
    } else if (kind) names.push({ kind, start, end });
    [label, previous] = [isHandle ? 'O' : own, token];
  }
  return { text, names };
}

function needsSpace(previous: string, token: string, isQuoted: boolean): boolean {
  if (/^(?:[.,;:!?)\]}%…]+|n't|'(?:s|S|m|re|ve|ll|d|t)|’(?:s|m|re|ve|ll|d|t))$/.test(token))
    return false;
  if (/^[([{@$#£€]$/.test(previous)) return false;
  if (previous === '"' && isQuoted) return false;
  return !(token === '"' && !isQuoted);
}
