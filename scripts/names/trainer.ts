/**
 * Trains the conditional random field by stochastic gradient ascent with step sizes of their own
 * for each weight (Duchi, Hazan and Singer, "Adaptive Subgradient Methods", 2011).
 */
import { Chain } from '../../src/services/redact/detect/names/model/chain.ts';
import { FEATURES, writeFeatures } from '../../src/services/redact/detect/names/model/features.ts';
import {
  beginning,
  inside,
  KINDS,
  LABELS,
  WEIGHTED,
} from '../../src/services/redact/detect/names/model/labels.ts';
import { WeightTable } from '../../src/services/redact/detect/names/model/weight-table.ts';
import {
  FREQUENT,
  type Gazetteer,
  NAMING,
  ORDINARY,
} from '../../src/services/redact/detect/names/reading/gazetteer.ts';
import { Surroundings } from '../../src/services/redact/detect/names/reading/surroundings.ts';
import { Tokens } from '../../src/services/redact/detect/names/reading/tokens.ts';
import { runs } from '../../src/services/redact/detect/names/tagger.ts';
import { Dice, type Example } from './examples.ts';

export interface Settings {
  rounds: number;
  step: number;
  /** Pull towards zero. */
  decay: number;
  /** How often the features of the word itself are left out. */
  dropout: number;
}

export interface Trained {
  table: WeightTable;
  scale: number;
  moves: number[];
}

/** Runs of tokens with their features and labels, one behind the other. */
interface Prepared {
  /** Keys of features; after `number`, their numbers, and -1 for rare ones. */
  rows: Int32Array;
  labels: Uint8Array;
  /** First token of each run, and the end of the last. */
  bounds: number[];
}

/** Features that know the word itself: left out now and then. */
const OF_THE_WORD = [1, 2, 18, 19];

export function prepare(examples: readonly Example[], gazetteer: Gazetteer): Prepared {
  const tokens = new Tokens(gazetteer);
  const around = new Surroundings();
  let rows = new Int32Array(1 << 22);
  const labels: number[] = [];
  const bounds = [0];
  for (const example of examples) {
    tokens.read(example.text, 0, example.text.length);
    if (example.unlisted) forget(tokens, NAMING, new Dice(1), 1);
    if (example.unheard) forget(tokens, ORDINARY | FREQUENT, new Dice(example.unheard), 0.12);
    around.read(example.text, tokens);
    const gold = labelsOf(example, tokens);
    for (const [from, to] of runs(tokens, around)) {
      for (let i = from; i < to; i++) {
        const at = labels.length * FEATURES;
        if (at + FEATURES > rows.length) {
          const more = new Int32Array(rows.length * 2);
          more.set(rows);
          rows = more;
        }
        writeFeatures(example.text, tokens, around, i, rows, at);
        labels.push(gold[i] ?? 0);
      }
      repair(labels, bounds.at(-1) ?? 0);
      bounds.push(labels.length);
    }
  }
  return { rows, labels: Uint8Array.from(labels), bounds };
}

/** Takes words off lists, as often as said. */
function forget(tokens: Tokens, lists: number, dice: Dice, share: number): void {
  for (let i = 0; i < tokens.count; i++) {
    if (share === 1 || dice.chance(share)) tokens.lists[i] = (tokens.lists[i] ?? 0) & ~lists;
  }
}

function labelsOf({ names }: Example, tokens: Tokens): Uint8Array {
  const labels = new Uint8Array(tokens.count);
  for (const { kind, start, end } of names) {
    const number = KINDS.indexOf(kind);
    let isFirst = true;
    for (let i = 0; i < tokens.count; i++) {
      const [from, to] = [tokens.start[i] ?? 0, tokens.end[i] ?? 0];
      if (from >= end || to <= start) continue;
      labels[i] = isFirst ? beginning(number) : inside(number);
      isFirst = false;
    }
  }
  return labels;
}

/** A name whose first words are never scored begins with the first that is. */
function repair(labels: number[], from: number): void {
  for (let i = from; i < labels.length; i++) {
    const label = labels[i] ?? 0;
    if (label === 0 || label % 2 === 1) continue;
    const previous = i > from ? (labels[i - 1] ?? 0) : 0;
    if (previous !== label && previous !== label - 1) labels[i] = label - 1;
  }
}

/** Features that were seen at least so often are learned. */
const OFTEN = 3;

/** Puts numbers from 0 on in place of keys; says which key has which. */
function number(rows: Int32Array, used: number): Int32Array {
  const seen = new Map<number, number>();
  for (let i = 0; i < used; i++) seen.set(rows[i] ?? 0, (seen.get(rows[i] ?? 0) ?? 0) + 1);
  const keys: number[] = [];
  for (const [key, count] of seen) {
    seen.set(key, count >= OFTEN ? keys.length : -1);
    if (count >= OFTEN) keys.push(key);
  }
  for (let i = 0; i < used; i++) rows[i] = seen.get(rows[i] ?? 0) ?? -1;
  return Int32Array.from(keys);
}

/** What changes while training. */
interface State {
  weights: Float32Array;
  squares: Float32Array;
  moves: Float64Array;
  moveSquares: Float64Array;
  chain: Chain;
  isLeftOut: Uint8Array;
}

export function train(
  examples: readonly Example[],
  gazetteer: Gazetteer,
  settings: Settings,
  log: (line: string) => void,
): Trained {
  const { rows, labels, bounds } = prepare(examples, gazetteer);
  const keys = number(rows, labels.length * FEATURES);
  log(
    `${examples.length} texts, ${labels.length} words that can be names, ${keys.length} features`,
  );
  const dice = new Dice(20261121);
  const moves = new Float64Array(LABELS * LABELS);
  const state: State = {
    weights: new Float32Array(keys.length * WEIGHTED),
    squares: new Float32Array(keys.length * WEIGHTED).fill(0.1),
    moves,
    moveSquares: new Float64Array(LABELS * LABELS).fill(1),
    chain: new Chain(moves),
    isLeftOut: new Uint8Array(FEATURES),
  };
  const order = Array.from({ length: bounds.length - 1 }, (_, i) => i);
  for (let round = 0; round < settings.rounds; round++) {
    const step = settings.step * (1 - (0.9 * round) / settings.rounds);
    for (const run of dice.shuffle(order)) {
      const isLeftOut = dice.chance(settings.dropout) ? 1 : 0;
      for (const feature of OF_THE_WORD) state.isLeftOut[feature] = isLeftOut;
      learnRun(state, rows, labels, bounds[run] ?? 0, bounds[run + 1] ?? 0, step, settings.decay);
    }
    log(`round ${round + 1} of ${settings.rounds}`);
  }
  return quantised(keys, state, log);
}

function learnRun(
  state: State,
  rows: Int32Array,
  labels: Uint8Array,
  from: number,
  to: number,
  step: number,
  decay: number,
): void {
  const { chain } = state;
  chain.length = to - from;
  for (let i = from; i < to; i++) scoreToken(state, rows, i, (i - from) * LABELS);
  chain.spread();
  for (let i = from; i < to; i++) {
    learn(state, rows, i, labels[i] ?? 0, (i - from) * LABELS, step, decay);
  }
  learnMoves(state, labels, from, to, step);
}

function scoreToken(
  { weights, isLeftOut, chain }: State,
  rows: Int32Array,
  i: number,
  at: number,
): void {
  const { scores } = chain;
  scores.fill(0, at, at + LABELS);
  for (let feature = 0; feature < FEATURES; feature++) {
    const row = rows[i * FEATURES + feature] ?? -1;
    if (row < 0 || isLeftOut[feature] === 1) continue;
    for (let l = 0; l < WEIGHTED; l++) {
      scores[at + 1 + l] = (scores[at + 1 + l] ?? 0) + (weights[row * WEIGHTED + l] ?? 0);
    }
  }
}

/** One step uphill for the weights of a token's features. */
function learn(
  { weights, squares, isLeftOut, chain }: State,
  rows: Int32Array,
  i: number,
  gold: number,
  at: number,
  step: number,
  decay: number,
): void {
  for (let l = 0; l < WEIGHTED; l++) {
    const error = (gold === l + 1 ? 1 : 0) - (chain.marginals[at + 1 + l] ?? 0);
    if (Math.abs(error) < 1e-4) continue;
    for (let feature = 0; feature < FEATURES; feature++) {
      const row = rows[i * FEATURES + feature] ?? -1;
      if (row < 0 || isLeftOut[feature] === 1) continue;
      const w = row * WEIGHTED + l;
      const slope = error - decay * (weights[w] ?? 0);
      squares[w] = (squares[w] ?? 0) + slope * slope;
      weights[w] = (weights[w] ?? 0) + (step * slope) / Math.sqrt(squares[w] ?? 1);
    }
  }
}

/** The slopes of steps from label to label: those that are there less those that are expected. */
function learnMoves(
  { chain, moves, moveSquares }: State,
  labels: Uint8Array,
  from: number,
  to: number,
  step: number,
): void {
  const slopes = new Float64Array(LABELS * LABELS);
  const last = (chain.length - 1) * LABELS;
  for (let l = 0; l < LABELS; l++) {
    slopes[l] = (slopes[l] ?? 0) - (chain.marginals[l] ?? 0);
    slopes[l * LABELS] = (slopes[l * LABELS] ?? 0) - (chain.marginals[last + l] ?? 0);
  }
  const first = labels[from] ?? 0;
  const end = (labels[to - 1] ?? 0) * LABELS;
  slopes[first] = (slopes[first] ?? 0) + 1;
  slopes[end] = (slopes[end] ?? 0) + 1;
  for (let i = from; i + 1 < to; i++) {
    chain.addMoves(i - from, slopes, -1);
    const move = (labels[i] ?? 0) * LABELS + (labels[i + 1] ?? 0);
    slopes[move] = (slopes[move] ?? 0) + 1;
  }
  for (let m = 0; m < slopes.length; m++) {
    const slope = slopes[m] ?? 0;
    if (Math.abs(slope) < 1e-4) continue;
    moveSquares[m] = (moveSquares[m] ?? 0) + slope * slope;
    moves[m] = (moves[m] ?? 0) + (0.3 * step * slope) / Math.sqrt(moveSquares[m] ?? 1);
  }
  chain.movesChanged();
}

const SCALE = 1 / 32;

/** Weights in a byte each; the heaviest rows first, should there not be room for all. */
function quantised(
  keys: Int32Array,
  { weights, moves }: State,
  log: (line: string) => void,
): Trained {
  const rows: { key: number; bytes: number[]; heaviest: number }[] = [];
  for (let row = 0; row < keys.length; row++) {
    const own = Array.from(weights.subarray(row * WEIGHTED, (row + 1) * WEIGHTED));
    const bytes = own.map((weight) => Math.max(-127, Math.min(127, Math.round(weight / SCALE))));
    const heaviest = Math.max(...bytes.map(Math.abs));
    if (heaviest > 1) rows.push({ key: keys[row] ?? 0, bytes, heaviest });
  }
  rows.sort((a, b) => b.heaviest - a.heaviest || a.key - b.key);
  const table = new WeightTable();
  const left = rows.filter(({ key, bytes }) => !table.add(key, bytes)).length;
  log(`${rows.length} features have weight, ${left} of them found no room`);
  return { table, scale: SCALE, moves: [...moves].map((move) => Math.round(move * 1000) / 1000) };
}
