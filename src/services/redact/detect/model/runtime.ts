/**
 * The two packages that run a model, loaded only where there is one to run: they are large and most
 * installations do without.
 */
import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { type ModelFiles, ModelProblem } from './directory.ts';
import { type LibraryTokenizer, TextTokenizer } from './tokens.ts';

export interface Runtime {
  tokenizer: TextTokenizer;
  /** Scores of the labels for each of these tokens, one row after the other. */
  scores(ids: readonly number[]): Promise<Float32Array>;
}

/** Inputs that these models have, and what they are given. */
const INPUTS: Readonly<Record<string, (ids: readonly number[]) => number[]>> = {
  input_ids: (ids) => [...ids],
  attention_mask: (ids) => ids.map(() => 1),
  token_type_ids: (ids) => ids.map(() => 0),
};

/** What it has to say comes back as an error; its log would go to standard error. */
const QUIET = { logSeverityLevel: 4 } as const;

/** Throws `ModelProblem`. */
export async function openRuntime(files: ModelFiles): Promise<Runtime> {
  const [onnx, { Tokenizer }] = await Promise.all([
    needed(() => import('onnxruntime-web')),
    needed(() => import('@huggingface/tokenizers')),
  ]);
  const tokenizer = openTokenizer(Tokenizer, files);
  // Threads would want memory that is shared, and the machine's cores are given to documents.
  onnx.env.wasm.numThreads = 1;
  const session = await onnx.InferenceSession.create(files.onnx, {
    executionProviders: ['wasm'],
    ...QUIET,
  }).catch((error: Error) => {
    throw new ModelProblem(`the model cannot be loaded: ${firstLine(error)}`);
  });
  const output = checkShape(session);
  const tensorOf = (values: readonly number[]) =>
    new onnx.Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length]);
  return {
    tokenizer,
    async scores(ids) {
      const feeds = session.inputNames.map((name) => [name, tensorOf(INPUTS[name]?.(ids) ?? [])]);
      const given = Object.fromEntries(feeds) as Record<string, Tensor>;
      const results = await session.run(given, QUIET).catch((error: Error) => {
        throw new ModelProblem(`the model cannot be run: ${firstLine(error)}`);
      });
      return rowsOf(results[output], ids.length, files.labels.length);
    },
  };
}

async function needed<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new ModelProblem(
      'models need two more packages: npm install onnxruntime-web @huggingface/tokenizers',
    );
  }
}

type Library = new (tokenizer: object, config: object) => LibraryTokenizer;

function openTokenizer(Own: Library, files: ModelFiles): TextTokenizer {
  try {
    return new TextTokenizer(new Own(files.tokenizer, files.tokenizerConfig), files.tokenizer);
  } catch (error) {
    throw new ModelProblem(`tokenizer.json cannot be used: ${firstLine(error as Error)}`);
  }
}

function checkShape({ inputNames, outputNames }: InferenceSession): string {
  const unknown = inputNames.filter((name) => !Object.hasOwn(INPUTS, name));
  if (unknown.length > 0 || !inputNames.includes('input_ids')) {
    const asked = inputNames.join(', ');
    throw new ModelProblem(`the model is of another kind: its inputs are ${asked}`);
  }
  const output = outputNames.find((name) => name === 'logits') ?? outputNames[0];
  if (output === undefined) throw new ModelProblem('the model has no output');
  return output;
}

function rowsOf(tensor: Tensor | undefined, tokens: number, labels: number): Float32Array {
  const { dims = [], data } = tensor ?? {};
  if (dims.join() !== [1, tokens, labels].join() || !(data instanceof Float32Array)) {
    throw new ModelProblem(
      `the model gives ${dims.join(' × ')} for ${tokens} tokens and the ${labels} labels of config.json`,
    );
  }
  return data;
}

function firstLine({ message }: Error): string {
  return message.split('\n')[0]?.slice(0, 300) ?? '';
}
