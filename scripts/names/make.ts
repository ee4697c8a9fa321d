/** The tagger's weights from the data: the same bytes from the same input. */

import { KINDS, type Kind } from '../../src/services/redact/detect/names/model/labels.ts';
import {
  type Calibration,
  type Header,
  readModel,
  writeModel,
} from '../../src/services/redact/detect/names/model/model.ts';
import { Gazetteer } from '../../src/services/redact/detect/names/reading/gazetteer.ts';
import { Tagger } from '../../src/services/redact/detect/names/tagger.ts';
import { outcomes, platt } from './calibrate.ts';
import { CORPORA, corpus, isHeldOut } from './corpora.ts';
import type { Example } from './examples.ts';
import { gazetteerLists } from './gazetteer-lists.ts';
import { Sentences, templates } from './sentences.ts';
import { train } from './trainer.ts';

export interface Size {
  /** Made-up sentences a template. */
  each: number;
  rounds: number;
  /** Of the corpora every so many-th sentence. */
  every: number;
}

export const WHOLE: Size = { each: 100, rounds: 8, every: 1 };

/** What the weights never saw: a tenth of each corpus, and of the templates. */
export function heldOut(): Map<string, Example[]> {
  const sets = new Map<string, Example[]>();
  for (const name of Object.keys(CORPORA)) {
    sets.set(
      name,
      corpus(name).filter((_, i) => isHeldOut(i)),
    );
  }
  const unused = templates().filter((_, i) => isHeldOut(i));
  sets.set('made up', [...new Sentences(7).all(unused, 12)]);
  return sets;
}

/** Every other example: one half sets the calibration, the other measures it. */
export function half(examples: readonly Example[], which: 0 | 1): Example[] {
  return examples.filter((_, i) => i % 2 === which);
}

export function makeWeights(
  { each, rounds, every }: Size,
  fingerprint: string,
  log: (line: string) => void = () => {},
): Buffer {
  const corpora = Object.keys(CORPORA).flatMap((name) =>
    corpus(name).filter((_, i) => !isHeldOut(i) && i % every === 0),
  );
  const lists = gazetteerLists(corpora);
  const used = templates().filter((_, i) => !isHeldOut(i));
  const made = [...new Sentences(20261121).all(used, each)];
  const gazetteer = new Gazetteer(lists.hashes, lists.lists);
  const settings = { rounds, step: 0.12, decay: 1e-3, dropout: 0.3 };
  // Real text is scarcer than made-up text, and worth more.
  const examples = [...corpora, ...corpora, ...made];
  const { table, scale, moves } = train(examples, gazetteer, settings, log);
  const plain: Calibration = { slope: 1, shift: 0 };
  const calibration = Object.fromEntries(KINDS.map((kind) => [kind, plain]));
  const header: Header = {
    ...{ fingerprint, scale, moves, words: lists.hashes.length },
    calibration: calibration as Record<Kind, Calibration>,
  };
  const tagger = new Tagger(readModel(writeModel(header, lists.hashes, lists.lists, table)));
  const known = [...heldOut().values()].flatMap((examples) => half(examples, 0));
  for (const kind of KINDS) header.calibration[kind] = platt(outcomes(tagger, known, kind));
  return writeModel(header, lists.hashes, lists.lists, table);
}
