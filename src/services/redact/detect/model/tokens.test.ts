/** Places of tokens, for the three ways in which tokenizers write what they cut. */
import { Tokenizer } from '@huggingface/tokenizers';
import { describe, expect, test } from 'vitest';
import { wordPieces } from '../../../../../test/corpus/redact/onnx-model.ts';
import { type LibraryTokenizer, TextTokenizer } from './tokens.ts';

type Library = new (tokenizer: object, config: object) => LibraryTokenizer;

function open(source: object): TextTokenizer {
  return new TextTokenizer(new (Tokenizer as unknown as Library)(source, {}), source);
}

const cut = (tokenizer: TextTokenizer, text: string) =>
  tokenizer.tokens(text).map(({ start, end }) => text.slice(start, end));

const words = open(
  wordPieces(['[PAD]', '[CLS]', '[SEP]', '[UNK]', 'jane', '##tte', '.', 'strasse', 'o', "'"]),
);

/** Bytes as letters, the way GPT-2 shows them; two merges. */
const bytes = (() => {
  const letters: string[] = [];
  for (let byte = 0, extra = 256; byte < 256; byte++) {
    const shows = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
    letters.push(String.fromCodePoint(shows ? byte : extra++));
  }
  const vocabulary = [...letters, 'ĠJ', 'an', '<s>', '</s>'];
  return open({
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: {
      type: 'ByteLevel',
      add_prefix_space: false,
      trim_offsets: true,
      use_regex: true,
    },
    post_processor: {
      type: 'RobertaProcessing',
      ...{ sep: ['</s>', 259], cls: ['<s>', 258], trim_offsets: true, add_prefix_space: false },
    },
    decoder: { type: 'ByteLevel' },
    model: {
      ...{ type: 'BPE', unk_token: null, continuing_subword_prefix: '', end_of_word_suffix: '' },
      vocab: Object.fromEntries(vocabulary.map((word, id) => [word, id])),
      merges: ['Ġ J', 'a n'],
    },
  });
})();

const sentence = open({
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: { type: 'Metaspace', replacement: '▁', add_prefix_space: true },
  post_processor: null,
  decoder: { type: 'Metaspace', replacement: '▁', add_prefix_space: true },
  model: {
    type: 'Unigram',
    unk_id: 0,
    vocab: [
      ['<unk>', 0],
      ['▁Jan', -1],
      ['e', -2],
      ['▁', -3],
      ['é', -2],
      ['.', -2],
      ['t', -2],
    ],
  },
});

describe('each token is laid along its letters', () => {
  test('pieces of words, without case and accents', () => {
    expect(cut(words, 'Jänette. Jane?')).toEqual(['Jänette'.slice(0, 4), 'tte', '.', 'Jane', '?']);
  });

  test('letters that the model does not know reach to the next that it does', () => {
    expect(cut(words, '😀. §jane')).toEqual(['😀', '.', '§', 'jane']);
    expect(cut(words, '漢字.')).toEqual(['漢字', '.']);
  });

  test('bytes: a token that ends within a letter has the whole letter', () => {
    expect(cut(bytes, 'Jané Jan')).toEqual(['J', 'an', 'é', 'é', 'J', 'an']);
    const [first = '', ...more] = cut(bytes, '😀x').slice(1);
    expect([first, more.at(-1)]).toEqual(['😀', 'x']);
  });

  test('pieces of sentences, the space written as a bar', () => {
    expect(cut(sentence, 'Jane  Jané.')).toEqual(['Jan', 'e', 'Jan', 'é', '.']);
    expect(cut(sentence, 'e')).toEqual(['', 'e']);
  });
});

test('the marks around a text are known, and are those of the model', () => {
  expect([words.before, words.behind]).toEqual([[1], [2]]);
  expect([bytes.before, bytes.behind]).toEqual([[258], [259]]);
  expect([sentence.before, sentence.behind]).toEqual([[], []]);
});

test('a word without end is cut, and the places go on', () => {
  const text = `${'x'.repeat(100_000)} jane`;
  const tokens = words.tokens(text);
  expect(tokens.at(-1)).toMatchObject({ start: 100_001, end: 100_005 });
  expect(tokens.every(({ end }, i) => i === 0 || end >= (tokens[i - 1]?.end ?? 0))).toBe(true);
});
