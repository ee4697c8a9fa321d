/**
 * A model's folder in the layout of Hugging Face: `model.onnx` (or `onnx/model.onnx`), `config.json`
 * with `id2label`, `tokenizer.json`, `tokenizer_config.json`. What is missing or odd is said in words
 * that go behind the name of the setting.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Label, labelOf } from './label-types.ts';

/** Why the model cannot be used. Says nothing of any document. */
export class ModelProblem extends Error {
  override readonly name = 'ModelProblem';
}

type Json = Readonly<Record<string, unknown>>;

export interface ModelFiles {
  onnx: Uint8Array;
  labels: readonly Label[];
  tokenizer: Json;
  tokenizerConfig: Json;
  /** How many tokens it reads at once, marks at both ends included. */
  mostTokens: number;
}

/** What models of this kind are trained on; longer ones are read in windows of this, too. */
const USUAL_TOKENS = 512;
/** Below this there is no context to speak of. */
const FEWEST_TOKENS = 16;
/** Families whose positions begin behind that of the filler. */
const SHIFTED = /roberta|camembert/i;

/** Throws `ModelProblem`. */
export async function readModel(dir: string): Promise<ModelFiles> {
  const [config, tokenizer, tokenizerConfig] = await Promise.all(
    ['config.json', 'tokenizer.json', 'tokenizer_config.json'].map((name) => readJson(dir, name)),
  );
  return {
    onnx: await readOnnx(dir),
    labels: labelsOf(config ?? {}),
    tokenizer: tokenizer ?? {},
    tokenizerConfig: tokenizerConfig ?? {},
    mostTokens: mostTokensOf(config ?? {}, tokenizerConfig ?? {}),
  };
}

async function readOnnx(dir: string): Promise<Uint8Array> {
  for (const name of ['model.onnx', 'onnx/model.onnx']) {
    try {
      return await readFile(join(dir, name));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT') throw new ModelProblem(`${name} cannot be read: ${code}`);
    }
  }
  throw new ModelProblem(`there is neither model.onnx nor onnx/model.onnx in ${dir}`);
}

async function readJson(dir: string, name: string): Promise<Json> {
  let source: string;
  try {
    source = await readFile(join(dir, name), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new ModelProblem(`there is no ${name} in ${dir}`);
    throw new ModelProblem(`${name} cannot be read: ${code}`);
  }
  try {
    const value: unknown = JSON.parse(source);
    if (typeof value === 'object' && value !== null) return value as Json;
  } catch {}
  throw new ModelProblem(`${name} is no JSON object`);
}

function labelsOf({ id2label }: Json): Label[] {
  const names = Object.entries((id2label ?? {}) as Record<string, unknown>);
  const labels: Label[] = [];
  for (const [index, name] of names) {
    if (!/^\d{1,4}$/.test(index)) throw new ModelProblem('config.json: id2label has odd numbers');
    labels[Number(index)] = labelOf(String(name));
  }
  if (labels.length !== names.length || labels.length === 0) {
    throw new ModelProblem('config.json: id2label must name every label from 0 on');
  }
  if (labels.some(({ type }) => type !== null)) return labels;
  const given = names.map(([, name]) => String(name)).slice(0, 20);
  throw new ModelProblem(`config.json: none of the labels is known here (${given.join(', ')})`);
}

function mostTokensOf(config: Json, tokenizerConfig: Json): number {
  const shift = SHIFTED.test(String(config['model_type'])) ? 2 : 0;
  const limits = [
    Number(config['max_position_embeddings'] ?? USUAL_TOKENS) - shift,
    Number(tokenizerConfig['model_max_length'] ?? USUAL_TOKENS),
    USUAL_TOKENS,
  ].filter((limit) => limit >= FEWEST_TOKENS);
  return Math.min(...limits);
}
