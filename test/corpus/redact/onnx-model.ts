/**
 * Writes a tiny model as the real ones lie in their folders: `model.onnx` (in the wire format of
 * protocol buffers, by hand), `tokenizer.json`, `tokenizer_config.json`, `config.json`. It looks each
 * token up in a table of scores, so that a word is a person because the table says so.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

function varint(value: number): Buffer {
  const bytes = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...bytes, left]);
    bytes.push((left % 128) + 128);
  }
}

/** One field of a message: a number as varint, everything else with its length before it. */
function field(number: number, value: number | string | Uint8Array): Buffer {
  if (typeof value === 'number') return Buffer.concat([varint(number * 8), varint(value)]);
  const content = Buffer.from(value as Uint8Array);
  return Buffer.concat([varint(number * 8 + 2), varint(content.length), content]);
}

const message = (...fields: [number: number, value: number | string | Uint8Array][]) =>
  Buffer.concat(fields.map(([number, value]) => field(number, value)));

const FLOAT = 1;
const INT64 = 7;

function tensorType(name: string, type: number, dimensions: (string | number)[]): Buffer {
  const shape = dimensions.map((one): [number, Uint8Array] => [
    1,
    typeof one === 'number' ? message([1, one]) : message([2, one]),
  ]);
  const tensor = message([1, type], [2, message(...shape)]);
  return message([1, name], [2, message([1, tensor])]);
}

/** onnx.proto: a graph whose only node is `logits = Gather(scores, input_ids)`. */
export function onnxModel(
  scores: readonly (readonly number[])[],
  inputs: readonly string[],
): Buffer {
  const width = scores[0]?.length ?? 0;
  const table = message(
    [1, scores.length],
    [1, width],
    [2, FLOAT],
    [8, 'scores'],
    [9, new Uint8Array(Float32Array.from(scores.flat()).buffer)],
  );
  const node = message([1, 'scores'], [1, 'input_ids'], [2, 'logits'], [4, 'Gather']);
  const graph = message(
    [1, node],
    [2, 'tiny'],
    [5, table],
    ...inputs.map((name): [number, Uint8Array] => [
      11,
      tensorType(name, INT64, ['batch', 'sequence']),
    ]),
    [12, tensorType('logits', FLOAT, ['batch', 'sequence', width])],
  );
  return message([1, 8], [7, graph], [8, message([1, ''], [2, 13])]);
}

const SPECIAL = ['[PAD]', '[CLS]', '[SEP]', '[UNK]'];

export interface TinyModel {
  /** Pieces of words (`##` goes on) and their label; those that are not listed are `O`. */
  words: Readonly<Record<string, string>>;
  inputs?: readonly string[];
  /** Added to, or put in place of what config.json says. */
  config?: Readonly<Record<string, unknown>>;
  /** How sure the table is: the score of the label, over 0 for the others. */
  score?: number;
}

/** Writes the folder of a model that knows these words. */
export async function writeModel(dir: string, model: TinyModel): Promise<void> {
  const { words, inputs = ['input_ids', 'attention_mask', 'token_type_ids'], score = 6 } = model;
  const labels = ['O', ...new Set(Object.values(words))];
  const vocabulary = [...SPECIAL, ...Object.keys(words)];
  const scores = vocabulary.map((word) =>
    labels.map((label) => (label === (words[word] ?? 'O') ? score : 0)),
  );
  await mkdir(dir, { recursive: true });
  const write = (name: string, content: object) =>
    writeFile(join(dir, name), JSON.stringify(content));
  await writeFile(join(dir, 'model.onnx'), onnxModel(scores, inputs));
  await write('config.json', {
    model_type: 'bert',
    id2label: Object.fromEntries(labels.entries()),
    ...model.config,
  });
  await write('tokenizer_config.json', { tokenizer_class: 'BertTokenizer', model_max_length: 512 });
  await write('tokenizer.json', wordPieces(vocabulary));
}

/** As the tokenizers of BERT are written down. */
export function wordPieces(vocabulary: readonly string[]): object {
  const mark = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
  const ids = new Map(vocabulary.map((word, id) => [word, id]));
  return {
    version: '1.0',
    added_tokens: SPECIAL.map((content, id) => ({
      ...{ id, content, single_word: false, lstrip: false, rstrip: false },
      ...{ normalized: false, special: true },
    })),
    normalizer: { type: 'BertNormalizer', clean_text: true, lowercase: true, strip_accents: true },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [mark('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, mark('[SEP]')],
      pair: [],
      special_tokens: Object.fromEntries(
        ['[CLS]', '[SEP]'].map((id) => [id, { id, ids: [ids.get(id)], tokens: [id] }]),
      ),
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(ids),
    },
  };
}
