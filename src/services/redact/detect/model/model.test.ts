/** A model of one's own, real though tiny: what it finds, where it lies, and what is wrong with it. */
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  onnxModel,
  type TinyModel,
  writeModel,
} from '../../../../../test/corpus/redact/onnx-model.ts';
import { examine, redactDocument } from '../../redact.ts';
import { configureModel, findByModel, problemOfModel, windowsOf } from './model.ts';

const WORDS = {
  zorblax: 'B-PER',
  '##ina': 'I-PER',
  quuxfrob: 'I-PER',
  gearbox: 'B-PER',
  '##es': 'I-PER',
  oil: 'I-PER',
  grindle: 'B-LOC',
  frobnitz: 'B-ORG',
  wixel: 'B-GIVEN_NAME',
  plorp: 'B-AGE',
};
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'model-'));
});
afterEach(async () => {
  configureModel(undefined);
  await rm(dir, { recursive: true });
});

async function use(model: Partial<TinyModel> = {}): Promise<void> {
  await writeModel(dir, { words: WORDS, ...model });
  configureModel(dir);
}

async function found(text: string, options = {}): Promise<[type: string, text: string][]> {
  const { items } = await examine(Buffer.from(text), 'a.txt', options);
  return items.map(({ type, location: { startIndex, endIndex } }) => [
    type,
    text.slice(startIndex, endIndex),
  ]);
}

/** The model alone, without our tagger. */
async function byModel(text: string): Promise<[type: string, text: string][]> {
  const types = new Set(['name', 'location', 'organization', 'age'] as const);
  const [candidates = []] = await findByModel([{ pageNumber: 1, text }], types);
  return candidates.map(({ type, start, end }) => [type, text.slice(start, end)]);
}

describe('a word of which only the model says that it is a person', () => {
  const TEXT = 'the gearboxes oil, and nothing else, was changed in time';

  test('is found with the model, and only with it', async () => {
    expect(await found(TEXT)).toEqual([]);
    await use();
    expect(await found(TEXT)).toEqual([['name', 'gearboxes oil']]);
    configureModel(undefined);
    expect(await found(TEXT)).toEqual([]);
  });

  test('is taken out, and the rest stays', async () => {
    await use();
    const { bytes, certificate } = await redactDocument(Buffer.from(TEXT), 'a.txt');
    expect(Buffer.from(bytes).toString()).toBe(
      'the [REDACTED], and nothing else, was changed in time',
    );
    expect(certificate.removed).toEqual({ name: 1 });
  });

  test('has the confidence of the model, and is left where that is too little', async () => {
    await use({ score: 2.5 });
    const { items } = await examine(Buffer.from(TEXT), 'a.txt');
    const share = Math.exp(2.5);
    const labels = new Set(Object.values(WORDS)).size;
    // B-PER and I-PER are one claim, and so is GIVEN_NAME; AGE is none of ours.
    expect(items[0]?.confidence).toBeCloseTo((share + 2) / (share + labels), 2);
    expect(await found(TEXT, { minConfidence: 0.9 })).toEqual([]);
  });
});

test('labels of other schemes are our types; unknown ones count as outside', async () => {
  await use();
  const text = 'a wixel in grindle for frobnitz and plorp';
  expect(await byModel(text)).toEqual([
    ['name', 'wixel'],
    ['location', 'grindle'],
    ['organization', 'frobnitz'],
  ]);
  expect(await found(text, { entities: ['location'] })).toEqual([['location', 'grindle']]);
});

test('places are exact behind accents, wide letters, unknown words and beside marks', async () => {
  await use();
  expect(await byModel('😀 𝔘nknöwn ‹Zörblaxina›—é (ZORBLAX) xzorblax zorblaxy')).toEqual([
    ['name', 'Zörblaxina'],
    ['name', 'ZORBLAX'],
  ]);
});

test('two people side by side are two, an empty line or a tab parts', async () => {
  await use();
  expect(await byModel('it was zorblax zorblax quuxfrob there')).toEqual([
    ['name', 'zorblax'],
    ['name', 'zorblax quuxfrob'],
  ]);
  expect(await byModel('so quuxfrob\n\nquuxfrob it\tquuxfrob is')).toHaveLength(3);
});

test('fonts and styles of office files are no names', async () => {
  await use();
  const part = { pageNumber: 1, part: 'fontTable attributes', text: 'zorblax' };
  expect(await findByModel([part], new Set(['name']))).toEqual([[]]);
});

test('a text of many windows is read to its end, each word once', async () => {
  await use({ config: { max_position_embeddings: 20 } });
  const text = Array.from({ length: 300 }, (_, i) =>
    i % 50 === 7 ? 'zorblax quuxfrob' : 'plain',
  ).join(' ');
  expect(await byModel(text)).toEqual(Array(6).fill(['name', 'zorblax quuxfrob']));
});

test('windows meet without a gap, and each token has what is around it', () => {
  for (const [count, room] of [
    [0, 10],
    [1, 10],
    [10, 10],
    [11, 10],
    [1000, 17],
    [510, 510],
    [511, 510],
  ] as const) {
    const windows = windowsOf(count, room);
    expect(windows.at(-1)?.keepTo ?? 0).toBe(count);
    windows.forEach(({ from, to, keepFrom, keepTo }, i) => {
      expect(keepFrom).toBe(windows[i - 1]?.keepTo ?? 0);
      expect(to - from).toBeLessThanOrEqual(room);
      expect(keepFrom - from).toBeGreaterThanOrEqual(i === 0 ? 0 : Math.floor(room / 8));
      expect(keepTo).toBeLessThanOrEqual(to);
    });
  }
});

describe('what is wrong with a model is said in words', () => {
  const remove = (name: string) => rm(join(dir, name));
  const write = (name: string, text: string | Uint8Array) => writeFile(join(dir, name), text);

  test.each<[string, () => Promise<unknown>, RegExp]>([
    ['no model', () => remove('model.onnx'), /neither model\.onnx nor onnx\/model\.onnx/],
    ['no tokenizer', () => remove('tokenizer.json'), /no tokenizer\.json/],
    ['no config', () => remove('config.json'), /no config\.json/],
    ['no JSON', () => write('config.json', '{"id2label"'), /config\.json is no JSON/],
    ['no labels', () => write('config.json', '{}'), /id2label must name every label/],
    ['holes', () => write('config.json', '{"id2label":{"0":"O","2":"B-PER"}}'), /every label/],
    ['odd labels', () => write('config.json', '{"id2label":{"0":"JOY"}}'), /none .*\(JOY\)/],
    ['other labels', () => write('config.json', '{"id2label":{"0":"PER"}}'), /the 1 labels/],
    ['no tokens', () => write('tokenizer.json', '{}'), /tokenizer\.json cannot be used/],
    ['a broken model', () => write('model.onnx', 'x'.repeat(99)), /cannot be loaded/],
    [
      'a model of another kind',
      () => write('model.onnx', onnxModel([[0]], ['input_ids', 'pixel_values'])),
      /of another kind: its inputs are input_ids, pixel_values/,
    ],
    [
      'a model that knows fewer tokens',
      () => write('model.onnx', onnxModel([Array(8).fill(0)], ['input_ids'])),
      /cannot be run/,
    ],
  ])('%s', async (_, breakIt, message) => {
    await writeModel(dir, { words: WORDS });
    await breakIt();
    configureModel(dir);
    expect(await problemOfModel()).toMatch(message);
    const refused = examine(Buffer.from('some text'), 'a.txt');
    await expect(refused).rejects.toMatchObject({
      code: 'unavailable',
      internal: expect.stringMatching(message),
    });
  });

  test('nothing where all is well, or there is none', async () => {
    expect(await problemOfModel()).toBeNull();
    await use();
    expect(await problemOfModel()).toBeNull();
    await mkdir(join(dir, 'onnx'));
    await rename(join(dir, 'model.onnx'), join(dir, 'onnx/model.onnx'));
    configureModel(undefined);
    configureModel(dir);
    expect(await problemOfModel()).toBeNull();
  });
});
