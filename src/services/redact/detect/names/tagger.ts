/**
 * Names of people, places, organisations and streets in running text. Reads a text in stretches of
 * some pages, scores only the words that can be part of a name, and says of each name how sure it
 * is. A tagger keeps its working memory: one a thread, for one text at a time.
 */
import { Chain, LONGEST_RUN } from './model/chain.ts';
import { FEATURES, writeFeatures } from './model/features.ts';
import { isInside, kindOf, LABELS } from './model/labels.ts';
import type { Model } from './model/model.ts';
import { Surroundings } from './reading/surroundings.ts';
import { NEW_BLOCK, Tokens } from './reading/tokens.ts';

export interface Tagged {
  /** Index into KINDS. */
  kind: number;
  start: number;
  end: number;
  /** Of the least sure word, as the model has it: not calibrated. */
  raw: number;
}

/** Characters in a stretch: some ten pages. */
const STRETCH = 30_000;

/** Added to every label of a name: more is found, and each finding says how sure it is. */
export const BIAS = 1.5;

export class Tagger {
  readonly tokens: Tokens;
  readonly around = new Surroundings();
  private readonly chain: Chain;
  private readonly keys = new Int32Array(FEATURES);
  private readonly model: Model;

  constructor(model: Model) {
    this.model = model;
    this.tokens = new Tokens(model.gazetteer);
    this.chain = new Chain(Float64Array.from(model.header.moves));
  }

  tag(text: string): Tagged[] {
    const tagged: Tagged[] = [];
    for (let at = 0; at < text.length; ) {
      const to = stretchEnd(text, at);
      at = this.tokens.read(text, at, to);
      this.around.read(text, this.tokens);
      for (const [from, until] of runs(this.tokens, this.around)) {
        this.tagRun(text, from, until, tagged);
      }
    }
    return tagged;
  }

  private tagRun(text: string, from: number, to: number, tagged: Tagged[]): void {
    const { chain, tokens } = this;
    chain.length = to - from;
    for (let i = from; i < to; i++) this.score(text, i, (i - from) * LABELS);
    chain.decode(BIAS);
    let hasName = false;
    for (let t = 0; t < chain.length; t++) hasName ||= chain.best[t] !== 0;
    if (!hasName) return;
    chain.spread();
    for (let t = 0; t < chain.length; ) {
      const kind = kindOf(chain.best[t] ?? 0);
      let end = t + 1;
      while (end < chain.length && kind >= 0 && isInside(chain.best[end] ?? 0)) end++;
      if (kind >= 0) {
        tagged.push({
          kind,
          start: tokens.start[from + t] ?? 0,
          end: tokens.end[from + end - 1] ?? 0,
          raw: this.leastSure(kind, t, end),
        });
      }
      t = end;
    }
  }

  /** Scores of all labels at a token: the sums of its features' weights. */
  private score(text: string, i: number, at: number): void {
    const { keys, chain, model } = this;
    const { table } = model;
    const { weights } = table;
    writeFeatures(text, this.tokens, this.around, i, keys, 0);
    let [a, b, c, d, e, f, g, h] = [0, 0, 0, 0, 0, 0, 0, 0];
    for (let feature = 0; feature < FEATURES; feature++) {
      const base = table.find(keys[feature] ?? 0);
      if (base < 0) continue;
      a += weights[base] ?? 0;
      b += weights[base + 1] ?? 0;
      c += weights[base + 2] ?? 0;
      d += weights[base + 3] ?? 0;
      e += weights[base + 4] ?? 0;
      f += weights[base + 5] ?? 0;
      g += weights[base + 6] ?? 0;
      h += weights[base + 7] ?? 0;
    }
    const { scale } = model.header;
    const { scores } = chain;
    scores[at] = 0;
    scores[at + 1] = a * scale;
    scores[at + 2] = b * scale;
    scores[at + 3] = c * scale;
    scores[at + 4] = d * scale;
    scores[at + 5] = e * scale;
    scores[at + 6] = f * scale;
    scores[at + 7] = g * scale;
    scores[at + 8] = h * scale;
  }

  private leastSure(kind: number, from: number, to: number): number {
    let least = 1;
    for (let t = from; t < to; t++) {
      const at = t * LABELS + 1 + 2 * kind;
      const sure = (this.chain.marginals[at] ?? 0) + (this.chain.marginals[at + 1] ?? 0);
      if (sure < least) least = sure;
    }
    return least;
  }
}

/** Stretches of tokens that can be names, with tokens that cannot before and behind. */
export function* runs(tokens: Tokens, { open }: Surroundings): Generator<[number, number]> {
  for (let i = 0; i < tokens.count; ) {
    if (open[i] === 0) {
      i++;
      continue;
    }
    let end = i + 1;
    while (
      end < tokens.count &&
      open[end] === 1 &&
      tokens.gap[end] !== NEW_BLOCK &&
      end - i < LONGEST_RUN
    ) {
      end++;
    }
    yield [i, end];
    i = end;
  }
}

/** Cuts between paragraphs, lines or at least words. */
function stretchEnd(text: string, at: number): number {
  const limit = at + STRETCH;
  if (limit >= text.length) return text.length;
  for (const cut of ['\n\n', '\n', ' ']) {
    const end = text.lastIndexOf(cut, limit);
    if (end > at + STRETCH / 2) return end;
  }
  return limit;
}
