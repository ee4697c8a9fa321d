/** The model that comes with the product: read at first use, once a thread. */
import { readFileSync } from 'node:fs';
import { type Model, readModel, WEIGHTS_FILE } from './model/model.ts';
import { baseHash } from './reading/characters.ts';
import { Tagger } from './tagger.ts';

let model: Model | undefined;
let tagger: Tagger | undefined;

export function shippedModel(): Model {
  model ??= readModel(readFileSync(WEIGHTS_FILE));
  return model;
}

/** One thread has one tagger. */
export function shippedTagger(): Tagger {
  tagger ??= new Tagger(shippedModel());
  return tagger;
}

/** Lists of the gazetteer that have a word, however it is written. */
export function listsOf(word: string): number {
  return shippedModel().gazetteer.lists(baseHash(word));
}
