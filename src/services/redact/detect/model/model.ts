/**
 * The installation's own model, where `CLOAKROOM_NER_MODEL` names one: token classification, window
 * by window, its findings handed to the resolver beside those of the rules and the tagger.
 */
import { Fault } from '../../../../kernel/fault.ts';
import type { TextPart } from '../../document.ts';
import type { EntityType } from '../entities.ts';
import type { Candidate } from '../resolver.ts';
import { ModelProblem, readModel } from './directory.ts';
import type { Label } from './label-types.ts';
import { openRuntime, type Runtime } from './runtime.ts';
import type { Token } from './tokens.ts';

interface Model {
  runtime: Runtime;
  labels: readonly Label[];
  mostTokens: number;
}

/** Parts of office files whose words are fonts and styles. */
const LOOKS = /^(?:theme|styles|stylesWithEffects|fontTable|numbering|settings)\d* attributes$/i;

let folder: string | undefined;
let opening: Promise<Model> | null = null;
let takenBytes = 0;

/** For this process, from now on; undefined: none. */
export function configureModel(dir: string | undefined): void {
  if (dir === folder) return;
  folder = dir;
  opening = null;
  takenBytes = 0;
}

/** Why the configured model cannot be used; null where it can, or there is none. */
export async function problemOfModel(): Promise<string | null> {
  if (folder === undefined) return null;
  try {
    await tag(await model(folder), 'Try it out.');
    return null;
  } catch (error) {
    if (error instanceof ModelProblem) return error.message;
    throw error;
  }
}

function model(dir: string): Promise<Model> {
  opening ??= open(dir).catch((error) => {
    // The next document tries again: the reason may have been a moment's.
    opening = null;
    throw error;
  });
  return opening;
}

/** Memory that the model has taken of this process, which is no document's. */
export function modelBytes(): number {
  return takenBytes;
}

async function open(dir: string): Promise<Model> {
  const before = process.memoryUsage.rss();
  const files = await readModel(dir);
  const { labels, mostTokens } = files;
  const runtime = await openRuntime(files);
  takenBytes = Math.max(0, process.memoryUsage.rss() - before);
  return { runtime, labels, mostTokens };
}

/** What the model finds in each part; empty without one. */
export async function findByModel(
  parts: readonly TextPart[],
  types: ReadonlySet<EntityType>,
): Promise<Candidate[][]> {
  if (folder === undefined) return [];
  try {
    const own = await model(folder);
    if (!own.labels.some(({ type }) => type !== null && types.has(type))) return [];
    const found: Candidate[][] = [];
    for (const { text, part } of parts) {
      const all = part && LOOKS.test(part) ? [] : await tag(own, text);
      found.push(all.filter(({ type }) => types.has(type)));
    }
    return found;
  } catch (error) {
    if (!(error instanceof ModelProblem)) throw error;
    const internal = `CLOAKROOM_NER_MODEL: ${error.message}`;
    throw new Fault('unavailable', 'The model that finds names cannot be used.', { internal });
  }
}

async function tag({ runtime, labels, mostTokens }: Model, text: string): Promise<Candidate[]> {
  const { tokenizer } = runtime;
  const tokens = tokenizer.tokens(text);
  const room = mostTokens - tokenizer.before.length - tokenizer.behind.length;
  const verdicts: Verdict[] = [];
  for (const { from, to, keepFrom, keepTo } of windowsOf(tokens.length, room)) {
    const ids = tokens.slice(from, to).map(({ id }) => id);
    const scores = await runtime.scores([...tokenizer.before, ...ids, ...tokenizer.behind]);
    for (let i = keepFrom; i < keepTo; i++) {
      const row = (i - from + tokenizer.before.length) * labels.length;
      verdicts.push(verdictOf(scores.subarray(row, row + labels.length), labels));
    }
  }
  return joined(text, tokens, verdicts);
}

interface Window {
  from: number;
  to: number;
  /** What of it counts: the rest is nearer to the middle of a neighbour. */
  keepFrom: number;
  keepTo: number;
}

/** Windows overlap by a quarter, and each has the say up to the middle of what it shares. */
export function windowsOf(count: number, room: number): Window[] {
  const shared = Math.floor(room / 4);
  const windows: Window[] = [];
  for (let from = 0, keepFrom = 0; keepFrom < count; from += room - shared) {
    const to = Math.min(from + room, count);
    const keepTo = to === count ? count : to - Math.floor(shared / 2);
    windows.push({ from, to, keepFrom, keepTo });
    keepFrom = keepTo;
  }
  return windows;
}

interface Verdict extends Label {
  /** How sure that it is of this type, whether it begins there or not. */
  confidence: number;
}

/** Softmax; labels of one type are one claim. */
function verdictOf(scores: Float32Array, labels: readonly Label[]): Verdict {
  const highest = Math.max(...scores);
  const shares = Array.from(scores, (score) => Math.exp(score - highest));
  const total = shares.reduce((sum, share) => sum + share, 0);
  const byType = new Map<EntityType | null, number>();
  for (const [i, { type }] of labels.entries()) {
    byType.set(type, (byType.get(type) ?? 0) + (shares[i] ?? 0) / total);
  }
  const [[type, confidence] = [null, 0]] = [...byType].sort(([, a], [, b]) => b - a);
  const best = labels[shares.indexOf(Math.max(...shares))];
  return { type, confidence, isBeginning: best?.type === type && best.isBeginning };
}

interface Growing extends Candidate {
  sum: number;
  count: number;
}

/** Neighbours of one type are one finding, as far as no new one begins and no line is left empty. */
function joined(text: string, tokens: readonly Token[], verdicts: readonly Verdict[]): Candidate[] {
  const found: Growing[] = [];
  let isOpen = false;
  for (const [i, verdict] of verdicts.entries()) {
    const [token, last] = [tokens[i], found.at(-1)];
    const { type, confidence } = verdict;
    if (type !== null && token) {
      if (isOpen && last && goesOn(text, last, token, verdict)) {
        last.end = Math.max(last.end, token.end);
        last.sum += confidence;
        last.count++;
      } else {
        found.push({
          type,
          confidence,
          start: token.start,
          end: token.end,
          sum: confidence,
          count: 1,
        });
      }
    }
    isOpen = type !== null;
  }
  return found.flatMap(({ type, start, end, sum, count }) =>
    wholeWords(text, start, end).map((place) => ({ type, confidence: sum / count, ...place })),
  );
}

function goesOn(text: string, last: Growing, token: Token, verdict: Verdict): boolean {
  if (last.type !== verdict.type) return false;
  const gap = text.slice(last.end, token.start);
  const isWithinWord = gap === '' && isWord(text[token.start - 1]) && isWord(text[token.start]);
  return isWithinWord || !(verdict.isBeginning || /\t|\n\s*\n/.test(gap));
}

const isWord = (letter: string | undefined) => /[\p{L}\p{N}]/u.test(letter ?? '');

/** A word is taken whole or not at all, without the marks around it. */
function wholeWords(text: string, from: number, to: number): { start: number; end: number }[] {
  let [start, end] = [from, to];
  while (start < end && !isWord(text[start])) start++;
  while (end > start && !isWord(text[end - 1])) end--;
  if (start === end) return [];
  while (isWord(text[start - 1])) start--;
  while (isWord(text[end])) end++;
  return [{ start, end }];
}
