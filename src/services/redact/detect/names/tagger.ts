/**
 * Names of people, places, organisations and streets in running text. Reads a text in stretches of
 * some pages, scores only the words that can be part of a name, and says of each name how sure it
 * is. A tagger keeps its working memory: one a thread, for one text at a time.
 */
import { Chain, LONGEST_RUN } from './model/chain.ts';
import { isInside, kindOf, LABELS } from './model/labels.ts';
import type { Model } from './model/model.ts';
import { Scorer } from './model/scorer.ts';
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
  private readonly scorer: Scorer;
  private readonly hopeless: number;

  constructor(model: Model) {
    this.scorer = new Scorer(model.table, model.header.scale);
    this.tokens = new Tokens(model.gazetteer);
    this.chain = new Chain(Float64Array.from(model.header.moves));
    this.hopeless = this.chain.hopeless(BIAS);
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
    const { chain, tokens, scorer } = this;
    chain.length = to - from;
    let most = Number.NEGATIVE_INFINITY;
    for (let i = from; i < to; i++) {
      const own = scorer.score(text, tokens, this.around, i, chain.scores, (i - from) * LABELS);
      if (own > most) most = own;
    }
    if (most < this.hopeless) return;
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
